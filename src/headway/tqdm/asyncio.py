"""`async for`, `as_completed` and `gather`, as `tqdm.asyncio` has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from headway.host import endings
from headway.imitation.bar import behind
from headway.imitation.tqdm import tqdm as std_tqdm

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["tarange", "tqdm", "tqdm_asyncio", "trange"]

T = TypeVar("T")
R = TypeVar("R")


class tqdm_asyncio(std_tqdm[T]):  # noqa: N801  # tqdm's name
    """tqdm's class for `async for` loops, and plain ones. See `headway.tqdm.tqdm`."""

    def __init__(self, iterable: Iterable[T] | AsyncIterable[T] | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(iterable, *args, **kwargs)  # type: ignore[arg-type]  # it has no length, and is not looped over
        self._door_next: Any = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            item = await self._door_step()
        except StopAsyncIteration:
            self.close()
            raise
        except BaseException as error:  # what the iterable raises, and cancelling
            behind(self).end(*endings.explained(error))
            self.close()
            raise
        self.update()
        return item

    async def _door_step(self) -> T:
        if self._door_next is None:
            source: Any = self.iterable
            self._door_next = aiter(source).__anext__ if hasattr(source, "__aiter__") else _stepper(iter(source))
        return await self._door_next()  # type: ignore[no-any-return]

    def send(self, *args: Any, **kwargs: Any) -> Any:
        """Send into the iterable, which is a generator."""
        return self.iterable.send(*args, **kwargs)  # type: ignore[union-attr]

    @classmethod
    def as_completed(
        cls,
        fs: Collection[Awaitable[R]],
        *,
        loop: object = None,
        timeout: float | None = None,
        total: float | None = None,
        **tqdm_kwargs: Any,
    ) -> Iterator[Awaitable[R]]:
        """Yield awaitables as they complete, like `asyncio.as_completed`.

        Args:
            fs: The awaitables.
            loop: No effect: it is the running one.
            timeout: Seconds for all of them.
            total: How many there are.
            tqdm_kwargs: Further arguments of the bar.
        """
        del loop
        total = len(fs) if total is None else total
        yield from cls(asyncio.as_completed(fs, timeout=timeout), total=total, **tqdm_kwargs)  # type: ignore[arg-type, misc]

    @classmethod
    async def gather(
        cls,
        *fs: Awaitable[R],
        loop: object = None,
        timeout: float | None = None,
        total: float | None = None,
        return_exceptions: bool = False,
        **tqdm_kwargs: Any,
    ) -> list[Any]:
        """Run awaitables at the same time and return their results in order, like `asyncio.gather`.

        Args:
            fs: The awaitables.
            loop: No effect: it is the running one.
            timeout: Seconds for all of them; those that are left are cancelled then.
            total: How many there are.
            return_exceptions: Whether an exception is a result.
            tqdm_kwargs: Further arguments of the bar.

        Raises:
            TimeoutError: The time was up.
        """
        del loop
        with cls(total=len(fs) if total is None else total, **tqdm_kwargs) as bar:

            async def counted(awaitable: Awaitable[R]) -> R:
                try:
                    return await awaitable
                finally:
                    bar.update()

            every = asyncio.gather(*map(counted, fs), return_exceptions=return_exceptions)
            return list(await asyncio.wait_for(every, timeout))


def _stepper(iterator: Iterator[T]) -> Any:
    async def step() -> T:
        for item in iterator:
            return item
        raise StopAsyncIteration

    return step


def tarange(*args: int, **kwargs: Any) -> tqdm_asyncio[int]:
    """Return `tqdm(range(*args), **kwargs)`, for `async for`."""
    return tqdm_asyncio(range(*args), **kwargs)


tqdm = tqdm_asyncio  # one by one: a name of a tuple is no type
trange = tarange
