"""The directory for sockets and cards: this user's alone, with a folder for each place where pids mean the same.

Containers that share the directory have a folder each, and so do machines: none takes files of another for its own.
"""

from __future__ import annotations

import functools
import os
import stat
from contextlib import suppress

__all__ = ["directory", "flaw", "is_ours", "searched"]


def directory(*, make: bool) -> str | None:
    """Return a directory for this place that only this user may enter, `None` where there is none to be had."""
    return searched(make=make)[0]


def searched(*, make: bool) -> tuple[str | None, list[str]]:
    """Return that directory, and what was wrong with others that were looked at before."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    temporary = next((os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)), "/tmp")  # noqa: S108  # a directory of one's own in it, checked
    user = os.getuid() if hasattr(os, "getuid") else "user"
    shared = [os.path.join(runtime, "headway")] if os.path.isabs(runtime) else []
    flaws: list[str] = []
    for base in (*shared, os.path.join(temporary, f"headway-{user}")):
        folder = f"{base}{os.sep}{_place(os.getpid())}"
        try:
            if why := flaw(base, make=make):
                flaws.append(why)
                continue
            if make:
                _make(folder)
        except OSError as error:
            flaws.append(f"{base}: {error.strerror}")
        else:
            return folder, flaws
    return None, flaws


def flaw(folder: str, *, make: bool = False) -> str:
    """Say why a directory is not used; empty if it is this user's alone.

    Raises:
        OSError: There is none, or none can be made.
    """
    if make:
        _make(folder)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder} is no directory"
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return f"{folder} belongs to another user"
    return "" if is_ours(found) else f"{folder} may be entered by others"


def _make(folder: str) -> None:
    """Make a directory for this user alone, unless there is one."""
    if not os.path.isdir(folder):
        with suppress(FileExistsError):  # another process has just made it
            os.mkdir(folder, 0o700)
            os.chmod(folder, 0o700)  # the umask may have taken away too much


@functools.lru_cache(maxsize=1)
def _place(_pid: int) -> str:
    """Return a name for the machine and the container that this process is in."""
    from binascii import crc32  # with the first bar

    try:
        boot = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY)
        try:
            words = f"{os.read(boot, 64)!r} {os.stat('/proc/self/ns/pid').st_ino}"
        finally:
            os.close(boot)
    except OSError:  # no Linux
        words = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{crc32(words.encode()) & 0xFFFFF:05x}"  # short, for the path of a socket has to be


def is_ours(found: os.stat_result) -> bool:
    """Tell whether this user owns it and nobody else may open it."""
    if not hasattr(os, "getuid"):
        return True  # where there are no such modes, the temporary directory is the user's own
    return found.st_uid == os.getuid() and not found.st_mode & 0o077
