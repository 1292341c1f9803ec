"""What a process writes into an event file: which events, how often, and what becomes of those that find no space.

Knows events and bars; where lines go is the business of an `Out`.
"""

from __future__ import annotations

import functools
import json
import os
import time
from time import monotonic
from typing import Any, Protocol

from headway.events.appender import NotWrittenError
from headway.events.numbering import numbering_of
from headway.events.schema import to_event
from headway.events.writers import host
from headway.host import run
from headway.host.faults import tell
from headway.snapshot import SCHEMA, Snapshot

__all__ = ["LONGEST_LINE", "Journal", "Out"]

SHARE = 0.001
"""A bar's updates are this share of the time since the run began apart, at least."""
SPARSEST = 30.0
"""Seconds between updates however long the run: what a person who watches it should not have to wait longer for."""
SLACK = 0.5
"""Seconds that an update may be early, as it comes when all bars are looked at."""
LONGEST_LINE = 2**22
"""Bytes of a line, at most: what a reader has to have room for."""
NUMBER = 30
"""Bytes that the number of an event takes at most."""
LONGEST_TEXT = 2**16
"""Characters of a text that stand in one event."""
MOST_ENDINGS = 1000
"""So many endings are kept for a disk that is full."""


class Out(Protocol):
    """**Protocol:** where lines go."""

    floor: int
    """Bytes below which it is not to begin anew."""

    def ready(self, size: int) -> bool:
        """Get ready for a line of so many bytes, and tell whether what stands there is new and empty of us."""

    def append(self, line: bytes) -> None:
        """Write a line."""

    @property
    def size(self) -> int:
        """Bytes that stand there."""

    @property
    def place(self) -> object:
        """What tells it from another one that had the same name."""

    def close(self) -> None:
        """Let go of it."""


class Journal:
    """The events of one process for one file.

    Every new file begins with a `run` event, and an `open` event for each bar that is open, so that it can be read
    without the one before. When there is no space, updates and texts are dropped and counted, and openings and endings
    kept; the first line that finds space again says how many were lost. Events are numbered, and one that finds no
    space takes its number with it.

    Args:
        name: Its path, by which it is called in a warning; empty for a stream.
        out: Where lines go.
        interval: Seconds between two updates of a bar, at least.
        since: The monotonic time at which the run began.
    """

    def __init__(self, name: str, out: Out, interval: float, since: float) -> None:
        self._name = name
        self._out = out
        self._interval = interval
        self._since = since
        self._bars: dict[int, tuple[Snapshot, float]] = {}
        self._endings: list[bytes] = []
        self._lost = 0
        self._numbering = numbering_of(name)
        self.behind = False
        """Whether there is something to be said that has found no space."""

    @property
    def busy(self) -> bool:
        """Whether any bar is open here."""
        return bool(self._bars)

    def open(self, snapshot: Snapshot) -> None:
        """Write that a bar has opened."""
        self._put(_opening(snapshot))
        self._bars[snapshot.id] = snapshot, monotonic()

    def update(self, snapshot: Snapshot) -> None:
        """Write how far a bar is, if it is time to."""
        _, wrote = self._bars[snapshot.id]
        now = monotonic()
        due = now - wrote > max(self._interval, min(SHARE * (now - self._since), SPARSEST)) - SLACK
        self._bars[snapshot.id] = snapshot, now if due else wrote
        if due:
            self._count(self._put(_line("update", **_fields(snapshot, course=False))))

    def close(self, snapshot: Snapshot) -> None:
        """Write how a bar has ended."""
        ending = _line("close", **_fields(snapshot))
        written = self._put(ending)
        del self._bars[snapshot.id]
        if not written:
            self._endings.append(ending)
            self._lost += len(self._endings[:-MOST_ENDINGS])
            del self._endings[:-MOST_ENDINGS]

    def write(self, text: str) -> None:
        """Write a text."""
        for start in range(0, len(text), LONGEST_TEXT):
            self._count(self._put(_line("write", text=text[start : start + LONGEST_TEXT])))

    def release(self) -> None:
        """Let go of the file."""
        self._out.close()

    def _count(self, written: bool) -> None:
        self._lost += not written

    def _put(self, line: bytes) -> bool:
        """Write a line, after what has to stand before it, and tell whether it is there."""
        try:
            if self._out.ready(len(line) + NUMBER) or self.behind:
                self._begin()
            self._append(line)
        except NotWrittenError as error:
            self.behind = True
            self._numbering.last += 1
            tell(
                f"writing {self._name}",
                f"The event file {self._name} cannot be written: {error}. The program goes on; events are dropped and "
                f"counted until there is space again.",
            )
            return False
        return True

    def _append(self, line: bytes) -> None:
        """Write a line with its number."""
        number = self._numbering.last + 1
        self._out.append(b'{"seq": %d, ' % number + line[1:])
        self._numbering.last = number

    def _begin(self) -> None:
        """Write what a new file, or one that had no space, has to say before it goes on."""
        before, numbering = self._out.size, self._numbering
        if not before or numbering.headed is None or numbering.headed != self._out.place:
            self._append(_header(**({} if numbering.headed is None else {"again": True})))
            numbering.headed = self._out.place
        if self._lost:
            said = self._lost
            self._append(_line("lost", lines=said))
            self._lost -= said
        for snapshot, _ in self._bars.values():
            self._append(_opening(snapshot, again=True))
        while self._endings:
            self._append(self._endings[0])
            del self._endings[0]
        self._out.floor = 2 * (self._out.size - before)
        self.behind = False


def _header(**more: Any) -> bytes:
    about = {"run": run.identity(), "program": run.program(), "digest": run.digest(), "requests": False}
    return _line("run", **about, pid=os.getpid(), host=host(), **more)


def _opening(snapshot: Snapshot, **more: Any) -> bytes:
    return _line("open", pid=os.getpid(), host=host(), **more, **_fields(snapshot))


def _fields(snapshot: Snapshot, *, course: bool = True) -> dict[str, Any]:
    """Return what an event says of a bar; without the course of its metrics, which the updates of a file are."""
    fields = to_event(snapshot)
    del fields["v"]
    if not course:
        for reading in fields["metrics"].values():
            reading.pop("history", None)
    return fields


def _line(event: str, **fields: Any) -> bytes:
    header = {"v": SCHEMA, "event": event, "time": round(time.time(), 3), "writer": _writer(os.getpid())}
    line = json.dumps({**header, **fields}, allow_nan=False)
    if len(line) + NUMBER >= LONGEST_LINE:  # what is left is texts that a row has room for
        line = json.dumps({**header, **fields, "metrics": {}, "units": {}}, allow_nan=False)
    return f"{line}\n".encode()


@functools.lru_cache(maxsize=1)
def _writer(_pid: int) -> str:
    """Return a name for this process that no other one that writes into the file has had."""
    return os.urandom(4).hex()
