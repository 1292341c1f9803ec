"""The pseudo-terminal that the process which draws reads itself, if this process runs under `headway run --pty`.

That process puts the text that is written there above the rows. Bars come to it by the relay. The place of their ends
among the texts is said by marks in the text, which are never shown.
"""

from __future__ import annotations

import os

from headway.host import environment, ranks
from headway.host.environment import terminal_of
from headway.notation import Any

__all__ = ["VARIABLE", "claim", "holds", "is_for_ranks", "is_own", "mark", "written"]

VARIABLE = "HEADWAY_PTY"
"""The path of the pseudo-terminal."""
OWN = "own:"
"""Before the path, until the first process that reports has taken it away: its bars are shown as it would show them.
Bars of its children that are alike share a row."""
ROOM_WITHIN = 0.5
"""Seconds that a mark waits at most for room in the terminal."""

_own = 0


def claim() -> None:
    """Be the process whose bars are shown as it would show them, unless a process above it is."""
    global _own
    said = os.environ.get(VARIABLE, "")
    if said.startswith(OWN):
        _own = os.getpid()
        os.environ[VARIABLE] = said.removeprefix(OWN)


def is_for_ranks() -> bool:
    """Tell whether this process is one of several ranks, whose rows are drawn by rank 0, and not a worker of another.

    The rows of rank 0 on the pseudo-terminal pass as the painting of any program.
    """
    return ranks.several() and environment.variable(VARIABLE).startswith(OWN)


def is_own() -> bool:
    """Tell whether this process is such a one."""
    return _own == os.getpid()


def holds(file: Any) -> bool:
    """Tell whether a stream leads to the pseudo-terminal."""
    path = _path()
    if not path:
        return False
    try:
        return terminal_of(file) == os.stat(path).st_rdev
    except OSError:
        return False


def mark(number: int) -> bool:
    """Mark the place in the text where an event of this process belongs, and tell whether that went well."""
    path = _path()
    if not path:
        return False
    try:
        terminal = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return _put(terminal, written(os.getpid(), number))
    except OSError:
        return False
    finally:
        os.close(terminal)


def written(pid: int, number: int) -> bytes:
    """Write a mark: an operating system command that no terminal knows."""
    return f"\x1b]777;headway;{pid};{number}\x07".encode()


def _path() -> str:
    return environment.variable(VARIABLE).removeprefix(OWN)


def _put(terminal: int, data: bytes) -> bool:
    import select  # only under a pseudo-terminal

    while data:
        if not select.select([], [terminal], [], ROOM_WITHIN)[1]:
            return False
        data = data[os.write(terminal, data) :]
    return True
