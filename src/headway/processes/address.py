"""Where the drawing process listens, how others find it, and who is kept out: the environment, or a private directory.

The environment is set by `Offering` in `sides.py`. The secret keeps other users from sending, and the directory keeps
them from listening; on a port of the loopback interface both sides prove that they know the secret first.

A card is a file that only its owner may read, with the address and the secret. It is named after the drawing process,
for workers that were started before it drew, and in a job of several ranks after the job. `directory.py` finds
the folder for cards and sockets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from headway.host import environment, pty, ranks
from headway.host.faults import tell
from headway.notation import Literal, NamedTuple
from headway.processes.directory import directory, flaw, is_ours, searched
from headway.snapshot import SCHEMA

__all__ = [
    "COMMAND",
    "KEY",
    "NOT",
    "OFF",
    "VARIABLE",
    "VERSION",
    "Address",
    "Station",
    "candidates",
    "card_of",
    "directory",
    "leads",
    "new_station",
    "parents",
    "publish",
    "read_card",
    "remove",
    "runs",
    "started_by",
    "tell_version",
    "wanted",
    "withdraw",
]

VARIABLE = "HEADWAY_RELAY"
KEY = "HEADWAY_RELAY_KEY"
OFF = "off"
"""In `HEADWAY_RELAY`: this process and its children neither report to another nor listen."""
NOT = "not"
"""In `HEADWAY_RELAY`, as in `not:1234`: a process that is started by that one does not report to it."""
VERSION = f"2.{SCHEMA}"
"""The version of the relay, and of the events that travel over it. A peer of another one shows its bars itself."""
KEY_BYTES = 32
COMMAND = "command"
"""How the name of the file begins that is locked by the process that draws for a command: see `claim.py`."""
JOB, MACHINE = "job", "machine"
"""How the name of a card begins that rank 0 leaves for the ranks on its machine, and the first rank of another machine
for those on that."""
_LONGEST_PATH = 107 if sys.platform == "linux" else 103
"""Bytes that the path of a Unix socket may have."""
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
    def version(self) -> str | None:
        """The version of the relay that is spoken there, by the name of the socket; `None` where it is not said."""
        said = self.where.rpartition(".v")[2]
        is_said = self.kind == "unix" and said.isascii() and said.replace(".", "").isdigit()
        return said if is_said else None

    @property
    def known(self) -> str:
        """The name of the socket, if only this user can listen there and it speaks this version; else empty."""
        if self.kind != "unix" or self.version != VERSION:
            return ""
        folder, name = os.path.split(self.where)
        try:
            return "" if flaw(os.path.dirname(folder)) else name
        except OSError:
            return ""

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
    detour: str = ""
    """Why it is a port, if it could be a socket in a private directory elsewhere."""


def wanted() -> bool:
    """Tell whether processes of this environment may report to one another: in WebAssembly there is only one."""
    return sys.platform not in ("emscripten", "wasi") and environment.variable(VARIABLE).lower() != OFF


def new_station() -> Station:
    """Choose an address for this process: a socket in a private directory, else a port on the loopback interface."""
    key, pid = os.urandom(KEY_BYTES).hex(), os.getpid()
    if not _has_unix_sockets():
        return Station(Address("tcp", pid, ""), key)
    folder, flaws = searched(make=True)
    if folder is not None:
        path = os.path.join(folder, f"{pid}-{os.urandom(4).hex()}.v{VERSION}")
        if len(os.fsencode(path)) <= _LONGEST_PATH:
            return Station(Address("unix", pid, path), key)
        flaws = [f"{folder} has too long a path for a socket"]
    return Station(Address("tcp", pid, ""), key, "; ".join(flaws))


def _has_unix_sockets() -> bool:
    return sys.platform != "win32"


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_refused = ""
"""The process that this one never reports to, as `not:1234`: its own address takes that place in the environment."""


def candidates() -> Iterator[Station]:
    """Yield where this process may report to, the most certain first: said by environment, by job, by its parents."""
    global _refused
    if pty.is_for_ranks():
        for name in (pty.VARIABLE, VARIABLE, KEY):
            os.environ.pop(name, None)
    said = os.environ.get(VARIABLE, "")
    if said.lower() == OFF:
        return
    if said.startswith(f"{NOT}:"):
        _refused = said
    exported = _parsed(said, os.environ.get(KEY, ""))
    if exported is not None and _speaks(exported.address):
        yield exported
    for name in _card_names():
        station, _ = read_card(name)
        if station is not None and _speaks(station.address):
            yield station


def _speaks(address: Address) -> bool:
    """Tell whether it is the address of another process, of this version as far as it says."""
    if address.pid == os.getpid():
        return False
    version = address.version
    if version in (VERSION, None):
        return True
    tell_version(address, version or "")
    return False


def tell_version(address: Address, version: str) -> None:
    """Tell that a process of another version draws."""
    tell(
        f"relay version {version}",
        f"The process {address.pid}, which draws, has version {version} of headway's relay, and this one {VERSION}. "
        f"So this one shows its bars itself. Install the same headway for both to have one display.",
    )


def _card_names() -> Iterator[str]:
    rank = ranks.current()
    if rank is not None and rank.number > 0:
        yield card_of_job()
        if not ranks.leads_machine():
            yield card_of_job(MACHINE)
    yield from dict.fromkeys(f"pid-{pid}" for pid in parents() if _refused != f"{NOT}:{pid}")


def parents() -> Iterator[int]:
    """Yield the processes that come before this one: those that have started it, and the first one of its pipeline.

    Under a fork server the one that has asked for it comes first.
    """
    starter = started_by()
    if starter is not None:
        yield starter  # under forkserver it is not the one that forked
    if hasattr(os, "getppid"):
        yield os.getppid()
    if not leads():
        yield os.getpgrp()


def started_by() -> int | None:
    """Return the process that has started this one by multiprocessing; `None` if this is no such worker."""
    process = sys.modules.get("multiprocessing.process")
    parent = None if process is None else process.parent_process()
    return None if parent is None else parent.pid


def leads() -> bool:
    """Tell whether this process leads its process group, as one that a shell starts for a person does."""
    return not hasattr(os, "getpgrp") or os.getpgrp() == os.getpid()


def card_of_job(kind: str = JOB) -> str:
    """Return the name of a file that the ranks of this job have in common on this machine, and nobody else."""
    from headway.host.hashes import hashed  # only in a job of several ranks

    return f"{kind}-{hashed((ranks.job() or '').encode()).hex()[:24]}"


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
    if ranks.several() and not ranks.another():
        names.append(card_of_job())
        if not ranks.has_succeeded():
            with suppress(OSError):  # left by an earlier job of the same name
                os.unlink(os.path.join(folder, card_of_job(COMMAND)))
    elif ranks.leads_machine():
        names.append(card_of_job(MACHINE))
    return [path for name in names if (path := _write_card(folder, name, station))]


def _write_card(folder: str, name: str, station: Station) -> str:
    path = os.path.join(folder, name)
    draft = f"{path}.{os.getpid()}"
    with suppress(OSError):
        os.unlink(draft)
    try:
        card = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(card, card_of(station))
        finally:
            os.close(card)
        os.replace(draft, path)
    except OSError:
        return ""
    return path


def card_of(station: Station) -> bytes:
    """Return the text of a card."""
    return f"{station.address}\n{station.key}\n".encode()


def read_card(name: str) -> tuple[Station | None, str]:
    """Return where a card says to report to, if there is a card, and the text behind that."""
    folder = directory(make=False)
    return (None, "") if folder is None else _read(os.path.join(folder, name))


def _read(path: str) -> tuple[Station | None, str]:
    try:
        card = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None, ""
    try:
        if not is_ours(os.fstat(card)):
            return None, ""
        text = os.read(card, _LONGEST_CARD).decode("utf-8", "replace")
    except OSError:
        return None, ""
    finally:
        os.close(card)
    address, _, rest = text.partition("\n")
    key, _, rest = rest.partition("\n")
    return _parsed(address, key), rest


def withdraw(station: Station, cards: list[str]) -> None:
    """Take a station's socket away, and its cards; one that another process has put in the place of them stays."""
    mine = [path for path in cards if _read(path)[0] == station._replace(detour="")]
    remove([*mine, *([station.address.where] if station.address.kind == "unix" else [])])


def remove(paths: list[str]) -> None:
    """Take files away, and the directories if they are empty then."""
    for path in paths:
        with suppress(OSError):
            os.unlink(path)
    for folder in {os.path.dirname(path) for path in paths}:
        with suppress(OSError):
            os.rmdir(folder)
            os.rmdir(os.path.dirname(folder))


def _sweep(folder: str) -> None:
    """Take away what processes of this place left that were killed."""
    with suppress(OSError):
        for name in os.listdir(folder)[:1000]:
            kind, number = ("", name) if name[:1].isdigit() else name.split("-", 1)
            pid = number.partition("-")[0].partition(".")[0]
            if pid.isascii() and pid.isdigit() and not runs(int(pid), group=kind == COMMAND):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def runs(pid: int, *, group: bool = False) -> bool:
    """Tell whether there is a process of that number, or a process group."""
    if sys.platform == "win32":
        return True  # there `kill` with 0 would end it
    try:
        (os.killpg if group else os.kill)(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
