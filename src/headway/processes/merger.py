"""Bars of workers as rows of this process: bars of one name make one row, or stand apart on request.

A group is a bar like any other to the hub. Bars of one name, description and unit in the same outer group are one
group. Within it each worker counts with what it has open and what it closed last; at the top level, where workers take
one task after the other, with all that it closed. Ranks run the same program, so that among them the first bar of a
name goes with the first, the second with the second, and the bar of the rank that draws is one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from headway.host.clock import monotonic
from headway.notation import Literal
from headway.processes.group import Group, Key, apart
from headway.processes.rows import Rows, Worker
from headway.snapshot import Snapshot, State

__all__ = ["Merger", "Place"]

LINGER = 1.0
"""Seconds that a row outlives its last open bar: the next task of a pool may be about to begin."""
WAIT_FOR_LOCAL = 2.0
"""Seconds that a bar of another rank waits for the one of the rank that draws, whose row it belongs in."""
FORGIVES_BEFORE, FORGIVES_FOR = 2.0, 10.0
"""Seconds before and after an interrupt within which a worker that is lost is taken for interrupted, too."""
BARS_OF_ONE = 64
"""Bars that one worker may have open; further ones are not shown."""
ROWS = 128
"""Rows at once; what is beyond is not shown."""
ROWS_AT_ONCE = 8
"""Rows that are opened in one poll, which come ten times a second: each is drawn at once, whatever drawing may cost."""
APART = 64
"""Workers that are gone whose counts are kept apart for the next process that draws; those of others are added up."""
COMMON = ("epoch", "step")
"""Units that ranks do together: an optimizer step of one is a step of all. They are not added up."""
Place = Literal["above", "beside", "worker"]
"""Where the process that draws stands among those whose bars it shows.

`above`: it has started them. `beside`: it is one of them, and others may come. `worker`: it is one of them, and all of
its bars are shown as those of any other worker.
"""
LOCAL = 0
"""The worker number of this process; those of peers start at 1."""


class Merger:
    """Keeps the groups.

    Args:
        rows: What shows them.
        ranked: Whether this process is a rank of several, so that its own bars go with those of the others.
        size: The ranks of the job; 0 if that is not known.
        clock: Tells the time, in seconds.
        on_end: Called with each group whose row has ended for good.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        ranked: bool = False,
        size: int = 0,
        clock: Callable[[], float] = monotonic,
        on_end: Callable[[Group], object] = lambda _group: None,
    ) -> None:
        self.ignored = 0
        """Bars that were not shown, for there were too many."""
        self._rows = rows
        self._ranked = ranked
        self._size = size if ranked and size > 1 else None
        self._clock = clock
        self._on_end = on_end
        self._place: Place = "above"
        self._forgives_until = 0.0
        self._groups: dict[Key, Group] = {}
        self._bars: dict[int, dict[int, tuple[Group, Snapshot]]] = {}
        self._times: Counter[Key] = Counter()
        self._locals: dict[int, Group] = {}
        self._guests: dict[int, Group] = {}

    def stand(self, place: Place) -> None:
        """Say where this process stands among those whose bars it shows."""
        self._place = place

    # ── workers' bars ────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, worker: Worker, kind: str, snapshot: Snapshot) -> None:
        """Take a snapshot of a worker's bar in."""
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

    def lose(self, worker: Worker, *, dismissed: bool = False) -> None:
        """Fail what a worker had open that is gone.

        Args:
            worker: The worker.
            dismissed: Whether the program has ended it: then its bars have stopped.
        """
        is_forgiven = self._clock() < self._forgives_until
        for bar_id, (group, snapshot) in self._bars.pop(worker.number, {}).items():
            lost = snapshot._replace(paused=False, stalled=None, blocked="", reason="")
            if is_forgiven:
                lost = lost._replace(state="interrupted")
            elif dismissed:
                lost = lost._replace(state="stopped")
            else:
                lost = lost._replace(state="failed", reason=f"lost {worker.label}")
            group.lose_one(worker.number, bar_id, lost)
        for key in [key for key in self._times if key[0] == worker.number]:
            del self._times[key]

    def forgive(self) -> None:
        """Take workers that are lost at about this time for interrupted ones, since this process is interrupted.

        Ctrl-C reaches all processes of a command, and a pool kills its workers then.
        """
        self._forgives_until = self._clock() + FORGIVES_FOR
        for group in self._groups.values():
            group.forgive(FORGIVES_BEFORE)

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
            snapshot = snapshot._replace(desc=f"{worker.label} {snapshot.desc}".strip())
        else:
            key = self._key(worker.number, None if outer is None else outer.key, snapshot, worker.rank is not None)
        new = key not in self._groups
        group = self._group(key, snapshot, outer, ranked=worker.rank is not None)
        if group is not None and new:
            group.late = self._ranked and worker.rank is not None and not apart() and self._has_been(key)
        return group

    def _has_been(self, key: Key) -> bool:
        """Tell whether the bar of the rank that draws is over that goes with a new group of other ranks."""
        *name, time = key
        return self._times[LOCAL, tuple(name)] >= int(time)

    def _key(self, worker: int, outer: Key | None, snapshot: Snapshot, ranked: bool) -> Key:
        name: Key = (outer, snapshot.name, snapshot.desc, snapshot.unit)
        if not (ranked and self._ranked):
            return name
        self._times[worker, name] += 1
        return (*name, self._times[worker, name])

    def _group(self, key: Key, first: Snapshot, outer: Group | None, *, ranked: bool) -> Group | None:
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= ROWS:
                self.ignored += 1
                return None
            parent, depth = (None, 0) if outer is None else (outer.id, outer.depth + 1)
            common = self._ranked and first.unit in COMMON
            ranks = self._size if ranked else None
            group = Group(key, self._rows.new_id(), first, parent, self.end, depth=depth, common=common, ranks=ranks)
            self._groups[key] = group
        return group

    # ── bars of this process that go with those of others: of other ranks, or of the other processes of a command ────

    def opened(self, snapshot: Snapshot) -> bool:
        """Take note of a bar of this process, and tell whether it is shown in a row that others share already.

        If not, it gets a row of its own, where those of the others go with it.
        """
        if not (self._ranked or self._place != "above") or apart():
            return False
        outer = self._locals.get(snapshot.parent or 0)
        key = self._key(LOCAL, None if outer is None else outer.key, snapshot, True)
        group = self._group(key, snapshot, outer, ranked=True)
        if group is None:
            return False
        if self._place == "worker" or (self._place == "beside" and group.shown and not group.local):
            self._locals[snapshot.id] = self._guests[snapshot.id] = group
            group.take(LOCAL, snapshot.id, snapshot)
            if not group.shown:
                group.shown = True
                self._rows.show(group)
            return True
        if self._place == "beside" and group.local:
            return False
        if group.shown:
            self._rows.finish(group.last("stopped")._replace(leave=False))
        group.id, group.parent, group.depth = snapshot.id, snapshot.parent, snapshot.depth
        group.shown = group.local = True
        group.take(LOCAL, snapshot.id, snapshot)
        self._locals[snapshot.id] = group
        return False

    def guests(self, ids: Collection[int]) -> list[int]:
        """Return the bars of this process that are shown in rows of these numbers, which others share."""
        return [bar_id for bar_id, group in self._guests.items() if group.id in ids]

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot of a bar of this process together with those of the other ranks that go with it."""
        group = self._locals.get(snapshot.id)
        if group is None or not (group.local or snapshot.id in self._guests):
            return snapshot
        group.take(LOCAL, snapshot.id, snapshot)
        if len(group.workers) == 1 or not group.local:
            return snapshot._replace(workers=group.alone)
        return group.snapshot()._replace(name=snapshot.name)

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Take the last snapshot of a bar of this process in: return what its row ends with.

        Where other ranks are not done yet the group is returned, whose row it is from now on.
        """
        group = self._locals.pop(snapshot.id, None)
        if group is None:
            return snapshot
        if self._guests.pop(snapshot.id, None) is not None:
            group.end_one(LOCAL, snapshot.id, snapshot)
            return snapshot
        group.local = False
        group.end_one(LOCAL, snapshot.id, snapshot)
        if group.busy or (self._place != "above" and len(group.workers) > 1):
            return group
        self._groups.pop(group.key, None)
        self._on_end(group)
        return snapshot._replace(workers=group.alone) if len(group.workers) == 1 else group.last()

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def open(self) -> bool:
        """Whether there is any group."""
        return bool(self._groups)

    @property
    def merges(self) -> bool:
        """Whether bars of this process, or their ends, have to do with those of others."""
        return self._ranked or self._place == "worker" or any(not group.local for group in self._groups.values())

    @property
    def waits_for_ranks(self) -> bool:
        """Whether a bar of another rank is still open in a row of this one."""
        return self._ranked and any(group.busy for group in self._groups.values() if LOCAL in group.workers)

    def tend(self) -> None:
        """Open the rows of new groups, and close those that nobody has had a bar in for a while."""
        now, room = self._clock(), ROWS_AT_ONCE
        for group in list(self._groups.values()):
            if group.local:
                continue
            patience = WAIT_FOR_LOCAL if self._ranked and not group.shown else LINGER
            if group.idle_since is not None and now - group.idle_since >= (0.0 if self._over(group) else patience):
                self.end(group, None)
            elif not (group.shown or group.late) and room and not (self._ranked and now - group.born < WAIT_FOR_LOCAL):
                room -= 1
                group.shown = True
                self._rows.show(group)

    def settle(self) -> None:
        """Close the rows that nobody has a bar in now; those of ranks wait for the ranks that are behind."""
        if not (self._ranked or self._place == "worker"):
            self.settle_all()

    def _over(self, group: Group) -> bool:
        """Tell whether no other bar can come: the bar of the rank that draws has ended, and so have all the others."""
        return self._ranked and LOCAL in group.workers

    def end(self, group: Group, state: State | None) -> None:
        """End a row; bars that are still open there are shown in the given state."""
        if self._groups.pop(group.key, None) is None:
            return
        for bars in self._bars.values():
            for bar_id in [bar_id for bar_id, (each, _) in bars.items() if each is group]:
                del bars[bar_id]
        if group.late:
            self._on_end(group)
            return
        if not group.shown:
            self._rows.show(group)
        self._rows.finish(group.last(state))
        self._on_end(group)

    def end_all(self, state: State) -> None:
        """End all rows, the inner ones first."""
        if state == "interrupted":
            self.forgive()
        for group in reversed(list(self._groups.values())):
            if not group.local:
                self.end(group, state)

    # ── another process that draws in the place of this one ──────────────────────────────────────────────────────────

    def remember(self, past: Iterable[Snapshot], worker: int = LOCAL, *, ranked: bool = False) -> None:
        """Take in what was done before this process began to draw.

        Args:
            past: The last snapshot of each row.
            worker: The process that has done it.
            ranked: Whether it is a rank of the job, so that it goes with the first bar of the name in each other one.
        """
        for last in past:
            group = self._group(self._key(worker, None, last, ranked), last, None, ranked=ranked)
            if group is not None:
                group.end_one(worker, last.id, last)

    def busy(self, workers: Collection[int]) -> bool:
        """Tell whether one of these workers has a bar open."""
        return any(group.busy_with(workers) for group in self._groups.values())

    @property
    def failed(self) -> bool:
        """Whether a bar has failed in a row that is there."""
        return any(group.failed for group in self._groups.values())

    @property
    def idle(self) -> bool:
        """Whether there are rows, but no bar is open in any of them."""
        return self.open and not any(group.busy for group in self._groups.values())

    def settle_all(self) -> None:
        """End the rows that nobody has a bar in now."""
        self.settle_without(())

    def settle_without(self, there: Collection[int]) -> None:
        """End the rows that nobody has a bar in now, if none of their workers can begin another one.

        Args:
            there: The workers that are not gone.
        """
        for group in reversed(list(self._groups.values())):
            if not (group.local or group.busy or group.workers.intersection(there)):
                self.end(group, None)

    def pasts(self, there: Collection[int]) -> list[list[Snapshot]]:
        """Return what this process has done, and each of those that are gone: a last snapshot for each row.

        Args:
            there: The workers that are not gone.
        """
        groups = [group for group in self._groups.values() if group.parent is None]
        gone = sorted({worker for group in groups for worker in group.workers}.difference(there))
        each = [[worker] for worker in gone[:APART]]
        if gone[APART:]:
            each.append(gone[APART:])
        return [[last for group in groups if (last := group.done_by(workers)) is not None] for workers in each]
