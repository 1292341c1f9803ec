"""Whether the process that wrote an event is still there."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["host", "is_alive"]

TOLERANCE = 60.0
"""Seconds that the clock may have been set by since."""


def host() -> str:
    """Return the name of this machine; containers have one each."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    return os.environ.get("COMPUTERNAME", "")


def is_alive(pid: int | None, where: str, then: float) -> bool | None:
    """Tell whether a process lives; `None` where that cannot be told: on another machine, say.

    Args:
        pid: Its number.
        where: The name of its machine.
        then: When it was known to live, in seconds since the epoch: a process that has begun since is another one.
    """
    if pid is None or where != host() or sys.platform == "win32":  # where signal 0 is Ctrl-C
        return None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    with suppress(OSError, ValueError, IndexError):  # no Linux: the number has to do
        state, began = _stat(pid)
        return state not in "ZX" and began < then + TOLERANCE
    return True


def _stat(pid: int) -> tuple[str, float]:
    """Return the state and the beginning of a process as Linux has them."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    with open("/proc/stat", encoding="ascii") as file:
        booted = next(float(line.split()[1]) for line in file if line.startswith("btime "))
    return fields[0], booted + float(fields[19]) / os.sysconf("SC_CLK_TCK")
