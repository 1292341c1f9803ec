"""What may be given to `headway.get_bar` and `headway.track`, for type checkers: nothing imports this at run time."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TextIO, TypedDict, TypeVar

from headway.choosing.selection import Choice
from headway.reporting.bar import Bar
from headway.reporting.metric import Metric
from headway.sink import ProgressSink, Renderer
from headway.snapshot import Number
from headway.text.layout import Widgets

__all__ = ["Backend", "EitherWay", "Keywords", "Opens"]

One = str | Renderer | type[ProgressSink] | ProgressSink
Backend = One | Sequence[One]
T_co = TypeVar("T_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)


class EitherWay(Iterable[T_co], AsyncIterable[A_co], Protocol[T_co, A_co]):
    """**Protocol:** what `for` and `async for` may loop over, as `asyncio.as_completed` from Python 3.13 on."""


class Keywords(TypedDict, total=False):
    """The keywords of `headway.track`."""

    total: Number | None
    desc: str
    unit: str
    unit_scale: bool | Literal["", "si", "iec"]
    units: Mapping[str, float] | None
    weights: Iterable[float] | None
    initial: Number
    estimated: bool
    metrics: Iterable[Metric | str]
    widgets: Widgets | None
    options: Mapping[str, Mapping[str, Any]] | None
    backend: Backend | None
    name: str
    parent: Bar | Literal["around"] | None
    leave: bool | None
    file: TextIO | None


class Opens(Protocol):
    """**Protocol:** what is opened with the sinks that show it."""

    @property
    def name(self) -> str:
        """The dotted name that filters go by."""

    def open(self, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show the first frame; with no sinks, progress is off."""
