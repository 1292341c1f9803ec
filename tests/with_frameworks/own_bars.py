"""Small programs of frameworks, each with the bar that its users have today, or with headway's in that place.

`own_bars.py ignite own FOLDER` runs the scenes of one, one after another, says `@@ scene` before each, and writes what
each has computed into the folder; with `headway` for `own` also what headway was told. Run by `test_own_bars.py`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

__all__ = ["PROGRAMS"]

Scenes = dict[str, Callable[[], Any]]


noted: list[Any] = []
"""What a scene has to say that may raise before it returns anything."""


class Boom(Exception):
    """What goes wrong in a scene."""


def raising(after: int, error: type[BaseException]) -> Callable[..., None]:
    """Return what may be called so many times before it raises."""
    calls = iter(range(after))

    def call(*_: Any, **__: Any) -> None:
        if next(calls, None) is None:
            raise error

    return call


def sklearn(mine: bool) -> Scenes:
    """A grid search of two candidates in two folds, and a solver."""
    import numpy as np
    from sklearn.callback import ProgressBar
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from headway.integrations.sklearn import Progress

    x, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2

    def bar(**look: Any) -> Any:
        return Progress(**look) if mine else ProgressBar(**look)

    def search(jobs: int = 1, x: Any = x, **about: Any) -> Any:
        grid = GridSearchCV(LogisticRegression(max_iter=5), {"C": [0.1, 1.0]}, cv=2, n_jobs=jobs, error_score="raise")
        found = grid.set_callbacks(bar(**about)).fit(x, y)
        return found.best_params_, found.best_score_

    def converges() -> Any:
        return LogisticRegression(max_iter=1000).set_callbacks(bar()).fit(x, y).coef_.tolist()

    def interrupted() -> Any:
        class Interrupts(StandardScaler):  # type: ignore[misc]
            def fit(self, *_: Any, **__: Any) -> Any:
                raise KeyboardInterrupt

        steps = make_pipeline(StandardScaler(), Interrupts(), LogisticRegression(max_iter=5))
        steps.set_callbacks(bar()).fit(x, y)

    return {
        "all": search,
        "outermost only": lambda: search(max_propagation_depth=0),
        "in two processes": lambda: search(2),
        "converges early": converges,
        "fails": lambda: search(x=x * np.nan),
        "interrupted": interrupted,
    }


def ignite(mine: bool) -> Scenes:
    """An engine of three epochs of ten batches, with a running mean."""
    from ignite.engine import Engine
    from ignite.handlers import ProgressBar
    from ignite.metrics import Average

    from headway.integrations.ignite import Progress

    def run(inside: Callable[..., Any] | None = None, epochs: int = 3, data: Any = range(10), **about: Any) -> Any:
        def step(engine: Any, batch: int) -> float:
            if inside is not None:
                inside(engine)
            return float(batch)

        engine = Engine(step)
        engine.logger.disabled = True  # its line on an exception tears its own bar
        Average().attach(engine, "mean")
        bar: Any = Progress() if mine else ProgressBar(persist=True)
        bar.attach(engine, metric_names="all", output_transform=lambda loss: {"loss": loss})
        state = engine.run(data, max_epochs=epochs, **about)
        return state.iteration, state.epoch, state.metrics["mean"]

    def stops(engine: Any) -> None:
        if engine.state.iteration == 14:
            engine.terminate()

    return {
        "all": run,
        "one epoch": lambda: run(epochs=1),
        "without a length": lambda: run(epochs=1, data=iter(range(7))),
        "stops early": lambda: run(stops),
        "fails": lambda: run(raising(14, Boom)),
        "interrupted": lambda: run(raising(14, KeyboardInterrupt)),
    }


def xgboost(mine: bool) -> Scenes:
    """Boosting of twelve rounds, with an evaluation each round."""
    import numpy as np
    import xgboost as xgb

    from headway.integrations.xgboost import Progress

    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    y, noise = x[:, 0], random.normal(size=200)

    class After(xgb.callback.TrainingCallback):  # type: ignore[misc]
        def __init__(self, call: Callable[[], Any]) -> None:
            self.call = call

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            self.call()
            return False

    def bars() -> list[Any]:
        return [Progress() if mine else xgb.callback.EvaluationMonitor()]

    def train(rounds: int = 12, y: Any = y, callbacks: Iterable[Any] = (), **about: Any) -> Any:
        kept: Any = {}
        data = xgb.DMatrix(x, label=y)
        xgb.train(
            {"seed": 0}, data, rounds, evals=[(data, "train"), (xgb.DMatrix(x, label=x[:, 1]), "valid")],
            evals_result=kept, verbose_eval=False, callbacks=[*bars(), *callbacks], **about,
        )  # fmt: skip
        return kept

    def cv() -> Any:
        data = xgb.DMatrix(x, label=y)
        kept = xgb.cv({}, data, 5, nfold=2, seed=0, show_stdv=False, verbose_eval=False, callbacks=bars())
        return kept.to_dict()

    def fit() -> Any:
        fitted = xgb.XGBRegressor(n_estimators=7, callbacks=bars())
        fitted.fit(x, y, eval_set=[(x, y)], verbose=False)
        return fitted.evals_result()

    return {
        "all": train,
        "cross-validation": cv,
        "an estimator": fit,
        "stops early": lambda: train(500, noise, early_stopping_rounds=3),
        "fails": lambda: train(callbacks=[After(raising(4, Boom))]),
        "interrupted": lambda: train(callbacks=[After(raising(4, KeyboardInterrupt))]),
    }


def lightgbm(mine: bool) -> Scenes:
    """Boosting of twelve rounds, with an evaluation each round."""
    import lightgbm as lgb
    import numpy as np

    from headway.integrations.lightgbm import Progress

    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    y, noise = x[:, 0], random.normal(size=200)
    quiet = {"verbose": -1, "metric": "l2", "seed": 0}

    def bar() -> Any:
        return Progress() if mine else lgb.log_evaluation(1)

    def train(rounds: int = 12, y: Any = y, callbacks: Iterable[Any] = ()) -> Any:
        kept: Any = {}
        data = lgb.Dataset(x, y, params=quiet)
        valid = lgb.Dataset(x, x[:, 1], reference=data)
        lgb.train(
            quiet, data, rounds, valid_sets=[data, valid], valid_names=["train", "valid"],
            callbacks=[bar(), lgb.record_evaluation(kept), *callbacks],
        )  # fmt: skip
        return kept

    def cv() -> Any:
        data = lgb.Dataset(x, y, params=quiet)
        return lgb.cv(quiet, data, 5, nfold=2, stratified=False, callbacks=[bar()])

    def fit() -> Any:
        fitted = lgb.LGBMRegressor(n_estimators=7, verbose=-1)
        fitted.fit(x, y, eval_set=[(x, y)], callbacks=[bar()])
        return fitted.evals_result_

    return {
        "all": train,
        "cross-validation": cv,
        "an estimator": fit,
        "stops early": lambda: train(500, noise, [lgb.early_stopping(3, verbose=False)]),
        "fails": lambda: train(callbacks=[raising(4, Boom)]),
        "interrupted": lambda: train(callbacks=[raising(4, KeyboardInterrupt)]),
    }


def optuna(mine: bool) -> Scenes:
    """A study of ten trials."""
    import optuna as opt

    from headway.integrations.optuna import Progress

    opt.logging.set_verbosity(opt.logging.ERROR)

    def optimize(inside: Callable[..., Any] = id, jobs: int = 1, **about: Any) -> None:
        def objective(trial: Any) -> float:
            x: float = trial.suggest_float("x", -1, 1)
            inside(trial)
            return x * x if jobs == 1 else 1.0

        study = opt.create_study(sampler=opt.samplers.RandomSampler(seed=0))
        more: Any = {"n_jobs": jobs, **about}
        try:
            if mine:
                with Progress(10) as shown:
                    study.optimize(objective, 10, callbacks=[shown], **more)
            else:
                study.optimize(objective, 10, show_progress_bar=True, **more)
        finally:
            noted.append((sorted(trial.state.name for trial in study.trials), study.best_value))

    def prunes(trial: Any) -> None:
        if trial.number % 3 > 0:
            raise (opt.TrialPruned, Boom)[trial.number % 3 - 1]

    def stops(trial: Any) -> None:
        if trial.number == 4:
            trial.study.stop()

    return {
        "all": optimize,
        "in two threads": lambda: optimize(jobs=2),
        "pruned and failed": lambda: optimize(prunes, catch=Boom),
        "stops early": lambda: optimize(stops),
        "fails": lambda: optimize(raising(4, Boom)),
        "interrupted": lambda: optimize(raising(4, KeyboardInterrupt)),
    }


def fsspec(mine: bool) -> Scenes:
    """Files of a filesystem in memory."""
    import fsspec as fs
    from fsspec.callbacks import TqdmCallback
    from fsspec.implementations.memory import MemoryFileSystem

    from headway.integrations.fsspec import Progress

    class Breaks(MemoryFileSystem):  # type: ignore[misc]
        """One whose third file cannot be had."""

        protocol = "breaks"
        cachable = False
        error: type[BaseException] = Boom

        def get_file(self, rpath: str, lpath: str, **more: Any) -> Any:
            if rpath.endswith("c"):
                raise self.error
            return super().get_file(rpath, lpath, **more)

    memory = fs.filesystem("memory")
    memory.pipe({f"/from/{name}": name.encode() * 100_000 for name in "abcde"})

    def bar(unit: str) -> Any:
        return Progress(unit) if mine else TqdmCallback({"unit": unit})

    def files(system: Any = memory) -> Any:
        with bar("file") as shown:
            folder = Path(tempfile.mkdtemp())
            system.get([f"/from/{name}" for name in "abcde"], [str(folder / name) for name in "abcde"], callback=shown)
        return {path.name: path.stat().st_size for path in folder.iterdir()}

    def put() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            for name in "xyz":
                (Path(folder) / name).write_bytes(b"x" * 1000)
            with bar("file") as shown:
                memory.put([f"{folder}/{name}" for name in "xyz"], [f"/to/{name}" for name in "xyz"], callback=shown)
        return memory.find("/to")

    def one_file() -> Any:
        with bar("B") as shown:
            path = Path(tempfile.mkdtemp()) / "a"
            memory.get_file("/from/a", str(path), callback=shown)
        return path.stat().st_size

    def breaks(error: type[BaseException]) -> Any:
        system = Breaks()
        system.error = error
        return files(system)

    return {
        "all": files,
        "upload": put,
        "bytes of a file": one_file,
        "fails": lambda: breaks(Boom),
        "interrupted": lambda: breaks(KeyboardInterrupt),
    }


def double(x: Any) -> Any:
    """Return the double."""
    return x * 2


def divide(x: int) -> int:
    """Return what cannot be had of 4."""
    if x == 4:
        raise Boom
    if x > 4:
        time.sleep(0.2)
    return 10 // (x - 4)


def joblib(mine: bool) -> Scenes:
    """Ten tasks; of joblib's users today a tqdm is around the generator that Parallel returns."""
    import joblib as jl
    from tqdm import tqdm

    from headway.integrations.joblib import Parallel

    def run(task: Callable[..., Any] = double, wait: bool = False, **about: Any) -> Any:
        tasks = [jl.delayed(task)(i) for i in range(10)]
        if mine:
            return list(Parallel(return_as="generator", **about)(tasks))
        return list(tqdm(jl.Parallel(return_as="generator", **about)(tasks), total=10))

    def loop(at_five: Callable[..., Any]) -> Any:
        tasks = [jl.delayed(double)(i) for i in range(10)]
        parallel = (Parallel if mine else jl.Parallel)(n_jobs=1, return_as="generator")
        for result in parallel(tasks) if mine else tqdm(parallel(tasks), total=10):
            if result == 8:
                at_five()
                break
        return result

    return {
        "all": lambda: run(n_jobs=1),
        "in threads": lambda: run(n_jobs=2, backend="threading"),
        "in processes": lambda: run(n_jobs=2),
        "stops early": lambda: loop(int),
        "loop fails": lambda: loop(raising(0, Boom)),
        "fails": lambda: run(divide, n_jobs=1),
        "interrupted": lambda: run(raising(4, KeyboardInterrupt), n_jobs=1),
    }


def pandas(mine: bool) -> Scenes:
    """Calls of a function for values, rows, columns and groups."""
    import pandas as pd
    from tqdm import tqdm

    from headway.integrations.pandas import progress

    tqdm.pandas()
    frame = pd.DataFrame({"k": [1, 1, 2, 2, 3], "a": range(5), "b": range(5)})

    def run(of: Any, method: str, func: Callable[..., Any] = double, *more: Any, **about: Any) -> Any:
        if mine:
            result = getattr(progress(of), method)(func, *more, **about)
        else:
            result = getattr(of, f"progress_{method}")(func, *more, **about)
        return json.loads(result.to_json(orient="split"))

    def spread(values: Any) -> Any:
        return values - values.min()

    return {
        "all": lambda: run(frame.a, "map"),
        "values": lambda: run(frame.a, "apply"),
        "rows": lambda: run(frame, "apply", lambda row: row.a + row.b, axis=1),
        "columns": lambda: run(frame, "apply", spread),
        "cells": lambda: run(frame, "map"),
        "groups": lambda: run(frame.groupby("k").a, "apply", lambda group: group.sum()),
        "groups of a frame": lambda: run(frame.groupby("k")[["a", "b"]], "apply", lambda group: group.a.sum()),
        "groups transformed": lambda: run(frame.groupby("k").a, "transform", spread),
        "groups aggregated": lambda: run(frame.groupby("k").a, "aggregate", lambda group: group.sum()),
        "columns aggregated": lambda: run(frame.groupby("k"), "aggregate", lambda group: group.sum()),
        "columns transformed": lambda: run(frame.groupby("k"), "transform", spread),
        "a window": lambda: run(frame.a.rolling(2), "apply", sum),
        "fails": lambda: run(frame.a, "map", raising(3, Boom)),
        "interrupted": lambda: run(frame.a, "map", raising(3, KeyboardInterrupt)),
    }


def futures(mine: bool) -> Scenes:
    """Ten calls in a pool of two."""
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from concurrent.futures import as_completed as plainly

    from tqdm import tqdm
    from tqdm.contrib.concurrent import process_map, thread_map

    from headway.integrations import futures as ours

    def completed(at_five: Callable[..., Any] | None = None) -> Any:
        results = []
        with ThreadPoolExecutor(2) as pool:
            fs = [pool.submit(double, i) for i in range(10)]
            for future in ours.as_completed(fs) if mine else tqdm(plainly(fs), total=len(fs)):
                results.append(future.result())
                if len(results) == 5 and at_five is not None:
                    at_five()
                    break
        return len(results) if at_five else sorted(results)

    def mapped(call: Callable[..., Any] = double, pool: Any = ThreadPoolExecutor, own: Any = thread_map) -> Any:
        if not mine:
            return own(call, range(10), max_workers=2)
        with pool(2) as executor:
            return list(ours.map(executor, call, range(10)))

    return {
        "all": completed,
        "map": mapped,
        "map in processes": lambda: mapped(pool=ProcessPoolExecutor, own=process_map),
        "stops early": lambda: completed(int),
        "fails": lambda: completed(raising(0, Boom)),
        "map fails": lambda: mapped(divide),
        "interrupted": lambda: completed(raising(0, KeyboardInterrupt)),
    }


async def work(i: int, at_five: Callable[..., Any] | None = None, waits: bool = False) -> int:
    """Do something at the fifth task; the later ones may wait for ever. They take turns of the loop and no time."""
    import asyncio as aio

    for _ in range(20 * i):
        await aio.sleep(0)
    if i == 4 and at_five is not None:
        at_five()
    if i > 4 and waits:
        await aio.Event().wait()
    return 2 * i


def asyncio(mine: bool) -> Scenes:
    """Ten tasks."""
    import asyncio as aio

    from tqdm.asyncio import tqdm

    from headway.integrations import asyncio as ours

    async def gather(at_five: Callable[..., Any] | None = None, **about: Any) -> Any:
        waits = at_five is not None and not about
        works = (work(i, at_five, waits) for i in range(10))
        return [repr(each) for each in await (ours.gather if mine else tqdm.gather)(*works, **about)]  # type: ignore[operator]

    async def completed(at_five: Callable[..., Any] | None = None) -> Any:
        results = []
        for each in (ours.as_completed if mine else tqdm.as_completed)([work(i) for i in range(10)]):
            results.append(await each)
            if len(results) == 5 and at_five is not None:
                at_five()
                break
        return sorted(results)

    async def cancelled() -> Any:
        def cancel() -> None:
            task.cancel()

        task: aio.Future[Any] = aio.ensure_future(gather(cancel))
        await task

    def run(scene: Callable[..., Any], *arguments: Any, **keywords: Any) -> Callable[[], Any]:
        return lambda: aio.run(scene(*arguments, **keywords))

    return {
        "all": run(gather),
        "as completed": run(completed),
        "exceptions as results": run(gather, raising(0, Boom), return_exceptions=True),
        "stops early": run(completed, int),
        "fails": run(gather, raising(0, Boom)),
        "loop fails": run(completed, raising(0, Boom)),
        "interrupted": run(completed, raising(0, KeyboardInterrupt)),
        "cancelled": run(cancelled),
    }


PROGRAMS: dict[str, Callable[[bool], Scenes]] = {
    program.__name__: program
    for program in (sklearn, ignite, xgboost, lightgbm, optuna, fsspec, joblib, pandas, futures, asyncio)
}


def run(scene: Callable[[], Any]) -> dict[str, Any]:
    """Return what a scene has computed, and how it failed."""
    noted.clear()
    try:
        return {"result": scene(), "raised": None, "noted": noted}
    except BaseException as error:
        return {"result": None, "raised": f"{type(error).__name__}: {error}", "noted": noted}


def main(name: str, who: str, folder: str) -> None:
    """Run the scenes of one program."""
    warnings.simplefilter("ignore")
    mine = who == "headway"
    for scene, play in PROGRAMS[name](mine).items():
        os.environ["HEADWAY_BACKEND"] = f"tqdm,events?path={folder}/{scene}.jsonl"
        print(f"@@ {scene}", flush=True)
        ended = run(play)
        gc.collect()  # what the exception has kept ends now, and not in the next scene
        print(flush=True)
        (Path(folder) / f"{scene}.json").write_text(json.dumps(ended, default=repr), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
