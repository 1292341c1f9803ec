"""What went wrong while drawing, kept with its traceback for `headway doctor`, in a file of the user's."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["keep", "kept", "path"]

LARGEST = 100_000
"""Bytes after which the file begins anew."""
MARK = "=== "
"""What an entry begins with."""


def path() -> str:
    """Return where the faults are kept: `headway/faults.log` under `XDG_STATE_HOME`, by default `~/.local/state`."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "headway", "faults.log")


def keep(message: str, details: str) -> None:
    """Keep a fault: when, in which program, what was told, and where it happened.

    With `HEADWAY_DEBUG=1` that goes to stderr too. Where the file cannot be written nothing is kept.
    """
    import time

    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
    head = f"{MARK}{time.strftime('%Y-%m-%d %H:%M:%S')} {program} (process {os.getpid()}): {message}"
    entry = f"{head}\n{details.rstrip()}\n"
    if os.environ.get("HEADWAY_DEBUG", "0") not in ("", "0"):
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(entry)
    with suppress(OSError, UnicodeError):
        file = path()
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        full = os.path.exists(file) and os.path.getsize(file) > LARGEST
        with open(file, "w" if full else "a", encoding="utf-8", errors="replace") as kept:
            kept.write(entry)


def kept(last: int) -> list[str]:
    """Return the last faults that were kept, the latest at the end."""
    try:
        with open(path(), encoding="utf-8", errors="replace") as file:
            entries = f"\n{file.read()}".split(f"\n{MARK}")
    except OSError:
        return []
    return [entry.rstrip() for entry in entries[1:][-last:]]
