"""The bars that the hub shows, as far as it knows them."""

from __future__ import annotations

from headway.notation import Protocol
from headway.snapshot import Snapshot, State

__all__ = ["Source"]


class Source(Protocol):
    """**Protocol:** a bar, or several as one."""

    @property
    def id(self) -> int:
        """A number that no other bar of the process has."""

    def snapshot(self) -> Snapshot:
        """Return its state at this moment."""

    def stop_reading(self) -> None:
        """Read metrics no more, for one of them hangs."""

    def slow_down(self) -> None:
        """Draw what is due at each report from now on: there is no thread that does."""

    def end(self, state: State) -> None:
        """End the bar in a state, and hand it to `Hub.close`."""
