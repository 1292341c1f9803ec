"""For pandas: `progress(frame).apply(f, axis=1)`, or `frame.headway.apply(f, axis=1)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from headway.integrations._faults import missing
from headway.integrations._look import Look, open_bar, read_look

try:
    import pandas as pd
    from pandas.api.extensions import register_dataframe_accessor, register_series_accessor
    from pandas.api.typing import DataFrameGroupBy, Expanding, Rolling, SeriesGroupBy

    from headway.doors.pandas import calls
except ImportError as error:
    raise missing("pandas", "pandas", error) from error

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Progress", "progress"]


class Progress:
    """Has the methods that take a function, and shows how often that was called; `progress` returns it."""

    def __init__(self, of: Any, look: Look | None = None) -> None:
        self._of = of
        self._look: Look = look or {}

    def __call__(self, **look: Unpack[Look]) -> Progress:
        """Return the same with another look: `frame.headway(desc="rows").apply(f)`."""
        return Progress(self._of, read_look(look))

    def apply(self, func: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do as `apply` of a Series, a DataFrame, a group or a window."""
        return self._run("apply", func, arguments, keywords)

    def map(self, func: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do as `map` of a Series or a DataFrame."""
        return self._run("map", func, arguments, keywords)

    def transform(self, func: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do as `transform` of a group."""
        return self._run("transform", func, arguments, keywords)

    def aggregate(self, func: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do as `aggregate` of a group."""
        return self._run("aggregate", func, arguments, keywords)

    agg = aggregate

    def filter(self, func: Any, *arguments: Any, **keywords: Any) -> Any:
        """Do as `filter` of a group."""
        return self._run("filter", func, arguments, keywords)

    def _run(self, method: str, func: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        run = getattr(self._of, method)
        if not _is_called_for_each(func):
            return run(func, *arguments, **keywords)  # pandas does it in one go
        axis = arguments[0] if arguments else keywords.get("axis", 0)
        total, unit = calls(self._of, method, axis)
        with open_bar(self._look, total, desc=method, unit=unit, name="pandas") as bar:
            result = run(_counting(func, bar.update), *arguments, **keywords)
            bar.total = bar.n if bar.total is None or bar.n > bar.total else bar.total
        return result


def progress(of: Any, **look: Unpack[Look]) -> Progress:
    """Show the progress of the next `apply`, `map`, `transform`, `aggregate` or `filter`.

    Args:
        of: A Series, a DataFrame, or what `groupby`, `rolling` or `expanding` gives.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.

    Raises:
        TypeError: `of` is none of them, or a keyword is of the wrong type.
    """
    if not isinstance(of, (pd.Series, pd.DataFrame, SeriesGroupBy, DataFrameGroupBy, Rolling, Expanding)):
        raise TypeError(
            "progress() takes a Series, a DataFrame or what groupby(), rolling() or expanding() gives, "
            f"not {of!r:.200}."
        )
    return Progress(of, read_look(look))


register_dataframe_accessor("headway")(Progress)
register_series_accessor("headway")(Progress)


def _is_called_for_each(func: Any) -> bool:
    """Tell whether pandas calls it once for each: names of methods, mappings and NumPy's functions it does not."""
    return callable(func) and not hasattr(func, "nin") and not isinstance(func, (pd.Series, dict))


def _counting(func: Callable[..., Any], count: Callable[[], None]) -> Callable[..., Any]:
    def counted(*arguments: Any, **keywords: Any) -> Any:
        result = func(*arguments, **keywords)
        count()
        return result

    for name in ("__name__", "__qualname__", "__doc__"):  # the name becomes a column's, and a partial has none
        if hasattr(func, name):
            setattr(counted, name, getattr(func, name))
    return counted
