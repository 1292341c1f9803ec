"""For asyncio: its `as_completed` and `gather`, with a bar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from headway.integrations._shared import Look, given_out, open_bar, read_look

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from typing_extensions import Unpack

    from headway.bar import Bar

__all__ = ["as_completed", "gather"]

T = TypeVar("T")


def as_completed(
    aws: Iterable[Awaitable[T]], *, timeout: float | None = None, **look: Unpack[Look]
) -> Iterator[Coroutine[Any, Any, T]]:
    """Do as `asyncio.as_completed` in a plain `for`, and show how far the loop over it has come.

    Args:
        aws: Coroutines, tasks and futures.
        timeout: Seconds in all.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.

    Raises:
        RuntimeError: No event loop is running.
    """
    read_look(look)
    asyncio.get_running_loop()
    tasks = {asyncio.ensure_future(each) for each in aws}
    total = len(tasks)
    return given_out(asyncio.as_completed(tasks, timeout=timeout), lambda: _open(look, total))  # type: ignore[arg-type]


async def gather(*aws: Awaitable[T], return_exceptions: bool = False, **look: Unpack[Look]) -> list[Any]:
    """Do as `asyncio.gather`, and show how many are done; those that raise are where exceptions are results.

    Args:
        aws: Coroutines, tasks and futures.
        return_exceptions: Whether exceptions are results.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """
    read_look(look)
    tasks = [asyncio.ensure_future(each) for each in aws]
    with _open(look, len(set(tasks))) as bar:
        count = _counting(bar, return_exceptions)
        for task in set(tasks):
            task.add_done_callback(count)
        results = await asyncio.gather(*tasks, return_exceptions=return_exceptions)
        bar.set(len(set(tasks)))  # those that were cancelled are results, too
        return results


def _open(look: Look, total: int) -> Bar:
    return open_bar(look, total, desc="tasks", unit="task", name="asyncio")


def _counting(bar: Bar, exceptions_count: bool) -> Callable[[asyncio.Future[Any]], None]:
    """Return what counts a task that is done. Those that are cancelled with all others are not."""

    def count(task: asyncio.Future[Any]) -> None:
        if bar.state == "running" and not task.cancelled() and (exceptions_count or task.exception() is None):
            bar.update()

    return count
