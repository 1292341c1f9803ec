"""Bars that can be pickled: in another process a copy counts for the original, in this one it counts for itself.

A copy that reports has a name, `origin:id`, which the relay brings to the process that pickled the bar. That process
counts in only what it has pickled itself.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries few programs need
import os
from functools import partial

from headway.drawing.hub import hub
from headway.notation import TYPE_CHECKING, Any, NamedTuple, Protocol
from headway.snapshot import LARGEST, Number, Snapshot, State

if TYPE_CHECKING:
    from headway.processes.rows import Worker
    from headway.processes.wire import Report
    from headway.reporting.weights import Weights

__all__ = ["Traits", "count_in", "forget", "is_foreign", "pickled", "remember", "traits"]

MOST_COPIES = 10_000
"""Copies that are kept in mind at once."""


class Original(Protocol):
    """**Protocol:** a bar that copies are made of, and count for."""

    id: int
    units: dict[str, float]
    weights: Weights | None

    @property
    def n(self) -> Number:
        """Units that are done."""

    @property
    def state(self) -> State:
        """Whether it runs, or how it ended."""

    def update(self, n: Number = 1) -> None:
        """Report that `n` more units are done."""

    def message(self, text: str) -> None:
        """Show a short text beside the bar."""

    def metrics(self, /, **values: Any) -> None:
        """Report metrics."""


class Traits(NamedTuple):
    """The parts that a copy of a bar is made from."""

    name: str
    """The bar's name among all bars of all processes; empty for a copy that counts for itself."""
    n: Number
    about: dict[str, Any]
    """Arguments of `Bar`."""


_origin: tuple[int, str] = (0, "")
_pickled: dict[int, _weakref.ref[Original]] = {}
"""The bars that were pickled here, by their ids, for as long as they live."""
_names: dict[_weakref.ref[Original], str] = {}
"""The names of the copies that are here, for as long as they live."""


def _own() -> str:
    """Return a name of this process that no other has, nor a child of a fork."""
    global _origin
    if _origin[0] != os.getpid():
        _origin = os.getpid(), f"{os.getpid()}-{os.urandom(6).hex()}"
    return _origin[1]


def pickled(bar: Original) -> Traits:
    """Return the traits that the bar is to be pickled as."""
    name = _names.get(_weakref.ref(bar), "")
    if not name:
        _pickled[bar.id] = _weakref.ref(bar, partial(_pickled.pop, bar.id))
        name = f"{_own()}:{bar.id}"
    return traits(bar, name)


def traits(bar: Original, name: str) -> Traits:
    """Return the traits of a copy of that name."""
    about = {key: getattr(bar, key) for key in ("total", "desc", "unit", "unit_scale", "estimated", "leave", "name")}
    return Traits(name, bar.n, {**about, "units": dict(bar.units), "weights": bar.weights})


def is_foreign(name: str) -> bool:
    """Tell whether another process has pickled the original of that name."""
    return bool(name) and name.partition(":")[0] != _own()


def remember(bar: Original, name: str) -> None:
    """Keep the name of a copy, so that a copy of it counts for the same original."""
    _names[_weakref.ref(bar, _names.pop)] = name


# ── in the process that pickled it ───────────────────────────────────────────────────────────────────────────────────

_seen: dict[tuple[int, int], Snapshot] = {}
"""The snapshots of copies that were counted in last, by peer and id."""


def count_in(peer: Worker, report: Report) -> None:
    """Count what a copy in another process has done since its last report."""
    origin, _, number = report.of.partition(":")
    kept = _pickled.get(int(number)) if origin == _own() and number.isascii() and number.isdigit() else None
    bar = None if kept is None else kept()
    key, new = (peer.number, report.snapshot.id), report.snapshot
    if bar is None or bar.state != "running" or len(_seen) >= MOST_COPIES:
        _seen.pop(key, None)
        return
    old = _seen.get(key)
    before = new.initial if old is None else old.n
    if new.n != before and bar.n + (new.n - before) <= LARGEST:
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
