"""`progress_apply` and its like for pandas, behind `tqdm.pandas()`. It imports pandas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy
from pandas.core.groupby.groupby import GroupBy
from pandas.core.window.expanding import Expanding
from pandas.core.window.rolling import Rolling

from headway.doors.pandas import calls

__all__ = ["register"]

METHODS: dict[type, tuple[str, ...]] = {
    pd.Series: ("apply", "map"),
    pd.DataFrame: ("apply", "map", "applymap"),
    SeriesGroupBy: ("apply", "map"),
    DataFrameGroupBy: ("apply", "map"),
    GroupBy: ("apply", "aggregate", "transform"),
    Rolling: ("apply",),
    Expanding: ("apply",),
}
"""The methods of each class of pandas' that get a twin called `progress_…`, as with tqdm."""


def register(bar_class: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Give pandas' classes methods that report each call of the function that they are given.

    Args:
        bar_class: Makes the bars.
        arguments: Its arguments.
    """
    for pandas_class, methods in METHODS.items():
        for method in methods:
            setattr(pandas_class, f"progress_{method}", _reporting(method, bar_class, arguments))


def _reporting(method: str, bar_class: Callable[..., Any], arguments: Mapping[str, Any]) -> Callable[..., Any]:
    def progress(data: Any, func: Callable[..., Any], **kwargs: Any) -> Any:
        about = {"total": calls(data, method, kwargs.get("axis", 0))[0], **arguments}
        with bar_class(**about) as bar:

            def counted(*args: Any, **kwargs: Any) -> Any:
                result = func(*args, **kwargs)
                if bar.total is None or bar.n < bar.total:  # pandas may call it once more, to see what it does
                    bar.update()
                return result

            return getattr(data, method)(counted, **kwargs)

    progress.__name__ = f"progress_{method}"
    progress.__doc__ = f"Do as `{method}`, and report each call of the function on a bar."
    return progress
