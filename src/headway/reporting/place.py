"""Whether a bar is nested: the open bar around it is the innermost one of its context, else that of the main thread."""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import threading
from _contextvars import ContextVar  # of `contextvars`, which adds nothing to it

from headway.notation import Any, Generic, Protocol, TypeVar
from headway.snapshot import State

__all__ = ["Place"]

_innermost: ContextVar[Place[Any] | None] = ContextVar("headway_innermost", default=None)
_innermost_of_main: Place[Any] | None = None
_MAIN = threading.main_thread()


class Placed(Protocol):
    """**Protocol:** a bar that has a place."""

    @property
    def state(self) -> State:
        """Whether it runs, or how it ended."""


B = TypeVar("B", bound=Placed)


class Place(Generic[B]):
    """The place of one bar; it outlives a bar that is dropped, and does not keep it alive.

    Around it is the innermost bar of this context, else, in another thread than the main one, the main thread's.
    """

    __slots__ = ("around", "bar")

    def __init__(self, bar: B) -> None:
        global _innermost_of_main
        around = _still_open(_innermost.get())
        if around is None and threading.current_thread() is not _MAIN:
            around = _still_open(_innermost_of_main)
        self.bar = _weakref.ref(bar)
        self.around = around
        _innermost.set(self)
        if threading.current_thread() is _MAIN:
            _innermost_of_main = self

    @property
    def parent(self) -> B | None:
        """The bar around."""
        return None if self.around is None else self.around.bar()

    def leave(self) -> None:
        """Give the place of the innermost back to the bar around."""
        global _innermost_of_main
        if _innermost.get() is self:
            _innermost.set(self.around)
        if _innermost_of_main is self:
            _innermost_of_main = self.around


def _still_open(place: Place[Any] | None) -> Place[Any] | None:
    """Return the place, or the nearest around it, whose bar is still open."""
    while place is not None:
        bar = place.bar()
        if bar is not None and bar.state == "running":
            return place
        place = place.around
    return None
