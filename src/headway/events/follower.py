"""Follows an event file while it is written: before it exists, as it grows, across its rotation, over a new start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from headway.events.reader import Event, Reader

__all__ = ["Follower", "events_of", "parts"]

CHUNK = 2**18
TAIL = 4096


def parts(path: str) -> list[str]:
    """Return the files that a recording is in, the oldest first: `path.2`, `path.1`, `path`."""
    n = 1
    while os.path.exists(f"{path}.{n}"):
        n += 1
    return [*(f"{path}.{k}" for k in range(n - 1, 0, -1)), path]


def events_of(path: str, reader: Reader) -> Iterator[Event]:
    """Yield the events of a recording, rotated files included, as far as it goes now.

    One file is open at a time, for there may be more than a process may open. One that is rotated meanwhile is found
    again, unless it is gone.

    Raises:
        OSError: The file cannot be read.
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
    """Reads what is new in a file each time it is asked, whatever happens to the file meanwhile."""

    def __init__(self, path: str, reader: Reader) -> None:
        self._path = path
        self._reader = reader
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
        if self._fd is None and not self._open(self._path):
            return None
        assert self._fd is not None  # noqa: S101  # as just seen
        os.lseek(self._fd, self._at - len(self._tail), os.SEEK_SET)
        data = os.read(self._fd, len(self._tail) + CHUNK)
        if not data.startswith(self._tail):
            self._at, self._tail = 0, b""
            self._reader.forget()
            return []
        new = data[len(self._tail) :]
        if not new:
            return self._move_on(self._fd)
        self._at, self._tail, self._next = self._at + len(new), data[-TAIL:], None
        return self._reader.feed(new)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self, path: str) -> bool:
        try:
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
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
        return self._reader.end()

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
