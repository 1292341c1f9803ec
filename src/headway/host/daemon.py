"""A thread that the process does not wait for, and whose start nobody waits for either."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

__all__ = ["Daemon", "begins_or_ends", "is_here"]

_daemons: list[Daemon] = []
"""Those that may be there."""


class Daemon(threading.Thread):
    """A daemon thread. `start` returns before it runs, and is to be called without a lock.

    A thread begins with Python code of its own, in which the collector may run a finaliser of the program's, under a
    lock of the library's that `start` takes, too. If that reports, it may have to wait for a lock that the caller of
    `start` holds, or for the caller itself.

    Args:
        run: The function.
        name: The name of the thread.
    """

    def __init__(self, run: Callable[[], object], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._act = run
        self._starter = _thread.start_new_thread
        self._begun = _Begun()
        self._started = self._begun  # `start` of the standard library waits for it
        self._launched = False
        self._inside = False
        """Whether it is in its function, not in the code of the library before or after."""

    @property
    def is_of_old(self) -> bool:
        """Whether threads of another kind are started by now: gevent and eventlet replace what starts one."""
        return self._starter is not _thread.start_new_thread

    def start(self) -> None:
        """Start it.

        Raises:
            RuntimeError: No thread can be had.
        """
        _daemons[:] = [*filter(_is_there, _daemons), self]
        super().start()
        self._launched = True

    def run(self) -> None:
        """Call the function.

        That of the library is not called. ipykernel 6 has put its own in that place, which remembers by their numbers
        which thread was started by which. If numbers are given out again, a thread may be remembered as started by
        itself, and its next `print` never returns.
        """
        self._inside = True
        try:
            self._act()
        finally:
            self._inside = False

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, for so many seconds at most.

        It does nothing while the thread is being started: then this is a signal handler inside of that.
        """
        if self._launched:
            by = None if timeout is None else monotonic() + timeout
            if self._begun.come(timeout):
                super().join(None if by is None else max(0.0, by - monotonic()))

    def _delete(self) -> None:
        """Leave the library's list of threads; gevent and eventlet may have given this one another number meanwhile."""
        with suppress(KeyError):
            super()._delete()  # type: ignore[misc]


def is_here(thread: Daemon | None) -> bool:
    """Tell whether this is that thread: also in a finaliser at its beginning, when the library does not know it yet."""
    return thread is not None and (thread.ident == _thread.get_ident() or threading.current_thread() is thread)


def begins_or_ends() -> bool:
    """Tell whether this is a daemon before or after its function: the library may hold a lock that `start` takes."""
    me = _thread.get_ident()
    return any(thread.ident == me and not thread._inside and _is_there(thread) for thread in _daemons)


def _is_there(thread: Daemon) -> bool:
    return thread.is_alive() or not thread._begun.is_set()


class _Begun(threading.Event):
    """Whether a thread has begun, without a wait."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  # that of an event
        """Go on."""
        return True

    def come(self, timeout: float | None) -> bool:
        """Wait for it, and tell whether it has come."""
        return super().wait(timeout)
