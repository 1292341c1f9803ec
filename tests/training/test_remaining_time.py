"""The remaining time and the percentage of a run, over all that is still to come."""

import random
import threading
from typing import Any

import pytest

import headway
from headway.testing import Recorder
from training_runs import Loader, Stream, epoch_row, steps_of

Clock = Any


def test_a_run_tells_no_remaining_time_while_its_batch_stands_still(recorded: Recorder, clock: Clock) -> None:
    """A loader that hangs: the epoch's row says stalled, and the run's does not go on to count down."""
    loop = headway.loop(Loader(range(30)), epochs=2)
    for _epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            epoch_row(loop), loop.bar.snapshot()
            if batch == 20:
                assert loop.bar.snapshot().eta is not None
                clock.tick(200.0)
                run = loop.bar.snapshot()
                assert (epoch_row(loop).stalled, run.stalled, run.eta) == (200.0, None, None)
        loop.stop()
    assert recorded.last("training").state == "stopped"


def test_the_remaining_time_has_all_that_is_to_come(recorded: Recorder, clock: Clock) -> None:
    """Batches, validations and checkpoints that are still to come are added up, each at its own pace."""
    loop = headway.loop(range(10), epochs=3, validation=range(5))
    steps = steps_of(loop, clock)
    for _ in range(14):  # the first epoch, and four batches of the second
        next(steps)
        loop.bar.snapshot()
    s = loop.bar.snapshot()

    assert s.eta == pytest.approx(7 + 10 + 2 * 2.5 + 2 * 2.0, rel=0.03)  # the batch in hand is not done
    assert s.fraction == pytest.approx((14.5 + 3) / 43.5, rel=0.03)
    assert s.n == 1
    list(steps)


@pytest.mark.parametrize("every", [2, 3])
def test_validation_every_so_many_epochs(recorded: Recorder, clock: Clock, every: int) -> None:
    """Only the validations that are due are waited for."""
    loop = headway.loop(range(10), epochs=6, validation=range(5), validate_every=every)
    steps = steps_of(loop, clock, save=0.0)
    for _ in range(11 + 10 * (every - 1)):
        next(steps)
        loop.bar.snapshot()
    left = 60 - 10 * every + 2.5 * (6 // every - 1)

    assert loop.eta == pytest.approx(left, rel=0.03)
    list(steps)


def test_validation_within_an_epoch_is_counted_in(recorded: Recorder, clock: Clock) -> None:
    """Four validations an epoch are four in the remaining time."""
    loop = headway.loop(range(20), epochs=3, validation=range(4), validate_every_batches=5)
    marks, n = [], 0
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(1.0)
            loop.bar.snapshot()
            n += 1
            if n == 21:
                marks.append(loop.eta)
            if loop.validation_due:
                for _ in loop.validate():
                    clock.tick(0.5)

    assert marks[0] == pytest.approx(40 + 8 * 2.0, rel=0.03)


def test_before_a_validation_was_seen_it_is_a_third_of_training(recorded: Recorder, clock: Clock) -> None:
    """In the first epoch a validation batch is taken to cost a third of a training batch."""
    loop = headway.loop(range(10), epochs=1, validation=range(6))
    steps = steps_of(loop, clock)
    for _ in range(6):
        next(steps)
        loop.bar.snapshot()

    pace = loop.plan.train.work.pace
    assert pace == pytest.approx(1.0, rel=0.2)
    assert loop.eta == pytest.approx(pace * (5 + 6 / 3), rel=0.02)
    list(steps)


def test_a_validation_that_never_comes_is_not_waited_for(recorded: Recorder, clock: Clock) -> None:
    """If an epoch that was to be validated is not, the next ones are not expected to be."""
    loop = headway.loop(range(10), epochs=3, validation=range(1000))
    marks = []
    for epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            loop.bar.snapshot()
            if (epoch, batch) == (1, 5):
                marks.append(loop.eta)

    assert marks[0] == pytest.approx(15.0, rel=0.03)


def test_the_run_never_goes_back(recorded: Recorder, clock: Clock) -> None:
    """Whatever the phases cost, the percentage of the run only grows, and ends at 100 %."""
    dice = random.Random(0)
    loop = headway.loop(range(8), epochs=5, validation=range(4), validate_every=2)
    shares = []
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(dice.expovariate(1.0))
            shares.append(loop.bar.snapshot().fraction or 0.0)
        if loop.validation_due:
            for _batch in loop.validate():
                clock.tick(dice.expovariate(0.2))
                shares.append(loop.bar.snapshot().fraction or 0.0)
        with loop.phase("checkpoint"):
            clock.tick(dice.choice([0.0, 10.0]))
            shares.append(loop.bar.snapshot().fraction or 0.0)

    assert shares == sorted(shares)
    assert recorded.last("training").fraction == 1.0
    assert shares[-1] < 1.0001


def test_batches_of_unknown_number_are_learnt_from_the_first_epoch(recorded: Recorder) -> None:
    """Without a length the first epoch has no total; the next ones have an estimate, and their true one at the end."""
    loop = headway.loop(Stream(7), epochs=2)
    totals = []
    for _epoch in loop:
        for batch in loop.train():
            if batch == 3:
                s = epoch_row(loop)
                totals.append((s.n, s.total, s.estimated))

    assert totals == [(3, None, False), (3, 7, True)]
    assert [(s.n, s.total, s.estimated, s.state) for s in recorded.closed[:2]] == [(7, 7, False, "finished")] * 2


def test_there_is_no_hundred_percent_before_the_end(recorded: Recorder, clock: Clock) -> None:
    """While a last checkpoint is written the run is not shown as complete, nor its end as now."""
    loop = headway.loop(range(10), epochs=1)
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(1.0)
            loop.bar.snapshot()
        with loop.phase("checkpoint"):
            clock.tick(30.0)
            s = loop.bar.snapshot()

    assert s.fraction is not None
    assert (int(s.fraction * 100), s.eta) == (99, None)


@pytest.mark.parametrize(
    "about",
    [
        {"max_steps": 20, "accumulate": 16},
        {"max_steps": 30, "accumulate": 4},
        {"max_steps": 33, "validation": range(5)},
        {"epochs": 4, "validation": range(5), "validate_every_batches": 6},
        {"epochs": 4, "validation": range(5), "validate_every_batches": 4},
        {"epochs": 4, "validation": range(5), "validate_every": 3},
        {"epochs": 100, "max_time": 40.0, "validation": range(5)},
        {"epochs": 100, "max_steps": 25},
    ],
)
def test_the_remaining_time_of_a_steady_run_is_right(recorded: Recorder, clock: Clock, about: Any) -> None:
    """Once each phase has been seen, what remains is what it takes, whatever ends the run."""
    told: list[tuple[float, float]] = []
    loop = headway.loop(range(10), **about)

    def look() -> None:
        clock.tick(1.0)
        loop.bar.snapshot()
        epoch_row(loop)

    for _epoch in loop:
        for batch in loop.train():
            look()
            if "validate_every_batches" in about and loop.validation_due:
                for _ in loop.validate():
                    look()
            if loop.epoch and batch == 5 and loop.eta is not None:
                told.append((clock.now, loop.eta))
        if "validate_every_batches" not in about and "validation" in about and loop.validation_due:
            for _ in loop.validate():
                look()

    truth = [clock.now - at for at, _ in told]
    assert told
    assert [eta for _, eta in told] == pytest.approx(truth, abs=3.5)


def test_epochs_of_different_lengths(recorded: Recorder, clock: Clock) -> None:
    """Each epoch goes by its own loader, and those to come by the last one."""
    etas = []
    loop = headway.loop(range(200), epochs=3)
    for epoch in loop:
        for batch in loop.train(range((20, 40, 40)[epoch])):
            clock.tick(1.0)
            loop.bar.snapshot()
            if batch == 10:
                etas.append(loop.eta)

    assert etas[1:] == [pytest.approx(30 + 20, abs=3), pytest.approx(30, abs=3)]


def test_an_estimate_gives_way_to_what_the_first_epoch_came_to(recorded: Recorder) -> None:
    """Where a loader's hint is wrong, the second epoch goes by the count of the first."""

    class Hinting(Stream):
        def __length_hint__(self) -> int:
            return 10

    totals = []
    loop = headway.loop(Hinting(15), epochs=2)
    for _epoch in loop:
        for batch in loop.train():
            if batch == 3:
                totals.append((epoch_row(loop).total, epoch_row(loop).estimated))

    assert totals == [(10, True), (15, True)]


def test_the_count_of_epochs_never_goes_back_whoever_reads_it(recorded: Recorder) -> None:
    """Another thread that asks all the time sees the run move in one direction only."""
    seen: list[float] = []
    over = threading.Event()
    loop = headway.loop(range(3), epochs=400)

    def ask() -> None:
        while not over.is_set():
            seen.append(loop.bar.snapshot().fraction or 0.0)

    thread = threading.Thread(target=ask)
    for epoch in loop:
        if epoch == 0:
            thread.start()
        list(loop.train())
    over.set()
    thread.join()

    assert seen == sorted(seen)
