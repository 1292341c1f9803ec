"""Bars that can be pickled: in another process a copy counts for the original, in this one it counts for itself.

A copy that reports has a name, `origin:id`, which the relay brings to the process that pickled the bar. That process
counts in only what it has pickled itself.
"""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from headway.snapshot import LARGEST, Number, Snapshot

if TYPE_CHECKING:
    from headway.processes.receiver import Peer
    from headway.processes.wire import Picture
    from headway.reporting.bar import Bar
    from headway.reporting.track import Track
    from headway.training.loop import Loop

__all__ = ["Traits", "copy_of", "count_in", "pickled", "revive", "revive_loop", "revive_track"]

MOST_COPIES = 10_000
"""Copies that are kept in mind at once."""


class Traits(NamedTuple):
    """What a copy of a bar is made from."""

    name: str
    """The bar's name among all bars of all processes; empty for a copy that counts for itself."""
    n: Number
    about: dict[str, Any]
    """Arguments of `Bar`."""


_origin: tuple[int, str] = (0, "")
_pickled: weakref.WeakValueDictionary[int, Bar] = weakref.WeakValueDictionary()
_names: weakref.WeakKeyDictionary[Bar, str] = weakref.WeakKeyDictionary()
"""The names of the copies that are here."""


def _own() -> str:
    """Return a name of this process that no other has, nor a child of a fork."""
    global _origin
    if _origin[0] != os.getpid():
        _origin = os.getpid(), f"{os.getpid()}-{os.urandom(6).hex()}"
    return _origin[1]


def pickled(bar: Bar) -> Traits:
    """Return what the bar is to be pickled as."""
    name = _names.get(bar, "")
    if not name:
        _pickled[bar.id] = bar
        name = f"{_own()}:{bar.id}"
    return _traits(bar, name)


def _traits(bar: Bar, name: str) -> Traits:
    about = {key: getattr(bar, key) for key in ("total", "desc", "unit", "unit_scale", "estimated", "leave", "name")}
    return Traits(name, bar.n, {**about, "units": dict(bar.units), "weights": bar.weights})


def copy_of(bar: Bar) -> Bar:
    """Return a copy that counts for itself and is not shown."""
    return revive(*_traits(bar, ""))


def revive(name: str, n: Number, about: dict[str, Any]) -> Bar:
    """Return the copy of a bar: it reports where it was made elsewhere and there is a relay, else it only counts."""
    from headway.reporting.bar import Bar

    weights = about.pop("weights")
    bar = Bar(initial=min(n, LARGEST), **about)
    bar.leave = about["leave"]
    if weights is not None:
        bar.weights = weights
        bar.rebase()
    if name and name.partition(":")[0] != _own():
        _names[bar] = name
        _report(bar, name)
    return bar


def _report(bar: Bar, name: str) -> None:
    from headway import api
    from headway.choosing import selection
    from headway.choosing.discovery import load
    from headway.drawing.hub import hub

    if hub.relay.reports() is not None and sys.stderr is not None and selection.shown(used=api._used):
        bar.open((selection.Choice("plain", load("plain"), {"of": name}),), sys.stderr)


def revive_track(iterable: Any, bar: Bar) -> Track[Any]:
    """Return the copy of a track: a loop over it is not shown."""
    from headway.reporting.track import Track

    return Track(iterable, lambda: (copy_of(bar), lambda made: made.open((), None)))


def revive_loop(arguments: dict[str, Any], state: dict[str, Any]) -> Loop[Any, Any]:
    """Return the copy of a training run: it is not shown, and goes on from where the original was."""
    from headway import api

    loop = api.loop(**arguments, backend="off")
    loop.load_state_dict(state)
    return loop


# ── in the process that pickled it ───────────────────────────────────────────────────────────────────────────────────

_seen: dict[tuple[int, int], Snapshot] = {}
"""The pictures of copies that were counted in last, by peer and id."""


def count_in(peer: Peer, picture: Picture) -> None:
    """Count what a copy in another process has done since its last picture."""
    origin, _, number = picture.of.partition(":")
    bar = _pickled.get(int(number)) if origin == _own() and number.isascii() and number.isdigit() else None
    key, new = (peer.number, picture.snapshot.id), picture.snapshot
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
    if picture.kind == "close":
        _seen.pop(key, None)
    else:
        _seen[key] = new


def forget(peer: Peer) -> None:
    """Let go of what is known of a peer's copies."""
    for key in [key for key in _seen if key[0] == peer.number]:
        del _seen[key]
