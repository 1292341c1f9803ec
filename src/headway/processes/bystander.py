"""A process that shows nothing itself, and prints beside the rows of workers that it has started.

What it prints goes to the one of them that draws, which puts it above its rows. Lines that are not on the terminal when
that one is gone are put out here.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import monotonic

from headway.host import fork
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.processes.lines import Lines

__all__ = ["Bystander"]

LOOK_EVERY = 0.05
"""Seconds from one look whether the worker that draws is alive to the next."""
SHOWN_WITHIN = 0.2
"""Seconds that the end of the process waits at most for its last lines to be put above rows."""


class Bystander(fork.Part):
    """Passes lines on, in any thread.

    Args:
        say: Puts a text out on a terminal by this process itself.
    """

    def __init__(self, say: Callable[[str, int], object]) -> None:
        self.terminal: int | None = None
        """The terminal that workers of this process may have rows on, from the first one on that it has started."""
        self._say = say
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._claim: str | None = None
        self._lines: Lines | None = None
        self._alive_until = 0.0
        self._printing = False

    @property
    def has_rows_beside(self) -> bool:
        """Whether one of the workers has rows there now, or lines that it has yet to put above them."""
        if self.terminal is None or sys.is_finalizing():
            return False
        return self._is_behind or self._has_rows

    @property
    def _is_behind(self) -> bool:
        lines = self._lines
        return lines is not None and bool(lines.unseen)

    @property
    def _has_rows(self) -> bool:
        from headway.processes import claim, lines  # once there are workers

        if self._claim is None:
            self._claim = claim.path()
        if self._claim is None or not claim.has_rows(self._claim):
            return False
        now = monotonic()
        if now >= self._alive_until and lines.station() is not None:
            self._alive_until = now + LOOK_EVERY
        return now < self._alive_until

    def print(self, text: str, terminal: int) -> bool:
        """Have lines put above the rows of the worker that draws, and tell whether it will."""
        with self._lock:
            if self._printing:  # a signal handler has come in between
                return False
            self._printing = True
            try:
                return self._passed_on(text, terminal)
            finally:
                self._printing = False

    def _passed_on(self, text: str, terminal: int) -> bool:
        from headway.processes import lines  # once there are workers

        if self._lines is not None:
            self._lines.pump()
            self._let_go()
        if not (self._is_behind or self._has_rows):
            return False
        if self._lines is None:
            found = lines.found()
            if found is None:
                return False
            self._lines = lines.Lines()
            self._lines.join(*found)
        passed = self._lines.pass_on(text, terminal)
        self._let_go()
        return passed

    def _let_go(self) -> None:
        """If the worker is gone, put out the lines that it has not."""
        gone = self._lines
        if gone is not None and gone.gone:
            self._lines = None
            for text, terminal in gone.unseen.values():
                self._say(text, terminal)

    def end(self) -> None:
        """See that all lines are out, at the end of the process."""
        with self._lock:
            lines, deadline = self._lines, monotonic() + SHOWN_WITHIN
            while lines is not None and not lines.gone and lines.unseen and monotonic() < deadline:
                lines.wait(deadline - monotonic())
            if lines is not None and not lines.gone:
                lines.drop()
            self._let_go()

    def after_fork_in_child(self) -> None:
        """Leave the connection to the parent, with all that waits."""
        if self._lines is not None:
            self._lines.forget()
        self._begin()
