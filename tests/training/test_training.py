"""A training run described in one call: what it shows, what is still to come, and that it computes the same unshown."""

import contextlib
import json
import pickle
import random
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import headway
from headway.snapshot import Snapshot
from headway.testing import Recorder
from headway.training.forecast import Forecast

Clock = Any


class Loader(list):  # type: ignore[type-arg]
    """Batches, with their size, as a loader has them."""

    batch_size = 32


class Stream:
    """Batches whose number is not known before."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        """Give the batches."""
        return (i for i in range(self.n))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Clock:
    """The clock that a run goes by."""
    monkeypatch.setattr("headway.training.bars.monotonic", clock)
    return clock


def epoch_row(loop: headway.Loop[Any, Any]) -> Snapshot:
    """What the row of the present epoch says."""
    assert loop._rows.epoch is not None
    return loop._rows.epoch.snapshot()


def steps_of(
    loop: headway.Loop[Any, Any], clock: Clock, train: float = 1.0, validate: float = 0.5, save: float = 2.0
) -> Any:
    """Run a loop whose batches take so many seconds, and yield after each batch of the training."""
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(train)
            yield loop
        if validate and loop.validation_due:
            for _batch in loop.validate():
                clock.tick(validate)
        with loop.phase("checkpoint"):
            clock.tick(save)


# ── what it shows ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_epoch_leaves_a_row_and_the_run_has_one(recorded: Recorder) -> None:
    """Every finished epoch is kept with its counts and its metrics, and the run ends complete."""
    loop = headway.loop(Loader(range(10)), epochs=2, validation=Loader(range(3)), metrics=["accuracy"])
    for epoch in loop:
        for _batch in loop.train():
            loop.metrics(loss=1.0 / (1 + loop.step))
        for _batch in loop.validate():
            pass
        loop.metrics(accuracy=0.9 + epoch / 100)

    rows = [(s.desc, s.n, s.total, s.state, s.leave, [m.text for m in s.metrics.values()]) for s in recorded.closed]
    assert rows == [
        ("epoch 1", 10, 10, "finished", True, ["0.9000", "0.09091"]),
        ("epoch 2", 10, 10, "finished", True, ["0.9100", "0.04762"]),
        ("training", 2, 2, "finished", True, ["0.9100", "0.04762"]),
    ]
    assert [s.parent for s in recorded.closed[:2]] == [loop.bar.id] * 2
    assert (loop.state, loop.step) == ("finished", 20)


def test_the_row_says_which_phase_it_is(recorded: Recorder, clock: Clock) -> None:
    """Training and validation have a count, total and rate of their own; a checkpoint leaves the training's."""
    seen = []
    loop = headway.loop(Loader(range(10)), epochs=1, validation=Loader(range(4)))
    for _epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            epoch_row(loop)
            if batch == 5:
                seen.append(epoch_row(loop))
        for batch in loop.validate():
            clock.tick(0.25)
            epoch_row(loop)
            if batch == 2:
                seen.append(epoch_row(loop))
        with loop.phase("checkpoint"):
            seen.append(epoch_row(loop))

    assert [(s.phase, s.n, s.total) for s in seen] == [("train", 5, 10), ("validate", 2, 4), ("checkpoint", 10, 10)]
    assert seen[0].rate == pytest.approx(1.0, rel=0.3)
    assert seen[1].rate == pytest.approx(4.0, rel=0.5)
    assert recorded.last("epoch 1").phase == ""


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


def test_validation_never_spoils_the_rate_of_the_training(recorded: Recorder, clock: Clock) -> None:
    """Minutes of validation in the middle of an epoch leave the training at its one batch a second."""
    loop = headway.loop(range(100), epochs=1, validation=range(10), validate_every_batches=25)
    rates = []
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(1.0)
            rates.append(epoch_row(loop).rate)
            if loop.validation_due:
                for _ in loop.validate():
                    clock.tick(60.0)

    assert rates[-1] == pytest.approx(1.0, rel=0.02)
    assert recorded.last("epoch 1").rate == pytest.approx(1.0)


def test_samples_a_second_are_shown(recorded: Recorder) -> None:
    """Where the batches have a size, the row knows the samples in one."""
    loop = headway.loop(Loader(range(10)), epochs=1, units={"token": 32 * 128})
    for _epoch in loop:
        list(loop.train())

    assert recorded.last("epoch 1").units == {"sample": 32.0, "token": 4096.0}


def test_a_message_stands_beside_its_epoch(recorded: Recorder) -> None:
    """A message is shown until the next epoch; a written line stands above."""
    loop = headway.loop(range(2), epochs=2)
    for epoch in loop:
        list(loop.train())
        if epoch == 0:
            loop.message("warming\nup")
            loop.write("above")

    assert [recorded.last(f"epoch {i}").message for i in (1, 2)] == ["warming up", ""]
    assert recorded.written == ["above"]


def test_a_run_may_stand_in_another_bar_and_hold_others(recorded: Recorder) -> None:
    """Folds around a run, and a bar of the program's inside of it, find their places."""
    with headway.get_bar(2, desc="folds") as folds:
        for _ in range(2):
            loop = headway.loop(range(3), epochs=1)
            for _epoch in loop:
                list(loop.train())
                list(headway.track(range(2), desc="inside"))
            folds.update()

    assert recorded.last("training").parent == recorded.last("folds").id
    assert recorded.last("inside").parent == recorded.last("training").id
    assert recorded.last("folds").state == "finished"


# ── what is to come ──────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── optimizer steps ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("batches", "accumulate", "due"), [(10, 4, [3, 7, 9]), (8, 4, [3, 7]), (3, 1, [0, 1, 2]), (2, 4, [1])]
)
def test_a_step_is_due_every_so_many_batches(batches: int, accumulate: int, due: list[int]) -> None:
    """The optimizer steps every `accumulate` batches, and once for the rest at the end of an epoch."""
    loop = headway.loop(range(batches), epochs=2, accumulate=accumulate, backend="off")
    found: list[list[int]] = [[], []]
    for epoch in loop:
        for batch in loop.train():
            if loop.step_due:
                found[epoch].append(batch)

    assert found == [due, due]
    assert loop.step == 2 * len(due)


def test_batches_and_steps_are_both_shown(recorded: Recorder) -> None:
    """With accumulation the row has batches and steps, each of its own total."""
    loop = headway.loop(range(10), epochs=1, accumulate=4)
    seen = []
    for _epoch in loop:
        for batch in loop.train():
            if batch == 6:
                seen.append(headway.widgets.cells(epoch_row(loop), "count", ()))

    assert [cell.text for cell in seen[0]] == ["6/10", "step 1/3"]


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── endings ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_early_stopping_is_a_success_that_says_why(recorded: Recorder) -> None:
    """`stop` ends the loop with the present epoch, which is complete, and the run's row has the reason."""
    loop = headway.loop(range(3), epochs=10)
    epochs = []
    for epoch in loop:
        epochs.append(epoch)
        list(loop.train())
        if epoch == 2:
            loop.stop("no better for 2 epochs")

    assert epochs == [0, 1, 2]
    last = recorded.last("training")
    assert (last.n, last.total, last.state, last.reason) == (3, 10, "stopped", "no better for 2 epochs")
    assert recorded.last("epoch 3").state == "finished"


@pytest.mark.parametrize(("trained", "epoch", "n"), [(True, "finished", 1), (False, "stopped", 0)])
def test_a_break_stops_the_run(recorded: Recorder, trained: bool, epoch: str, n: int) -> None:
    """Leaving the loop ends the run early; an epoch that was trained is complete all the same."""
    for _epoch in (loop := headway.loop(range(3), epochs=5)):
        for _batch in loop.train():
            if not trained:
                break
        break

    last = recorded.last("training")
    assert (last.state, last.n, recorded.last("epoch 1").state) == ("stopped", n, epoch)


@pytest.mark.parametrize(("error", "state"), [(RuntimeError, "failed"), (KeyboardInterrupt, "interrupted")])
@pytest.mark.parametrize("where", ["train", "validate", "checkpoint", "between"])
def test_an_exception_ends_epoch_and_run(
    recorded: Recorder, error: type[BaseException], state: str, where: str
) -> None:
    """Wherever an exception comes from, it passes, and both rows say what it was."""
    loop = headway.loop(range(3), epochs=5, validation=range(2))

    def training() -> None:
        for _epoch in loop:
            for _batch in loop.train():
                if where == "train":
                    raise error
            if where == "between":
                raise error
            for _batch in loop.validate():
                if where == "validate":
                    raise error
            with loop.phase("checkpoint"):
                if where == "checkpoint":
                    raise error

    with pytest.raises(error):
        training()
    assert (recorded.last("epoch 1").state, recorded.last("training").state) == (state, state)


def test_a_with_block_has_the_reason_of_a_failure(recorded: Recorder) -> None:
    """In a `with` block the run's row says what went wrong, where the loop itself was left in good order."""
    with pytest.raises(RuntimeError), headway.loop(range(3), epochs=1) as loop:
        iterator = iter(loop)
        next(iterator)
        raise RuntimeError("out of memory")

    last = recorded.last("training")
    assert (last.state, last.reason) == ("failed", "RuntimeError: out of memory")


def test_a_loop_that_is_over_is_over(recorded: Recorder) -> None:
    """A second loop over a finished run has no epochs, and reporting to it warns once."""
    loop = headway.loop(range(3), epochs=1)
    for _epoch in loop:
        list(loop.train())

    assert list(loop) == []
    assert list(loop.train()) == [0, 1, 2]
    with pytest.warns(headway.HeadwayWarning, match="over"):
        loop.metrics(loss=1.0)
    loop.stop("too late")
    assert len([s for s in recorded.closed if s.desc == "training"]) == 1


def test_epochs_that_are_cut_short_by_a_break_count(recorded: Recorder) -> None:
    """Whoever takes only some batches of each epoch still comes to the end of the run."""
    loop = headway.loop(range(10), epochs=3)
    for _epoch in loop:
        for batch in loop.train():
            if batch == 4:
                break

    last = recorded.last("training")
    assert (last.n, last.state, recorded.last("epoch 2").state) == (3, "finished", "stopped")


def test_a_break_after_the_last_batch_leaves_a_whole_epoch(recorded: Recorder) -> None:
    """Whoever leaves the training by hand after its last batch has trained all of it."""
    loop = headway.loop(range(10), epochs=2)
    for _epoch in loop:
        for batch in loop.train():
            if batch == 9:
                break
        state = loop.state_dict()

    assert (state["epoch"], state["batches"]) == (2, 0)
    assert [recorded.last(f"epoch {i}").state for i in (1, 2)] == ["finished", "finished"]


def test_a_run_that_is_done_when_the_time_is_up_is_finished(recorded: Recorder, clock: Clock) -> None:
    """A time budget that ends with the last epoch cuts nothing."""
    loop = headway.loop(range(10), epochs=2, max_time=19.5)
    list(steps_of(loop, clock, validate=0.0, save=0.0))

    assert (recorded.last("training").state, recorded.last("training").n) == ("finished", 2)


def test_a_run_of_any_length_is_looked_at_in_no_time(recorded: Recorder, clock: Clock) -> None:
    """What is to come is worked out, not counted up, however much it is."""
    loop = headway.loop(range(2), max_steps=10**15, validation=range(5), validate_every=3)
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(1.0)
            loop.bar.snapshot()
        break

    pace = loop.plan.train.work.pace
    assert Forecast(loop.plan).eta(None) == pytest.approx(pace * (10**15 + 10**15 / 6 * 5 / 3), rel=0.01)


# ── resume ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def settings(**about: Any) -> headway.Loop[Any, Any]:
    """Describe the run that is cut and resumed."""
    return headway.loop(
        Loader(range(10)), epochs=4, validation=range(5), accumulate=3,
        metrics=[headway.Metric("loss", best="min")], **about,
    )  # fmt: skip


@pytest.mark.parametrize("carry", [lambda d: json.loads(json.dumps(d)), lambda d: pickle.loads(pickle.dumps(d))])
@pytest.mark.parametrize("cut", [1, 5, 10, 14, 20, 29])
def test_a_run_goes_on_where_it_was(recorded: Recorder, clock: Clock, carry: Callable[[Any], Any], cut: int) -> None:
    """Cut anywhere and resumed, the run trains each batch once, and all numbers go on."""
    trained: list[tuple[int, int]] = []
    state: Any = None
    loop = settings()
    for epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            trained.append((epoch, batch))
            loop.metrics(loss=1.0 / len(trained))
            if len(trained) == cut:
                state = carry(loop.state_dict())
                break
        if state:
            break
    again = settings()
    again.load_state_dict(state)
    for epoch in again:
        for batch in again.train():
            clock.tick(1.0)
            trained.append((epoch, batch))
            again.metrics(loss=1.0 / len(trained))

    assert trained == [(epoch, batch) for epoch in range(4) for batch in range(10)]
    last = recorded.last("training")
    assert (again.step, last.n, last.total, last.state) == (16, 4, 4, "finished")
    assert last.elapsed == pytest.approx(40.0)
    assert last.metrics["loss"].best_at == 16


def test_a_checkpoint_after_an_epoch_goes_on_with_the_next(clock: Clock) -> None:
    """A checkpoint that was taken behind the training of an epoch begins with the next one, whole."""
    loop = settings(backend="off")
    for epoch in loop:
        list(loop.train())
        if epoch == 1:
            state = loop.state_dict()
            break
    again = settings(backend="off")
    again.load_state_dict(state)

    assert [(epoch, list(again.train())) for epoch in again] == [(2, list(range(10))), (3, list(range(10)))]


def test_skipped_batches_show_as_skipping(recorded: Recorder) -> None:
    """While batches of before are passed over, the row says `skip` with its own count."""
    seen = []

    class Slow(Loader):
        def __iter__(self) -> Iterator[int]:
            for i in range(10):
                if again is not None and i < 6:
                    seen.append(epoch_row(again))
                yield i

    again: Any = None
    first = headway.loop(Slow(range(10)), epochs=1)
    for _epoch in first:
        for batch in first.train():
            if batch == 5:
                state = first.state_dict()
                break
    again = headway.loop(Slow(range(10)), epochs=1)
    again.load_state_dict(state)
    for _epoch in again:
        rest = list(again.train())

    assert rest == [6, 7, 8, 9]
    assert [(s.phase, s.n, s.total) for s in seen] == [("skip", max(0, i - 1), 6) for i in range(6)]


def test_after_a_resume_the_rate_is_this_sessions_and_the_remaining_time_right_at_once(
    recorded: Recorder, clock: Clock
) -> None:
    """At 90 % the new machine is half as fast: the rate says so, and what remains is right from the first steps."""
    first = headway.loop(range(100), epochs=10, validation=range(10))
    steps = steps_of(first, clock, train=1.0, validate=0.5, save=5.0)
    for _ in range(900):
        next(steps)
    state = first.state_dict()
    steps.close()

    again = headway.loop(range(100), epochs=10, validation=range(10))
    again.load_state_dict(state)
    steps = steps_of(again, clock, train=2.0, validate=1.0, save=5.0)
    next(steps)
    at_once = again.bar.snapshot()
    for _ in range(5):
        next(steps)
        epoch_row(again)
    soon, row = again.bar.snapshot(), epoch_row(again)

    assert at_once.fraction == pytest.approx(0.9, abs=0.02)
    assert at_once.eta == pytest.approx(100 + 5 + 5, rel=0.1)
    assert soon.eta == pytest.approx(95 * 2.0 + 5 + 5, rel=0.1)
    assert row.rate == pytest.approx(0.5, rel=0.1)
    assert soon.elapsed == pytest.approx(1000, rel=0.1)
    list(steps)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"version": 2}, ValueError, "no state of a headway loop, version 1"),
        ({"epoch": -1}, ValueError, "epoch must not be negative"),
        ({"batches": 1.5}, TypeError, "batches must be a whole number"),
        ({"elapsed": float("nan")}, ValueError, "elapsed must be a finite number"),
        ({"metrics": {"a": 1}}, ValueError, "metrics must be the metrics"),
        ({"phases": {"train": {"pace": "fast", "usual": 1}}}, ValueError, "phases must be the phases"),
        ({"phases": {"train": 5}}, ValueError, "phases must be the phases"),
    ],
)
def test_a_strange_state_is_refused_whole(change: Any, error: type[Exception], match: str) -> None:
    """A damaged state raises, says what is wrong, and nothing of it is taken over."""
    loop = settings(backend="off")
    state = {**settings(backend="off").state_dict(), "epoch": 3, **change}

    with pytest.raises(error, match=match):
        loop.load_state_dict(state)
    assert next(iter(loop)) == 0


def test_a_state_is_loaded_before_the_run() -> None:
    """In the middle of a run it is too late."""
    loop = settings(backend="off")
    for _epoch in loop:
        with pytest.raises(RuntimeError, match="belongs before"):
            loop.load_state_dict(loop.state_dict())


# ── unshown ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class DeviceTensor:
    """Behaves like a scalar on a device: reading it is a synchronisation, and is counted."""

    reads = 0

    def item(self) -> float:
        """Wait for the device."""
        type(self).reads += 1
        return 0.5


def training(**about: Any) -> tuple[list[Any], list[Any]]:
    """Train with a budget, a checkpoint and a resume, and return all that the program could see."""
    seen: list[Any] = []
    loop = headway.loop(Loader(range(10)), epochs=3, max_steps=12, accumulate=2, validation=range(3), **about)
    states = []
    for epoch in loop:
        for batch in loop.train():
            loop.metrics(loss=DeviceTensor(), lr=0.1)
            seen.append((epoch, batch, loop.step, loop.step_due))
            if batch == 4:
                states.append(loop.state_dict())
        if loop.validation_due:
            seen.append(list(loop.validate()))
    for state in states:
        state.pop("elapsed"), state.pop("phases")
        state["metrics"] = sorted(state["metrics"])
    return seen, states


def test_a_run_computes_the_same_with_progress_off(recorded: Recorder) -> None:
    """Batches, steps, budgets and checkpoints do not depend on whether anybody looks."""
    DeviceTensor.reads = 0
    shown, states = training()
    reads, DeviceTensor.reads = DeviceTensor.reads, 0
    unshown, states_off = training(backend="off")
    headway.use("off")
    off_states = [{**state, "metrics": []} for state in states]

    assert shown == unshown
    assert off_states == [{**state, "metrics": []} for state in states_off]
    assert 1 <= reads <= 15


def test_with_progress_off_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With progress off no metric is converted, not even for a checkpoint or at the end."""
    monkeypatch.setenv("HEADWAY_BACKEND", "off")
    DeviceTensor.reads = 0
    training()

    assert DeviceTensor.reads == 0


def test_without_threads_it_is_the_same(run: Any) -> None:
    """With `HEADWAY_THREADS=0` batches, steps and checkpoints are the same."""
    code = """
    import headway, json
    loop = headway.loop(range(10), epochs=2, accumulate=3)
    seen = []
    for epoch in loop:
        for batch in loop.train():
            loop.metrics(loss=1.0)
            if loop.step_due: seen.append((epoch, batch, loop.step, loop.state_dict()["batches"]))
    print(json.dumps(seen), loop.state)
    """
    with_thread, without = run(code), run(code, HEADWAY_THREADS="0")

    assert with_thread.stdout == without.stdout
    assert with_thread.stdout.endswith("finished\n")


# ── what a stranger found ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stop_in_the_middle_of_an_epoch_changes_nothing_of_it(recorded: Recorder) -> None:
    """After `stop` the present epoch goes on as it would have, steps and numbers included; it is the last one."""
    seen = []
    loop = headway.loop(range(8), epochs=3, accumulate=4)
    for epoch in loop:
        for batch in loop.train():
            loop.metrics(loss=1.0)
            if batch == 1:
                loop.stop("enough")
            seen.append((epoch, loop.epoch, loop.step, loop.step_due))

    assert seen == [(0, 0, 1 + i // 4, i in (3, 7)) for i in range(8)]
    assert [(s.desc, s.state, s.reason) for s in recorded.closed] == [
        ("epoch 1", "finished", ""), ("training", "stopped", "enough"),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["interrupt", "break"])
def test_a_state_that_is_taken_after_the_run_was_left_goes_on_with_the_rest(how: str) -> None:
    """Saved on the way out, a run that was cut in an epoch is resumed in that epoch."""
    trained: list[tuple[int, int]] = []

    def train(loop: headway.Loop[Any, Any], cut: int) -> None:
        for epoch in loop:
            for batch in loop.train():
                if len(trained) == cut and how == "interrupt":
                    raise KeyboardInterrupt
                trained.append((epoch, batch))
                if len(trained) == cut and how == "break":
                    break
            if len(trained) == cut:
                break

    first, second = (headway.loop(range(100), epochs=3, backend="off") for _ in range(2))
    with contextlib.suppress(KeyboardInterrupt):
        train(first, 150)
    state = first.state_dict()
    second.load_state_dict(state)
    train(second, -1)

    assert trained == [(epoch, batch) for epoch in range(3) for batch in range(100)]
    assert (state["epoch"], state["batches"], second.step) == (1, 50, 300)


def test_a_loaded_state_survives_being_saved_again() -> None:
    """Until the batches were passed over, a state that is saved is the one that was loaded."""
    state = {**headway.loop(range(100), epochs=3, backend="off").state_dict(), "epoch": 1, "batches": 50, "steps": 100}
    loop = headway.loop(range(100), epochs=3, backend="off")
    loop.load_state_dict(state)
    before = loop.state_dict()
    for _epoch in loop:
        inside = loop.state_dict()
        next(loop.train())
        after = loop.state_dict()
        break

    assert [(s["epoch"], s["batches"], s["steps"]) for s in (before, inside, after)] == [
        (1, 50, 100), (1, 50, 100), (1, 51, 100),
    ]  # fmt: skip


def test_a_loader_that_fails_while_batches_are_passed_over_may_be_tried_again() -> None:
    """When passing over breaks off, the next try passes over all of them again."""
    fails = iter([True, False])

    class Flaky(Loader):
        def __iter__(self) -> Iterator[int]:
            broken = next(fails)
            for i in range(10):
                if broken and i == 3:
                    raise OSError
                yield i

    loop = headway.loop(Flaky(range(10)), epochs=1, backend="off")
    loop.load_state_dict({**headway.loop([], epochs=1, backend="off").state_dict(), "batches": 6})
    for _epoch in loop:
        with pytest.raises(OSError):
            loop.train()
        assert list(loop.train()) == [6, 7, 8, 9]


@pytest.mark.parametrize("cut", [3, 5, 7, 10, 12])
def test_an_epoch_may_be_trained_in_several_passes(cut: int) -> None:
    """Two passes an epoch count on, keep to the budget, and are resumed in either."""
    trained: list[tuple[int, int]] = []

    def train(loop: headway.Loop[Any, Any]) -> Any:
        for _epoch in loop:
            for part in range(2):
                for batch in loop.train():
                    trained.append((part, batch))
                    assert loop.step == len(trained)
                    if len(trained) == cut:
                        return loop.state_dict()
        return None

    about: dict[str, Any] = {"max_steps": 13, "backend": "off"}
    again = headway.loop(range(5), **about)
    again.load_state_dict(train(headway.loop(range(5), **about)))
    train(again)

    assert trained == [(i // 5 % 2, i % 5) for i in range(13)]
    assert (again.step, again.state) == (13, "finished")


def test_steps_that_are_counted_are_steps_that_were_due() -> None:
    """Where the length is not known the rest of an epoch is carried on; the numbers count on without a gap."""
    due = []
    loop = headway.loop(max_steps=6, accumulate=4, backend="off")
    for _epoch in loop:
        for _batch in loop.train(x for x in range(10)):
            if loop.step_due:
                due.append(loop.step)

    assert (due, loop.step, loop.state) == ([1, 2, 3, 4, 5, 6], 6, "finished")


def test_the_row_of_an_epoch_of_unknown_length_has_the_steps_that_were_made(recorded: Recorder) -> None:
    """Ten batches at four a step were two steps, then three with what was carried on, and the rows say so."""
    loop = headway.loop(Stream(10), epochs=2, accumulate=4)
    for _epoch in loop:
        list(loop.train())

    assert [headway.widgets.counted(s, "step") for s in recorded.closed[:2]] == ["step 2/2", "step 3/3"]


def test_a_break_loses_no_step() -> None:
    """A batch after which the training was left counts: no step has a number twice."""
    steps = []
    loop = headway.loop(range(10), epochs=3, backend="off")
    for _epoch in loop:
        for batch in loop.train():
            steps.append(loop.step)
            if batch == 3:
                break

    assert steps == list(range(1, 13))


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


def test_a_resume_between_validations_keeps_what_was_done(recorded: Recorder, clock: Clock) -> None:
    """Validations of before the resume count, and those to come are still expected."""
    about: dict[str, Any] = {"epochs": 4, "validation": range(50), "validate_every_batches": 40}

    def run(loop: headway.Loop[Any, Any], cut: int) -> Any:
        for epoch in loop:
            for batch in loop.train():
                clock.tick(1.0)
                loop.bar.snapshot()
                if loop.validation_due:
                    for _ in loop.validate():
                        clock.tick(1.0)
                if epoch * 100 + batch == cut:
                    return loop.bar.snapshot(), loop.state_dict()
        return None

    before, state = run(headway.loop(range(100), **about), 190)
    again = headway.loop(range(100), **about)
    again.load_state_dict(state)
    after, _ = run(again, 198)

    assert after.fraction == pytest.approx(before.fraction, abs=0.03)
    assert after.eta == pytest.approx(before.eta - 8, rel=0.15)


def test_the_rate_of_a_resumed_run_leaves_the_skipping_out(recorded: Recorder, clock: Clock) -> None:
    """Passing over batches is no work: neither its time nor its count is in the run's rate."""

    class Slow(Loader):
        def __iter__(self) -> Iterator[int]:
            for i in range(100):
                if i < 50:
                    clock.tick(1.0)
                yield i

    loop = headway.loop(Slow(range(100)), max_steps=300)
    loop.load_state_dict({**headway.loop([], epochs=1, backend="off").state_dict(), "batches": 50})
    for _epoch in loop:
        for batch in loop.train():
            clock.tick(2.0)
            s = loop.bar.snapshot()
            if batch == 60:
                break
        break

    assert s.rate == pytest.approx(0.5, rel=0.2)


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


def test_a_step_budget_over_batches_of_unknown_number_is_never_finished_at_a_part(recorded: Recorder) -> None:
    """With epochs and a budget the run is measured in epochs; when the budget ends it, it says so."""
    for max_steps, state, n in ((1000, "finished", 3), (25, "stopped", 2)):
        loop = headway.loop(Stream(10), epochs=3, max_steps=max_steps)
        for _epoch in loop:
            list(loop.train())
        last = recorded.last("training")
        assert (last.state, last.n, last.total, last.unit) == (state, n, 3, "epoch")
    assert last.reason == "step budget of 25 used"


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


def test_the_values_of_a_run_are_let_go_with_it(recorded: Recorder) -> None:
    """What was reported last is not kept alive by a loop that is over."""

    class Model:
        def __call__(self) -> float:
            return 0.5

    model = Model()
    freed = weakref.ref(model)
    loop = headway.loop(range(3), epochs=1)
    for _epoch in loop:
        for _batch in loop.train():
            loop.metrics(loss=model)
    del model

    assert freed() is None
    assert recorded.last("training").metrics["loss"].value == 0.5


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("about", "error", "match"),
    [
        ({}, ValueError, "must be told when the run ends"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"epochs": "3"}, TypeError, "epochs must be a number"),
        ({"epochs": 1, "accumulate": -2}, ValueError, "accumulate must be at least 1"),
        ({"max_time": 0}, ValueError, "max_time must be more than 0 seconds"),
        ({"batches": 5, "epochs": 1}, TypeError, "batches must be an iterable"),
        ({"epochs": 1, "units": {"token": 0}}, ValueError, "units must be positive"),
        ({"epochs": 1, "units": 5}, TypeError, "units must map names to numbers"),
        ({"epochs": 1, "widgets": ["nonsense"]}, headway.UnknownWidgetError, "no widget named 'nonsense'"),
    ],
)
def test_mistakes_raise_at_the_call(about: Any, error: type[Exception], match: str) -> None:
    """What cannot be is told where it is written."""
    with pytest.raises(error, match=match):
        headway.loop(**about)


def test_phases_belong_into_epochs() -> None:
    """`train` outside of the loop over the epochs, and without batches, says what to do."""
    loop = headway.loop(epochs=1, backend="off")
    with pytest.raises(RuntimeError, match="belongs inside of the loop over the epochs"):
        loop.train()
    for _epoch in loop:
        with pytest.raises(TypeError, match="has no batches"):
            loop.train()
        with pytest.raises(ValueError, match=r"loop\.train\(\)"):
            loop.phase("train")
        assert list(loop.train(range(3))) == [0, 1, 2]


def test_nothing_is_kept_of_a_run() -> None:
    """The items of a run are not kept alive by it, and its row is closed when it is dropped."""
    items = [object() for _ in range(3)]
    before = [sys.getrefcount(item) for item in items]
    loop = headway.loop(items, epochs=1, backend="off")
    for _epoch in loop:
        for _item in loop.train():
            pass
    del _item

    assert before == [sys.getrefcount(item) for item in items]
