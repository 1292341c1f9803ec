"""What people do with a callback beside handing it to one fit: use it again, copy it, send it, nest it."""

import copy
import os
import pickle
import warnings
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        for package in (
            "fsspec",
            "ignite",
            "keras",
            "lightgbm",
            "optuna",
            "sklearn.callback",
            "transformers",
            "xgboost",
        ):
            pytest.importorskip(package)
    import fsspec as fs
    import lightgbm as lgb
    import numpy as np
    import optuna as opt
    import xgboost as xgb
    from ignite.engine import Engine
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    from headway.integrations import fsspec, ignite, keras, lightgbm, optuna, sklearn, transformers, xgboost

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")
opt.logging.set_verbosity(opt.logging.ERROR)

CALLBACKS: list[Callable[..., Any]] = [
    module.Progress for module in (fsspec, ignite, keras, lightgbm, optuna, sklearn, transformers, xgboost)
]
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda each: pickle.loads(ForkingPickler.dumps(each))], ids=["copy", "process"]
)
@pytest.mark.parametrize("make", CALLBACKS, ids=lambda make: make.__module__)
def test_callbacks_are_copied_with_their_look(make: Callable[..., Any], copied: Callable[[Any], Any]) -> None:
    """joblib, `clone` and strategies that spawn copy them."""
    assert copied(make(desc="mine"))._look["desc"] == "mine"


def test_a_study_with_the_callback_of_another(recorded: Recorder, values: Any) -> None:
    """The best value is that of the present study, though the one before had a better one."""
    shown = optuna.Progress(3)
    for least in (0, 5):
        study = opt.create_study()
        study.optimize(lambda trial, least=least: least + trial.suggest_float("x", 0, 1), 3, callbacks=[shown])

    assert values(recorded.last("optimization"))["best"] == study.best_value >= 5


def test_a_study_with_a_copied_callback(rows: Any) -> None:
    """A copy counts by itself."""
    opt.create_study().optimize(lambda _: 1.0, 3, n_jobs=2, callbacks=[copy.deepcopy(optuna.Progress(3))])

    assert rows() == [("optimization", 3, 3, "finished")]


def test_two_transfers_with_one_callback(rows: Any, tmp_path: Path) -> None:
    """The second one begins at nothing."""
    memory = fs.filesystem("memory")
    memory.pipe({f"/twice/{name}": b"x" for name in "abc"})
    shown = fsspec.Progress()
    for folder in ("one", "two"):
        with shown:
            memory.get([f"/twice/{name}" for name in "abc"], str(tmp_path / folder), callback=shown)

    assert [row for row in rows() if row[0] == "transfer"] == [("transfer", 3, 3, "finished")] * 2


def test_two_fits_with_one_callback(rows: Any) -> None:
    """Each fit has its own rows, whatever has been shown before."""
    boosts, fits, runs = xgboost.Progress(), sklearn.Progress(), ignite.Progress()
    engine = Engine(lambda _engine, _batch: None)
    runs.attach(engine)
    for n in (3, 5):
        xgb.train({}, xgb.DMatrix(X, Y), n, callbacks=[boosts])
        LogisticRegression(max_iter=1000).set_callbacks(fits).fit(X, Y)
        engine.run(range(n), max_epochs=1)

    assert [row[1:] for row in rows() if row[0] != "LogisticRegression"] == [
        (3, 3, "finished"),
        (3, 3, "finished"),
        (5, 5, "finished"),
        (5, 5, "finished"),
    ]
    assert len({row for row in rows() if row[0] == "LogisticRegression"}) == 1


def test_a_study_whose_objective_trains(recorded: Recorder, rows: Any) -> None:
    """The rounds of each trial stand below the trials, and do not stay."""

    def objective(_trial: Any) -> float:
        data = lgb.Dataset(X, Y, params={"verbose": -1})
        lgb.train({"verbose": -1, "num_threads": 1}, data, 5, callbacks=[lightgbm.Progress()])
        return 1.0

    with optuna.Progress(3) as shown:
        opt.create_study().optimize(objective, 3, callbacks=[shown])

    assert rows() == [("boosting", 5, 5, "finished")] * 3 + [("optimization", 3, 3, "finished")]
    assert {recorded.last("optimization").id} == {s.parent for s in recorded.closed if s.desc == "boosting"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_search_whose_estimators_have_callbacks(rows: Any, jobs: int) -> None:
    """`clone` copies the callback for each fit; in other processes, too, none of them is in the way of another."""
    estimator = xgb.XGBClassifier(n_estimators=4, n_jobs=1, callbacks=[xgboost.Progress()])
    search = GridSearchCV(estimator, {"max_depth": [1, 2]}, cv=2, n_jobs=jobs)
    search.set_callbacks(sklearn.Progress()).fit(X, Y)

    fits = [row for row in rows() if row[0] == "boosting"]
    assert {(4, 4, "finished")} == {row[1:] for row in fits}
    assert rows()[-1] == ("GridSearchCV", 2, 2, "finished")
    assert len(fits) == (5 if jobs == 1 else 1)  # what is recorded is what this process reports
