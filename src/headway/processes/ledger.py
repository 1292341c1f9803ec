"""A file in which copies of a process's bars keep their counts: each copy writes an entry, the process adds them up.

A page of the file belongs to one process, which appends it and gives its entries out. An entry belongs to one copy at a
time. All processes map the file, so that nobody waits for anybody, and a count is there even if its process is killed
right after it.
"""

from __future__ import annotations

import atexit
import math
import mmap
import os
import threading
from contextlib import suppress
from struct import Struct

from headway.processes import address
from headway.snapshot import LARGEST

__all__ = ["Entry", "Ledger", "entry"]

PAGE = mmap.ALLOCATIONGRANULARITY
"""Bytes that are mapped at once."""
ENTRY = Struct("=qd")
"""The id of a bar, 0 while the entry is free for the first time, and the amount."""
PER_PAGE = PAGE // ENTRY.size
LARGEST_FILE = 1 << 28
"""Bytes beyond which entries are not read."""


class Ledger:
    """The file of one process.

    Raises:
        OSError: There is no directory that is this user's alone, or no room in it.
    """

    def __init__(self) -> None:
        folder = address.directory(make=True)
        if folder is None:
            raise FileNotFoundError("no private directory")
        self.path = os.path.join(folder, f"pid-{os.getpid()}-{os.urandom(6).hex()}.counts")
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._map: mmap.mmap | None = None
        self._owner = os.getpid()
        atexit.register(self._remove)

    def amount(self, of: int) -> float:
        """Return the sum that all copies of a bar have counted by now; `of` is its id."""
        size = min(os.fstat(self._descriptor).st_size, LARGEST_FILE) // PAGE * PAGE
        if not size:
            return 0.0
        if self._map is None or len(self._map) != size:
            self._map = mmap.mmap(self._descriptor, size, access=mmap.ACCESS_READ)
        found: list[float] = []
        for page in range(0, size, PAGE):
            for at in range(page, page + PER_PAGE * ENTRY.size, ENTRY.size):
                bar, amount = ENTRY.unpack_from(self._map, at)
                if not bar:
                    break
                if bar == of and abs(amount) <= LARGEST:  # which is not so of NaN
                    found.append(amount)
        return math.fsum(found)

    def _remove(self) -> None:
        if self._owner == os.getpid():
            address.remove([self.path])


class Entry:
    """The place where one copy writes its count. Whoever lets go of it leaves the amount for the next copy here.

    Args:
        page: The page, as a view of numbers that take 8 bytes each.
        at: The index of the amount in it.
        free: Takes the entry back, with the amount that is in it.
    """

    def __init__(self, page: memoryview[float], at: int, free: list[tuple[memoryview[float], int]]) -> None:
        self._page, self._at, self._free = page, at, free
        self._before = page[at]

    def write(self, amount: float) -> None:
        """Have the entry say that so much was counted by its present owner."""
        self._page[self._at] = self._before + amount

    def __del__(self) -> None:
        self._free.append((self._page, self._at))


class _Pages:
    """The pages that this process has appended to one file, and the entries that it may give out."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._lock = threading.RLock()
        self._fresh: list[tuple[memoryview[int], memoryview[float], int]] = []
        """Entries that nobody has had yet: the page as ids and as amounts, and the index of the amount."""
        self._free: dict[int, list[tuple[memoryview[float], int]]] = {}
        """Entries that copies have let go of, by the bar."""

    def entry(self, path: str, bar: int) -> Entry:
        """Return an entry for a bar."""
        free = self._free.setdefault(bar, [])
        with suppress(IndexError):
            return Entry(*free.pop(), free)
        with self._lock:
            if not self._fresh:
                ids, amounts = _append(path)
                self._fresh = [(ids, amounts, at) for at in reversed(range(1, 2 * PER_PAGE, 2))]
            ids, amounts, at = self._fresh.pop()
            ids[at - 1] = bar
        return Entry(amounts, at, free)


_pages: dict[str, _Pages] = {}
"""By the file."""


def entry(path: str, bar: int) -> Entry:
    """Return an entry for a bar in the file of the process that the bar is in.

    Raises:
        OSError: The file cannot be reached from here, or there is no room.
        ValueError: An earlier process has left a part of a page there.
    """
    pages = _pages.get(path)
    if pages is None or pages.process != os.getpid():  # in the child of a fork they are the parent's
        pages = _pages[path] = _Pages()
    return pages.entry(path, bar)


def _append(path: str) -> tuple[memoryview[int], memoryview[float]]:
    file = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        if os.write(file, bytes(PAGE)) != PAGE:
            raise OSError("no room for a page")
        end = os.lseek(file, 0, os.SEEK_CUR)
        page = memoryview(mmap.mmap(file, PAGE, offset=end - PAGE))
    finally:
        os.close(file)
    return page.cast("q"), page.cast("d")
