"""The progress bar for the real Lightning, of both packages, beside its own."""

import os
import pickle
import re
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path
from typing import Any

import pytest

from headway.host import faults
from headway.testing import Recorder, record, run_in_terminal

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("lightning")
        pytest.importorskip("pytorch_lightning")
    import lightning.pytorch
    import pytorch_lightning
    import torch
    from lightning.pytorch.callbacks import EarlyStopping, TQDMProgressBar
    from torch.utils.data import DataLoader, IterableDataset, TensorDataset

    from headway.integrations import lightning as ours
    from headway.integrations import pytorch_lightning as ours_of_the_other

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")


def make(package: Any = lightning.pytorch) -> Any:
    """Return a small model of one of the packages, always with the same weights."""

    class Small(package.LightningModule):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.layer = torch.nn.Linear(4, 1)
            self.fails_at: int | None = None
            self.error: BaseException = ValueError("boom")

        def training_step(self, batch: Any, i: int) -> Any:
            if i == self.fails_at:
                raise self.error
            loss = self.layer(batch[0]).pow(2).mean()
            self.log("loss", loss, prog_bar=True, on_step=True, on_epoch=True)
            self.log("unseen", loss)
            return loss

        def validation_step(self, batch: Any, i: int, dataloader_idx: int = 0) -> None:
            self.log("val", self.layer(batch[0]).pow(2).mean(), prog_bar=True)

        test_step = validation_step

        def predict_step(self, batch: Any, i: int, dataloader_idx: int = 0) -> Any:
            return self.layer(batch[0])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.1)

    return Small()


def loader(batches: int = 10) -> Any:
    """Return a loader that gives the same batches each time."""
    return DataLoader(TensorDataset(torch.arange(16.0 * batches).reshape(-1, 4) / 500), batch_size=4)


class Endless(IterableDataset[Any]):
    """A stream of ten batches that says no length."""

    def __iter__(self) -> Any:
        return iter(torch.ones(10, 4))


def trainer(*callbacks: Any, package: Any = lightning.pytorch, **wishes: Any) -> Any:
    """Return a Trainer that writes nothing."""
    wishes = {"max_epochs": 2, "enable_checkpointing": False, **wishes}
    return package.Trainer(
        accelerator="cpu", logger=False, enable_model_summary=False, callbacks=list(callbacks), **wishes
    )


def test_a_fit_is_a_run_with_its_epochs(rows: Any, recorded: Recorder) -> None:
    """The sanity check, each epoch with its metrics, and the run have a row each."""
    model = make()
    trainer(ours.Progress()).fit(model, loader(), loader(5))

    assert rows() == [
        ("sanity check", 2, 2, "finished"),
        ("epoch 1", 10, 10, "finished"),
        ("epoch 2", 10, 10, "finished"),
        ("training", 2, 2, "finished"),
    ]
    assert {"loss_step", "loss_epoch", "val"} == set(recorded.last("epoch 1").metrics)
    assert recorded.last("training").parent is None
    assert recorded.last("epoch 1").parent == recorded.last("training").id


class Own(TQDMProgressBar):
    """Lightning's own bar, which keeps what it shows at the end of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[tuple[int, Any]] = []
        self.evaluated: list[int] = []

    def on_train_epoch_end(self, *arguments: Any) -> None:
        super().on_train_epoch_end(*arguments)
        self.counts.append((self.train_progress_bar.n, self.train_progress_bar.total))

    def on_train_end(self, trainer: Any, module: Any) -> None:
        self.metrics = self.get_metrics(trainer, module)
        super().on_train_end(trainer, module)


SCENES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "epochs": ({"max_epochs": 3}, loader, loader),
    "accumulation": ({"accumulate_grad_batches": 4}, loader, loader),
    "validation in an epoch": ({"val_check_interval": 3}, loader, loader),
    "validation by fractions": ({"val_check_interval": 0.5}, loader, loader),
    "validation by batches of all epochs": ({"val_check_interval": 15, "check_val_every_n_epoch": None}, loader, loader),
    "validation each other epoch": ({"max_epochs": 4, "check_val_every_n_epoch": 2}, loader, loader),
    "several loaders": ({}, loader, lambda: [loader(3), loader(4)]),
    "steps alone": ({"max_epochs": -1, "max_steps": 15}, loader, lambda: None),
    "limited": ({"limit_train_batches": 6, "limit_val_batches": 2}, loader, loader),
    "no validation": ({}, loader, lambda: None),
    "a stream": ({}, lambda: DataLoader(Endless(), batch_size=1), lambda: None),
}  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
def test_counts_and_metrics_are_those_of_the_own_bar(scene: str, values: Any) -> None:
    """Each epoch ends with the count and the total, and the run with the metrics, that Lightning's own bar shows."""
    wishes, train, validation = SCENES[scene]
    own = Own()
    trainer(own, **wishes).fit(make(), train(), validation())
    with record() as recorded:
        trainer(ours.Progress(), **wishes).fit(make(), train(), validation())

    epochs = [s for s in recorded.closed if s.desc.startswith("epoch")]
    assert [n for n, _ in own.counts] == [s.n for s in epochs]
    if scene not in ("steps alone", "a stream"):
        assert [total for _, total in own.counts] == [s.total for s in epochs]
    assert own.metrics == values(recorded.last("training"))
    assert recorded.last("training").state == "finished"


def test_steps_end_the_run(rows: Any, recorded: Recorder) -> None:
    """A budget of steps is what the run is measured in; the epoch that it cuts says so."""
    trainer(ours.Progress(), max_epochs=10, max_steps=15).fit(make(), loader())

    assert rows() == [
        ("epoch 1", 10, 10, "finished"),
        ("epoch 2", 5, 10, "stopped"),
        ("training", 15, 15, "finished"),
    ]
    assert recorded.last("training").unit == "step"


def test_batches_and_steps_of_accumulation(recorded: Recorder) -> None:
    """Batches are counted, and the optimizer steps that they make stand beside them."""
    fit = trainer(ours.Progress(), accumulate_grad_batches=4, max_steps=6, max_epochs=-1)
    fit.fit(make(), loader())

    assert (fit.global_step, 6, 6) == (6, recorded.last("training").n, recorded.last("training").total)
    assert recorded.last("epoch 1").units == {"step": 0.25}


def test_steps_of_several_optimizers(rows: Any) -> None:
    """With optimization by hand the run counts the steps that Lightning counts, two for each batch."""

    class ByHand(type(make())):  # type: ignore[misc]
        automatic_optimization = False

        def training_step(self, batch: Any, i: int) -> None:
            for optimizer in self.optimizers():
                optimizer.zero_grad()
                self.manual_backward(self.layer(batch[0]).pow(2).mean())
                optimizer.step()

        def configure_optimizers(self) -> Any:
            return [torch.optim.SGD(self.parameters(), 0.1) for _ in range(2)]

    trainer(ours.Progress(), max_epochs=-1, max_steps=12).fit(ByHand(), loader())

    assert rows() == [("epoch 1", 6, 10, "stopped"), ("training", 12, 12, "finished")]


def test_without_any_limit_the_run_is_stopped(rows: Any, recorded: Recorder) -> None:
    """`max_epochs=-1` has no total; what ends it is an early stop, with the reason that the callback gives."""
    stopping = EarlyStopping("loss_epoch", mode="max", patience=1)
    trainer(ours.Progress(), stopping, max_epochs=-1).fit(make(), loader())

    *epochs, run = rows()
    assert run == ("training", len(epochs), None, "stopped")
    assert "loss_epoch" in recorded.last("training").reason


def test_an_early_stop(rows: Any) -> None:
    """A run that stops early is a success that was not all done."""
    trainer(ours.Progress(), EarlyStopping("loss_epoch", mode="max", patience=1), max_epochs=50).fit(make(), loader())

    *epochs, run = rows()
    assert run == ("training", len(epochs), 50, "stopped")


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError("boom"), "failed"), (KeyboardInterrupt(), "interrupted")], ids=["fails", "Ctrl-C"]
)
def test_an_exception_closes_the_rows(rows: Any, recorded: Recorder, error: BaseException, state: str) -> None:
    """A run that raises is failed, one that is interrupted is interrupted, and the exception goes on."""
    model = make()
    model.fails_at, model.error = 4, error
    with pytest.raises((ValueError, SystemExit, KeyboardInterrupt)):
        trainer(ours.Progress()).fit(model, loader())

    assert rows() == [("epoch 1", 4, 10, state), ("training", 0, 2, state)]
    assert recorded.last("training").reason == ("ValueError: boom" if state == "failed" else "")


def test_test_validate_and_predict(rows: Any, recorded: Recorder, values: Any) -> None:
    """Each has a row of its own, with its metrics."""
    ran, model = trainer(ours.Progress()), make()
    tested = ran.test(model, [loader(3), loader(4)], verbose=False)
    ran.validate(model, loader(5), verbose=False)
    ran.predict(model, loader(6))

    assert rows() == [
        ("test", 7, 7, "finished"),
        ("validation", 5, 5, "finished"),
        ("predict", 6, 6, "finished"),
    ]
    assert {**tested[0], **tested[1]} == pytest.approx(values(recorded.last("test")))


@pytest.mark.parametrize(("every", "done"), [({"every_n_train_steps": 14}, 14), ({}, 20)], ids=["in", "between"])
def test_resume(tmp_path: Path, recorded: Recorder, rows: Any, every: dict[str, int], done: int) -> None:
    """A fit that goes on from a checkpoint begins where that one was, in the middle of an epoch too."""
    saves = lightning.pytorch.callbacks.ModelCheckpoint(tmp_path, filename="cut", **every)
    trainer(saves, max_epochs=2, enable_checkpointing=True, enable_progress_bar=False).fit(make(), loader())
    checkpoint = next(tmp_path.glob("cut*.ckpt"))
    trainer(ours.Progress(), max_epochs=4).fit(make(), loader(), ckpt_path=checkpoint)

    first = next(s for s in recorded.opened if s.desc.startswith("epoch"))
    run = recorded.opened[0]
    assert (run.desc, run.n, run.initial) == ("training", done // 10, done // 10)
    assert (first.desc, first.n) == (f"epoch {done // 10 + 1}", done % 10)
    assert rows()[-1] == ("training", 4, 4, "finished")
    assert [(10, 10)] * (4 - done // 10) == [row[1:3] for row in rows()[:-1]]


def test_either_package_takes_its_own(rows: Any) -> None:
    """A Trainer of `pytorch_lightning` takes the class of that name for its progress bar; that of the other not."""
    package = pytorch_lightning
    ran = trainer(ours_of_the_other.Progress(), package=package, max_epochs=1)
    ran.fit(make(package), loader())

    assert type(ran.progress_bar_callback) is ours_of_the_other.Progress
    assert rows()[-1] == ("training", 1, 1, "finished")
    assert not isinstance(trainer(package=package).progress_bar_callback, lightning.pytorch.callbacks.ProgressBar)


def test_it_may_be_pickled_before_and_after_a_fit(recorded: Recorder) -> None:
    """Strategies that spawn pickle the callbacks; what is open does not travel."""
    bar = ours.Progress(desc="mine")
    assert type(pickle.loads(pickle.dumps(bar))) is ours.Progress
    trainer(bar, max_epochs=1).fit(make(), loader())

    assert pickle.loads(pickle.dumps(bar))._look == {"desc": "mine"}
    assert recorded.closed[-1].desc == "mine"


def test_metrics_are_read_to_be_seen_only(recorded: Recorder) -> None:
    """`get_metrics`, which may be overridden, is asked ten times a second and not at each step."""
    asked = []

    class Mine(ours.Progress):  # type: ignore[misc]
        def get_metrics(self, trainer: Any, module: Any) -> Any:
            asked.append(trainer.global_step)
            return {"mine": 7, **super().get_metrics(trainer, module)}

    trainer(Mine(), max_epochs=1).fit(make(), loader(300))

    assert recorded.last("training").metrics["mine"].value == 7
    assert 2 <= len(asked) < 60


def test_with_progress_off_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `HEADWAY_BACKEND=off` no metric is read in the steps."""
    monkeypatch.setenv("HEADWAY_BACKEND", "off")
    asked = []
    bar = ours.Progress()
    bar.get_metrics = lambda trainer, _module: (asked.append(trainer.global_step), {})[1]
    trainer(bar, max_epochs=1).fit(make(), loader())

    assert asked == []


def test_an_override_that_raises_is_told_once(recorded: Recorder) -> None:
    """A fault of what is shown never stops the training."""
    bar = ours.Progress()
    bar.get_metrics = lambda *_: {}["missing"]  # type: ignore[misc]
    ran = trainer(bar, max_epochs=1)
    ran.fit(make(), loader())

    assert ran.global_step == 10
    assert recorded.last("training").state == "finished"
    told = [said for said in faults._said if said.startswith("headway.integrations")]
    assert told != []
    for each in told:
        del faults._said[each]


def test_a_look_that_cannot_be_raises_at_once() -> None:
    """A typing error in a keyword is found where it is made."""
    with pytest.raises(TypeError, match="There is no keyword 'colour'"):
        ours.Progress(colour="red")
    with pytest.raises(ValueError, match="tqmd"):
        ours.Progress(backend="tqmd")


def test_the_learning_rate_finder_switches_it_off_and_on(recorded: Recorder) -> None:
    """What Lightning does to its bar while it tunes, it does to this one."""
    from lightning.pytorch.tuner import Tuner

    model = make()
    model.lr = 0.1
    ran = trainer(ours.Progress(), max_epochs=1)
    Tuner(ran).lr_find(model, loader(30), num_training=5, max_lr=0.2)
    assert (recorded.closed, ran.progress_bar_callback.is_enabled) == ([], True)


RANKS = """
import sys, logging, time, warnings
warnings.simplefilter("ignore")
logging.disable(logging.INFO)
import torch, lightning.pytorch as L
from torch.utils.data import DataLoader, TensorDataset
from headway.integrations.lightning import Progress

class Logs(L.Callback):
    def on_train_epoch_start(self, trainer, module):
        module.log("begun", 1.0, prog_bar=True, sync_dist=True)

class Model(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, i):
        if i == 3 and self.current_epoch == 1 and "dies" in sys.argv and self.global_rank == 1:
            raise ValueError("a rank dies")
        time.sleep(0.05)
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("loss", loss, prog_bar=True, on_step=True, on_epoch=True, sync_dist=True)
        return loss

    def validation_step(self, batch, i):
        self.log("rank", float(self.global_rank), prog_bar=True, sync_dist=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)

if __name__ == "__main__":
    data = DataLoader(TensorDataset(torch.ones(80, 4)), batch_size=4)
    L.Trainer(
        max_epochs=2, accelerator="cpu", devices=2, strategy=sys.argv[1], logger=False, enable_checkpointing=False,
        enable_model_summary=False, callbacks=[Logs(), Progress()],
    ).fit(Model(), data, data)
"""


@pytest.mark.parametrize("strategy", ["ddp", "ddp_spawn"])
def test_two_ranks_have_one_display_and_do_not_wait_for_each_other(tmp_path: Path, strategy: str) -> None:
    """However they are started, rank 0 draws for all, shows what they came to, and computes nothing that the other does not."""
    program = tmp_path / "ranks.py"
    program.write_text(RANKS)
    done = subprocess.run(
        [sys.executable, str(program), strategy], capture_output=True, text=True, timeout=110,
        env={**os.environ, "HEADWAY_BACKEND": "plain", "HEADWAY_RELAY": f"not:{os.getpid()}"},
    )  # fmt: skip

    lines = [line for line in done.stderr.splitlines() if line.startswith("headway")]
    assert done.returncode == 0, done.stderr
    epoch = [line for line in lines if '"epoch 2"' in line and "state=finished" in line]
    assert len(epoch) == 1, done.stderr
    assert "n=20 total=20 100%" in epoch[0], done.stderr
    assert "workers=2" in epoch[0]
    assert "rank=0.5000" in epoch[0]
    assert sum("training n=2 total=2" in line for line in lines) == 1
    assert "HeadwayWarning" not in done.stderr


@pytest.mark.parametrize("strategy", ["ddp", "ddp_spawn"])
def test_a_rank_that_dies_fails_the_display_and_nothing_hangs(tmp_path: Path, strategy: str) -> None:
    """When the other rank raises, rank 0 ends with an error, and its rows say so."""
    program = tmp_path / "ranks.py"
    program.write_text(RANKS)
    done = subprocess.run(
        [sys.executable, str(program), strategy, "dies"], capture_output=True, text=True, timeout=110,
        env={**os.environ, "HEADWAY_BACKEND": "plain", "HEADWAY_RELAY": f"not:{os.getpid()}"},
    )  # fmt: skip

    lines = [line for line in done.stderr.splitlines() if line.startswith("headway")]
    assert done.returncode != 0
    assert re.search("state=(failed|stopped)" if strategy == "ddp_spawn" else "state=failed", lines[-1]), done.stderr


def test_it_is_looked_at_in_a_terminal(tmp_path: Path) -> None:
    """On the screen stay a row for each epoch and one for the run, and what the model prints stands above them."""
    program = tmp_path / "fit.py"
    program.write_text(
        textwrap.dedent(
            """
            import warnings; warnings.simplefilter("ignore")
            import logging; logging.disable(logging.INFO)
            import torch, lightning.pytorch as L
            from headway.integrations.lightning import Progress

            class Model(L.LightningModule):
                def __init__(self):
                    super().__init__()
                    self.layer = torch.nn.Linear(4, 1)
                def training_step(self, batch, i):
                    if i == 5:
                        self.print("here", i)
                    loss = self.layer(batch[0]).sum()
                    self.log("loss", loss, prog_bar=True)
                    return loss
                def configure_optimizers(self):
                    return torch.optim.SGD(self.parameters(), 0.1)

            data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(40, 4)), batch_size=4)
            L.Trainer(max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
                      enable_model_summary=False, callbacks=[Progress()]).fit(Model(), data)
            """
        )
    )
    screen = run_in_terminal("", arguments=[str(program)], env={"HEADWAY_BACKEND": "tqdm"}, columns=100, timeout=110)

    assert screen.status == 0, str(screen)
    rows = [row.partition("|")[0] for row in screen.rows]
    assert rows == ["here 5", "epoch 1: 100%", "here 5", "epoch 2: 100%", "training: 100%"], str(screen)


@pytest.mark.parametrize("module", ["lightning", "pytorch_lightning", "transformers", "keras"])
def test_a_missing_package_is_named(module: str, run: Any) -> None:
    """Where the framework is not installed the error says what to install."""
    done = run(f"import sys; sys.modules[{module!r}] = None\nimport headway.integrations.{module}")

    assert f"pip install {module.replace('_', '-')}" in done.stderr


def test_headway_imports_no_framework(run: Any) -> None:
    """Nothing is imported that the program does not ask for."""
    done = run(
        "import sys, headway.integrations, headway.cli.main\nprint({'torch', 'lightning', 'keras'} & set(sys.modules))"
    )

    assert done.stdout == "set()\n"
