"""The callback for the real Trainer of transformers, beside its own bar."""

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Recorder, record

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("transformers")
        pytest.importorskip("accelerate")
    import torch
    from torch.utils.data import IterableDataset
    from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    from headway.integrations.transformers import Progress, attach

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")


class Small(torch.nn.Module):
    """A model of one layer, always with the same weights."""

    def __init__(self, fails_at: int | None = None, error: BaseException | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(4, 1)
        self.fails_at, self.error = fails_at, error or ValueError("boom")
        self.calls = 0

    def forward(self, x: Any, labels: Any = None) -> Any:
        self.calls += 1
        if self.calls == self.fails_at:
            raise self.error
        y = self.layer(x).squeeze(-1)
        return {"loss": (y - labels).pow(2).mean(), "logits": y}


DATA = [{"x": torch.arange(4.0) / (i + 1), "labels": torch.tensor(1.0)} for i in range(42)]
"""Eleven batches of four."""


class Stream(IterableDataset[Any]):
    """The same, without a length."""

    def __iter__(self) -> Any:
        return iter(DATA)


def trainer(tmp_path: Path, model: Any = None, data: Any = DATA, callbacks: Any = None, **wishes: Any) -> Any:
    """Return a Trainer that reports to nobody."""
    wishes = {"num_train_epochs": 3, "save_strategy": "no", "logging_steps": 2, **wishes}
    arguments = TrainingArguments(
        str(tmp_path), per_device_train_batch_size=4, per_device_eval_batch_size=4, use_cpu=True, report_to=[], **wishes
    )
    return Trainer(model or Small(), arguments, train_dataset=data, eval_dataset=DATA[:20], callbacks=callbacks)


class Own(ProgressCallback):  # type: ignore[misc]
    """The Trainer's own bar, which keeps what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, Any] = {}
        self.evaluations: list[tuple[int, int]] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
        super().on_log(args, state, control, logs=logs, **more)
        self.logs.update({name: value for name, value in logs.items() if name != "total_flos"})

    def on_evaluate(self, *arguments: Any, **more: Any) -> None:
        self.evaluations.append((self.prediction_bar.n, self.prediction_bar.total))
        super().on_evaluate(*arguments, **more)

    def on_train_end(self, *arguments: Any, **more: Any) -> None:
        self.count = self.training_bar.n, self.training_bar.total
        super().on_train_end(*arguments, **more)


TIMES = ("runtime", "per_second")
SCENES: dict[str, dict[str, Any]] = {
    "epochs": {},
    "accumulation": {"gradient_accumulation_steps": 4},
    "steps": {"max_steps": 20},
    "evaluation each epoch": {"eval_strategy": "epoch"},
    "evaluation each four steps": {"eval_strategy": "steps", "eval_steps": 4, "gradient_accumulation_steps": 2},
    "a stream": {"data": Stream(), "max_steps": 20},
}


@pytest.mark.parametrize("scene", SCENES)
def test_counts_and_metrics_are_those_of_the_own_bar(scene: str, tmp_path: Path, values: Any) -> None:
    """The run ends with the count, the total and the metrics that the Trainer's own bar shows."""
    own = trainer(tmp_path, **SCENES[scene])
    bar = Own()
    own.remove_callback(ProgressCallback)
    own.add_callback(bar)
    own.train()
    with record() as recorded:
        ours = attach(trainer(tmp_path, **SCENES[scene]))
        ours.train()

    run = recorded.last("training")
    shown = values(run)
    assert (bar.count, "finished", "step") == ((run.n, run.total), run.state, run.unit)
    for name, value in bar.logs.items():
        assert name in shown
        if not name.endswith(TIMES):
            assert value == pytest.approx(shown[name]), name


def test_each_epoch_has_a_row(rows: Any, recorded: Recorder, tmp_path: Path) -> None:
    """Batches are counted by epoch, with the steps that they make, and validation within."""
    attach(trainer(tmp_path, gradient_accumulation_steps=2, eval_strategy="epoch")).train()

    assert rows() == [(f"epoch {i}", 11, 11, "finished") for i in (1, 2, 3)] + [("training", 18, 18, "finished")]
    assert recorded.last("epoch 1").units == {"step": 0.5}
    assert "eval_loss" in recorded.last("epoch 3").metrics


def test_evaluate_and_predict(rows: Any, recorded: Recorder, tmp_path: Path, values: Any) -> None:
    """Each has a row of its own, with its metrics."""
    ran = attach(trainer(tmp_path))
    evaluated = ran.evaluate()
    predicted = ran.predict(DATA)

    assert rows() == [("evaluation", 5, 5, "finished"), ("evaluation", 11, 11, "finished")]
    assert evaluated["eval_loss"] == values(recorded.closed[0])["eval_loss"]
    assert predicted.metrics["test_loss"] == values(recorded.closed[1])["test_loss"]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_resume(rows: Any, recorded: Recorder, tmp_path: Path, accumulate: int) -> None:
    """A run that goes on from a checkpoint begins where that one was, in the middle of an epoch."""
    wishes = {"gradient_accumulation_steps": accumulate, "save_strategy": "steps", "save_steps": 8}
    attach(trainer(tmp_path, **wishes)).train()
    recorded.opened.clear()
    recorded.closed.clear()
    attach(trainer(tmp_path, **wishes)).train(resume_from_checkpoint=str(tmp_path / "checkpoint-8"))

    run, epoch = recorded.opened[:2]
    assert (run.n, run.initial) == (8, 8)
    assert (epoch.desc, epoch.n) == (("epoch 1", 8) if accumulate == 1 else ("epoch 2", 4))
    assert {(11, 11, "finished")} == {row[1:] for row in rows()[:-1]}


def test_an_early_stop(rows: Any, recorded: Recorder, tmp_path: Path) -> None:
    """A run that stops early is a success that was not all done."""
    stopping = EarlyStoppingCallback(early_stopping_patience=1)
    attach(
        trainer(
            tmp_path, num_train_epochs=50, eval_strategy="epoch", save_strategy="epoch", callbacks=[stopping],
            load_best_model_at_end=True, metric_for_best_model="eval_loss", greater_is_better=True,
        )
    ).train()  # fmt: skip

    *epochs, run = rows()
    assert ("training", 11 * len(epochs), 550, "stopped") == run


def test_an_interrupt_is_closed_by_what_comes_next(rows: Any, tmp_path: Path) -> None:
    """A Trainer tells nobody that it was interrupted: the rows end when it trains again, and a new run begins."""
    model = Small(fails_at=5, error=KeyboardInterrupt())
    ran = attach(trainer(tmp_path, model, num_train_epochs=1))
    with pytest.raises(KeyboardInterrupt):
        ran.train()
    ran.evaluate()
    ran.train()

    assert rows() == [
        ("evaluation", 5, 5, "finished"),
        ("epoch 1", 4, 11, "failed"),
        ("training", 4, 11, "failed"),
        ("epoch 1", 11, 11, "finished"),
        ("training", 11, 11, "finished"),
    ]


def test_an_exception_that_ends_the_program(run: Any) -> None:
    """At the end of a program that failed the rows say so."""
    done = run(
        f"""
        import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from test_transformers import Small, attach, trainer
        attach(trainer(Path("."), Small(fails_at=5))).train()
        """,
        HEADWAY_BACKEND="plain",
        options=("-W", "ignore"),
    )

    assert "training n=4 total=33 12% unit=step" in done.stderr
    assert "state=failed" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("disable", [False, True])
def test_it_takes_the_place_of_the_own_bar(disable: bool, tmp_path: Path, recorded: Recorder, capfd: Any) -> None:
    """With and without `disable_tqdm` one callback shows progress; a second `attach` changes the look."""
    ran = attach(attach(trainer(tmp_path, disable_tqdm=disable, num_train_epochs=1)), desc="mine")
    shows = [c for c in ran.callback_handler.callbacks if isinstance(c, ProgressCallback | PrinterCallback | Progress)]
    ran.train()

    assert [type(c) for c in shows] == [Progress]
    assert recorded.closed[-1].desc == "mine"
    assert "loss" not in capfd.readouterr().out


def test_other_processes_show_nothing(rows: Any, tmp_path: Path) -> None:
    """Where the Trainer is not the first of its world, no row is opened."""

    class Second(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            state.is_world_process_zero = False

    ran = trainer(tmp_path, num_train_epochs=1, callbacks=[Second()])
    attach(ran).train()

    assert rows() == []


def test_epochs_of_a_stream(rows: Any, tmp_path: Path) -> None:
    """A Trainer's own number of the epoch is a share of `max_steps` there; the rows count the times through the data."""
    attach(trainer(tmp_path, data=Stream(), max_steps=25)).train()

    assert rows() == [
        ("epoch 1", 11, 11, "finished"),
        ("epoch 2", 11, 11, "finished"),
        ("epoch 3", 3, None, "stopped"),
        ("training", 25, 25, "finished"),
    ]


@pytest.mark.parametrize("step", [5, 14])
def test_resume_over_a_stream(rows: Any, recorded: Recorder, tmp_path: Path, step: int) -> None:
    """A Trainer passes over all batches before in its first epoch; if that was more than an epoch, it has no row."""
    wishes = {"data": Stream(), "max_steps": 25, "save_strategy": "steps", "save_steps": step}
    attach(trainer(tmp_path, **wishes)).train()
    recorded.opened.clear()
    recorded.closed.clear()
    attach(trainer(tmp_path, **wishes)).train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{step}"))

    epochs = [(row[0], row[1]) for row in rows()[:-1]]
    assert epochs[0] == ("epoch 1", 11) if step == 5 else ("epoch 2", 11)
    assert all(n > 0 for _, n in epochs)


def test_several_evaluation_sets_are_phases_of_the_epoch(rows: Any, tmp_path: Path) -> None:
    """A Trainer asks for the first one only, and goes on to the others."""
    ran = trainer(tmp_path, num_train_epochs=2, eval_strategy="epoch")
    ran.eval_dataset = {"a": DATA[:20], "b": DATA[:8], "c": DATA[:12]}
    attach(ran).train()
    ran.evaluate(DATA[:20])

    assert rows() == [
        ("epoch 1", 11, 11, "finished"),
        ("epoch 2", 11, 11, "finished"),
        ("training", 22, 22, "finished"),
        ("evaluation", 5, 5, "finished"),
    ]
