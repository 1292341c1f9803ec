"""Signals that have come, and whose handler does not run.

Python runs a handler as soon as the main thread runs Python. A call into C may keep it from that for long. If a signal
comes right before a call that waits, nothing wakes the call up: a worker of a pool then waits for ever for a lock that
another process has just taken. Without a handler of headway's the signal would have ended the process at once.

So each signal leaves its number in a pipe, by `signal.set_wakeup_fd`, and the thread that draws looks there.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # as in `signals.py`
import os
import sys
from contextlib import suppress

from headway.notation import cast

try:
    from posix import read  # eventlet puts another one into `os`, which waits for something to read
except ImportError:
    from os import read

__all__ = ["Unheard", "end_by"]

AGAIN_AFTER = 0.1
"""Seconds that the main thread gets to run the handler before the signal is sent again, which wakes a call up."""
GIVEN_UP_AFTER = 1.0
"""Seconds after which the main thread is found to be inside a call that no signal wakes up."""
EVERY = 0.5
"""Seconds between two looks while nothing has come."""
JEALOUS = "trio"
"""The library that warns if it finds a pipe of another one. As soon as it is imported there is none of headway's."""

_POSSIBLE = os.name == "posix" and hasattr(_signal, "set_wakeup_fd")


class Unheard:
    """Watches for one signal.

    Args:
        signum: The signal.
    """

    def __init__(self, signum: int) -> None:
        self._signum = signum
        self._pipe: tuple[int, int] | None = None
        """Both ends; it stays until the process ends, for an event loop may put its number back later."""
        self._since: float | None = None
        """When the signal was found in the pipe first."""
        self.watched = False
        """Whether the pipe is told of signals."""

    def watch(self) -> None:
        """Begin, in the main thread, unless another pipe is told of signals already, or none can be had."""
        if not _POSSIBLE or JEALOUS in sys.modules:
            return
        if self._pipe is None:
            try:
                self._pipe = _pipe()
            except OSError:
                return
        self._since = None
        self.watched = self._tell(self._pipe[1])

    def rest(self) -> None:
        """End, in the main thread."""
        if self.watched:
            self.watched = False
            self._tell(-1)

    def _tell(self, mouth: int) -> bool:
        """Have a pipe be told of signals, and tell whether it is: not if another one of the program's was."""
        before = _signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        if self._pipe is None or before in (-1, self._pipe[1]):
            return True
        _signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        return False

    def after_fork_in_child(self) -> None:
        """Have a pipe of one's own under the numbers of the parent's, which no signal of the child's may reach."""
        if self._pipe is None:
            return
        self.rest()
        try:
            fresh = _pipe()
        except OSError:
            for end in self._pipe:
                with suppress(OSError):
                    os.close(end)
            self._pipe = None
        else:
            for end, number in zip(fresh, self._pipe, strict=True):
                os.dup2(end, number, inheritable=False)
                os.close(end)

    def look(self, now: float) -> float | None:
        """Tell for how many seconds the signal has been unheard, in any thread; `None` if none has come."""
        if self._since is None:
            with suppress(OSError):  # nothing has come, or the program has closed all descriptors
                if self._signum in read(cast("tuple[int, int]", self._pipe)[0], 4096):
                    self._since = now
        return None if self._since is None else now - self._since

    def forget(self) -> None:
        """Take the signal for heard."""
        self._since = None


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def end_by(signum: int) -> None:
    """End the process by the default action of a signal, in another thread than the main one. Needs `ctypes`."""
    with suppress(ImportError, AttributeError):
        from ctypes import c_int, c_void_p, pythonapi

        set_handler = pythonapi.PyOS_setsig
        set_handler.argtypes, set_handler.restype = [c_int, c_void_p], c_void_p
        set_handler(signum, None)
        os.kill(os.getpid(), signum)
