"""Counting the items of an `async for` loop.

The loop gets an iterator that it alone holds. When the loop lets it go, the bar ends, and the source is let go of.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from contextlib import suppress
from types import FrameType

from headway.drawing.hub import hub
from headway.host import endings
from headway.host.handlers import Finalising
from headway.notation import TYPE_CHECKING, Generic, TypeVar
from headway.reporting.bar import Bar

if TYPE_CHECKING:
    from typing_extensions import Self

    from headway.snapshot import State

__all__ = ["counted"]

T = TypeVar("T")


class Arrivals:
    """How far one loop has come. Held by the loop and by the bar; holds neither items nor source nor loop."""

    def __init__(self, bar: Bar) -> None:
        self._end = bar.end
        self._given = 0
        self._waiting = True
        self._fault: tuple[State, str] | None = None
        """The end that the exception which the source has raised last stands for, unless an item came after it."""
        self._interrupts = endings.interrupts()

    @property
    def completed(self) -> int:
        """Items that the loop's body is done with."""
        return self._given if self._waiting else self._given - 1

    def given_out(self) -> int:
        """Tell how many items the loop has got."""
        return self._given

    async def next(self, coming: Awaitable[T]) -> T:
        """Wait for an item, and count it."""
        self._waiting = True
        try:
            item = await coming
        except StopAsyncIteration:
            self._end("finished")
            raise
        except BaseException as error:  # the source may go on: what waits for one item only so long cancels this
            self._fault = endings.explained(error)
            raise
        self._fault = None
        self._given += 1
        self._waiting = False
        if hub.throttle.inline:
            hub.throttle.tick()
        return item

    def abandon(self, frame: FrameType) -> None:
        """Take note that the loop, in that frame, has dropped its iterator; too late if it came to its end."""
        self._end(*(self._fault or endings.of_loop(frame, self._interrupts)))


class AsyncLoop(Generic[T]):
    """The iterator that an `async for` loop gets. Nothing refers back to it."""

    def __init__(self, source: AsyncIterator[T], arrivals: Arrivals) -> None:
        self._source = source
        self._arrivals = arrivals

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:
        return self._arrivals.next(self._source.__anext__())

    def __del__(self) -> None:
        with Finalising(sys._getframe()), suppress(ValueError):  # an interpreter is being torn down: no frame is left
            self._arrivals.abandon(sys._getframe(1))


def counted(iterable: AsyncIterable[T], bar: Bar) -> AsyncIterator[T]:
    """Return an iterator that counts for a bar and ends it with the loop; with progress off the iterable's own."""
    if not bar.drawn:
        return aiter(iterable)
    arrivals = Arrivals(bar)
    loop = AsyncLoop(aiter(iterable), arrivals)
    bar.look_up(arrivals)
    bar.surround(arrivals)
    return loop
