"""The loop that a bar of progressbar2's reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from headway.imitation.bar import Reported
from headway.imitation.progressbar.base import UnknownLength
from headway.reporting.totals import length_of

if TYPE_CHECKING:
    from datetime import datetime

    from typing_extensions import Self

    from headway.snapshot import State

__all__ = ["Looped"]


class Looped:
    """Has progressbar2's methods for loops."""

    max_value: Any
    value: Any
    start_time: datetime | None
    start: Callable[..., Any]
    update: Callable[..., Any]
    finish: Callable[..., Any]
    finished: Callable[[], bool]
    _bar: Reported | None
    _end: Callable[[State, str], None]
    _iterable: Iterable[Any] | None
    _estimated: bool

    def __call__(self, iterable: Iterable[Any], max_value: Any = None) -> Self:
        """Take what is to be looped over: `for item in bar(items): ...`.

        Args:
            iterable: The items.
            max_value: The value at which all is done, by default the length.
        """
        if max_value is not None:
            self.max_value = max_value
        elif self.max_value is None:
            found = length_of(iterable)
            self.max_value, self._estimated = (UnknownLength, False) if found is None else found
        self._iterable = iterable
        return self

    def __iter__(self) -> Iterator[Any]:
        self.start(init=self.finished())
        items = () if self._iterable is None else self._iterable
        if self._bar is None:
            return iter(items)
        self._bar.surround()
        return self._bar.counted(items, self._end)

    def __next__(self) -> Any:
        if not isinstance(self._iterable, Iterator):
            self._iterable = iter(() if self._iterable is None else self._iterable)
        try:
            item = next(self._iterable)
        except StopIteration:
            self.finish()
            raise
        if self.start_time is None:
            self.start()
        else:
            self.update(self.value + 1)
        return item

    next = __next__
