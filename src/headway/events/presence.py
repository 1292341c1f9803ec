"""The processes that write into an event file, by what was read of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from time import monotonic

from headway.events.reader import Event, last_sign
from headway.events.writers import is_alive
from headway.snapshot import State

__all__ = ["QUIET", "Writer"]

IDLE = 10.0
"""Seconds without an event after which a run without an open bar is over, if its process cannot be looked at."""
QUIET = 3
"""Looks at the file that have to bring nothing after a process has gone, for its last lines to be read first."""
KEPT = 100
"""Ended bars of a process that are kept."""


@dataclass
class Writer:
    """One process that writes into the file, by what was read of it."""

    name: str
    opened: Event | None = None
    """The last event that has the process, with the time of the last event of any kind, when the process lived."""
    bars: dict[int, Event] = field(default_factory=dict)
    """The last event of each bar that is open."""
    ended: deque[Event] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The last events of bars that have ended, outermost ones and those that stay on the screen."""
    states: set[State] = field(default_factory=set)
    """How outermost bars have ended."""
    heard: float = 0.0
    """The monotonic time of the last event."""
    quiet: int = 0
    """Looks at the file that have brought nothing since the process has gone."""

    def take(self, event: Event, age: float = 0.0) -> None:
        """Take note of an event.

        Args:
            event: The event.
            age: Seconds since it was written, if it was not just now.
        """
        self.heard, self.quiet = monotonic() - age, 0
        self.opened = last_sign(self.opened, event)
        snapshot = event.snapshot
        if snapshot is None:
            return
        if event.kind != "close":
            self.bars[snapshot.id] = event
            return
        self.bars.pop(snapshot.id, None)
        if snapshot.leave:
            self.ended.append(event)
        if snapshot.parent is None:
            self.states.add(snapshot.state)

    @property
    def is_alive(self) -> bool | None:
        """Whether its process is there; `None` where that cannot be told."""
        return None if self.opened is None else is_alive(self.opened.pid, self.opened.host, self.opened.time)

    def is_gone(self, patience: float) -> bool:
        """Tell whether nothing more will come."""
        alive = self.is_alive
        if alive is None:
            return monotonic() - self.heard > (patience if self.bars else min(patience, IDLE))
        return not alive

    def settle(self, patience: float) -> bool:
        """Take note of a look at the file that has brought nothing, and tell whether nothing more will come."""
        if self.quiet < QUIET:
            self.quiet = self.quiet + 1 if self.is_gone(patience) else 0
        return self.quiet == QUIET

    @property
    def loss(self) -> str:
        """The words for how it was lost, if it is gone and has left bars open."""
        return "nothing was heard any more" if self.is_alive is None else "its process is gone"
