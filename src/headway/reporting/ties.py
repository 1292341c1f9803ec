"""What ties a bar to its copies: a copy writes its count into a ledger, and the original counts what is there.

The ledger is a file of the process that the original is in, see `processes/ledger.py`. A bar without copies has no tie,
and pays nothing.
"""

from __future__ import annotations

import os
import threading

from headway.notation import TYPE_CHECKING, Protocol
from headway.processes.address import started_by

if TYPE_CHECKING:
    from headway.processes.ledger import Entry, Ledger
    from headway.snapshot import Number, State

__all__ = ["Tie", "Tied", "is_copy", "tie_inherited", "tie_to_copies", "tie_to_original"]


class Tied(Protocol):
    """**Protocol:** a bar that has copies, or is one."""

    id: int
    tie: Tie | None

    @property
    def state(self) -> State:
        """Whether it runs, or how it ended."""

    @property
    def balance(self) -> Number:
        """The count, which is negative if more was taken back than was reported."""

    def take_in(self, n: Number) -> None:
        """Count what copies have counted."""

    def slow_down(self) -> None:
        """Take the slow road at each update."""


class Tie(Protocol):
    """**Protocol:** what a bar has to do with its copies, or a copy with its original."""

    def gather(self, bar: Tied) -> None:
        """Have an original count what its copies have counted since; a copy does nothing. The bar's lock is held."""

    def tell(self, count: Number) -> None:
        """Say what a copy has counted by now; an original does nothing."""


class _ToCopies:
    """Ties an original to its copies."""

    def __init__(self, ledger: Ledger) -> None:
        self.path = ledger.path
        self._ledger = ledger
        self._amount = 0.0

    def gather(self, bar: Tied) -> None:
        amount = self._ledger.amount(bar.id)
        before, self._amount = self._amount, amount
        added = amount - before
        if added:
            bar.take_in(int(added) if added.is_integer() else added)

    def tell(self, count: Number) -> None:
        pass


class _ToOriginal:
    """Ties a copy to its original.

    Args:
        path: The ledger of the process that the original is in.
        number: The original's id.
        base: The count that the copy began at.
        forked_by: The process that has made the copy by a fork; 0 if it was pickled.
    """

    def __init__(self, path: str, number: int, base: Number, forked_by: int = 0) -> None:
        self._path, self._number, self._base, self._forked_by = path, number, base, forked_by
        self._entry: Entry | None = None
        self._lock = threading.RLock()
        self.reaches = True
        """Whether the ledger is there; it is looked for with the first count, or before."""

    def gather(self, bar: Tied) -> None:
        pass

    def tell(self, count: Number) -> None:
        if self._entry is None and not self.reach():
            return
        self._entry.write(count - self._base)  # type: ignore[union-attr]

    def reach(self) -> bool:
        """Take a place in the ledger, and tell whether there is one."""
        with self._lock:
            if self._entry is None and self.reaches:
                self._reach()
        return self.reaches

    def _reach(self) -> None:
        counts = not self._forked_by or started_by() == self._forked_by
        self._entry = _entry(self._path, self._number) if counts else None
        self.reaches = self._entry is not None


def tie_to_copies(bar: Tied) -> str:
    """Have a bar of this process count what its copies count.

    Returns:
        The path of the ledger; empty if there can be none.
    """
    if not isinstance(bar.tie, _ToCopies):
        ledger = _ledger() if bar.state == "running" else None
        if ledger is None:
            return ""
        bar.tie = _ToCopies(ledger)
    return bar.tie.path


def tie_to_original(bar: Tied, path: str, number: int) -> bool:
    """Have a copy write its count for the bar of that number into a ledger, and tell whether it can."""
    tie = _ToOriginal(path, number, bar.balance)
    if not (path and tie.reach()):
        return False
    bar.tie = tie
    bar.slow_down()
    return True


def tie_inherited(bar: Tied, path: str, number: int, forked_by: int) -> None:
    """Have the copy of a bar that a fork has made write what it counts from now on for the bar of that number.

    It does so in a worker that `multiprocessing` has started, which has been handed the bar. A child that the program
    has forked itself may go on with the same work, and counts for itself.
    """
    bar.tie = _ToOriginal(path, number, bar.balance, forked_by)
    bar.slow_down()


def is_copy(bar: Tied) -> bool:
    """Tell whether a bar counts for another one."""
    return isinstance(bar.tie, _ToOriginal)


_ledgers: dict[int, Ledger | None] = {}
"""The ledger of this process, by its number, once it is wanted; `None` if it can have none."""


def _ledger() -> Ledger | None:
    from headway.processes import address
    from headway.processes.ledger import Ledger  # with the first copy

    process = os.getpid()
    if not address.wanted():
        return None
    if process not in _ledgers:
        _ledgers.clear()
        try:
            _ledgers[process] = Ledger()
        except OSError:
            _ledgers[process] = None
    return _ledgers[process]


def _entry(path: str, number: int) -> Entry | None:
    from headway.processes.ledger import entry  # with the first copy

    try:
        return entry(path, number)
    except (OSError, ValueError):  # it is on another machine or in another container, or there is no room
        return None
