"""For `concurrent.futures`: its `as_completed`, and a `map` that also counts what waits for the first result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TYPE_CHECKING, Any, TypeVar

from headway import ending
from headway.integrations._shared import Look, given_out, left, open_bar, read_look

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.bar import Bar

__all__ = ["as_completed", "map"]

T = TypeVar("T")


def as_completed(
    fs: Iterable[futures.Future[T]], timeout: float | None = None, **look: Unpack[Look]
) -> Iterator[futures.Future[T]]:
    """Do as `concurrent.futures.as_completed`, and show how far the loop over it has come.

    Args:
        fs: The futures.
        timeout: Seconds in all.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.

    Raises:
        TimeoutError: Not all were done in time.
    """
    read_look(look)
    fs = set(fs)
    total = len(fs)
    return given_out(futures.as_completed(fs, timeout), lambda: _open(look, total))


def map(  # noqa: A001 - named as what it stands in for
    executor: futures.Executor,
    fn: Callable[..., T],
    *iterables: Iterable[Any],
    timeout: float | None = None,
    **look: Unpack[Look],
) -> Iterator[T]:
    """Do as `executor.map`, and show how many calls are done, also while the results wait for the first one.

    Args:
        executor: A pool of threads or processes, or another executor.
        fn: The function.
        iterables: What it is called with.
        timeout: Seconds from now to a result.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.

    Raises:
        TimeoutError: A result was not there in time.
    """
    from time import monotonic

    read_look(look)
    end = None if timeout is None else monotonic() + timeout
    fs = [executor.submit(fn, *arguments) for arguments in zip(*iterables, strict=False)]

    def results() -> Iterator[T]:
        interrupts = ending.interrupts()
        with _open(look, len(fs)) as bar:
            count = _Count(fs, bar)
            try:
                fs.reverse()  # so that a result is let go of when it was given
                while fs:
                    yield fs.pop().result(None if end is None else end - monotonic())
                count.complete()
            except GeneratorExit:
                bar.end(left(interrupts))
                raise
            finally:
                for future in fs:
                    future.cancel()

    return results()


def _open(look: Look, total: int) -> Bar:
    return open_bar(look, total, desc="tasks", unit="task", name="concurrent.futures")


class _Count:
    """Counts futures as they are done; not those that raise or are cancelled.

    Who waits for a future may be woken before its callbacks are called.
    """

    def __init__(self, fs: Iterable[futures.Future[Any]], bar: Bar) -> None:
        self._bar = bar
        self._total = 0
        self._lock = threading.Lock()
        self._open = True
        for future in fs:
            self._total += 1
            future.add_done_callback(self._done)

    def complete(self) -> None:
        """Take all for done, those whose callbacks are still to be called included."""
        with self._lock:
            self._open = False
            self._bar.set(self._total)

    def _done(self, future: futures.Future[Any]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        with self._lock:
            if self._open and self._bar.state == "running":
                self._bar.update()
