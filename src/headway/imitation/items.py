"""The items that a tqdm reports: the loop over them, and the container that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from headway.imitation.bar import Reported
    from headway.snapshot import State

__all__ = ["Iterated"]

T = TypeVar("T")


class Iterated(Generic[T]):
    """Has tqdm's methods for loops, and does as the iterable does where that is asked for its length or contents."""

    disable: bool
    iterable: Iterable[T] | None
    total: Any
    _door_found: Any
    """The length that an iterator has told; tqdm does not ask it, and takes it for what it is itself."""
    close: Callable[[], None]
    _door_bar: Reported

    def __iter__(self) -> Iterator[T]:
        if self.iterable is None:
            raise TypeError("This tqdm has no iterable to loop over; it was made to be told by update().")
        return self._door_loop(self.iterable)

    def _door_loop(self, iterable: Iterable[T]) -> Iterator[T]:
        if self.disable:
            return iter(iterable)
        self._door_bar.surround()
        return self._door_bar.counted(iterable, self._door_loop_ended)

    def _door_loop_ended(self, state: State, reason: str) -> None:
        self._door_bar.end(state, reason)
        self.close()

    def __len__(self) -> int:
        shape = getattr(self.iterable, "shape", None)
        if shape is not None:
            return int(shape[0])
        if hasattr(self.iterable, "__len__"):
            return len(self.iterable)  # type: ignore[arg-type]  # it has one
        hint = getattr(self.iterable, "__length_hint__", None)
        return self.total if hint is None else hint()  # type: ignore[no-any-return]  # None raises TypeError in len()

    def __bool__(self) -> bool:
        if self.total is not None and self.total != self._door_found:
            return bool(self.total > 0)
        if self.iterable is None:
            raise TypeError("bool() is not defined for a tqdm with neither total nor iterable.")
        return bool(self.iterable)

    def __contains__(self, item: object) -> bool:
        contains = getattr(self.iterable, "__contains__", None)
        return any(item == each for each in self) if contains is None else bool(contains(item))

    def __reversed__(self) -> Iterator[T]:
        return self._door_loop(reversed(self.iterable))  # type: ignore[call-overload]  # raises by itself
