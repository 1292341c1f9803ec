"""A bar of another process that has a row of its own: to the hub a bar like any other."""

from __future__ import annotations

from collections.abc import Callable

from headway.processes.reported import Reported
from headway.snapshot import Snapshot, State

__all__ = ["OwnBar"]


class OwnBar(Reported):
    """The bar.

    Args:
        bar_id: The number of its row.
        parent: The number of the row that it is in.
        snapshot: Its first snapshot.
        on_end: Called when this process ends it.
    """

    def __init__(
        self, bar_id: int, parent: int | None, snapshot: Snapshot, on_end: Callable[[OwnBar, State], None]
    ) -> None:
        self.id = bar_id
        self._parent = parent
        self._on_end = on_end
        self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer snapshot."""
        self._latest = snapshot._replace(id=self.id, parent=self._parent)

    def snapshot(self) -> Snapshot:
        """Return the newest one."""
        return self._latest

    def end(self, state: State) -> None:
        """End it, whether or not its process has."""
        self._on_end(self, state)
