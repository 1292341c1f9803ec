"""The bars that the hub shows, as far as it knows them."""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs

from headway.notation import TYPE_CHECKING, Protocol
from headway.snapshot import Snapshot, State

if TYPE_CHECKING:
    from headway.drawing.side import SideView
    from headway.drawing.view import View

__all__ = ["Shown", "Source"]


class Source(Protocol):
    """**Protocol:** a bar, or several as one."""

    @property
    def id(self) -> int:
        """A number that no other bar of the process has."""

    def snapshot(self) -> Snapshot:
        """Return its state at this moment."""

    def look(self) -> bool:
        """Have its estimate learn what is done by now, and tell whether it is to be looked at again soon."""

    def stop_reading(self) -> None:
        """Read metrics no more, for one of them hangs."""

    def slow_down(self) -> None:
        """Draw what is due at each report from now on: there is no thread that does."""

    def end(self, state: State) -> None:
        """End the bar in a state, and hand it to `Hub.close`."""


class Shown:
    """A bar that is open, or that others continue, and the views that show it."""

    __slots__ = ("bar", "views")

    def __init__(self, bar: Source) -> None:
        self.bar = _weakref.ref(bar)
        self.views: list[View | SideView] = []
