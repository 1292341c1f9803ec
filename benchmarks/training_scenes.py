"""A training loop as each library dresses it, and what that costs: runs in a process of its own, for one contender.

Called by `training.py` as `python training_scenes.py SCENE CONTENDER ARGUMENTS`, with the arguments and the answer as
JSON. The libraries are imported inside the methods, so that a measuring process holds only the one it measures.
"""

# The libraries differ in how well they are typed: hence `Any`.

from __future__ import annotations

import functools
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from contenders import Contender

__all__ = ["EPOCHS", "READS", "SLOW", "TRAININGS", "Training"]

Batch = tuple[Any, Any, Any, float]
"""What a step hands over: loss, accuracy and grad_norm as tensors without dimensions, lr as a float."""

EPOCHS = 5
PREPARED = 1000
"""So many batches are made; an epoch goes over them as often as it takes."""
LARGEST = 20_000_000
"""Steps at most in one timing."""
EVERY = 50
"""Each so-many-th step is reported by those who are careful."""
SLOW = 0.01
"""Seconds of a step that takes a while."""
READS = ("item", "tolist", "numpy", "cpu", "__float__", "__int__", "__index__", "__bool__")
"""Ways to read a tensor's value, each of which waits for the device where the tensor is on one."""
BARE_RETURN, LINE = r"\r(?!\n)", r"\n"


# ── the training loops ───────────────────────────────────────────────────────────────────────────────────────────────


class Training(Contender):
    """Trains without any bar, and is what the others are compared with."""

    name = "no bar"
    modules: tuple[str, ...] = ()
    """What must be installed, beside torch."""
    least = 10_000
    """Steps that a timing takes at least."""
    redraw = BARE_RETURN
    """What a redraw writes exactly once: a return to the start of a line, or of several, that does not end one."""

    def bare(self, epochs: int, batches: list[Batch]) -> None:
        """Do the same work without a bar."""
        for _epoch in range(epochs):
            for _loss, _accuracy, _norm, _lr in batches:
                pass

    def train(self, epochs: int, batches: list[Batch]) -> None:
        """Train with a bar."""
        for _epoch in range(epochs):
            for _loss, _accuracy, _norm, _lr in batches:
                pass


class Headway(Training):
    """headway, its backend chosen through the environment."""

    distribution = "headway"
    modules: tuple[str, ...] = ("headway",)
    call = "loop()"

    def __init__(self, backend: str) -> None:
        self.name = f"headway {self.call} [{backend}]"
        super().__init__()
        self.off = backend == "off"
        self.environment = {"HEADWAY_BACKEND": backend}
        if backend not in ("plain", "off"):
            self.modules = ("headway", f"headway_{backend}")
        if backend == "plain":
            self.redraw = LINE

    def train(self, epochs: int, batches: list[Batch]) -> None:
        import headway

        loop = headway.loop(batches, epochs=epochs, desc="training")
        for _epoch in loop:
            for loss, accuracy, norm, lr in loop.train():
                loop.metrics(loss=loss, accuracy=accuracy, grad_norm=norm, lr=lr)


class HeadwayTrack(Headway):
    """headway with one `track()` inside another, as for any two loops."""

    call = "track()"

    def train(self, epochs: int, batches: list[Batch]) -> None:
        import headway

        for _epoch in headway.track(range(epochs), desc="epochs"):
            steps = headway.track(batches, desc="batches")
            for loss, accuracy, norm, lr in steps:
                steps.bar.metrics(loss=loss, accuracy=accuracy, grad_norm=norm, lr=lr)


class Tqdm(Training):
    """tqdm with `set_postfix` in each step, as most training loops have it."""

    name = "tqdm + set_postfix"
    distribution = "tqdm"
    modules = ("tqdm",)

    def train(self, epochs: int, batches: list[Batch]) -> None:
        from tqdm import tqdm

        for epoch in tqdm(range(epochs), desc="epochs"):
            steps = tqdm(batches, desc=f"epoch {epoch}", leave=False)
            for loss, accuracy, norm, lr in steps:
                steps.set_postfix(loss=loss.item(), accuracy=accuracy.item(), grad_norm=norm.item(), lr=lr)


class TqdmNowAndThen(Tqdm):
    """tqdm as careful people have it."""

    name = f"tqdm + set_postfix each {EVERY}th step"

    def train(self, epochs: int, batches: list[Batch]) -> None:
        from tqdm import tqdm

        for epoch in tqdm(range(epochs), desc="epochs"):
            steps = tqdm(batches, desc=f"epoch {epoch}", leave=False)
            for i, (loss, accuracy, norm, lr) in enumerate(steps):
                if i % EVERY == 0:
                    steps.set_postfix(loss=loss.item(), accuracy=accuracy.item(), grad_norm=norm.item(), lr=lr)


class Rich(Training):
    """rich with a task for the epochs and one for the batches, and a column for each metric."""

    name = "rich + update"
    distribution = "rich"
    modules = ("rich",)

    def train(self, epochs: int, batches: list[Batch]) -> None:
        from rich.progress import Progress, TextColumn

        metrics: dict[str, Any] = {"loss": 0.0, "accuracy": 0.0, "grad_norm": 0.0, "lr": 0.0}
        columns = [TextColumn(f"{name} {{task.fields[{name}]:.3g}}") for name in metrics]
        with Progress(*Progress.get_default_columns(), *columns) as progress:
            whole = progress.add_task("epochs", total=epochs, **metrics)
            task = progress.add_task("batches", total=len(batches), **metrics)
            for _epoch in range(epochs):
                progress.reset(task)
                for loss, accuracy, norm, lr in batches:
                    progress.update(
                        task, advance=1, loss=loss.item(), accuracy=accuracy.item(), grad_norm=norm.item(), lr=lr
                    )
                progress.advance(whole)


class Lightning(Training):
    """Lightning's Trainer, whose own step is the bare loop; the metrics are logged there, too."""

    distribution = "lightning"
    modules: tuple[str, ...] = ("lightning",)
    least = 1000

    def __init__(self, bar: str = "") -> None:
        self.name = f"Lightning, {bar or 'no bar'}"
        super().__init__()
        self.off = not bar
        self._bar = bar
        if bar == "RichProgressBar":
            self.modules = ("lightning", "rich")

    def bare(self, epochs: int, batches: list[Batch]) -> None:
        self._fit(epochs, batches, "")

    def train(self, epochs: int, batches: list[Batch]) -> None:
        self._fit(epochs, batches, self._bar)

    def _fit(self, epochs: int, batches: list[Batch], bar: str) -> None:
        from lightning import Trainer
        from lightning.pytorch import callbacks

        trainer = Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=bool(bar),
            callbacks=[getattr(callbacks, bar)()] if bar else [],
        )
        trainer.fit(_module(), _Loader(batches))


class _Loader:
    """The batches as Lightning takes them: a list would be a list of loaders."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._batches)


def _module() -> Any:
    """Make a module whose step does nothing but log."""
    from lightning import LightningModule

    class Module(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.automatic_optimization = False

        def training_step(self, batch: Batch, _index: int) -> None:
            loss, accuracy, norm, lr = batch
            self.log("loss", loss, prog_bar=True)
            self.log("accuracy", accuracy, prog_bar=True)
            self.log("grad_norm", norm, prog_bar=True)
            self.log("lr", lr, prog_bar=True)

        def configure_optimizers(self) -> None:
            return None

    return Module()


_ALL: tuple[Training, ...] = (
    Training(),
    *(Headway(backend) for backend in ("tqdm", "alive", "progressbar2", "plain", "off")),
    *(HeadwayTrack(backend) for backend in ("tqdm", "plain")),
    Tqdm(),
    TqdmNowAndThen(),
    Rich(),
    Lightning(),
    Lightning("TQDMProgressBar"),
    Lightning("RichProgressBar"),
)
TRAININGS = {training.name: training for training in _ALL}
"""All contenders by name."""


# ── what is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


def cost(training: Training, seconds: float) -> dict[str, float]:
    """Nanoseconds that a step costs over the bare loop, and what the bare loop costs; timed once, over many steps."""
    n = training.least
    took = _time(training.train, n)
    while took < seconds / 4 and n < LARGEST:
        n = _scaled(n, seconds / 2 / took)
        took = _time(training.train, n)
    n = max(training.least, _scaled(n, seconds / took))
    before, dressed, after = (_time(train, n) for train in (training.bare, training.train, training.bare))
    bare = (before + after) / 2
    return {"ns": (dressed - bare) / n * 1e9, "bare_ns": bare / n * 1e9, "n": n}


def reads(training: Training, n: int) -> dict[str, float]:
    """How often a tensor's value is read in so many steps, and how long they take."""
    _prepared()
    count = _count_reads()
    took = _time(training.train, n)
    return {"reads": count() / n * 1000, "seconds": took, "n": n}


def slow_reads(training: Training, n: int) -> dict[str, float]:
    """How often a tensor's value is read where each step takes a while, as on a device."""
    steps = _Slow((_prepared() * math.ceil(n / PREPARED))[: n // EPOCHS])
    count = _count_reads()
    training.train(EPOCHS, steps)  # type: ignore[arg-type]  # what a loader of batches is to all of them
    return {"reads": count() / n * 1000, "n": n}


class _Slow:
    """Batches that take a while each."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._batches:
            time.sleep(SLOW)
            yield batch


def _scaled(n: int, factor: float) -> int:
    """Scale a number of steps, carefully, to whole epochs."""
    return min(LARGEST, math.ceil(n * min(10.0, factor) / EPOCHS) * EPOCHS)


def _time(train: Callable[[int, list[Batch]], None], n: int) -> float:
    """Seconds of a training from before its first bar opens to after its last has closed."""
    size = n // EPOCHS
    batches = (_prepared() * math.ceil(size / PREPARED))[:size]
    start = time.perf_counter()
    train(EPOCHS, batches)
    return time.perf_counter() - start


@functools.cache
def _prepared() -> list[Batch]:
    """Batches of what a step comes to know; the loss still carries its graph."""
    import torch

    torch.manual_seed(0)
    weight = torch.ones((), requires_grad=True)
    noise = torch.rand(PREPARED, 3)
    return [
        (weight * (row[0] + 1.0), row[1].clone(), row[2].clone() * 3.0, 1e-3 * (1.0 - i / PREPARED))
        for i, row in enumerate(noise)
    ]


def _count_reads() -> Callable[[], int]:
    """Count all reads of tensors in this process from now on: `torch.Tensor`'s own methods are replaced."""
    import torch

    seen: list[str] = []  # a list loses nothing between threads

    def counted(name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(read)
        def counting(*args: Any, **kwargs: Any) -> Any:
            seen.append(name)
            return read(*args, **kwargs)

        return counting

    for name in READS:
        setattr(torch.Tensor, name, counted(name, getattr(torch.Tensor, name)))
    return lambda: len(seen)


# ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────────

SCENES: dict[str, Callable[..., dict[str, float]]] = {scene.__name__: scene for scene in (cost, reads, slow_reads)}


def main() -> None:
    """Run one scene and write what came out to the pipe in `BENCHMARK_ANSWER`."""
    scene, name, arguments = sys.argv[1:]
    answer: dict[str, Any]
    try:
        import torch

        torch.set_num_threads(1)
        answer = SCENES[scene](TRAININGS[name], **json.loads(arguments))
    except Exception as error:  # whatever a library raises belongs into the table
        answer = {"error": f"{type(error).__name__}: {error}"}
    os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(answer).encode())


if __name__ == "__main__":
    main()
