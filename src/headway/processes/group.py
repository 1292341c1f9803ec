"""Bars of several workers as one: to the hub a bar like any other, whose snapshots are sums and means of theirs."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import Any

from headway import format as fmt
from headway.host.clock import monotonic
from headway.processes.reported import Reported
from headway.snapshot import Number, Reading, Snapshot, State, Workers

__all__ = ["WORST", "Group", "Key", "apart", "whole"]

WORST: dict[State, int] = {"running": 0, "finished": 1, "stopped": 2, "interrupted": 3, "failed": 4}
"""The states that a bar ends in, by which of them is shown where bars share a row."""

Key = tuple[Any, ...]


def apart() -> bool:
    """Tell whether each worker's bars are to have rows of their own."""
    return os.environ.get("HEADWAY_WORKERS", "").lower() == "apart"


def whole(bar: Snapshot) -> Number:
    """Return the units of a bar in all: those that it has done, if its total is not known."""
    return bar.n if bar.total is None else bar.total


class Group(Reported):
    """Bars of workers that share a row.

    Args:
        key: What they have in common.
        bar_id: The number of the row.
        first: The first snapshot of the first of them.
        parent: The number of the row that it is in.
        on_end: Called when this process ends it.
        depth: How many rows are around it.
        common: Whether they do the same units together: then it is as far as the slowest.
        ranks: The ranks of the job, if they are ranks and the launcher tells.
    """

    def __init__(
        self,
        key: Key,
        bar_id: int,
        first: Snapshot,
        parent: int | None,
        on_end: Callable[[Group, State], None],
        *,
        depth: int = 0,
        common: bool = False,
        ranks: int | None = None,
    ) -> None:
        self.id = bar_id
        self.key = key
        self.parent = parent
        self.depth = depth
        self.shown = False
        """Whether it has a row."""
        self.late = False
        """Whether the bar that it goes with has had its row already, in the rank that draws: then it gets none."""
        self.local = False
        """Whether the row is that of a bar of this process, which is still open."""
        self.born = monotonic()
        self.idle_since: float | None = None
        """Since when none of its bars is open."""
        self._on_end = on_end
        self._common = common
        self._ranks = ranks
        self._first = first
        self._start = self.born - first.elapsed
        self._open: dict[tuple[int, int], Snapshot] = {}
        self._closed: dict[int, Snapshot] = {}
        self._n: Number = 0
        self._total: Number = 0
        self._done: dict[int, tuple[Number, Number]] = {}
        self.workers: set[int] = set()
        """Those that have had a bar in it."""
        self._worst: tuple[State, str] = ("running", "")
        self._lost: tuple[State, str, float] | None = None
        """The state and the reason in which a bar of it ended whose worker was lost, and when."""
        self._message = ""

    # ── what its bars do ─────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, worker: int, bar_id: int, snapshot: Snapshot) -> None:
        """Take a newer snapshot of a bar in, the first one included."""
        if (worker, bar_id) not in self._open:
            self.workers.add(worker)
            self._start = min(self._start, monotonic() - snapshot.elapsed)
            self._set_aside(worker)
        self._open[worker, bar_id] = snapshot
        self._message = snapshot.message or self._message
        self.idle_since = None

    def end_one(self, worker: int, bar_id: int, snapshot: Snapshot) -> None:
        """Take the last snapshot of a bar in."""
        if (worker, bar_id) not in self._open:
            self.take(worker, bar_id, snapshot)
        del self._open[worker, bar_id]
        self._set_aside(worker)
        self._closed[worker] = snapshot
        if WORST[snapshot.state] > WORST[self._worst[0]]:
            self._worst = snapshot.state, snapshot.reason
        if not self._open:
            self.idle_since = monotonic()

    def lose_one(self, worker: int, bar_id: int, lost: Snapshot) -> None:
        """Take a bar in whose worker is lost: it has ended in this state, unless that is forgiven."""
        if self._lost is None or WORST[lost.state] > WORST[self._lost[0]]:
            self._lost = lost.state, lost.reason, monotonic()
        self.end_one(worker, bar_id, lost._replace(state="running", reason=""))

    def forgive(self, within: float) -> None:
        """Take bars whose workers were lost so many seconds ago at most for interrupted ones."""
        if self._lost is not None and monotonic() - self._lost[2] <= within:
            self._lost = None
            if WORST["interrupted"] > WORST[self._worst[0]]:
                self._worst = "interrupted", ""

    @property
    def _ended(self) -> tuple[State, str]:
        """The worst state that one of them ended in, and the reason."""
        lost = self._lost
        return self._worst if lost is None or WORST[self._worst[0]] >= WORST[lost[0]] else lost[:2]

    def _set_aside(self, worker: int) -> None:
        """Let a worker's last bar make room for its next one: at the top level what was done there stays done."""
        before = self._closed.pop(worker, None)
        if before is not None and self.parent is None:
            total = whole(before)
            self._n += before.n
            self._total += total
            done = self._done.get(worker, (0, 0))
            self._done[worker] = done[0] + before.n, done[1] + total

    @property
    def busy(self) -> bool:
        """Whether a bar of it is open."""
        return bool(self._open)

    @property
    def failed(self) -> bool:
        """Whether a bar of it has failed."""
        return self._ended[0] == "failed"

    def busy_with(self, workers: Collection[int]) -> bool:
        """Tell whether a bar of one of these workers is open."""
        return any(worker in workers for worker, _ in self._open)

    def done_by(self, workers: Collection[int]) -> Snapshot | None:
        """Return a last snapshot of all that these workers have done here and ended; `None` if that is nothing."""
        done = [self._done[worker] for worker in workers if worker in self._done]
        closed = [self._closed[worker] for worker in workers if worker in self._closed]
        if not done and not closed:
            return None
        last = closed[-1] if closed else self._first
        state, reason = self._ended
        return last._replace(
            n=sum(n for n, _ in done) + sum(bar.n for bar in closed),
            position=None,
            total=sum(total for _, total in done) + sum(map(whole, closed)),
            state=state,
            reason=reason,
            elapsed=monotonic() - self._start,
        )

    # ── as a bar ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def snapshot(self) -> Snapshot:
        """Take a snapshot of all of them together. If all that is known of is done, nothing remains for now."""
        taken = self._taken()
        done = not self._open and taken.total is not None and taken.n >= taken.total
        return taken._replace(eta=0.0) if done else taken

    def _taken(self) -> Snapshot:
        bars = [*self._open.values(), *self._closed.values()]
        if len(self.workers) == 1 and len(bars) == 1 and not self._total:
            return bars[0]._replace(
                id=self.id,
                parent=self.parent,
                depth=self.depth,
                state="running",
                reason="",
                desc=self._first.desc,
                workers=self.alone,
            )
        return self._slowest(bars) if self._common else self._sum(bars)

    def _slowest(self, bars: list[Snapshot]) -> Snapshot:
        known = all(bar.total is not None for bar in bars)
        slowest = min(bars, key=lambda bar: (bar.fraction or 0.0) if known else _done(bar))
        return slowest._replace(
            id=self.id,
            parent=self.parent,
            desc=self._first.desc,
            elapsed=monotonic() - self._start,
            metrics=_mean(bars),
            message=self._message,
            state="running",
            reason="",
            workers=self._shares(bars),
            depth=self.depth,
            **_of_all(bars),
        )

    def last(self, state: State | None = None) -> Snapshot:
        """Take the last snapshot: in the worst state that one of them ended in, or in a given one if some are open."""
        worst, reason = self._ended
        ended = state if state is not None and self._open and WORST[state] > WORST[worst] else worst
        running = ended == "running"
        snapshot = self.snapshot()
        return snapshot._replace(
            state="stopped" if running else ended,
            reason=reason if ended == worst else "",
            paused=False,
            stalled=None,
            eta=None,
            eta_low=None,
            eta_high=None,
            blocked="",
            elapsed=max(snapshot.elapsed, *(bar.elapsed for bar in self._bars())),
        )

    def end(self, state: State) -> None:
        """End the row, whether or not all of its bars have: this process does."""
        self._on_end(self, state)

    def _bars(self) -> list[Snapshot]:
        return [*self._open.values(), *self._closed.values()] or [self._first]

    def _sum(self, bars: list[Snapshot]) -> Snapshot:
        live = list(self._open.values()) or bars
        first = live[0]
        slowest = max(live, key=lambda bar: bar.eta if bar.eta is not None else -1.0)
        n = self._n + sum(bar.n for bar in bars)
        position = self._n + sum(map(_done, bars))
        unknown = any(bar.total is None for bar in self._open.values())
        total = None if unknown else self._total + sum(map(whole, bars))
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
            workers=self._shares(bars) if len(self.workers) > 1 else self.alone,
            depth=self.depth,
            step=min((bar.step for bar in live if bar.step is not None), default=None),
            **_of_all(live),
        )

    @property
    def alone(self) -> Workers | None:
        """The words for a bar of one process: it is one of several ranks, or nothing is to be said."""
        return Workers(1, ranks=self._ranks) if self._ranks else None

    def _shares(self, bars: Iterable[Snapshot]) -> Workers:
        shares = [bar.fraction for bar in bars]
        known = [share for share in shares if share is not None]
        if len(known) < len(shares):
            return Workers(len(self.workers), ranks=self._ranks)
        return Workers(len(self.workers), min(known), max(known), self._ranks)


def _done(bar: Snapshot) -> Number:
    return bar.n if bar.position is None else bar.position


def _shortest(bars: list[Snapshot]) -> float | None:
    """Return since when all of them stand still; `None` while one of them does not."""
    stalled = [bar.stalled for bar in bars if bar.stalled is not None]
    return min(stalled) if len(stalled) == len(bars) else None


def _of_all(bars: list[Snapshot]) -> dict[str, Any]:
    """Return when the first of them began, the first deadline, and the first thing that holds one of them up."""
    return {
        "began": min((bar.began for bar in bars if bar.began is not None), default=None),
        "deadline": min((bar.deadline for bar in bars if bar.deadline is not None), default=None),
        "blocked": next((bar.blocked for bar in bars if bar.blocked), ""),
    }


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
        return last._replace(mark="", first=None, best=None, best_at=None, since=None)
    mean = sum(values) / len(values)
    text = format(mean, last.format) if last.format and mean - mean == 0 else fmt.number(mean)
    columns = max(len(text), *(reading.columns for reading in readings))
    return Reading(mean, text, columns=columns, priority=last.priority, format=last.format)
