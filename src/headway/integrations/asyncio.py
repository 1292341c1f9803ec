"""For asyncio: its `as_completed` and `gather`, with a bar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from headway.integrations._look import Look, open_bar, read_look
from headway.integrations._tasks import count_done

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from typing_extensions import Unpack

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
    bar = open_bar(look, len(tasks), desc="tasks", unit="task", name="asyncio")
    return bar.iterate(asyncio.as_completed(tasks, timeout=timeout))  # type: ignore[arg-type]


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
    each_once = set(tasks)
    with open_bar(look, len(each_once), desc="tasks", unit="task", name="asyncio") as bar:
        count = count_done(each_once, bar)
        try:
            return await asyncio.gather(*tasks, return_exceptions=return_exceptions)
        except BaseException:
            count.fail(exceptions=return_exceptions)
            raise
