"""A thread that looks after the one that draws."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from contextlib import suppress

from headway.host.daemon import Daemon, is_here

__all__ = ["Watch"]


class Watch:
    """Calls a function again and again, in a thread of its own, until it is ended.

    Args:
        look: The function; what it raises is passed over.
        every: Seconds from one call to the next.
    """

    def __init__(self, look: Callable[[], None], every: float) -> None:
        self._look = look
        self._every = every
        self._over = _thread.allocate_lock()
        self._over.acquire()
        self._thread = Daemon(self._run, "headway-watch")

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: No thread can be had.
        """
        self._thread.start()

    def end(self) -> None:
        """End the thread; `join` waits for it."""
        self._over.release()

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended, for so many seconds at most. In the thread itself it does nothing."""
        if not is_here(self._thread):
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._over.acquire(timeout=self._every):
            with suppress(Exception):  # memory may have run out
                self._look()
