"""`headway run --pty`: whether a pseudo-terminal is of use, and the end of this process as the program's."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from headway.choosing.selection import Choice, decide
from headway.choosing.wishes import preferred
from headway.drawing.hub import hub
from headway.errors import HeadwayError
from headway.host import pty, ranks
from headway.processes import address

__all__ = ["flaw", "own"]


def flaw() -> str:
    """Say why there is no use in a pseudo-terminal here; empty if there is."""
    if sys.platform == "win32" or not hasattr(os, "openpty"):
        return "this system has no pseudo-terminals"
    if sys.stderr is None or not sys.stderr.isatty():
        return "standard error is no terminal, so that no rows are drawn"
    if not address.wanted():
        return f"bars have no way to the process that draws ({address.VARIABLE} is {address.OFF})"
    if not _choices():
        return "no rows are drawn"
    shared = ranks.several() or hub.relay.seek() is not None
    return "another process shares the rows, and one of them draws already" if shared else ""


def own() -> int | None:
    """Start the program that this process is to run on a pseudo-terminal, and show it until it has ended.

    Returns:
        `None` in the process that is to run the program; in this one the exit status. If a signal has ended the
        program, the same signal ends this process.

    Raises:
        HeadwayError: The system has no pseudo-terminal left, or no socket.
    """
    from headway.cli.pty.keyboard import Keyboard  # not for programs without a pseudo-terminal
    from headway.cli.pty.owner import Owner
    from headway.cli.pty.session import STANDARD, open_pair, start

    choices = _choices()
    terminal = _opened(sys.stderr.fileno())
    keyboard = Keyboard(terminal)
    device = os.fstat(terminal).st_rdev
    streams = [stream for stream in STANDARD if _leads_to(stream, device) and (stream or keyboard.wanted)]
    try:
        master, slave = open_pair(terminal)
    except OSError as error:
        raise HeadwayError(f"there is no pseudo-terminal to be had: {error.strerror}.") from error
    if not hub.relay.serve():
        raise HeadwayError("there is no socket to be had, by which bars would come from the pseudo-terminal.")
    os.environ[pty.VARIABLE] = f"{pty.OWN}{os.ttyname(slave)}"
    session = start(master, slave, terminal, streams)
    if session is None:
        return None
    return _ended(Owner(session, terminal, keyboard, choices).run())


def _choices() -> tuple[Choice, ...]:
    """Return the renderers of rows that are chosen for the terminal. The others stay with the program."""
    return tuple(choice for choice in decide(sys.stderr, used=preferred()).choices if choice.draws == "rows")


def _opened(stream: int) -> int:
    """Open the terminal anew, so that writing to it does not wait, and nobody else's writing is concerned."""
    with suppress(OSError):
        return os.open(os.ttyname(stream), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    with suppress(OSError):
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    return os.dup(stream)


def _leads_to(stream: int, device: int) -> bool:
    try:
        return os.isatty(stream) and os.fstat(stream).st_rdev == device
    except OSError:
        return False


def _ended(status: int) -> int:
    if not os.WIFSIGNALED(status):
        return os.WEXITSTATUS(status)
    number = os.WTERMSIG(status)
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the program has left its own
    with suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number
