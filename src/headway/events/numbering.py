"""How far a process has numbered its events in each place where it writes them, for as long as the process lives."""

from __future__ import annotations

import functools
import os

__all__ = ["Numbering", "numbering_of"]

PLACES = 1000
"""So many paths are known at once; a path that comes again later is begun anew."""


class Numbering:
    """The numbers of the events of one process in one place."""

    __slots__ = ("headed", "last")

    def __init__(self) -> None:
        self.last = 0
        """The number that was used last."""
        self.headed: object = None
        """The file that has the header of this process."""


def numbering_of(path: str) -> Numbering:
    """Return that of a path in this process; a new one where there is no path, as for a stream."""
    return _of_process(os.getpid(), path) if path else Numbering()


@functools.lru_cache(maxsize=PLACES)
def _of_process(_pid: int, _path: str) -> Numbering:
    return Numbering()
