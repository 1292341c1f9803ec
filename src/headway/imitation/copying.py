"""Copies of a tqdm, as trainers make of what they hold: a copy is not shown, and counts for itself."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Copied"]


class Copied:
    """Has what `copy` and `pickle` ask for. tqdm itself cannot be copied where its stream cannot.

    A pickled copy counts for the original in a worker process of this one, as a pickled headway bar does.
    """

    disable: bool
    fp: Any
    iterable: Any
    _door_count_straight: Callable[[], None]
    _door_scale: Callable[[], None]

    def __copy__(self) -> Self:
        """Share all but the bar, as a subclass may have what cannot be copied."""
        other = type(self).__new__(type(self))
        other.__setstate__(
            {name: copy.deepcopy(v) if name == "_door_bar" else v for name, v in self.__getstate__().items()}
        )
        return other

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the stream, and an iterator, which two bars cannot share."""
        state = {name: value for name, value in self.__dict__.items() if name != "update"}
        state["fp"] = "stdout" if self.fp is sys.stdout else "stderr"
        state["iterable"] = None if hasattr(self.iterable, "__next__") else self.iterable
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, fp=getattr(sys, state["fp"]))
        if not self.disable:
            self._door_scale()
            self._door_count_straight()
