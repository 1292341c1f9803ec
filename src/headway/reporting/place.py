"""Whether a bar is nested: inside of the innermost bar of its context whose loop or `with` block it is opened in."""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import threading
from _contextvars import ContextVar  # of `contextvars`, which adds nothing to it

from headway.notation import Any, Generic, Protocol, TypeVar
from headway.snapshot import State

__all__ = ["Place", "bar_around"]

_innermost: ContextVar[Place[Any] | None] = ContextVar("headway_innermost", default=None)
_innermost_of_main: Place[Any] | None = None
_MAIN = threading.main_thread()


class Placed(Protocol):
    """**Protocol:** a bar that others may be inside of."""

    @property
    def state(self) -> State:
        """Whether it runs, or how it ended."""

    @property
    def surrounds(self) -> bool:
        """Whether what is opened now is inside: its loop has given out an item, or its block was entered."""


B = TypeVar("B", bound=Placed)


class Place(Generic[B]):
    """The place of a bar that is looped over, or whose block was entered. It does not keep the bar alive."""

    __slots__ = ("around", "bar")

    def __init__(self, bar: B) -> None:
        global _innermost_of_main
        self.bar = _weakref.ref(bar)
        self.around = _still_running(_innermost.get())
        _innermost.set(self)
        if threading.current_thread() is _MAIN:
            _innermost_of_main = self

    def leave(self) -> None:
        """Give the place of the innermost back to the bar around."""
        global _innermost_of_main
        if _innermost.get() is self:
            _innermost.set(self.around)
        if _innermost_of_main is self:
            _innermost_of_main = self.around


def bar_around() -> Any:
    """Return the bar that one which is opened now is inside of, `None` if it is beside all others.

    It is one of this context, else, in another thread than the main one, one of the main thread's.
    """
    bar = _surrounding(_innermost.get())
    if bar is None and threading.current_thread() is not _MAIN:
        bar = _surrounding(_innermost_of_main)
    return bar


def _surrounding(place: Place[Any] | None) -> Any:
    while place is not None:
        bar = place.bar()
        if bar is not None and bar.surrounds:
            return bar
        place = place.around
    return None


def _still_running(place: Place[Any] | None) -> Place[Any] | None:
    while place is not None:
        bar = place.bar()
        if bar is not None and bar.state == "running":
            return place
        place = place.around
    return None
