"""One framework's work with no bar, with its own and with headway's, timed by turns in this process.

Run by `frameworks.py` in a pseudo-terminal of its own: `framework_scenes.py NAME ROUNDS FILE` writes seconds per step.
"""

from __future__ import annotations

import asyncio as aio
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import as_completed as plainly
from typing import Any

__all__ = ["SCENES"]

Scene = Callable[[], tuple[int, dict[str, Callable[[], Any]]]]
"""Prepares the work: returns its steps, and what does it, by the bar that is shown."""


def lightning() -> tuple[int, dict[str, Callable[[], Any]]]:
    """A fit of 2 epochs of 500 batches, with a metric, by Lightning."""
    import lightning.pytorch as pl
    import torch
    from lightning.pytorch.callbacks import RichProgressBar, TQDMProgressBar
    from torch.utils.data import DataLoader, TensorDataset

    from headway.integrations.lightning import Progress

    class Model(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch: Any, _i: int) -> Any:
            loss = self.layer(batch[0]).pow(2).mean()
            self.log("loss", loss, prog_bar=True)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.01)

    data = DataLoader(TensorDataset(torch.ones(2000, 4)), batch_size=4)

    def fit(*callbacks: Any) -> None:
        pl.Trainer(
            max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False, enable_model_summary=False,
            enable_progress_bar=bool(callbacks), callbacks=list(callbacks),
        ).fit(Model(), data)  # fmt: skip

    return 1000, {
        "none": fit,
        "own": lambda: fit(TQDMProgressBar()),
        "own, rich": lambda: fit(RichProgressBar()),
        "headway": lambda: fit(Progress()),
    }


def transformers() -> tuple[int, dict[str, Callable[[], Any]]]:
    """A training of 1000 steps by Hugging Face's Trainer, which logs each 10th."""
    import torch
    from transformers import Trainer, TrainingArguments
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    from headway.integrations.transformers import attach

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x: Any, labels: Any = None) -> Any:
            y = self.layer(x).squeeze(-1)
            return {"loss": (y - labels).pow(2).mean(), "logits": y}

    data = [{"x": torch.ones(4), "labels": torch.tensor(1.0)}] * 2000
    folder = tempfile.mkdtemp()

    def train(change: Callable[[Any], Any]) -> None:
        arguments = TrainingArguments(
            folder, num_train_epochs=2, per_device_train_batch_size=4, use_cpu=True, report_to=[], logging_steps=10,
            save_strategy="no",
        )  # fmt: skip
        trainer = Trainer(Model(), arguments, train_dataset=data)
        change(trainer)
        trainer.train()

    def without(trainer: Any) -> None:
        trainer.remove_callback(ProgressCallback)
        trainer.remove_callback(PrinterCallback)

    return 1000, {
        "none": lambda: train(without),
        "own": lambda: train(lambda _: None),
        "headway": lambda: train(attach),
    }


def keras() -> tuple[int, dict[str, Callable[[], Any]]]:
    """What Keras calls around the steps of 2 epochs of 5000 batches, without the steps: their own time varies more."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    import torch

    from headway.integrations.keras import Progress

    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    loss = torch.tensor(0.5)

    def fit(verbose: int, *callbacks: Any) -> None:
        params = {"verbose": verbose, "epochs": 2, "steps": 5000}
        every = keras.callbacks.CallbackList(
            list(callbacks), add_history=True, add_progbar=verbose != 0, model=model, **params
        )
        every.on_train_begin()
        for epoch in range(2):
            every.on_epoch_begin(epoch)
            for batch in range(5000):
                every.on_train_batch_begin(batch)
                every.on_train_batch_end(batch, {"loss": loss})
            every.on_epoch_end(epoch, {"loss": loss})
        every.on_train_end()

    def steps() -> None:
        for _ in range(2):
            for _ in range(5000):
                pass

    return 10_000, {"none": steps, "own": lambda: fit(1), "headway": lambda: fit(0, Progress())}


def sklearn() -> tuple[int, dict[str, Callable[[], Any]]]:
    """A search over 100 fits in this process by scikit-learn."""
    import numpy as np
    from sklearn.callback import ProgressBar
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    from headway.integrations.sklearn import Progress

    x, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2

    def search(*callbacks: Any) -> None:
        grid = GridSearchCV(LogisticRegression(max_iter=5), {"C": list(range(1, 51))}, cv=2)
        (grid.set_callbacks(*callbacks) if callbacks else grid).fit(x, y)

    return 100, {"none": search, "own": lambda: search(ProgressBar()), "headway": lambda: search(Progress())}


def xgboost() -> tuple[int, dict[str, Callable[[], Any]]]:
    """500 rounds by XGBoost; its own is a printed line a round."""
    import numpy as np
    import xgboost

    from headway.integrations.xgboost import Progress

    data = xgboost.DMatrix(np.random.default_rng(0).normal(size=(200, 3)), label=np.arange(200) % 2)

    def train(own: bool, callbacks: list[Any]) -> None:
        xgboost.train({"nthread": 1}, data, 500, evals=[(data, "train")], verbose_eval=own, callbacks=callbacks)

    return 500, {
        "none": lambda: train(False, []),
        "own": lambda: train(True, []),
        "headway": lambda: train(False, [Progress()]),
    }


def lightgbm() -> tuple[int, dict[str, Callable[[], Any]]]:
    """500 rounds by LightGBM; its own is a logged line a round."""
    import lightgbm
    import numpy as np

    from headway.integrations.lightgbm import Progress

    x, y = np.random.default_rng(0).normal(size=(200, 3)), np.arange(200) % 2

    def train(*callbacks: Any) -> None:
        data = lightgbm.Dataset(x, y, params={"verbose": -1})
        lightgbm.train({"verbose": -1, "num_threads": 1}, data, 500, valid_sets=[data], callbacks=list(callbacks))

    return 500, {
        "none": train,
        "own": lambda: train(lightgbm.log_evaluation(1)),
        "headway": lambda: train(Progress()),
    }


def optuna() -> tuple[int, dict[str, Callable[[], Any]]]:
    """500 trials by Optuna."""
    import optuna

    from headway.integrations.optuna import Progress

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def optimize(**more: Any) -> None:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
        study.optimize(lambda trial: trial.suggest_float("x", -1, 1), n_trials=500, **more)

    return 500, {
        "none": optimize,
        "own": lambda: optimize(show_progress_bar=True),
        "headway": lambda: optimize(callbacks=[Progress(500)]),
    }


def ignite() -> tuple[int, dict[str, Callable[[], Any]]]:
    """A run of 2 epochs of 5000 iterations, with a metric, by ignite."""
    from ignite.engine import Engine
    from ignite.handlers import ProgressBar

    from headway.integrations.ignite import Progress

    def run(attach: Callable[[Any], Any]) -> None:
        engine = Engine(lambda _engine, batch: batch)
        attach(engine)
        engine.run(range(5000), max_epochs=2)

    def shown(output: Any) -> dict[str, Any]:
        return {"loss": output}

    return 10_000, {
        "none": lambda: run(lambda _: None),
        "own": lambda: run(lambda engine: ProgressBar(persist=True).attach(engine, output_transform=shown)),
        "headway": lambda: run(lambda engine: Progress().attach(engine, output_transform=shown)),
    }


def fsspec() -> tuple[int, dict[str, Callable[[], Any]]]:
    """A million updates of a callback of fsspec's, and none; its own is its `TqdmCallback`."""
    from fsspec.callbacks import TqdmCallback

    from headway.integrations.fsspec import Progress

    def transfer(make: Callable[[], Any]) -> None:
        with make() as callback:
            callback.set_size(1_000_000)
            for _ in range(1_000_000):
                callback.relative_update(1)

    def nothing() -> None:
        for _ in range(1_000_000):
            pass

    return 1_000_000, {
        "none": nothing,
        "own": lambda: transfer(TqdmCallback),
        "headway": lambda: transfer(Progress),
    }


def joblib() -> tuple[int, dict[str, Callable[[], Any]]]:
    """5000 tasks in this process by joblib; its own is `verbose=10`, which prints lines."""
    import joblib

    from headway.integrations.joblib import Parallel

    tasks = [joblib.delayed(abs)(i) for i in range(5000)]
    return 5000, {
        "none": lambda: joblib.Parallel(n_jobs=1)(tasks),
        "own": lambda: joblib.Parallel(n_jobs=1, verbose=10)(tasks),
        "headway": lambda: Parallel(n_jobs=1)(tasks),
    }


def pandas() -> tuple[int, dict[str, Callable[[], Any]]]:
    """`map` over 300 000 values by pandas; beside it `tqdm.pandas`."""
    import pandas as pd
    from tqdm import tqdm

    from headway.integrations.pandas import progress

    tqdm.pandas()
    series = pd.Series(range(300_000))
    return 300_000, {
        "none": lambda: series.map(abs),
        "own": lambda: series.progress_map(abs),
        "headway": lambda: progress(series).map(abs),
    }


def futures() -> tuple[int, dict[str, Callable[[], Any]]]:
    """200 000 futures as they are completed, which they are: threads differ by more. Beside it tqdm around them."""
    from tqdm import tqdm

    from headway.integrations.futures import as_completed

    done = [Future[int]() for _ in range(200_000)]
    for each in done:
        each.set_result(1)

    def work(shown: Callable[[list[Any]], Any]) -> None:
        for _ in shown(done):
            pass

    return 200_000, {
        "none": lambda: work(plainly),
        "own": lambda: work(lambda fs: tqdm(plainly(fs), total=len(fs))),
        "headway": lambda: work(as_completed),
    }


def asyncio() -> tuple[int, dict[str, Callable[[], Any]]]:
    """`gather` over 20 000 tasks of asyncio; beside it that of `tqdm.asyncio`."""
    from tqdm.asyncio import tqdm_asyncio

    from headway.integrations.asyncio import gather

    def work(gathered: Callable[..., Any]) -> None:
        async def main() -> None:
            await gathered(*(aio.sleep(0) for _ in range(20_000)))

        aio.run(main())

    return 20_000, {
        "none": lambda: work(aio.gather),
        "own": lambda: work(tqdm_asyncio.gather),
        "headway": lambda: work(gather),
    }


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        lightning, transformers, keras, sklearn, xgboost, lightgbm, optuna, ignite, fsspec, joblib, pandas, futures,
        asyncio,
    )
}  # fmt: skip


def main() -> None:
    """Time each bar by turns, and write the seconds per step of each round."""
    name, rounds, file = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    steps, ways = SCENES[name]()
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for i in range(int(rounds) + 1):
        for way, work in ways.items():
            start = time.perf_counter()
            work()
            if i:  # the first round warms up
                seconds[way].append((time.perf_counter() - start) / steps)
    with open(file, "w", encoding="utf-8") as out:
        json.dump(seconds, out)


if __name__ == "__main__":
    main()
