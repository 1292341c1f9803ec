"""`progress_apply` and its like for pandas, behind `tqdm.pandas()`. pandas is imported when that is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["register"]

METHODS = {
    "Series": ("apply", "map"),
    "DataFrame": ("apply", "map", "applymap"),
    "SeriesGroupBy": ("apply", "map"),
    "DataFrameGroupBy": ("apply", "map"),
    "GroupBy": ("apply", "aggregate", "transform"),
    "Rolling": ("apply",),
    "Expanding": ("apply",),
}
"""The methods of each class of pandas' that get a twin called `progress_…`, as with tqdm."""


def register(bar_class: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Give pandas' classes methods that report each call of the function that they are given.

    Args:
        bar_class: Makes the bars.
        arguments: What it gets.
    """
    for pandas_class in _classes():
        for method in METHODS[pandas_class.__name__]:
            setattr(pandas_class, f"progress_{method}", _reporting(method, bar_class, arguments))


def _classes() -> list[type]:
    import pandas as pd
    from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy
    from pandas.core.groupby.groupby import GroupBy
    from pandas.core.window.expanding import Expanding
    from pandas.core.window.rolling import Rolling

    return [pd.Series, pd.DataFrame, SeriesGroupBy, DataFrameGroupBy, GroupBy, Rolling, Expanding]


def _reporting(method: str, bar_class: Callable[..., Any], arguments: Mapping[str, Any]) -> Callable[..., Any]:
    from headway.doors.calls import calls  # which imports pandas

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
