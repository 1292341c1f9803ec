"""Appends lines to a file so that each is in it whole or not at all, whatever befalls the disk or other writers.

Knows bytes and files; of events only that their files can be told from others, which are left alone.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from headway.events.recognition import LOOKED_AT, begins_with_event
from headway.format import in_words
from headway.host.faults import tell

__all__ = ["Appender", "ForeignFileError", "NotWrittenError"]

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FLAGS = os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Not to block is for pipes: a reader that is slow costs events, not time."""

FOREIGN = "{} holds something else than events, and is not touched. Give another path, or move the file away"
WAITS = (0.0005, 0.002)
"""Seconds to wait for the rest of a line that is not whole."""


class NotWrittenError(Exception):
    """Raised when a line is not in the file: the disk is full, say. It may be again when there is space."""


class ForeignFileError(FileExistsError):
    """Raised when a file that holds something else than events stands in the way. It is not touched."""


class Appender:
    """Appends to the file that stands under a path, whichever that is at the moment.

    Each line is one `write` to a file opened for appending, so that the lines of several processes stand side by side.
    Where a line was cut short, by a full disk or by the death of a process, the next one starts with a line break. A
    file that was moved away or deleted is followed by a new one; nothing is written to a file that is not seen under
    the path, but for what another process writes in the moment of its rotation. One that holds something else than
    events is neither written to nor moved.

    Args:
        path: Where the file is.
        max_bytes: The size that the file is not to exceed: then it is moved to `path.1`, that to `path.2`, and so on.
        keep: How many old files are kept.
    """

    def __init__(self, path: str, max_bytes: int | None = None, keep: int = 1) -> None:
        self.path = path
        self.floor = 0
        """Bytes below which a file is not rotated, so that what each must begin with leaves room for more."""
        self._max_bytes = max_bytes
        self._keep = keep
        self._fd: int | None = None
        self._opened: object = None
        """The file that was opened."""
        self._was_open = False
        self._end = 0
        self._torn = False

    def ready(self, size: int) -> bool:
        """Have the file open, rotated if so many bytes more are too many, and tell whether it is another one now.

        Raises:
            NotWrittenError: There is no space, or the directory is gone.
            ForeignFileError: The file holds something else than events.
            OSError: The file cannot be opened for another reason, and never could.
        """
        try:
            fresh = self._fd is None or self._is_elsewhere(self._fd)
            if fresh:
                self._open()
            if self._max_bytes is not None and self.size + size > max(self._max_bytes, self.floor):
                fresh = self._rotate() or fresh
        except OSError as error:
            if error.errno not in FULL and not self._was_open:
                raise
            raise NotWrittenError(in_words(error)) from error
        return fresh

    def append(self, line: bytes) -> None:
        """Append a line, which ends in a line break; to be called after `ready`.

        Raises:
            NotWrittenError: The line is not in the file, or not whole.
        """
        assert self._fd is not None  # noqa: S101  # as said above
        try:
            self._look_at_the_end(self._fd)
            data = b"\n" + line if self._torn else line
            written = os.write(self._fd, data)
        except OSError as error:
            raise NotWrittenError(in_words(error)) from error
        self._end += written
        if written < len(data):
            self._torn = True
            raise NotWrittenError(f"only {written} of {len(data)} bytes could be written")
        self._torn = False

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return 0 if self._fd is None else os.fstat(self._fd).st_size

    @property
    def place(self) -> object:
        """The file itself, whatever its name becomes."""
        return None if self._fd is None else _identity(self._fd)

    def close(self) -> None:
        """Let go of the file, unless the program has closed it and has another one under its descriptor by now."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            with suppress(OSError):
                if _identity(fd) == self._opened:
                    os.close(fd)

    def _open(self) -> None:
        self.close()
        fd = _opened(self.path)
        try:
            _check(self.path, fd)
        except ForeignFileError:
            os.close(fd)
            raise
        self._fd, self._opened = fd, _identity(fd)
        self._was_open = True
        self._end, self._torn = 0, False

    def _is_elsewhere(self, fd: int) -> bool:
        """Tell whether another file than ours, or none, stands under the path."""
        try:
            return not os.path.samestat(os.stat(self.path), os.fstat(fd))
        except FileNotFoundError:
            return True

    def _look_at_the_end(self, fd: int) -> None:
        """Where the file does not end with what we wrote, see whether it ends with a whole line.

        One that is not may be just coming from another process, page by page. Whoever is taken for dead wrongly gets
        an empty line.
        """
        for wait in WAITS:
            there = os.fstat(fd)
            if not stat.S_ISREG(there.st_mode) or there.st_size == self._end:
                return
            if there.st_size < self._end:  # it was emptied, and may have been filled with something else
                _check(self.path, fd)
            torn = there.st_size > 0 and not _is_line_break(fd, there.st_size - 1)
            if not torn:
                break
            time.sleep(wait)
        self._end, self._torn = there.st_size, torn

    def _rotate(self) -> bool:
        """Move the file out of the way, unless another process is at it, and open the one that stands there then."""
        assert self._fd is not None  # noqa: S101  # `ready` has opened it
        try:
            with _locked(self._fd) as ours:
                if not ours:
                    return False
                if not self._is_elsewhere(self._fd):
                    self._shift()
        except OSError as error:
            tell(
                f"rotating {self.path}",
                f"The event file {self.path} cannot be rotated and grows beyond {self._max_bytes} bytes: "
                f"{in_words(error)}.",
            )
            return False
        self._open()
        return True

    def _shift(self) -> None:
        names = [self.path, *(f"{self.path}.{n}" for n in range(1, self._keep + 1))]
        first_free = next((i for i, name in enumerate(names) if not os.path.lexists(name)), self._keep)
        for name in names[1 : first_free + 1]:
            if os.path.lexists(name):
                _look_into(name)
        for i in range(first_free, 0, -1):
            os.replace(names[i - 1], names[i])


def _opened(path: str) -> int:
    """Open a file for appending, if it may be so for reading, too."""
    try:
        return os.open(path, os.O_RDWR | FLAGS, 0o666)
    except PermissionError:
        return os.open(path, os.O_WRONLY | FLAGS, 0o666)


def _look_into(path: str) -> None:
    """Make sure that a file may be moved or replaced.

    Raises:
        ForeignFileError: It holds something else than events.
        OSError: It cannot be read.
    """
    fd = os.open(path, os.O_RDONLY | (FLAGS & ~(os.O_APPEND | os.O_CREAT)))
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ForeignFileError(FOREIGN.format(path))
        _check(path, fd)
    finally:
        os.close(fd)


def _check(path: str, fd: int) -> None:
    """Make sure that a file holds nothing but events; what is no regular file, such as a pipe, holds nothing.

    Raises:
        ForeignFileError: It holds something else, or it cannot be known.
    """
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        known = begins_with_event(os.read(fd, LOOKED_AT))
    except OSError:  # we may write it but not read it
        known = False
    if not known:
        raise ForeignFileError(FOREIGN.format(path))


def _identity(fd: int) -> object:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def _is_line_break(fd: int, at: int) -> bool:
    try:
        os.lseek(fd, at, os.SEEK_SET)
        return os.read(fd, 1) == b"\n"
    except OSError:  # we may write it but not read it: an empty line does no harm
        return False


@contextmanager
def _locked(fd: int) -> Iterator[bool]:
    """Lock a file against other processes' rotation; without waiting, and where locks can be had."""
    try:
        import fcntl  # not on Windows

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    except (ImportError, OSError):
        yield True
        return
    try:
        yield True
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)
