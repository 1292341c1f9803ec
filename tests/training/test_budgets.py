"""Step and time budgets, and runs that have no batches."""

import sys
from typing import Any

import pytest

import headway
from headway.testing import Recorder
from training_runs import Stream, steps_of

Clock = Any


@pytest.mark.parametrize(
    ("about", "batches", "steps"),
    [
        ({"max_steps": 25}, 25, 25),
        ({"max_steps": 25, "epochs": 10}, 25, 25),
        ({"max_steps": 5, "accumulate": 4}, 18, 5),
        ({"max_steps": 1000, "epochs": 2}, 20, 20),
        ({"max_steps": 20, "epochs": 2}, 20, 20),
    ],
)
def test_a_step_budget_ends_the_run(recorded: Recorder, about: Any, batches: int, steps: int) -> None:
    """After so many optimizer steps, the rest of an epoch being one, there are no more batches; the run is complete."""
    loop = headway.loop(range(10), **about)
    done = 0
    for _epoch in loop:
        for _batch in loop.train():
            done += 1

    last = recorded.last("training")
    assert (batches, steps, "finished", 1.0) == (done, loop.step, last.state, last.fraction)
    assert last.unit == ("epoch" if about.get("max_steps") == 1000 else "step")


def test_a_run_that_is_measured_in_steps_counts_them_while_it_runs(recorded: Recorder, clock: Clock) -> None:
    """The row of the run moves with the steps, and its remaining time is theirs."""
    loop = headway.loop(range(10), max_steps=30, accumulate=2)
    seen = []
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(1.0)
            seen.append(loop.bar.snapshot())

    assert [s.n for s in seen[:5]] == [0, 0, 1, 1, 2]
    assert seen[20].n == 10
    assert seen[20].eta == pytest.approx(40.0, rel=0.03)
    assert seen[-1].total == 30


def test_a_time_budget_ends_the_run_as_a_success_that_says_why(recorded: Recorder, clock: Clock) -> None:
    """When the time is used up the batch in hand is the last one."""
    loop = headway.loop(range(10), epochs=100, max_time=25.0)
    done = sum(1 for _ in steps_of(loop, clock, validate=0.0, save=0.0))

    assert done == 25
    last = recorded.last("training")
    assert (last.state, last.reason, last.n) == ("stopped", "time budget of 00:25 used", 2)
    assert recorded.last("epoch 3").state == "stopped"


def test_a_time_budget_bounds_the_remaining_time(recorded: Recorder, clock: Clock) -> None:
    """With less time than work, what remains is the time, and the percentage is the time's."""
    loop = headway.loop(range(100), epochs=10, max_time=100.0)
    steps = steps_of(loop, clock, validate=0.0)
    for _ in range(25):
        next(steps)
    s = loop.bar.snapshot()

    assert (s.eta, s.fraction) == (75.0, 0.25)
    list(steps)


def test_nothing_but_the_time_may_end_a_run(recorded: Recorder, clock: Clock) -> None:
    """A run that only has a time to go by is measured in seconds and is complete at its end."""
    loop = headway.loop(range(10), max_time=25.0)
    done = sum(1 for _ in steps_of(loop, clock, validate=0.0, save=0.0))

    last = recorded.last("training")
    assert (done, last.n, last.unit, last.state, last.fraction) == (25, 25.0, "s", "finished", 1.0)


def test_a_run_that_is_done_when_the_time_is_up_is_finished(recorded: Recorder, clock: Clock) -> None:
    """A time budget that ends with the last epoch cuts nothing."""
    loop = headway.loop(range(10), epochs=2, max_time=19.5)
    list(steps_of(loop, clock, validate=0.0, save=0.0))

    assert (recorded.last("training").state, recorded.last("training").n) == ("finished", 2)


@pytest.mark.parametrize("batches", [[], iter(range(3))])
def test_a_run_that_gets_no_batches_ends(recorded: Recorder, batches: Any) -> None:
    """A run that only batches can end does not go on for ever without them: it fails and says so."""
    loop = headway.loop(batches, max_steps=5)
    with pytest.warns(headway.HeadwayWarning, match="had no batches"):
        for _epoch in loop:
            list(loop.train())

    assert recorded.last("training").state == "failed"
    assert "had no batches" in recorded.last("training").reason


def test_an_iterator_that_is_used_up_is_told(recorded: Recorder) -> None:
    """The second epoch over a generator is empty, which is told once."""
    loop = headway.loop((i for i in range(3)), epochs=3)
    with pytest.warns(headway.HeadwayWarning, match="epoch 2 had no batches"):
        for _epoch in loop:
            list(loop.train())

    assert recorded.last("training").state == "finished"


def test_the_epoch_that_a_step_budget_cuts_is_validated(recorded: Recorder) -> None:
    """The model that a budget leaves is due for validation like any other."""
    due = []
    loop = headway.loop(range(10), max_steps=25, validation=range(3))
    for _epoch in loop:
        list(loop.train())
        due.append(loop.validation_due)

    assert due == [True, True, True]


def test_budgets_of_any_size() -> None:
    """A budget beyond all counting is no error."""
    loop = headway.loop(range(3), max_steps=sys.maxsize, accumulate=2, backend="off")
    for _epoch in loop:
        assert list(loop.train()) == [0, 1, 2]
        break


def test_a_time_budget_completes_the_optimizer_step(clock: Clock) -> None:
    """When the time is up in the middle of an accumulation the step is made, and nothing is left over."""
    last = []
    loop = headway.loop(range(10), max_time=5.5, accumulate=4, backend="off")
    for _epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            last = [batch, loop.step_due]

    assert last == [7, True]


def test_a_step_budget_over_batches_of_unknown_number_is_never_finished_at_a_part(recorded: Recorder) -> None:
    """With epochs and a budget the run is measured in epochs; when the budget ends it, it says so."""
    for max_steps, state, n in ((1000, "finished", 3), (25, "stopped", 2)):
        loop = headway.loop(Stream(10), epochs=3, max_steps=max_steps)
        for _epoch in loop:
            list(loop.train())
        last = recorded.last("training")
        assert (last.state, last.n, last.total, last.unit) == (state, n, 3, "epoch")
    assert last.reason == "step budget of 25 used"


def test_a_time_budget_has_a_deadline(recorded: Recorder, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the time of day at which the budget is used up, later by the pauses; the row of an epoch has none."""
    monkeypatch.setattr("headway.training.plan.time", lambda: 1e9 + clock())
    loop = headway.loop(range(4), max_time=100.0)
    told = []
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(10.0)
            told.append(loop.bar.snapshot().deadline)
        with loop.bar.pause():
            clock.tick(30.0)
        told.append(loop.bar.snapshot().deadline)
        loop.stop()

    assert told == [1e9 + 1100.0] * 4 + [1e9 + 1130.0]
    assert recorded.last("training").deadline == 1e9 + 1130.0
    assert recorded.last("epoch 1").deadline is None


@pytest.mark.parametrize("about", [{"epochs": 1}, {"epochs": 1, "max_time": 1e299}])
def test_a_run_without_a_budget_that_ends_has_no_deadline(recorded: Recorder, about: Any) -> None:
    """A run that only its epochs end has none, nor one whose budget lasts for ever."""
    loop = headway.loop(range(2), **about)
    for _epoch in loop:
        for _batch in loop.train():
            assert loop.bar.snapshot().deadline is None
