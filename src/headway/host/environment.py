"""What kind of place this process runs in: a terminal, a notebook, or neither. Asked anew each time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from headway.notation import Any

__all__ = ["in_foreground", "in_notebook", "is_terminal", "show_cursor", "terminal_of", "threads_wanted"]


def is_terminal(file: Any) -> bool:
    """Tell whether the cursor can be moved on a stream.

    `HEADWAY_INTERACTIVE=1` and `=0` overrule what is found; `TERM=dumb` is no terminal; a stream that cannot be asked
    is none either.
    """
    wish = os.environ.get("HEADWAY_INTERACTIVE", "")
    if wish in ("0", "1"):
        return wish == "1"
    try:
        return bool(file.isatty()) and os.environ.get("TERM") != "dumb"
    except Exception:  # a stand-in for a stream, whose isatty may be missing or raise anything
        return False


def terminal_of(file: Any) -> int | None:
    """Tell which terminal a stream leads to, as the number of its device; `None` for what is no terminal."""
    try:
        descriptor = file.fileno()
        return os.fstat(descriptor).st_rdev if os.isatty(descriptor) else None
    except Exception:  # a stand-in for a stream, whose fileno may be anything
        return None


def in_foreground(file: Any) -> bool:
    """Tell whether this process is in the foreground of a stream's terminal: it is not after `&`, nor after `bg`."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # there are no jobs
    try:
        return os.tcgetpgrp(file.fileno()) == os.getpgrp()
    except (OSError, AttributeError):  # not the terminal that the process belongs to
        return False


def show_cursor() -> None:
    """Show the cursor of the terminal that the process belongs to, whatever has become of the streams."""
    with suppress(AttributeError, OSError):  # no terminal
        terminal = os.open(os.ctermid(), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(terminal, b"\x1b[?25h")
        finally:
            os.close(terminal)


def in_notebook() -> bool:
    """Tell whether this is a Jupyter kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def threads_wanted() -> bool:
    """Tell whether a thread may be used: not with `HEADWAY_THREADS=0`."""
    return os.environ.get("HEADWAY_THREADS", "1") != "0"
