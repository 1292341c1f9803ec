"""How often pandas calls a function that it is given, and for each of which things."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api.typing import DataFrameGroupBy, Expanding, Rolling, SeriesGroupBy

__all__ = ["calls"]


def calls(of: Any, method: str, axis: Any) -> tuple[int | None, str]:
    """Return how often a method calls a function, `None` if that is not known, and the unit that it is called for."""
    if isinstance(of, (Rolling, Expanding)):
        return None, "window"
    if isinstance(of, pd.Series):
        return (len(of), "value") if method in ("map", "apply") else (None, "call")
    if isinstance(of, pd.DataFrame):
        if method in ("map", "applymap"):
            return int(of.size), "value"
        return (len(of), "row") if axis in (1, "columns") else (len(of.columns), "column")
    if not isinstance(of, (SeriesGroupBy, DataFrameGroupBy)):
        return None, "call"
    columns = len(of.obj.columns) - 1 if isinstance(of, DataFrameGroupBy) and method != "apply" else 1
    return (None, "call") if columns != 1 and method != "filter" else (of.ngroups, "group")
