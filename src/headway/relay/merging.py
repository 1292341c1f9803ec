"""Bars of workers as rows of this process: bars of one name make one row, or stand apart on request.

A group is a bar like any other to the hub. Bars of one name, description and unit in the same outer group are one
group. Within it each worker counts with what it has open and what it closed last; at the top level, where workers take
one task after the other, with all that it closed. Ranks run the same program, so that among them the first bar of a
name goes with the first, the second with the second, and the bar of the rank that draws is one of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import monotonic
from typing import Any, Protocol

from headway import format as fmt
from headway.snapshot import Number, Reading, Snapshot, State, Workers

__all__ = ["Group", "Merger", "Rows", "apart"]

LINGER = 1.0
"""Seconds that a row outlives its last open bar: the next task of a pool may be about to begin."""
WAIT_FOR_LOCAL = 2.0
"""Seconds that a bar of another rank waits for the one of the rank that draws, whose row it belongs in."""
BARS_OF_ONE = 64
"""Bars that one worker may have open; further ones are not shown."""
ROWS = 128
"""Rows at once; what is beyond is not shown."""
ROWS_AT_ONCE = 8
"""Rows that are opened in one poll, which come ten times a second: each is drawn at once, whatever drawing may cost."""
LOCAL = 0
"""The worker number of this process; those of peers start at 1."""
_WORST: dict[State, int] = {"running": 0, "finished": 1, "stopped": 2, "interrupted": 3, "failed": 4}

Key = tuple[Any, ...]


class Worker(Protocol):
    """**Protocol:** who reports, see `receiver.Peer`."""

    @property
    def number(self) -> int:
        """A number that no other worker has."""

    @property
    def rank(self) -> int | None:
        """Its rank, if it is one of several."""

    @property
    def label(self) -> str:
        """What it is called on the screen."""


class Rows(Protocol):
    """**Protocol:** what shows the rows: the hub."""

    def show(self, group: Group) -> None:
        """Open a row."""

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last picture."""

    def write(self, text: str) -> None:
        """Put a text above the rows."""

    @property
    def drawing(self) -> bool:
        """Whether a bar is open in this process."""

    def new_id(self) -> int:
        """Return a number that no bar of this process has."""


def apart() -> bool:
    """Tell whether each worker's bars are to have rows of their own."""
    return os.environ.get("HEADWAY_WORKERS", "").lower() == "apart"


class Group:
    """Bars of workers that share a row."""

    def __init__(self, merger: Merger, key: Key, bar_id: int, first: Snapshot, parent: int | None) -> None:
        self.id = bar_id
        self.key = key
        self.parent = parent
        self.shown = False
        """Whether it has a row."""
        self.local = False
        """Whether the row is that of a bar of this process, which is still open."""
        self.born = monotonic()
        self.idle_since: float | None = None
        """Since when none of its bars is open."""
        self._merger = merger
        self._first = first
        self._start = self.born - first.elapsed
        self._open: dict[tuple[int, int], Snapshot] = {}
        self._closed: dict[int, Snapshot] = {}
        self._n: Number = 0
        self._total: Number = 0
        self._workers: set[int] = set()
        self._worst: tuple[State, str] = ("running", "")
        self._message = ""

    # ── what its bars do ─────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, worker: int, bar_id: int, snapshot: Snapshot) -> None:
        """Take a newer picture of a bar in, the first one included."""
        if (worker, bar_id) not in self._open:
            self._workers.add(worker)
            self._start = min(self._start, monotonic() - snapshot.elapsed)
            self._set_aside(worker)
        self._open[worker, bar_id] = snapshot
        self._message = snapshot.message or self._message
        self.idle_since = None

    def end_one(self, worker: int, bar_id: int, snapshot: Snapshot) -> None:
        """Take the last picture of a bar in."""
        if (worker, bar_id) not in self._open:
            self.take(worker, bar_id, snapshot)
        del self._open[worker, bar_id]
        self._set_aside(worker)
        self._closed[worker] = snapshot
        if _WORST[snapshot.state] > _WORST[self._worst[0]]:
            self._worst = snapshot.state, snapshot.reason
        if not self._open:
            self.idle_since = monotonic()

    def _set_aside(self, worker: int) -> None:
        """Let a worker's last bar make room for its next one: at the top level what was done there stays done."""
        before = self._closed.pop(worker, None)
        if before is not None and self.parent is None:
            self._n += before.n
            self._total += before.n if before.total is None else before.total

    @property
    def busy(self) -> bool:
        """Whether a bar of it is open."""
        return bool(self._open)

    # ── as a bar ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def snapshot(self) -> Snapshot:
        """Take a picture of all of them together."""
        bars = [*self._open.values(), *self._closed.values()]
        if len(self._workers) == 1 and len(bars) == 1 and not self._total:
            return replace(bars[0], id=self.id, parent=self.parent, state="running", reason="", desc=self._first.desc)
        return self._sum(bars)

    def last(self, state: State | None = None) -> Snapshot:
        """Take the last picture: in the worst state that one of them ended in, or in a given one if some are open."""
        worst, reason = self._worst
        ended = state if state is not None and self._open and _WORST[state] > _WORST[worst] else worst
        running = ended == "running"
        snapshot = self.snapshot()
        return replace(
            snapshot,
            state="stopped" if running else ended,
            reason=reason if ended == worst else "",
            paused=False,
            stalled=None,
            eta=None,
            eta_low=None,
            eta_high=None,
            elapsed=max(snapshot.elapsed, *(bar.elapsed for bar in self._bars())),
        )

    def stop_reading(self) -> None:
        """Do nothing: what workers report is read already."""

    def end(self, state: State) -> None:
        """End the row, whether or not all of its bars have: this process does."""
        self._merger.end(self, state)

    def _bars(self) -> list[Snapshot]:
        return [*self._open.values(), *self._closed.values()] or [self._first]

    def _sum(self, bars: list[Snapshot]) -> Snapshot:
        live = list(self._open.values()) or bars
        first = live[0]
        slowest = max(live, key=lambda bar: bar.eta if bar.eta is not None else -1.0)
        n = self._n + sum(bar.n for bar in bars)
        position = self._n + sum(bar.n if bar.position is None else bar.position for bar in bars)
        unknown = any(bar.total is None for bar in self._open.values())
        total = None if unknown else self._total + sum(bar.n if bar.total is None else bar.total for bar in bars)
        rates = [bar.rate for bar in live if bar.rate is not None]
        return Snapshot(
            id=self.id,
            parent=self.parent,
            name=self._first.name,
            desc=self._first.desc,
            phase=first.phase if all(bar.phase == first.phase for bar in live) else "",
            unit=first.unit,
            unit_scale=first.unit_scale,
            units=first.units,
            n=n,
            position=None if position == n else position,
            total=total,
            estimated=any(bar.estimated for bar in bars),
            initial=sum(bar.initial for bar in bars),
            elapsed=monotonic() - self._start,
            rate=sum(rates) if rates else None,
            eta=slowest.eta,
            eta_low=slowest.eta_low,
            eta_high=slowest.eta_high,
            metrics=_mean(live),
            message=self._message,
            paused=all(bar.paused for bar in live),
            stalled=_shortest(live),
            leave=any(bar.leave for bar in bars),
            workers=self._shares(bars) if len(self._workers) > 1 else None,
        )

    def _shares(self, bars: Iterable[Snapshot]) -> Workers:
        shares = [bar.fraction for bar in bars]
        known = [share for share in shares if share is not None]
        if len(known) < len(shares):
            return Workers(len(self._workers))
        return Workers(len(self._workers), min(known), max(known))


def _shortest(bars: list[Snapshot]) -> float | None:
    """Return since when all of them stand still; `None` while one of them does not."""
    stalled = [bar.stalled for bar in bars if bar.stalled is not None]
    return min(stalled) if len(stalled) == len(bars) else None


def _mean(bars: list[Snapshot]) -> dict[str, Reading]:
    """Return the mean of each metric; of one that is a text, or has only one value, what was reported last."""
    readings: dict[str, list[Reading]] = {}
    for bar in bars:
        for name, reading in bar.metrics.items():
            readings.setdefault(name, []).append(reading)
    return {name: each[0] if len(each) == 1 else _mean_of(each) for name, each in readings.items()}


def _mean_of(readings: list[Reading]) -> Reading:
    values = [reading.value for reading in readings if not isinstance(reading.value, str)]
    last = readings[-1]
    if len(values) < len(readings):
        return replace(last, mark="", first=None, best=None, best_at=None, since=None)
    mean = sum(values) / len(values)
    text = format(mean, last.format) if last.format and mean - mean == 0 else fmt.number(mean)
    columns = max(len(text), *(reading.columns for reading in readings))
    return Reading(mean, text, columns=columns, priority=last.priority, format=last.format)


class Merger:
    """Keeps the groups.

    Args:
        rows: What shows them.
        ranked: Whether this process is a rank of several, so that its own bars go with those of the others.
        clock: Tells the time, in seconds.
    """

    def __init__(self, rows: Rows, *, ranked: bool = False, clock: Callable[[], float] = monotonic) -> None:
        self.ignored = 0
        """Bars that were not shown, for there were too many."""
        self._rows = rows
        self._ranked = ranked
        self._clock = clock
        self._groups: dict[Key, Group] = {}
        self._bars: dict[int, dict[int, tuple[Group, Snapshot]]] = {}
        self._times: Counter[Key] = Counter()
        self._locals: dict[int, Group] = {}

    # ── workers' bars ────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, worker: Worker, kind: str, snapshot: Snapshot) -> None:
        """Take a picture of a worker's bar in."""
        bars = self._bars.setdefault(worker.number, {})
        known = bars.get(snapshot.id)
        group = self._group_for(worker, bars, snapshot) if known is None else known[0]
        if group is None:
            return
        if kind == "close":
            bars.pop(snapshot.id, None)
            group.end_one(worker.number, snapshot.id, snapshot)
        else:
            bars[snapshot.id] = group, snapshot
            group.take(worker.number, snapshot.id, snapshot)

    def lose(self, worker: Worker) -> None:
        """Fail what a worker had open that is gone."""
        for bar_id, (group, snapshot) in self._bars.pop(worker.number, {}).items():
            lost = replace(snapshot, state="failed", reason=f"lost {worker.label}", paused=False, stalled=None)
            group.end_one(worker.number, bar_id, lost)
        for key in [key for key in self._times if key[0] == worker.number]:
            del self._times[key]

    def group_of(self, worker: Worker, bar_id: int | None) -> Group | None:
        """Return the group that a worker's bar is in."""
        found = self._bars.get(worker.number, {}).get(bar_id or 0)
        return None if found is None else found[0]

    def _group_for(self, worker: Worker, bars: dict[int, tuple[Group, Snapshot]], snapshot: Snapshot) -> Group | None:
        if len(bars) >= BARS_OF_ONE:
            self.ignored += 1
            return None
        outer = self.group_of(worker, snapshot.parent)
        if apart():
            key: Key = ("apart", worker.number, snapshot.id)
            snapshot = replace(snapshot, desc=f"{worker.label} {snapshot.desc}".strip())
        else:
            key = self._key(worker.number, None if outer is None else outer.key, snapshot, worker.rank is not None)
        return self._group(key, snapshot, outer)

    def _key(self, worker: int, outer: Key | None, snapshot: Snapshot, ranked: bool) -> Key:
        name: Key = (outer, snapshot.name, snapshot.desc, snapshot.unit)
        if not (ranked and self._ranked):
            return name
        self._times[worker, name] += 1
        return (*name, self._times[worker, name])

    def _group(self, key: Key, first: Snapshot, outer: Group | None) -> Group | None:
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= ROWS:
                self.ignored += 1
                return None
            group = Group(self, key, self._rows.new_id(), first, None if outer is None else outer.id)
            self._groups[key] = group
        return group

    # ── bars of this process, in a job of several ranks ──────────────────────────────────────────────────────────────

    def opened(self, snapshot: Snapshot) -> None:
        """Take note of a bar of this process that has got a row: those of the other ranks go with it."""
        if not self._ranked or apart():
            return
        outer = self._locals.get(snapshot.parent or 0)
        group = self._group(self._key(LOCAL, None if outer is None else outer.key, snapshot, True), snapshot, outer)
        if group is None:
            return
        if group.shown:
            self._rows.finish(replace(group.last("stopped"), leave=False))
        group.id, group.parent = snapshot.id, snapshot.parent
        group.shown = group.local = True
        group.take(LOCAL, snapshot.id, snapshot)
        self._locals[snapshot.id] = group

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return the picture of a bar of this process together with those of the other ranks that go with it."""
        group = self._locals.get(snapshot.id)
        if group is None or not group.local:
            return snapshot
        group.take(LOCAL, snapshot.id, snapshot)
        return snapshot if len(group._workers) == 1 else replace(group.snapshot(), name=snapshot.name)

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Take the last picture of a bar of this process in: return what its row ends with.

        Where other ranks are not done yet the group is returned, whose row it is from now on.
        """
        group = self._locals.pop(snapshot.id, None)
        if group is None:
            return snapshot
        group.local = False
        group.end_one(LOCAL, snapshot.id, snapshot)
        if group.busy:
            return group
        self._groups.pop(group.key, None)
        return snapshot if len(group._workers) == 1 else group.last()

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def open(self) -> bool:
        """Whether there is any group."""
        return bool(self._groups)

    @property
    def waits_for_ranks(self) -> bool:
        """Whether a bar of another rank is still open in a row of this one."""
        return any(group.busy for group in self._groups.values() if LOCAL in group._workers)

    def tend(self) -> None:
        """Open the rows of new groups, and close those that nobody has had a bar in for a while."""
        now, room = self._clock(), ROWS_AT_ONCE
        for group in list(self._groups.values()):
            if group.local:
                continue
            patience = WAIT_FOR_LOCAL if self._ranked and not group.shown else LINGER
            if group.idle_since is not None and now - group.idle_since >= (0.0 if self._over(group) else patience):
                self.end(group, None)
            elif not group.shown and room and not (self._ranked and now - group.born < WAIT_FOR_LOCAL):
                room -= 1
                group.shown = True
                self._rows.show(group)

    def _over(self, group: Group) -> bool:
        """Tell whether no other bar can come: the bar of the rank that draws has ended, and so have all the others."""
        return LOCAL in group._workers

    def end(self, group: Group, state: State | None) -> None:
        """End a row; bars that are still open there are shown in the given state."""
        if self._groups.pop(group.key, None) is None:
            return
        for bars in self._bars.values():
            for bar_id in [bar_id for bar_id, (each, _) in bars.items() if each is group]:
                del bars[bar_id]
        if not group.shown:
            self._rows.show(group)
        self._rows.finish(group.last(state))

    def end_all(self, state: State) -> None:
        """End all rows, the inner ones first."""
        for group in reversed(list(self._groups.values())):
            if not group.local:
                self.end(group, state)
