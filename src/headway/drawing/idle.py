"""Whether a sink has been told all. Any code may wait for it: also a signal handler that has interrupted a wait."""

from __future__ import annotations

import _thread
from collections import deque
from contextlib import suppress

from headway.drawing.agenda import held

__all__ = ["Idle"]


class Idle:
    """Begins with nothing to wait for.

    An event of `threading` has a lock that a wait takes for a moment. If a signal handler interrupts it just then, the
    thread that sets or clears the event waits for that lock, and the handler for that thread.
    """

    def __init__(self) -> None:
        self._busy = False
        self._waiting: deque[_thread.LockType] = deque()

    def clear(self) -> None:
        """Have what waits from now on wait."""
        self._busy = True

    def set(self) -> None:
        """Have all that wait go on."""
        self._busy = False
        while self._waiting:
            with suppress(IndexError):  # another thread was faster
                self._waiting.popleft().release()

    def wait(self, seconds: float) -> bool:
        """Wait for so many seconds at most, and tell whether there is nothing to wait for."""
        if not self._busy:
            return True
        mine = held()
        self._waiting.append(mine)
        if self._busy and not mine.acquire(timeout=seconds):
            with suppress(ValueError):  # it was let go on just now
                self._waiting.remove(mine)
            return not self._busy
        return True
