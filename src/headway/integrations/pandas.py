"""For pandas: `progress(frame).apply(f, axis=1)`, or `frame.headway.apply(f, axis=1)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from headway.integrations._faults import missing
from headway.integrations._look import Look, open_bar, read_look

try:
    import pandas as pd
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

    def apply(self, *arguments: Any, **keywords: Any) -> Any:
        """Do as `apply` of a Series, a DataFrame, a group or a window."""
        return self._run("apply", arguments, keywords)

    def map(self, *arguments: Any, **keywords: Any) -> Any:
        """Do as `map` of a Series or a DataFrame."""
        return self._run("map", arguments, keywords)

    def transform(self, *arguments: Any, **keywords: Any) -> Any:
        """Do as `transform` of a group."""
        return self._run("transform", arguments, keywords)

    def aggregate(self, *arguments: Any, **keywords: Any) -> Any:
        """Do as `aggregate` of a group, named aggregation included: `agg(mean=("price", f))`."""
        return self._run("aggregate", arguments, keywords)

    agg = aggregate

    def filter(self, *arguments: Any, **keywords: Any) -> Any:
        """Do as `filter` of a group."""
        return self._run("filter", arguments, keywords)

    def _run(self, method: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Run a method of pandas with functions that count their calls; its other arguments are as they were."""
        run = getattr(self._of, method)
        functions = _Functions(method, arguments, keywords)
        if not functions.many:
            return run(*arguments, **keywords)  # pandas does it in one go
        axis = arguments[1] if len(arguments) > 1 else keywords.get("axis", 0)
        total, unit = calls(self._of, method, axis) if functions.alone else (None, "call")
        with open_bar(self._look, total, desc=method, unit=unit, name="pandas") as bar:
            functions.count = bar.update
            result = run(*functions.arguments, **functions.keywords)
            bar.total = bar.n  # all of it is done, however often pandas has called
        return result


class _Functions:
    """The functions among the arguments of a method, each with a counter around it.

    They stand where pandas takes them: as the first argument or as `func` or `arg`, where `map` takes one and the
    others a list or mapping of several, too; and, for named aggregation, as any keyword, alone or behind a column.
    """

    def __init__(self, method: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.many = 0
        self.count: Callable[[], None] = lambda: None
        self._takes_several = method != "map"
        given = [*arguments[:1], *(keywords[name] for name in ("func", "arg") if name in keywords)]
        self.alone = len(given) == 1 and callable(given[0])
        """Whether there is one function, and no list, mapping or named aggregation."""
        self.arguments = [*map(self._counted, arguments[:1]), *arguments[1:]]
        self.keywords = {
            name: self._counted(value) if name in ("func", "arg") else value if given else self._named(value)
            for name, value in keywords.items()
        }

    def _counted(self, given: Any) -> Any:
        if self._takes_several and type(given) is list:
            return [self._counted(each) for each in given]
        if self._takes_several and type(given) is dict:
            return {name: self._counted(each) for name, each in given.items()}
        if not _is_called_for_each(given):
            return given
        self.many += 1
        return _counting(given, self._called)

    def _called(self) -> None:
        self.count()

    def _named(self, given: Any) -> Any:
        if isinstance(given, pd.NamedAgg):
            arguments, keywords = getattr(given, "args", ()), getattr(given, "kwargs", {})  # from pandas 3 on
            return pd.NamedAgg(given.column, self._counted(given.aggfunc), *arguments, **keywords)
        if isinstance(given, tuple) and len(given) == 2:
            return given[0], self._counted(given[1])
        return self._counted(given)


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


class _Accessor:
    """`frame.headway`: the column or attribute of that name if there is one, since names in the data come first."""

    def __get__(self, of: Any, kind: type) -> Any:
        if of is None:
            return Progress
        if "headway" in _names(of):
            return of["headway"]
        return of.__dict__["headway"] if "headway" in of.__dict__ else Progress(of)

    def __set__(self, of: Any, value: Any) -> None:
        if "headway" in _names(of):
            of["headway"] = value
        else:
            of.__dict__["headway"] = value


def _names(of: Any) -> Any:
    return of.columns if isinstance(of, pd.DataFrame) else of.index


for _kind in (pd.DataFrame, pd.Series):
    _kind.headway = _Accessor()
    _kind._accessors.add("headway")


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
