"""How far a bar is by the size of its items, where they are not alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import accumulate, starmap
from operator import sub

from headway.format import shown
from headway.snapshot import Number

__all__ = ["Weights"]


class Weights:
    """The weight of each item, in their order.

    Args:
        weights: Numbers that are not negative: bytes, pages, lengths of sequences.
        total: Items in all, `None` for as many as there are weights behind `initial`.
        initial: Items that an earlier session did. There may be weights for them, too.

    Raises:
        TypeError: They are no numbers.
        ValueError: One is negative or not finite, or there are more or fewer of them than items.
    """

    def __init__(self, weights: Iterable[float], total: Number | None, initial: Number) -> None:
        try:
            each = [float(weight) for weight in weights]
        except (TypeError, ValueError, OverflowError):
            raise TypeError(f"weights must be numbers, one for each item, not {shown(weights)}.") from None
        if any(not 0 <= weight < math.inf for weight in each) or math.isinf(sum(each)):
            raise ValueError("weights must be finite and not negative.")
        self.total: Number = initial + len(each) if total is None else total
        """Items in all."""
        if len(each) not in (self.total, self.total - initial):
            raise ValueError(f"There are {len(each)} weights for {self.total - initial} items; expected one for each.")
        self._first = self.total - len(each)
        self._until = list(accumulate(each, initial=0.0))

    def __iter__(self) -> Iterator[float]:
        """Yield the weight of each item."""
        return starmap(sub, zip(self._until[1:], self._until, strict=False))

    def position(self, n: Number, total: Number | None) -> Number:
        """Tell how many items of mean weight `n` items come to, so that all of them come to the total.

        It is `n` where they weigh nothing, or the total is not that of the weights any more.
        """
        whole, done = self._until[-1], n - self._first
        if total != self.total or not whole or not 0 < done < len(self._until) - 1:
            return n
        i = int(done)
        weight = self._until[i] + (done - i) * (self._until[i + 1] - self._until[i])
        return self._first + weight / whole * (len(self._until) - 1)
