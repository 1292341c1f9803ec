"""Where the drawing process listens, how others find it, and who is kept out: the environment, or a private directory.

The environment is set by `Offering` in `sides.py`. The secret keeps other users from sending, and the directory keeps
them from reading; a port on the loopback interface has the secret alone.

A card is a file that only its owner may read, with the address and the secret. It is named after the drawing process,
for workers that were started before it drew, and in a job of several ranks after the job.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress

from headway.host import environment, ranks
from headway.notation import Literal, NamedTuple

__all__ = [
    "KEY",
    "NOT",
    "OFF",
    "VARIABLE",
    "Address",
    "Station",
    "candidates",
    "directory",
    "new_station",
    "publish",
    "remove",
    "wanted",
]

VARIABLE = "HEADWAY_RELAY"
KEY = "HEADWAY_RELAY_KEY"
OFF = "off"
"""In `HEADWAY_RELAY`: this process and its children neither report to another nor listen."""
NOT = "not"
"""In `HEADWAY_RELAY`, as in `not:1234`: a process that is started by that one does not report to it."""
KEY_BYTES = 32
_LONGEST_PATH = 100
"""Bytes that the path of a Unix socket may have everywhere."""
_LONGEST_CARD = 4096


class Address(NamedTuple):
    """Where a process listens."""

    kind: Literal["unix", "tcp"]
    pid: int
    where: str
    """The path of the socket, or the port on the loopback interface; empty until there is one."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.pid}:{self.where}"

    @property
    def alive(self) -> bool:
        """Whether its process may still be there. A port may have passed to another process, a path has not."""
        if self.kind == "unix" or sys.platform == "win32":
            return True
        try:
            os.kill(self.pid, 0)
        except PermissionError:
            return False  # another user's process: not the one that listened
        except OSError:
            return False
        return True


class Station(NamedTuple):
    """An address, and the secret that opens it."""

    address: Address
    key: str


def wanted() -> bool:
    """Tell whether processes of this environment may report to one another."""
    return environment.variable(VARIABLE).lower() != OFF


def new_station() -> Station:
    """Choose an address for this process: a socket in a private directory, else a port on the loopback interface."""
    key, pid = os.urandom(KEY_BYTES).hex(), os.getpid()
    folder = directory(make=True) if _has_unix_sockets() else None
    path = "" if folder is None else os.path.join(folder, f"{pid}-{os.urandom(4).hex()}.sock")
    if path and len(os.fsencode(path)) <= _LONGEST_PATH:
        return Station(Address("unix", pid, path), key)
    return Station(Address("tcp", pid, ""), key)


def _has_unix_sockets() -> bool:
    return sys.platform not in ("win32", "emscripten", "wasi")


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_refused = ""
"""The process that this one never reports to, as `not:1234`: its own address takes that place in the environment."""


def candidates() -> Iterator[Station]:
    """Yield where this process may report to, the most certain first: said by environment, by job, by its parents."""
    global _refused
    said = os.environ.get(VARIABLE, "")
    if said.lower() == OFF:
        return
    if said.startswith(f"{NOT}:"):
        _refused = said
    exported = _parsed(said, os.environ.get(KEY, ""))
    if exported is not None and exported.address.pid != os.getpid():
        yield exported
    for name in _card_names():
        station = _read_card(name)
        if station is not None and station.address.pid != os.getpid():
            yield station


def _card_names() -> Iterator[str]:
    rank = ranks.current()
    if rank is not None and rank.number > 0:
        yield _job_card()
    yield from dict.fromkeys(f"pid-{pid}" for pid in _parents() if _refused != f"{NOT}:{pid}")


def _parents() -> Iterator[int]:
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    if parent is not None and parent.pid is not None:
        yield parent.pid  # under forkserver it is not the one that forked
    if hasattr(os, "getppid"):
        yield os.getppid()


def _job_card() -> str:
    from hashlib import sha256  # only in a job of several ranks

    return f"job-{sha256((ranks.job() or '').encode()).hexdigest()[:24]}"


def _parsed(text: str, key: str) -> Station | None:
    kind, _, rest = text.partition(":")
    pid, _, where = rest.partition(":")
    sound = pid.isascii() and pid.isdigit() and len(key) == 2 * KEY_BYTES and key.isascii()
    if not sound or not where or (kind == "tcp" and not (where.isascii() and where.isdigit())):
        return None
    if kind == "unix":
        return Station(Address("unix", int(pid), where), key)
    return Station(Address("tcp", int(pid), where), key) if kind == "tcp" and 0 < int(where) < 65536 else None


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def publish(station: Station) -> list[str]:
    """Leave cards for those whose environment does not tell, and return their paths."""
    folder = directory(make=True)
    if folder is None:
        return []
    _sweep(folder)
    names = [f"pid-{os.getpid()}"]
    rank = ranks.current()
    if rank is not None and rank.number == 0 and ranks.several():
        names.append(_job_card())
    return [path for name in names if (path := _write_card(folder, name, station))]


def _write_card(folder: str, name: str, station: Station) -> str:
    path = os.path.join(folder, name)
    draft = f"{path}.{os.getpid()}"
    with suppress(OSError):
        os.unlink(draft)
    try:
        card = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(card, f"{station.address}\n{station.key}\n".encode())
        finally:
            os.close(card)
        os.replace(draft, path)
    except OSError:
        return ""
    return path


def _read_card(name: str) -> Station | None:
    folder = directory(make=False)
    if folder is None:
        return None
    try:
        card = os.open(os.path.join(folder, name), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        if not _is_ours(os.fstat(card)):
            return None
        text = os.read(card, _LONGEST_CARD).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(card)
    address, _, key = text.partition("\n")
    return _parsed(address, key.strip())


def remove(paths: list[str]) -> None:
    """Take files away, and the directory if it is empty then."""
    for path in paths:
        with suppress(OSError):
            os.unlink(path)
    for folder in {os.path.dirname(path) for path in paths}:
        with suppress(OSError):
            os.rmdir(folder)


def _sweep(folder: str) -> None:
    """Take away what processes left that were killed."""
    with suppress(OSError):
        for name in os.listdir(folder)[:1000]:
            pid = name.removeprefix("pid-").partition("-")[0]
            if pid.isascii() and pid.isdigit() and not _runs(int(pid)):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # there `kill` with 0 would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def directory(*, make: bool) -> str | None:
    """Return a directory that only this user may enter, `None` where there is none to be had."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    temporary = next((os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)), "/tmp")  # noqa: S108  # a directory of one's own in it, checked
    user = os.getuid() if hasattr(os, "getuid") else "user"
    places = [os.path.join(runtime, "headway")] if os.path.isabs(runtime) else []
    for folder in (*places, os.path.join(temporary, f"headway-{user}")):
        with suppress(OSError):
            if make and not os.path.isdir(folder):
                os.mkdir(folder, 0o700)
            found = os.lstat(folder)
            if stat.S_ISDIR(found.st_mode) and _is_ours(found):
                return folder
    return None


def _is_ours(found: os.stat_result) -> bool:
    """Tell whether this user owns it and nobody else may open it."""
    if not hasattr(os, "getuid"):
        return True  # where there are no such modes, the temporary directory is the user's own
    return found.st_uid == os.getuid() and not found.st_mode & 0o077
