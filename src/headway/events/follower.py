"""Follows an event file while it is written: before it exists, as it grows, across its rotation, over a new start.

The files of other machines that stand beside it belong to it: see `machines.py`.
"""

from __future__ import annotations

import heapq
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from time import monotonic
from typing import BinaryIO

from headway.events.machines import machines
from headway.events.reader import Event, Reader

__all__ = ["Follower", "events_of", "parts"]

CHUNK = 2**18
TAIL = 4096
LOOK_EVERY = 1.0
"""Seconds between two looks whether another machine has begun a file."""


def parts(path: str) -> list[str]:
    """Return the files that a recording is in, the oldest first: `path.2`, `path.1`, `path`."""
    n = 1
    while os.path.exists(f"{path}.{n}"):
        n += 1
    return [*(f"{path}.{k}" for k in range(n - 1, 0, -1)), path]


def events_of(path: str, reader: Reader) -> Iterator[Event]:
    """Yield the events of a recording as far as it goes now: rotated files and those of other machines included.

    Events of several machines come in the order of their times; those of one machine stay in their order if its clock
    jumps.

    Args:
        path: The file that was asked for.
        reader: Reads it, and counts the lines of all files that are no events.

    Raises:
        OSError: The file cannot be read.
    """
    others = machines(path)
    if not others:
        yield from _events_of(path, reader)
        return
    readers = [reader, *(Reader() for _ in others)]
    courses = [_timed(_events_of(each, own)) for each, own in zip([path, *others], readers, strict=True)]
    for _, event in heapq.merge(*courses, key=lambda timed: timed[0]):
        yield event
    for other in readers[1:]:
        _count_in(reader, other)


def _timed(events: Iterator[Event]) -> Iterator[tuple[float, Event]]:
    """Yield each event with the latest time so far."""
    latest = -math.inf
    for event in events:
        latest = max(latest, event.time)
        yield latest, event


def _count_in(reader: Reader, other: Reader) -> None:
    """Count the lines that another reader could not read for the first one."""
    reader.skipped += other.skipped
    reader.newer += other.newer
    other.skipped = other.newer = 0


def _events_of(path: str, reader: Reader) -> Iterator[Event]:
    """Yield the events of one machine.

    One file is open at a time, for there may be more than a process may open. One that is rotated meanwhile is found
    again, unless it is gone.
    """
    for part, found in [(part, os.stat(part)) for part in parts(path)]:
        with _opened(path, part, found) as file:
            while data := file.read(CHUNK):
                yield from reader.feed(data)
            yield from reader.end()


def _opened(path: str, part: str, found: os.stat_result) -> BinaryIO:
    """Open a file of a recording, which may have another name by now; what is gone is empty."""
    for name in (part, *parts(path)):
        with suppress(FileNotFoundError):
            file = open(name, "rb")  # noqa: SIM115  # the caller closes it
            if os.path.samestat(os.fstat(file.fileno()), found):
                return file
            file.close()
    return BytesIO()


class Follower:
    """Reads what is new in a file, and in those of other machines, each time it is asked, whatever happens meanwhile.

    Args:
        path: The file, which need not be there yet.
        reader: Reads it, and counts the lines of all files that are no events.
        rotated: Begin with the oldest file that was rotated, not with the newest one.
    """

    def __init__(self, path: str, reader: Reader, *, rotated: bool = False) -> None:
        self._path = path
        self._reader = reader
        self._rotated = rotated
        self._files = {path: _File(path, reader, rotated=rotated)}
        self._look = 0.0

    def poll(self) -> list[Event] | None:
        """Return what events there are since the last call, at most some hundred a file; `None` if nothing is new.

        Raises:
            OSError: A file is there and cannot be read.
        """
        if monotonic() >= self._look:
            self._look = monotonic() + LOOK_EVERY
            for path in machines(self._path):
                if path not in self._files:
                    self._files[path] = _File(path, Reader(), rotated=self._rotated)
        new = [events for file in self._files.values() if (events := file.poll()) is not None]
        for file in self._files.values():
            if file.reader is not self._reader:
                _count_in(self._reader, file.reader)
        return [event for events in new for event in events] if new else None

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


class _File:
    """Reads what is new in one file."""

    def __init__(self, path: str, reader: Reader, *, rotated: bool) -> None:
        self._path = path
        self._rotated = rotated
        self.reader = reader
        self._fd: int | None = None
        self._at = 0
        self._tail = b""
        """What stood before the place where we are: where something else does, the file was begun anew."""
        self._next: str | None = None

    def poll(self) -> list[Event] | None:
        """Return what events there are since the last call, at most some hundred; `None` where nothing is new.

        Raises:
            OSError: The file is there and cannot be read.
        """
        if self._fd is None and not self._open(parts(self._path)[0] if self._rotated else self._path):
            return None
        assert self._fd is not None  # noqa: S101  # as just seen
        os.lseek(self._fd, self._at - len(self._tail), os.SEEK_SET)
        data = os.read(self._fd, len(self._tail) + CHUNK)
        if not data.startswith(self._tail):
            self._at, self._tail = 0, b""
            self.reader.forget()
            return []
        new = data[len(self._tail) :]
        if not new:
            return self._move_on(self._fd)
        self._at, self._tail, self._next = self._at + len(new), data[-TAIL:], None
        return self.reader.feed(new)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self, path: str) -> bool:
        try:
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            return False
        self.close()
        self._fd, self._at, self._tail, self._next = fd, 0, b"", None
        return True

    def _move_on(self, fd: int) -> list[Event] | None:
        """Go on with the next file, where this one was moved away and a whole call long nothing more came.

        A process that had it open when another one rotated it may write a last line.
        """
        following = self._following(fd)
        if following is not None and self._next is None:
            self._next = following
            return None
        if following is None or not self._open(following):
            return None
        return self.reader.end()

    def _following(self, fd: int) -> str | None:
        """Return the path of the file that was begun after this one, `None` where this is the newest."""
        mine, newer = os.fstat(fd), None
        for part in reversed(parts(self._path)):
            try:
                if os.path.samestat(os.stat(part), mine):
                    return newer
            except FileNotFoundError:
                continue
            newer = part
        return newer  # ours is gone: the oldest one that is left
