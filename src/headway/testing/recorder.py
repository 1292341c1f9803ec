"""A recorder: the author of a library asserts with it that their own code reports the truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from headway.drawing.hub import hub
from headway.points import Point
from headway.sink import PerBar
from headway.snapshot import Snapshot

__all__ = ["Recorder", "record"]


class Recorder(PerBar):
    """A sink that keeps all that is reported, and shows nothing."""

    def __init__(self) -> None:
        self.opened: list[Snapshot] = []
        """The first snapshot of each bar, in order of opening."""
        self.closed: list[Snapshot] = []
        """The last snapshot of each bar, in order of closing."""
        self.written: list[str] = []
        """Texts that were written above the bars."""
        self.reported: list[Point] = []
        """Each value of a metric that was reported."""

    def open(self, snapshot: Snapshot) -> None:
        """Keep the first snapshot."""
        self.opened.append(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Let snapshots in between pass: which of them are taken is a matter of time."""

    def close(self, snapshot: Snapshot) -> None:
        """Keep the last snapshot."""
        self.closed.append(snapshot)

    def points(self, points: tuple[Point, ...]) -> None:
        """Keep the values."""
        self.reported += points

    def write(self, text: str) -> None:
        """Keep the text."""
        self.written.append(text)

    def last(self, desc: str) -> Snapshot:
        """Return the last snapshot of the bar with that description.

        Raises:
            LookupError: No such bar has been closed; the message lists those that have.
        """
        for snapshot in self.closed[::-1]:
            if snapshot.desc == desc:
                return snapshot
        raise LookupError(f"No bar {desc!r} has been closed; closed are {[s.desc for s in self.closed]}.")


@contextmanager
def record() -> Iterator[Recorder]:
    """Record all reports inside the block, under any choice of backend, with no output.

    ::

        with headway.testing.record() as recorded:
            my_library.train()
        assert recorded.last("train").state == "finished"
    """
    recorder = Recorder()
    with hub.recording(recorder):
        yield recorder
