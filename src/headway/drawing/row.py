"""One bar in the view of one sink: the snapshot that the sink has, and whether it is shown."""

from __future__ import annotations

from headway.snapshot import Snapshot

__all__ = ["Row"]


class Row:
    """One bar in a view."""

    __slots__ = ("ended", "opens", "snapshot")

    def __init__(self, snapshot: Snapshot, opens: float | None) -> None:
        self.snapshot = snapshot
        """The last one that the sink was given, or is to be given."""
        self.opens = opens
        """When it is to be shown, by headway's clock; `None` from then on."""
        self.ended = False
        """Whether it has ended while the rows were away, and is to be left on the screen when they return."""

    def take(self, snapshot: Snapshot) -> Snapshot:
        """Take a newer snapshot, and return it in the look of the bar."""
        self.snapshot = snapshot.dressed(self.snapshot.options, self.snapshot.layout)
        return self.snapshot
