"""A training run described in one call: its rows, its steps, its ends, and the same results unshown."""

import sys
import weakref
from typing import Any

import pytest

import headway
from headway.testing import Recorder
from headway.training.forecast import Forecast
from training_runs import Loader, Stream, epoch_row

Clock = Any


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


def test_a_mapping_of_metrics_may_have_any_names(recorded: Recorder) -> None:
    """Names that are no keywords come in a mapping, beside keywords; what is no mapping raises."""
    loop = headway.loop([0], epochs=1)
    for _ in loop:
        for _ in loop.train():
            loop.metrics({"train/loss": 0.5, "lr": 1}, lr=2)
        with pytest.raises(TypeError, match="takes a mapping of names to values"):
            loop.metrics(0.5)  # type: ignore[arg-type]

    assert [m.text for m in recorded.last("training").metrics.values()] == ["0.5000", "2"]


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


def test_the_values_of_a_run_are_let_go_with_it(recorded: Recorder) -> None:
    """What was reported last is not kept alive by a loop that is over."""

    class Model:
        def loss(self) -> float:
            return 0.5

    model = Model()
    freed = weakref.ref(model)
    loop = headway.loop(range(3), epochs=1)
    for _epoch in loop:
        for _batch in loop.train():
            loop.metrics(loss=model.loss)
    del model

    assert freed() is None
    assert recorded.last("training").metrics["loss"].value == 0.5


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
        (
            {"epochs": 1, "widgets": ["nonsense"], "backend": "plain"},
            headway.UnknownWidgetError,
            "no widget named 'nonsense'",
        ),
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


def test_a_run_and_its_epochs_say_the_step(recorded: Recorder) -> None:
    """Both rows have the optimizer steps of the run, so that metrics can be put where they belong."""
    loop = headway.loop(range(4), epochs=2, accumulate=2)
    seen = []
    for _epoch in loop:
        for _batch in loop.train():
            seen.append(loop.bar.snapshot().step)

    assert seen == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [recorded.last(desc).step for desc in ("epoch 1", "epoch 2", "training")] == [2, 4, 4]


def test_an_epoch_stands_in_its_run(recorded: Recorder) -> None:
    """An epoch is one bar inside of the run, and one unit of it where the run counts epochs."""
    for about, share in (({"epochs": 1}, 1.0), ({"max_steps": 4}, None)):
        loop: Any = headway.loop(range(4), desc=str(share), **about)
        for _epoch in loop:
            for _batch in loop.train():
                pass
        epoch, run = recorded.last("epoch 1"), recorded.last(str(share))

        assert (0, 1, None, share) == (run.depth, epoch.depth, run.share, epoch.share)
        assert run.began is not None
        assert epoch.began is not None
        assert run.began <= epoch.began


def test_a_run_says_what_holds_it_up(recorded: Recorder) -> None:
    """A loop has the block of a bar."""
    loop = headway.loop(range(1), epochs=1)
    for _epoch in loop:
        with loop.blocked("waiting for data"):
            assert loop.bar.snapshot().blocked == "waiting for data"
        for _batch in loop.train():
            pass


def test_an_epoch_does_not_begin_with_the_metrics_of_the_one_before(recorded: Recorder) -> None:
    """Its first snapshot has none; the last one of the run has all."""
    loop = headway.loop([1, 2], epochs=2, metrics=[headway.Metric("acc", best="max")])
    for epoch in loop:
        for _ in loop.train():
            loop.metrics(loss=0.5)
        if not epoch:
            loop.metrics(acc=0.9)

    opened = {s.desc: [*s.metrics] for s in recorded.opened}
    assert opened == {"training": [], "epoch 1": [], "epoch 2": []}
    assert {s.desc: [*s.metrics] for s in recorded.closed} == {
        "epoch 1": ["acc", "loss"],
        "epoch 2": ["loss"],
        "training": ["acc", "loss"],
    }
    assert recorded.last("training").metrics["acc"].mark == " (first 0.9000, best 0.9000 at step 2)"


def test_the_metrics_of_the_present_phase_come_first(recorded: Recorder) -> None:
    """They are the last to give way in a narrow row; an order that was asked for stays."""
    loop = headway.loop([1, 2], epochs=2, validation=[1], metrics=["lr"])
    orders = []
    for _ in loop:
        for _ in loop.train():
            loop.metrics({"train/loss": 0.5, "lr": 0.1})
        for _ in loop.validate():
            loop.metrics({"val/loss": 0.4})
            orders.append([*loop._rows.epoch.snapshot().metrics])
        loop.metrics({"val/acc": 0.9})

    assert orders == [["lr", "val/loss", "train/loss"]] * 2
    first = ["lr", "val/loss", "val/acc", "train/loss"]
    assert {s.desc: [*s.metrics] for s in recorded.closed} == dict.fromkeys(("epoch 1", "epoch 2", "training"), first)


def test_a_run_that_is_over_has_as_many_epochs_as_it_had() -> None:
    """Its representation counts none that is to come."""
    loop = headway.loop([1, 2], epochs=2)
    seen = [repr(loop) for _ in loop for _ in loop.train()]

    assert "epoch 1/2, step 1" in seen[0]
    assert "epoch 2/2, step 4, running" in seen[-1]
    assert "epoch 2/2, step 4, finished" in repr(loop)
