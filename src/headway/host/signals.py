"""What signals do to a display: the terminal is left whole, and the signal does what it would have done without us.

Only a signal with its default action is ours, only while it is needed, and only where the main thread opens and closes
the bars, for Python allows no other thread to do this. SIGTERM and SIGTSTP are needed while a renderer draws rows on a
terminal, SIGTERM also while a sink waits to be told the end; SIGCONT, which does nothing by itself, while any bar is
open. Ctrl-C needs nothing here: it stays the exception that it is.

A program may put a handler of its own in the place of ours, and call ours from it. SIGTERM does not end the program
then, as it would not without us.

If the main thread does not run the handler of SIGTERM, since a call into C keeps it, the thread that draws ends the
process in its place.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of, without its enums, which take longer
import _thread
import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from types import FrameType

from headway.host import clock, fork
from headway.host.green import in_loop
from headway.host.handlers import exempt, in_charge
from headway.host.stops import stops
from headway.host.unheard import AGAIN_AFTER, EVERY, GIVEN_UP_AFTER, Unheard, end_by
from headway.notation import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = ["Signals"]

Handler = Callable[[int, "FrameType | None"], None]


def _known(*names: str) -> frozenset[int]:
    return frozenset(getattr(_signal, name) for name in names if hasattr(_signal, name))


_FOR_ROWS, _FOR_ENDS, _FOR_BARS = _known("SIGTERM", "SIGTSTP"), _known("SIGTERM"), _known("SIGCONT")
_NONE: frozenset[int] = frozenset()
_NEEDED = {
    (rows, ends, bars): (_FOR_ROWS if rows else _FOR_ENDS if ends else _NONE) | (_FOR_BARS if bars else _NONE)
    for rows in (True, False)
    for ends in (True, False)
    for bars in (True, False)
}
"""The signals that are needed: while rows are drawn, while a sink waits for the end, while a bar is open."""


class Display(Protocol):
    """**Protocol:** what is asked of the hub."""

    @property
    def in_a_frame(self) -> bool:
        """Whether this is called from within a frame."""

    def soon(self, job: Callable[[], object]) -> None:
        """Do something after that frame."""

    def close_all(self, state: State | None = None) -> None:
        """Close all bars in a state."""

    def suspended(self) -> AbstractContextManager[None]:
        """Take all rows away for a block."""

    def parked(self) -> AbstractContextManager[None]:
        """Have nothing drawn in a block, and no thread running."""


class Signals(fork.Part):
    """Handles SIGTERM and SIGTSTP while rows are drawn, SIGTERM while a sink waits for the end, SIGCONT for any bar."""

    def __init__(self, display: Display) -> None:
        self._display = display
        named: dict[str, Handler] = {"SIGTERM": self._terminate, "SIGTSTP": self._stop, "SIGCONT": self._go_on}
        self._handlers = {getattr(_signal, name): named[name] for name in named if hasattr(_signal, name)}
        for handler in self._handlers.values():
            exempt(handler)
        self._held: dict[int, Handler] = {}
        self._masks: dict[int, set[int]] = {}
        """What each thread that is forking held back before."""
        self._unheard = Unheard(int(_signal.SIGTERM))
        self._ending: _thread.LockType | None = None
        """Held while the thread that draws ends the display in the place of the main thread."""
        fork.register(self)

    def follow(self, *, rows: bool, ends: bool, bars: bool) -> None:
        """Take the signals that are needed and free, or give them back. Does nothing outside of the main thread.

        Args:
            rows: Whether rows are drawn on a terminal.
            ends: Whether a sink waits to be told the end.
            bars: Whether a bar is open, there or elsewhere.
        """
        needed = _NEEDED[rows, ends, bars]
        if self._held.keys() == needed or not in_charge():
            return
        self._give_back([signum for signum in list(self._held) if signum not in needed])
        self._take([signum for signum in needed if signum not in self._held])

    def _give_back(self, signals: Iterable[int]) -> None:
        for signum in signals:
            handler = self._held.pop(signum, None)  # a handler that comes in between may have given it back
            if handler is not None and _signal.getsignal(signum) == handler:
                _signal.signal(signum, _signal.SIG_DFL)
            if signum == _signal.SIGTERM:
                self._unheard.rest()

    def before_fork(self) -> None:
        """Hold our signals back in the thread that forks.

        One that came to the child before it has given them back would be lost there, or run our handler in it.
        """
        if self._held:
            self._masks[_thread.get_ident()] = _signal.pthread_sigmask(_signal.SIG_BLOCK, set(self._held))

    def after_fork_in_parent(self) -> None:
        """Let them come again."""
        mask = self._masks.pop(_thread.get_ident(), None)
        if mask is not None:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)

    def after_fork_in_child(self) -> None:
        """Give them back, then let them come."""
        self._give_back(list(self._held))
        self._unheard.after_fork_in_child()
        self.after_fork_in_parent()

    def _take(self, signals: Iterable[int]) -> None:
        for signum in signals:
            if _signal.getsignal(signum) in (_signal.SIG_DFL, self._handlers[signum]):  # the program may have kept ours
                _signal.signal(signum, self._handlers[signum])
                self._held[signum] = self._handlers[signum]
                if signum == _signal.SIGTERM:
                    self._unheard.watch()
                if signum in _FOR_BARS:
                    stops.watch()
                    _signal.siginterrupt(signum, False)  # a call of the program's that the system can restart goes on

    def _terminate(self, signum: int, _frame: FrameType | None) -> None:
        """Show the last frames, and end as the signal ends a program, unless a handler of the program's calls this."""
        if _signal.getsignal(signum) != self._handlers[signum]:
            return
        if in_loop():
            _thread.start_new_thread(self._terminate, (signum, None))
            return
        self._unheard.rest()
        if self._ending is not None:
            self._ending.acquire()
            _act_by_default(signum)
            return
        if self._display.in_a_frame:  # where there is no thread a frame may hold a lock of the renderer's
            self._display.soon(lambda: self._terminate(signum, None))
            return
        try:
            self._display.close_all("interrupted")
        finally:
            _act_by_default(signum)

    def mind(self, now: float) -> float | None:
        """See to it that SIGTERM ends the process, also if the main thread does not run its handler.

        It is sent once more, which wakes up a call that waits. If that does not help, the display is closed here.

        Args:
            now: The monotonic time.

        Returns:
            Seconds until this is to be called again, `None` if there is nothing to see to.
        """
        if not self._unheard.watched:
            return None
        unheard_for = self._unheard.look(now)
        if unheard_for is None:
            return EVERY
        signum = int(_signal.SIGTERM)
        if self._held.get(signum) != _signal.getsignal(signum):  # the program has a handler of its own now
            self._unheard.forget()
        elif unheard_for >= GIVEN_UP_AFTER:
            self._ending = ending = _thread.allocate_lock()
            with ending:
                self._display.close_all("interrupted")
            end_by(signum)
        elif unheard_for >= AGAIN_AFTER:
            os.kill(os.getpid(), signum)
        return AGAIN_AFTER

    def _stop(self, signum: int, _frame: FrameType | None) -> None:
        """Take the rows away, stop, and show them again when the program goes on. The time between counts nowhere."""
        if in_loop():
            _thread.start_new_thread(self._stop, (signum, None))
            return
        if self._display.in_a_frame:  # as above
            self._display.soon(lambda: self._stop(signum, None))
            return
        with self._display.suspended(), self._display.parked():
            stops.rest()
            since = time.monotonic()
            handler = _signal.getsignal(signum)
            try:
                _act_by_default(signum)
            finally:
                clock.leave_out(time.monotonic() - since)
                is_ours = handler == self._handlers[signum]
                if (signum in self._held or not is_ours) and _signal.getsignal(signum) == _signal.SIG_DFL:
                    _signal.signal(signum, handler)

    def _go_on(self, _signum: int, _frame: FrameType | None) -> None:
        """Leave out the time in which the process was stopped, if it was not by `_stop`."""
        stops.went_on()


def _act_by_default(signum: int) -> None:
    _signal.signal(signum, _signal.SIG_DFL)
    os.kill(os.getpid(), signum)
