"""The bars of a cell as blocks: an outermost bar with those inside, in a display of their own."""

from __future__ import annotations

from os import urandom
from time import time

from headway.host import notebook
from headway.sinks.notebook import look
from headway.sinks.notebook.look import Picture
from headway.snapshot import Snapshot, in_tree

__all__ = ["Block"]

RUNNING = 30
"""So many running bars of a block are shown, the outermost ones; the others are counted."""
ENDED = 20
"""So many bars are shown that have ended inside of one that runs, the last ones; the others are counted."""


class Block:
    """An outermost bar, and the bars inside of it.

    Args:
        outermost: The first snapshot of the outermost bar.
    """

    def __init__(self, outermost: Snapshot) -> None:
        self._open: set[int] = set()
        self._cell = outermost.cell or notebook.here()
        self._display = f"headway-{urandom(8).hex()}"
        self._bars: dict[int, Snapshot] = {}
        self._widest: dict[int, dict[int, int]] = {}
        """The columns of the words of bars by their depth: those of the next one are as wide."""
        self._more = 0
        """How many have ended that are shown no more."""
        self._most = 0
        """The rows of the highest picture so far: while it runs, it grows and does not shrink."""
        self._anew = False
        self.changed = True
        """Whether the display is behind the bars."""

    @property
    def over(self) -> bool:
        """Whether all of its bars have ended."""
        return not self._open

    def open(self, snapshot: Snapshot) -> None:
        """Take the first snapshot of a bar."""
        self._open.add(snapshot.id)
        self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot of a bar."""
        self._bars[snapshot.id] = snapshot
        self.changed = True

    def close(self, snapshot: Snapshot) -> None:
        """Take the last snapshot of a bar; one that is to leave nothing makes room."""
        self.take(snapshot)
        self._open.discard(snapshot.id)
        if not snapshot.leave:
            del self._bars[snapshot.id]
        ended = [i for i, other in self._bars.items() if i not in self._open and other.parent is not None]
        if len(ended) > ENDED:
            del self._bars[ended[0]]
            self._more += 1

    def show(self) -> None:
        """Bring the display up to date."""
        tree = in_tree(self._bars)
        running = sorted((place for place in tree if place[0].id in self._open), key=lambda place: place[1])
        hidden = {snapshot.id for snapshot, _ in running[RUNNING:]}
        lines = [
            look.line(snapshot, depth, self._widest.setdefault(depth, {}))
            for snapshot, depth in tree
            if snapshot.id not in hidden
        ]
        self._most = max(self._most, sum(line.rows for line in lines))
        picture = Picture(
            lines,
            lacking=0 if self.over else self._most - sum(line.rows for line in lines),
            more=self._more + len(hidden),
            as_of=None if self.over else time(),
        )
        data = {"text/html": look.html(picture), "text/plain": look.plain(picture)}
        notebook.publish(data, self._display, self._cell, anew=self._anew)
        self._anew, self.changed = True, False
