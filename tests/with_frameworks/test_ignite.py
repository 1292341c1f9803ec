"""The handlers for the real pytorch-ignite."""

import os
import warnings
from typing import Any

import pytest

import headway
from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("ignite")
    from ignite.engine import Engine, Events
    from ignite.metrics import Average

    from headway.integrations.ignite import Progress

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")


def engines() -> tuple[Any, Any]:
    """Return a trainer that validates at the end of each epoch."""
    trainer = Engine(lambda _engine, batch: float(batch))
    evaluator = Engine(lambda _engine, batch: float(batch))
    Average().attach(trainer, "mean")
    Average().attach(evaluator, "val_mean")
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda _: evaluator.run(range(4)))
    return trainer, evaluator


def test_epochs_with_validation(rows: Any, recorded: Recorder, values: Any) -> None:
    """Each epoch has a row, with the output, the engine's metrics and those of the validation."""
    trainer, evaluator = engines()
    Progress().attach(trainer, "all", lambda output: {"loss": output}, validation=evaluator)
    trainer.run(range(10), max_epochs=3)

    assert rows() == [(f"epoch {i}", 10, 10, "finished") for i in (1, 2, 3)] + [("training", 3, 3, "finished")]
    assert values(recorded.last("epoch 3")) == {"loss": 9.0, "mean": 4.5, "val_mean": 1.5}


def test_a_single_epoch_is_a_row_of_batches(rows: Any, recorded: Recorder, values: Any) -> None:
    """An evaluator by itself needs no run around it."""
    _, evaluator = engines()
    Progress(desc="evaluation").attach(evaluator, "val_mean", lambda output: output)
    evaluator.run(range(6))

    assert rows() == [("evaluation", 6, 6, "finished")]
    assert values(recorded.last("evaluation")) == {"val_mean": 2.5, "output": 5.0}


def test_terminate_is_a_stop(rows: Any) -> None:
    """An engine that is terminated has not done all."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=14), lambda engine: engine.terminate())
    trainer.run(range(10), max_epochs=3)

    assert rows() == [("epoch 1", 10, 10, "finished"), ("epoch 2", 4, 10, "stopped"), ("training", 1, 3, "stopped")]


def test_terminate_shows_the_last_output(recorded: Recorder, values: Any) -> None:
    """Outputs are read ten times a second; where a run ends between two readings its last one is read."""
    trainer, _ = engines()
    Progress().attach(trainer, output_transform=lambda loss: {"loss": loss})
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=14), lambda engine: engine.terminate())
    trainer.run(range(10), max_epochs=3)

    assert values(recorded.last("epoch 2")) == {"loss": 3.0}


@pytest.mark.parametrize("epochs", [1, 3])
def test_outputs_are_read_to_be_seen_only(recorded: Recorder, epochs: int) -> None:
    """`output_transform`, which may wait for a device, is called ten times a second and not for each batch."""
    read: list[float] = []
    trainer = Engine(lambda _engine, batch: float(batch))
    Progress().attach(trainer, output_transform=lambda loss: read.append(loss) or {"loss": loss})  # type: ignore[func-returns-value]
    trainer.run(range(500), max_epochs=epochs)

    assert epochs <= len(read) < 100


def test_an_exception_goes_on(rows: Any) -> None:
    """The rows are failed, and the exception reaches the caller although a handler was added."""

    def fails(_engine: Any, batch: int) -> None:
        if batch == 3:
            raise ValueError("boom")

    trainer = Engine(fails)
    Progress().attach(trainer)
    with pytest.raises(ValueError, match="boom"):
        trainer.run(range(10), max_epochs=2)

    assert rows() == [("epoch 1", 3, 10, "failed"), ("training", 0, 2, "failed")]


def test_the_users_own_handler_decides(rows: Any) -> None:
    """Where the user handles exceptions, theirs decides whether it goes on."""

    def fails(_engine: Any, _batch: int) -> None:
        raise ValueError("boom")

    trainer, seen = Engine(fails), []
    Progress().attach(trainer)
    trainer.add_event_handler(Events.EXCEPTION_RAISED, lambda _engine, error: seen.append(error))
    trainer.run(range(3), max_epochs=2)

    assert {str(error) for error in seen} == {"boom"}
    assert rows()[-1] == ("training", 0, 2, "failed")


def test_resume(rows: Any, recorded: Recorder) -> None:
    """An engine that goes on from a state begins where that was."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.load_state_dict({"iteration": 20, "max_epochs": 3, "epoch_length": 10})
    trainer.run(range(10))

    assert recorded.opened[0].n == 2
    assert rows() == [("epoch 3", 10, 10, "finished"), ("training", 3, 3, "finished")]


def test_an_iterator_without_a_length(rows: Any) -> None:
    """What has no length has its count."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.run(iter(range(7)), max_epochs=1)

    assert rows()[-1][1:] == (7, 7, "finished")


def test_an_epoch_that_is_cut_counts(rows: Any) -> None:
    """After `terminate_epoch()` the count of each epoch is that of its batches, and the run has done its epochs."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=4), lambda engine: engine.terminate_epoch())
    trainer.run(range(10), max_epochs=3)

    assert rows() == [(f"epoch {i}", 4, 10, "stopped") for i in (1, 2, 3)] + [("training", 3, 3, "finished")]


def test_a_cut_in_the_first_epoch_alone(rows: Any) -> None:
    """The engine counts iterations on from the cut; the epochs behind it are whole."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=3), lambda engine: engine.terminate_epoch())
    trainer.run(range(10), max_epochs=2)

    assert rows() == [
        ("epoch 1", 3, 10, "stopped"),
        ("epoch 2", 10, 10, "finished"),
        ("training", 2, 2, "finished"),
    ]


@pytest.mark.parametrize("iterations", [10, 13])
def test_a_run_of_so_many_iterations(rows: Any, recorded: Recorder, iterations: int) -> None:
    """With `max_iters` a run is done when it has done them, whole epochs or not."""
    trainer, _ = engines()
    Progress().attach(trainer)
    trainer.run(range(5), max_iters=iterations)

    assert rows()[-1] == ("training", iterations, iterations, "finished")
    assert recorded.closed[-1].unit == "step"


def test_a_metric_of_ignite_is_left_alone(recorded: Recorder) -> None:
    """`hasattr(metric, "item")` is true of it, and what that returns would empty it."""
    metric = Average()
    for value in (1.0, 2.0):
        metric.update(value)
    with pytest.warns(headway.HeadwayWarning, match="Average"), headway.get_bar(1, desc="a") as bar:
        bar.metrics(mean=metric)
        bar.update()

    assert metric.compute() == 1.5
    assert recorded.last("a").metrics["mean"].text == "?"
