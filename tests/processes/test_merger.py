"""Bars of many workers as one: what the sum, the mean and the end of them are."""

from time import monotonic
from typing import Any

import pytest

from headway.processes.group import Group
from headway.processes.merger import BARS_OF_ONE, LINGER, ROWS, Merger
from headway.snapshot import Reading, Snapshot, Workers


class Shown:
    """Rows as they are shown."""

    drawing = True

    def __init__(self) -> None:
        self.open: list[Group] = []
        self.last: list[Snapshot] = []
        self._ids = 100

    def show(self, group: Group) -> None:
        """Open a row."""
        self.open.append(group)

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row."""
        self.last.append(snapshot)

    def say(self, text: str, terminal: int | None) -> None:
        """Write nothing."""

    def new_id(self) -> int:
        """Count."""
        self._ids += 1
        return self._ids


class Worker:
    """Somebody who reports."""

    def __init__(self, number: int, rank: int | None = None) -> None:
        self.number, self.rank, self.label = number, rank, f"worker {number}"


A, B = Worker(1), Worker(2)
BAR = Snapshot(1, desc="train", total=100, n=10, rate=2.0, eta=45.0, elapsed=5.0)


@pytest.fixture
def shown() -> Shown:
    """The rows."""
    return Shown()


def merger_of(shown: Shown, *, ranked: bool = False) -> Any:
    """Return a merger whose time passes by its `now += seconds`, and that notes which rows have `ended`."""
    ended: list[Group] = []
    made: Any = Merger(shown, ranked=ranked, clock=lambda: monotonic() + made.now, on_end=ended.append)
    made.now, made.ended = 0.0, ended
    return made


def test_bars_of_one_name_are_a_sum(shown: Shown) -> None:
    """Counts, totals and rates add up, the remaining time is the slowest's, metrics are means."""
    merger = merger_of(shown)
    metrics = {"loss": Reading(1.0, "1.00", format=".2f")}
    merger.take(A, "open", BAR._replace(metrics=metrics))
    merger.take(B, "open", BAR._replace(n=60, rate=8.0, eta=5.0, metrics={"loss": Reading(2.0, "2.00", format=".2f")}))
    merger.tend()
    (row,) = shown.open
    s = row.snapshot()

    assert (s.n, s.total, s.rate, s.eta, s.state) == (70, 200, 10.0, 45.0, "running")
    assert s.workers == Workers(2, 0.1, 0.6)
    assert (s.metrics["loss"].value, s.metrics["loss"].text) == (1.5, "1.50")


def test_nothing_remains_of_bars_that_are_done(shown: Shown) -> None:
    """While their row waits for the next one, its remaining time is nothing, not unknown."""
    merger = merger_of(shown)
    for worker in (A, B):
        merger.take(worker, "open", BAR)
    merger.tend()
    (row,) = shown.open
    for worker, eta in ((A, 45.0), (B, 0.0)):
        merger.take(worker, "close", BAR._replace(n=100, state="finished", eta=None))
        assert row.snapshot().eta == eta

    merger.take(A, "open", BAR)
    merger.take(A, "close", BAR._replace(state="stopped", eta=None))
    assert (row.snapshot().n, row.snapshot().total, row.snapshot().eta) == (210, 300, None)


def test_one_worker_is_shown_as_it_is(shown: Shown) -> None:
    """A bar that has no like keeps all that it reports."""
    merger = merger_of(shown)
    bar = BAR._replace(metrics={"loss": Reading(1.0, "1.0", "*", best=1.0, best_at=3)}, eta_low=40.0, message="m")
    merger.take(A, "open", bar)
    merger.tend()

    assert bar._replace(id=shown.open[0].id) == shown.open[0].snapshot()


def test_one_task_after_the_other_adds_up(shown: Shown) -> None:
    """What the workers of a pool have done stays counted while they take their next task."""
    merger = merger_of(shown)
    for task in range(3):
        for worker in (A, B):
            merger.take(worker, "open", BAR._replace(id=task, n=0))
            merger.take(worker, "close", BAR._replace(id=task, n=100, state="finished"))
    merger.now += LINGER
    merger.tend()

    (last,) = shown.last
    assert (last.n, last.total, last.state, last.workers) == (600, 600, "finished", Workers(2, 1.0, 1.0))


def test_a_row_waits_for_the_next_task(shown: Shown) -> None:
    """A row without a bar stays for a moment."""
    merger = merger_of(shown)
    merger.take(A, "close", BAR._replace(state="finished"))
    merger.tend()
    assert shown.last == []
    merger.now += LINGER
    merger.tend()
    assert len(shown.last) == 1


def test_the_worst_end_is_the_end(shown: Shown) -> None:
    """One that failed makes the row failed, with its reason; one that is lost has failed."""
    merger = merger_of(shown)
    merger.take(A, "open", BAR)
    merger.take(B, "close", BAR._replace(state="finished"))
    merger.lose(A)
    merger.now += LINGER
    merger.tend()

    assert (shown.last[0].state, shown.last[0].reason) == ("failed", "lost worker 1")


@pytest.mark.parametrize("order", [("lose", "forgive"), ("forgive", "lose"), ("lose",)])
def test_a_worker_that_is_lost_as_this_process_is_interrupted_has_not_failed(
    shown: Shown, order: tuple[str, ...]
) -> None:
    """Ctrl-C reaches both, in either order."""
    merger = merger_of(shown)
    merger.take(A, "open", BAR)
    for step in order:
        merger.lose(A) if step == "lose" else merger.forgive()
    merger.end_all("interrupted")

    assert (shown.last[0].state, shown.last[0].reason) == ("interrupted", "")


def test_a_worker_that_has_failed_before_an_interrupt_has_failed(shown: Shown) -> None:
    """Its own reason is told."""
    merger = merger_of(shown)
    merger.take(A, "close", BAR._replace(state="failed", reason="ValueError: boom"))
    merger.take(B, "open", BAR)
    merger.lose(B)
    merger.end_all("interrupted")

    assert (shown.last[0].state, shown.last[0].reason) == ("failed", "ValueError: boom")


def test_inner_bars_are_in_their_outer_row(shown: Shown) -> None:
    """Nested bars of two workers are one row in the row of their outer bars, of the present inner bars alone."""
    merger = merger_of(shown)
    for worker in (A, B):
        merger.take(worker, "open", BAR._replace(id=1, desc="epochs"))
        for inner in (2, 3):
            merger.take(worker, "open", BAR._replace(id=inner, parent=1, desc="batches", n=0))
            merger.take(worker, "close" if inner == 2 else "update", BAR._replace(id=inner, parent=1, n=7 * inner))
    merger.tend()
    outer, inner = shown.open

    assert inner.snapshot().parent == outer.id
    assert (inner.snapshot().n, inner.snapshot().total) == (42, 200)


def test_ranks_go_together_one_by_one(shown: Shown) -> None:
    """The second bar of a rank goes with the second of the one that draws, even if that has not begun it yet."""
    merger = merger_of(shown, ranked=True)
    other = Worker(1, rank=1)
    merger.opened(BAR._replace(id=50, n=90))
    merger.take(other, "open", BAR._replace(id=1, n=95))
    merger.take(other, "close", BAR._replace(id=1, n=100, state="finished"))
    merger.take(other, "open", BAR._replace(id=2, n=1))

    assert merger.joined(BAR._replace(id=50, n=98)).n == 198
    last = merger.closed(BAR._replace(id=50, n=100, state="finished"))
    assert (last.n, last.total, last.workers) == (200, 200, Workers(2, 1.0, 1.0))
    merger.opened(BAR._replace(id=51, n=0))
    assert merger.joined(BAR._replace(id=51, n=0)).n == 1
    assert shown.open == []


def test_a_rank_that_is_late_gets_no_row(shown: Shown) -> None:
    """What another rank tells of when the bar that it goes with is over is not shown a second time."""
    merger = merger_of(shown, ranked=True)
    other = Worker(1, rank=1)
    merger.opened(BAR._replace(id=50))
    assert merger.closed(BAR._replace(id=50, n=100, state="finished")).workers is None
    for rows in (0, 1):  # the second bar of that name goes with none yet
        merger.take(other, "open", BAR._replace(n=50))
        merger.now += 10
        merger.tend()
        merger.take(other, "close", BAR._replace(n=100, state="finished"))
        merger.now += 10
        merger.tend()
        assert len(shown.last) == rows


def test_epochs_of_ranks_are_not_added_up(shown: Shown) -> None:
    """An epoch of one rank is an epoch of all: the row shows how far the slowest is."""
    merger = merger_of(shown, ranked=True)
    other = Worker(1, rank=1)
    merger.opened(BAR._replace(id=50, unit="epoch", n=3, total=10))
    merger.take(other, "open", BAR._replace(unit="epoch", n=2, total=10))
    both = merger.joined(BAR._replace(id=50, unit="epoch", n=3, total=10))

    assert (both.id, both.n, both.total, both.workers) == (50, 2, 10, Workers(2, 0.2, 0.3))


def test_the_slowest_rank_has_the_least_of_its_own_epochs(shown: Shown) -> None:
    """Its share counts, not its number: a rank that has ended with fewer epochs is no slow one."""
    merger = merger_of(shown, ranked=True)
    short = Snapshot(1, desc="epochs", unit="epoch", n=4, total=4)
    merger.opened(short._replace(n=0))
    merger.take(Worker(1, rank=1), "open", short._replace(n=5, total=10))

    joined = merger.joined(short)

    assert (joined.n, joined.total) == (5, 10)


def test_a_row_outlives_the_rank_that_draws(shown: Shown) -> None:
    """Where another rank is not done when ours is, the row goes on and ends with it."""
    merger = merger_of(shown, ranked=True)
    other = Worker(1, rank=1)
    merger.opened(BAR._replace(id=50))
    merger.take(other, "open", BAR._replace(n=50))
    group = merger.closed(BAR._replace(id=50, n=100, state="finished"))

    assert (group.id, group.snapshot().n) == (50, 150)
    merger.take(other, "close", BAR._replace(n=100, state="finished"))
    merger.tend()
    assert (shown.last[0].id, shown.last[0].n, shown.last[0].state) == (50, 200, "finished")


def test_a_worker_has_so_many_bars_and_no_more(shown: Shown) -> None:
    """Bars of one worker, and rows in all, are bounded."""
    merger = merger_of(shown)
    for i in range(2 * BARS_OF_ONE):
        merger.take(A, "open", BAR._replace(id=i, desc=str(i)))
    for number in range(10):
        for i in range(BARS_OF_ONE):
            merger.take(Worker(10 + number), "open", BAR._replace(id=i, desc=f"{number}-{i}"))
    for _ in range(100):
        merger.tend()

    assert len(shown.open) == ROWS
    assert merger.ignored > 0


def test_a_row_says_where_it_stands_and_since_when(shown: Shown) -> None:
    """It is as deep as the rows around it here, began with its first bar, and is held up as one of them is."""
    merger = merger_of(shown)
    for worker, began in ((A, 30.0), (B, 20.0)):
        merger.take(worker, "open", BAR._replace(depth=3, began=began, deadline=began + 100, step=int(began)))
        merger.take(worker, "open", Snapshot(2, parent=1, desc="inner", depth=4, began=began))
    merger.take(B, "update", BAR._replace(depth=3, began=20.0, deadline=120.0, step=20, blocked="the disk"))
    merger.tend()
    outer, inner = (group.snapshot() for group in shown.open)

    assert (outer.depth, outer.began, outer.deadline, outer.step, outer.blocked) == (0, 20.0, 120.0, 20, "the disk")
    assert (inner.depth, inner.began, inner.deadline, inner.step, inner.blocked) == (1, 20.0, None, None, "")


def test_the_row_of_one_worker_stands_here_as_well(shown: Shown) -> None:
    """How deep its bar is in the worker says nothing here; an end is held up by nothing."""
    merger = merger_of(shown)
    merger.take(A, "open", BAR._replace(depth=3, blocked="the disk"))
    merger.tend()
    (row,) = shown.open
    before = row.snapshot()
    merger.lose(A)

    assert (before.depth, before.blocked) == (0, "the disk")
    assert row.last().blocked == ""


def test_ranks_are_told_that_a_row_has_ended_with_the_bar_of_the_one_that_draws(shown: Shown) -> None:
    """They do not tell the next process that draws of it again, if there is one."""
    merger = merger_of(shown, ranked=True)
    rank = Worker(1, 1)
    merger.opened(BAR)
    merger.take(rank, "open", BAR)
    merger.take(rank, "close", BAR._replace(n=100, state="finished"))
    assert not merger.ended
    last = merger.closed(BAR._replace(n=100, state="finished"))

    assert (last.n, last.state) == (200, "finished")
    assert [group.key[1:4] for group in merger.ended] == [("", "train", "it")]


def test_the_next_rank_that_draws_goes_on_with_what_the_one_before_has_done(shown: Shown) -> None:
    """Its first bar of a name goes with the last of the one that is gone, and with the first of each other rank."""
    merger = merger_of(shown, ranked=True)
    merger.remember([BAR._replace(n=100, state="finished")], -1, ranked=True)
    merger.opened(BAR)
    merger.take(Worker(1, 2), "open", BAR._replace(n=20))

    joined = merger.joined(BAR)

    assert (joined.n, joined.total, joined.state) == (130, 300, "running")
    assert joined.workers == Workers(3, 0.1, 1.0)
