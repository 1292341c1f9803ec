"""An outer bar moves between its own units with the bars inside it."""

import threading
from typing import Any

import pytest

import headway
from headway.drawing.hub import hub
from headway.reporting.nest import Nest
from headway.snapshot import Number
from headway.testing import Recorder


class Inner:
    """A nested bar as the nest sees it."""

    ids = iter(range(1, 1000))

    def __init__(self, position: Number = 0, total: Number | None = 10) -> None:
        self.id = next(self.ids)
        self.position: Number = position
        self.total = total


@pytest.fixture
def nest(clock: Any) -> Nest:
    """The inside of a bar with ten units."""
    return Nest(clock)


def run(nest: Nest, clock: Any, n: int, *seconds: float) -> None:
    """Run bars of so many seconds one after the other, inside of the unit after `n`."""
    for each in seconds:
        bar = Inner()
        nest.opened(bar, n)
        clock.tick(each)
        bar.position = 10
        nest.closed(bar, n)


def test_one_bar_is_one_unit(nest: Nest) -> None:
    """Half of the inner bar is half a unit of the outer one."""
    inner = Inner(5)
    nest.opened(inner, 2)

    assert nest.position(2, 10) == 2.5


def test_the_share_of_each_bar_is_learnt_from_the_unit_before(nest: Nest, clock: Any) -> None:
    """Training took 9 seconds and validation 1: half of the validation is 95 % of the epoch."""
    run(nest, clock, 0, 9.0, 1.0)
    run(nest, clock, 1, 9.0)
    validation = Inner(5)
    nest.opened(validation, 1)

    assert nest.position(1, 10) == pytest.approx(1.95)


def test_in_the_first_unit_the_first_bar_is_all_of_it(nest: Nest, clock: Any) -> None:
    """Before anything is learnt a second bar adds nothing; the unit is not taken for done, and its end not for known."""
    run(nest, clock, 0, 9.0)
    inner = Inner(5)
    nest.opened(inner, 0)

    assert nest.position(0, 10) == 0.99
    assert nest.eta(5.0) is None


def test_a_bar_that_ends_early_has_done_what_it_has_done(nest: Nest) -> None:
    """An inner bar that fails half way leaves the outer one half way."""
    inner = Inner(5)
    nest.opened(inner, 0)
    nest.closed(inner, 0)

    assert nest.position(0, 10) == 0.5


def test_bars_at_the_same_time_are_a_unit_each(nest: Nest) -> None:
    """Four files at a time, each half done, are two files; one that is done counts once, before and after it is counted."""
    files = [Inner(5) for _ in range(4)]
    for file in files:
        nest.opened(file, 0)
    assert nest.position(0, 10) == 2.0

    files[0].position = 10
    nest.closed(files[0], 0)
    assert nest.position(0, 10) == 2.5
    assert nest.position(1, 10) == 2.5


def test_the_position_never_goes_back(nest: Nest) -> None:
    """An inner bar that starts over does not take the outer one back; an outer count that goes back does."""
    inner = Inner(8)
    nest.opened(inner, 3)
    forward = nest.position(3, 10)
    inner.position = 1
    assert forward == nest.position(3, 10) == 3.8

    assert nest.position(1, 10) == pytest.approx(1.1)


@pytest.mark.parametrize("total", [None, 0])
def test_a_bar_without_a_total_adds_nothing(nest: Nest, total: int | None) -> None:
    """What has no total has no share."""
    inner = Inner(5, total)
    nest.opened(inner, 2)

    assert nest.position(2, 10) == 2


def test_the_position_stays_within_the_total(nest: Nest) -> None:
    """The last unit is not passed, nor 100 % reached, before it is counted; overshoot is the outer bar's own."""
    inner = Inner(50)
    nest.opened(inner, 9)

    assert nest.position(9, 10) == 9.99
    assert nest.position(12, 10) == 12


def test_a_dropped_bar_adds_nothing(nest: Nest) -> None:
    """A bar that is gone without having been closed is not waited for."""
    nest.opened(Inner(5), 0)

    assert nest.position(0, 10) == 0


def test_loops_in_a_loop_roll_up(recorded: Recorder) -> None:
    """Plain nested loops give the outer bar a position and a remaining time between its own steps."""
    outer = headway.track(range(4), desc="epochs")
    seen = []
    for epoch in outer:
        for batch in headway.track(range(100), desc="batches"):
            if epoch == 2 and batch == 50:
                seen.append(outer.bar.snapshot())

    assert (seen[0].n, seen[0].position, seen[0].fraction) == (2, 2.5, 0.625)
    assert (recorded.last("epochs").n, recorded.last("epochs").position) == (4, None)


def test_threads_in_a_bar_roll_up(recorded: Recorder) -> None:
    """Bars that threads open inside a bar count for it while they run."""
    gate, go = threading.Barrier(5), threading.Event()

    def work() -> None:
        with headway.get_bar(10, desc="file") as bar:
            bar.update(5)
            gate.wait()
            go.wait()
            bar.update(5)

    with headway.get_bar(4, desc="files") as files:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.wait()
        half = files.position
        go.set()
        for thread in threads:
            thread.join()
            files.update()

    assert half == 2.0
    assert recorded.last("files").state == "finished"


def test_bars_may_be_nested_to_any_depth(recorded: Recorder) -> None:
    """Four hundred bars, each in another, are read and ended; the outermost ones move with those inside."""
    bars: list[headway.Bar] = []
    for depth in range(400):
        bars.append(headway.get_bar(2, desc=str(depth), parent=bars[-1] if bars else None))
    hub.throttle.call(lambda: [bar.snapshot() for bar in bars])
    bars[1].update()

    assert bars[0].position == 0.5
    for bar in bars[::-1]:
        bar.close()
    assert [s.depth for s in recorded.closed] == list(range(400))[::-1]
