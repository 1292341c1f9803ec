"""For `concurrent.futures`: its `as_completed`, and a `map` that also counts calls that wait for the first result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from headway.host import endings
from headway.integrations._endings import left
from headway.integrations._look import Look, open_bar, read_look
from headway.integrations._tasks import count_done

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.reporting.bar import Bar

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
    bar = _open(look, len(fs))
    return bar.iterate(futures.as_completed(fs) if timeout is None else _in_time(fs, timeout, bar))


def _in_time(fs: set[futures.Future[T]], timeout: float, bar: Bar) -> Iterator[futures.Future[T]]:
    """Yield futures as they are completed; time that is up ends the bar even where its loop is not to be seen."""
    try:
        yield from futures.as_completed(fs, timeout)
    except futures.TimeoutError as error:
        bar.absorb_loop(given=True)
        bar.end(*endings.explained(error))
        raise


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
    read_look(look)
    end = None if timeout is None else monotonic() + timeout
    fs = [executor.submit(fn, *arguments) for arguments in zip(*iterables, strict=False)]
    fs.reverse()

    def results() -> Iterator[T]:
        interrupts = endings.interrupts()
        try:
            with _open(look, len(fs)) as bar:
                count = count_done(fs, bar)
                try:
                    while fs:
                        yield _last_result(fs, None if end is None else end - monotonic())
                except BaseException as error:
                    count.fail()
                    if isinstance(error, GeneratorExit):
                        bar.end(*left(interrupts))
                    raise
        finally:
            for future in fs:
                future.cancel()

    return results()


def _open(look: Look, total: int) -> Bar:
    return open_bar(look, total, desc="tasks", unit="task", name="concurrent.futures")


def _last_result(fs: list[futures.Future[T]], timeout: float | None) -> T:
    """Take the last future out of the list when it is done, so that a result is let go of when it was given."""
    result = fs[-1].result(timeout)
    fs.pop()
    return result
