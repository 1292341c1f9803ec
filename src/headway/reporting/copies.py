"""Copies of bars, pickled or inherited by a fork: what they count, the original counts.

A copy writes its count into a ledger, see `ties.py`, so that nothing is lost if a worker is killed. If the ledger is
out of reach, and for messages and metrics, it reports through the relay. For that it has a name, `origin:id`, and the
process of the original counts in only what it has pickled itself.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries few programs need
import os
from collections.abc import Callable
from functools import partial

from headway.drawing.hub import hub
from headway.host import fork
from headway.notation import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from headway.reporting.ties import Tied, is_copy, tie_inherited, tie_to_copies, tie_to_original
from headway.snapshot import LARGEST, Number, Snapshot

if TYPE_CHECKING:
    from headway.processes.rows import Worker
    from headway.processes.wire import Report
    from headway.reporting.weights import Weights

__all__ = ["Traits", "count_in", "forget", "pickled", "revive", "traits"]

B = TypeVar("B", bound="Original")
MOST_COPIES = 10_000
"""Copies that are kept in mind at once."""
COUNTED = ":counted"
"""Stands behind the name that a copy reports for, if its count is in the ledger."""


class Original(Tied, Protocol):
    """**Protocol:** a bar that copies are made of, and count for."""

    units: dict[str, float]
    weights: Weights | None

    @property
    def n(self) -> Number:
        """Units that are done."""

    def update(self, n: Number = 1) -> None:
        """Report that `n` more units are done."""

    def message(self, text: str) -> None:
        """Show a short text beside the bar."""

    def metrics(self, /, **values: Any) -> None:
        """Report metrics."""

    leave: bool | None

    def rebase(self) -> None:
        """Take the present count for that which the session began at."""

    def report_for(self, original: str) -> None:
        """Open as a copy that reports for a bar of another process."""


class Traits(NamedTuple):
    """The parts that a copy of a bar is made from."""

    name: str
    """The bar's name among all bars of all processes; empty for a copy that counts for itself."""
    n: Number
    about: dict[str, Any]
    """Arguments of `Bar`."""
    path: str = ""
    """The ledger of the process that the original is in; empty if there is none."""


_origin: tuple[int, str] = (0, "")
_pickled: dict[int, _weakref.ref[Original]] = {}
"""The bars that were pickled here, by their ids, for as long as they live."""
_names: dict[_weakref.ref[Original], tuple[str, str]] = {}
"""The names of the copies that are here and the ledgers of their originals, for as long as they live."""


def _own() -> str:
    """Return a name of this process that no other has, nor a child of a fork."""
    global _origin
    if _origin[0] != os.getpid():
        _origin = os.getpid(), f"{os.getpid()}-{os.urandom(6).hex()}"
    return _origin[1]


def pickled(bar: Original) -> Traits:
    """Return the traits that the bar is to be pickled as."""
    name, path = _names.get(_weakref.ref(bar), ("", ""))
    if not name:
        _pickled[bar.id] = _weakref.ref(bar, partial(_pickled.pop, bar.id))
        name = f"{_own()}:{bar.id}"
        path = tie_to_copies(bar)
    return traits(bar, name, path)


def traits(bar: Original, name: str, path: str = "") -> Traits:
    """Return the traits of a copy of that name, whose original is in the process with that ledger."""
    about = {key: getattr(bar, key) for key in ("total", "desc", "unit", "unit_scale", "estimated", "leave", "name")}
    return Traits(name, bar.n, {**about, "units": dict(bar.units), "weights": bar.weights}, path)


def _is_foreign(name: str) -> bool:
    """Tell whether another process has pickled the original of that name."""
    return bool(name) and name.partition(":")[0] != _own()


def revive(kind: Callable[..., B], name: str, n: Number, about: dict[str, Any], path: str = "") -> B:
    """Return the copy of a bar: it counts for the original, and it is not shown.

    Args:
        kind: The class of the copy.
        name: The name of the original among the bars of all processes; empty for a copy that counts for itself.
        n: The count of the original.
        about: Arguments of `Bar`; its weights are those that the original has made of them.
        path: The ledger of the process that the original is in; empty if there is none.
    """
    weights: Weights | None = about.pop("weights")
    bar = kind(initial=min(n, LARGEST), **about)
    bar.leave = about["leave"]
    if weights is not None:
        bar.weights = weights
        bar.rebase()
    if name:
        _names[_weakref.ref(bar, _names.pop)] = name, path
        counted = tie_to_original(bar, path, int(name.rpartition(":")[2]))
        if _is_foreign(name):
            bar.report_for(name + COUNTED * counted)
    return bar


# ── at a fork ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Inherited(fork.Part):
    """Has bars that are open, or that were pickled, at a fork be copies in the child."""

    def __init__(self) -> None:
        self._bars: list[tuple[Any, str, str]] = []
        """The bars, with the names and the ledgers of their originals."""
        self._process = 0
        """The process that forks."""

    def before_fork(self) -> None:
        self._process = os.getpid()
        shown: list[Any] = [row.bar() for row in list(hub.display.bars.values())]
        shown += [bar() for bar in list(_pickled.values())]
        bars = {bar.id: bar for bar in shown if hasattr(bar, "tie") and not is_copy(bar)}
        self._bars = [(bar, f"{_own()}:{bar.id}", path) for bar in bars.values() if (path := tie_to_copies(bar))]
        self._bars += [(bar, *_names[ref]) for ref in list(_names) if (bar := ref()) is not None and is_copy(bar)]

    def after_fork_in_parent(self) -> None:
        self._bars = []

    def after_fork_in_child(self) -> None:
        inherited, self._bars = self._bars, []
        _pickled.clear()
        for bar, name, path in inherited:
            tie_inherited(bar, path, int(name.rpartition(":")[2]), self._process)
            _names[_weakref.ref(bar, _names.pop)] = name, path


_inherited = _Inherited()
fork.register(_inherited)


# ── in the process that pickled it ───────────────────────────────────────────────────────────────────────────────────

_seen: dict[tuple[int, int], Snapshot] = {}
"""The snapshots of copies that were counted in last, by peer and id."""


def count_in(peer: Worker, report: Report) -> None:
    """Count what a copy in another process has done since its last report."""
    name = report.of.removesuffix(COUNTED)
    origin, _, number = name.partition(":")
    kept = _pickled.get(int(number)) if origin == _own() and number.isascii() and number.isdigit() else None
    bar = None if kept is None else kept()
    key, new = (peer.number, report.snapshot.id), report.snapshot
    if bar is None or bar.state != "running" or len(_seen) >= MOST_COPIES:
        _seen.pop(key, None)
        return
    old = _seen.get(key)
    before = new.initial if old is None else old.n
    if name == report.of and new.n != before and bar.n + (new.n - before) <= LARGEST:
        bar.update(new.n - before)
    if new.message and (old is None or new.message != old.message):
        bar.message(new.message)
    changed = {
        name: reading.value for name, reading in new.metrics.items() if old is None or reading != old.metrics.get(name)
    }
    if changed:
        bar.metrics(**changed)
    if report.kind == "close":
        _seen.pop(key, None)
    else:
        _seen[key] = new


def forget(peer: Worker) -> None:
    """Let go of what is known of a peer's copies."""
    for key in [key for key in _seen if key[0] == peer.number]:
        del _seen[key]


class _CountedHere:
    """Counts in the work of the copies of this process's bars, see `processes.copies`."""

    count_in = staticmethod(count_in)
    forget = staticmethod(forget)


hub.relay.copies = _CountedHere()
