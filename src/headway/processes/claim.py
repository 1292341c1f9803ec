"""The claim to draw for a command: of its processes one holds it, and the system takes it from one that dies.

A command is a process group with one standard error stream: what a shell starts by one line, with all of its workers.
The processes of two jobs have no claim in common, nor have those that write to two places. The claim is a lock on a
file, which has the holder's card in it for the others, and what a holder that ends early leaves to the next one.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from time import time

from headway.notation import TYPE_CHECKING
from headway.processes import address
from headway.processes.directory import directory, is_ours

if TYPE_CHECKING:
    from headway.processes.address import Station

__all__ = ["Claim", "has_rows", "holder", "is_held", "of_job", "path", "take"]

LEFT_WITHIN = 10.0
"""Seconds for which what a holder has left counts: then it is of an earlier command with the same numbers."""
LONGEST = 1 << 20
"""Bytes that are read of what was left."""
TRIES = 5
"""Times that the file may be another's by the moment that it is locked."""


class Claim:
    """The claim, held.

    Args:
        path: The file.
        file: Its descriptor, with the lock.
        left: What the holder before has left.
    """

    def __init__(self, path: str, file: int, left: bytes) -> None:
        self.left = left
        """What the holder before has left to the next one."""
        self._path = path
        self._descriptor = file

    def publish(self, station: Station) -> None:
        """Tell the other processes where to report to."""
        self._write(address.card_of(station) + " ".join(map(str, address.parents())).encode())

    def tell_rows(self, *, there: bool) -> None:
        """Tell the other processes whether rows are on the terminal now: by the mode of the file, in one call."""
        with suppress(OSError):
            os.fchmod(self._descriptor, 0o700 if there else 0o600)

    def release(self, left: bytes = b"") -> None:
        """Let another process hold it.

        Args:
            left: What it is to find; if there is nothing the file is taken away.
        """
        if self._descriptor < 0:
            return
        if left:
            self._write(b"\n" + left)
        else:
            address.remove([self._path])
        self.forget()

    def forget(self) -> None:
        """Close the file alone, as in the child of a fork, where the lock is the parent's."""
        file, self._descriptor = self._descriptor, -1
        if file >= 0:
            with suppress(OSError):
                os.close(file)

    def _write(self, text: bytes) -> None:
        with suppress(OSError):
            os.pwrite(self._descriptor, text, 0)
            os.ftruncate(self._descriptor, len(text))


def take(name: str = "") -> Claim | None:
    """Take the claim; `None` if another process holds it.

    Args:
        name: The name of its file, if it is not that of the command.

    Raises:
        OSError: There is no private directory, or it has no locks.
    """
    name = name or _name()
    for _ in range(TRIES):
        folder = None if _fcntl is None else directory(make=True)
        if folder is None:
            break
        path = os.path.join(folder, name)
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:  # the last of another command has just taken the folder away
            continue
        try:
            if _locked(file):
                if _is_at(path, file):
                    return Claim(path, file, _left(file))
            elif _is_at(path, file):
                os.close(file)
                return None
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # a holder has taken the file away meanwhile
    raise FileNotFoundError


def holder() -> tuple[Station, list[str]] | None:
    """Return where the holder listens, and the numbers of its parents; `None` where nobody has told."""
    if _fcntl is None:
        return None
    station, parents = address.read_card(_name())
    return None if station is None else (station, parents.split())


def is_held() -> bool:
    """Tell whether it looks as if another process held it."""
    at = path()
    return at is not None and os.path.exists(at)


def path() -> str | None:
    """Return where the file is that another process has if it holds it; `None` if there can be none yet."""
    folder = None if _fcntl is None else directory(make=False)
    return None if folder is None else os.path.join(folder, _name())


def has_rows(file: str) -> bool:
    """Tell whether the process that holds it has rows on the terminal now.

    Args:
        file: The path.
    """
    return os.access(file, os.X_OK)


def of_job() -> str:
    """Return the name of the file by which a rank that draws and ends leaves its rows to the next one."""
    return address.card_of_job(address.COMMAND)


def _name() -> str:
    """Return the name of the file of this process's command."""
    try:
        found = os.fstat(2 if sys.__stderr__ is None else sys.__stderr__.fileno())
    except (OSError, ValueError):
        where = "none"
    else:
        special = stat.S_ISCHR(found.st_mode)
        where = f"{found.st_rdev:x}" if special else f"{found.st_dev:x}.{found.st_ino:x}"
    return f"{address.COMMAND}-{os.getpgrp()}-{where}"


try:
    import fcntl as _fcntl
except ImportError:  # no POSIX
    _fcntl = None  # type: ignore[assignment]


def _locked(file: int) -> bool:
    try:
        _fcntl.flock(file, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: str, file: int) -> bool:
    """Tell whether the file is still the one at the path."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def _left(file: int) -> bytes:
    """Return what the holder before has left, unless that is long ago or somebody else's."""
    found = os.fstat(file)
    if not is_ours(found) or abs(time() - found.st_mtime) > LEFT_WITHIN:
        return b""
    text = os.pread(file, LONGEST, 0)
    return text[1:] if text.startswith(b"\n") else b""
