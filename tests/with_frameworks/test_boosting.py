"""The callbacks for the real XGBoost and LightGBM."""

import os
import pickle
import warnings
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("xgboost")
        pytest.importorskip("lightgbm")
    import lightgbm
    import numpy as np
    import xgboost

    from headway.integrations import lightgbm as lgb
    from headway.integrations import xgboost as xgb

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 3))
Y = X[:, 0] + RANDOM.normal(size=200) / 10
NOISE = RANDOM.normal(size=200)


def matrix(y: Any = Y) -> Any:
    return xgboost.DMatrix(X, label=y)


def dataset(y: Any = Y) -> Any:
    return lightgbm.Dataset(X, y, params={"verbose": -1})


def test_xgboost_counts_rounds_with_their_evaluations(rows: Any, recorded: Recorder, values: Any) -> None:
    """The total comes by itself, and the metrics are those that XGBoost keeps."""
    kept: dict[str, Any] = {}
    xgboost.train(
        {}, matrix(), 12, evals=[(matrix(), "train")], evals_result=kept, verbose_eval=False,
        callbacks=[xgb.Progress()],
    )  # fmt: skip

    assert rows() == [("boosting", 12, 12, "finished")]
    assert values(recorded.last("boosting")) == {"train.rmse": kept["train"]["rmse"][-1]}


def test_xgboost_cv_and_estimators(rows: Any, values: Any, recorded: Recorder) -> None:
    """So do cross-validation, whose metrics are means, and the estimators."""
    result = xgboost.cv({}, matrix(), 5, nfold=2, callbacks=[xgb.Progress(desc="cv")])
    xgboost.XGBRegressor(n_estimators=7, callbacks=[xgb.Progress(desc="fit")]).fit(X, Y, verbose=False)

    assert rows() == [("cv", 5, 5, "finished"), ("fit", 7, 7, "finished")]
    assert values(recorded.last("cv"))["test.rmse"] == pytest.approx(result["test-rmse-mean"].iloc[-1])


def test_xgboost_stops_early(rows: Any) -> None:
    """An early stop is one, and so is what an explicit total says of a run that had fewer rounds."""
    booster = xgboost.train(
        {}, matrix(NOISE), 500, evals=[(matrix(Y), "valid")], early_stopping_rounds=3, verbose_eval=False,
        callbacks=[xgb.Progress()],
    )  # fmt: skip
    more = xgboost.train({}, matrix(), 5, xgb_model=booster, callbacks=[xgb.Progress(6)])

    assert rows() == [("boosting", booster.num_boosted_rounds(), 500, "stopped"), ("boosting", 5, 6, "stopped")]
    assert more.num_boosted_rounds() == booster.num_boosted_rounds() + 5


def test_a_block_tells_how_it_ended(rows: Any) -> None:
    """XGBoost and LightGBM do not tell a callback of an exception; a `with` block does."""

    class Fails(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if epoch == 3:
                raise ValueError("boom")
            return False

    def fails(env: Any) -> None:
        if env.iteration == 3:
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"), xgb.Progress() as shown:
        xgboost.train({}, matrix(), 9, callbacks=[shown, Fails()])
    with pytest.raises(ValueError, match="boom"), lgb.Progress() as other:
        lightgbm.train({"verbose": -1}, dataset(), 9, callbacks=[other, fails])

    assert rows() == [("boosting", 4, 9, "failed"), ("boosting", 3, 9, "failed")]  # the user's own are called before


def test_without_a_block_an_exception_is_no_early_stop(rows: Any, recorded: Recorder) -> None:
    """A run that raised, and was caught, is failed when its callback is let go of; what it was is not known."""

    class Fails(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            return bool(1 // (3 - epoch) < 0)

    with suppress(ZeroDivisionError):
        xgboost.train({}, matrix(), 9, callbacks=[xgb.Progress(), Fails()])
    with suppress(ZeroDivisionError):
        lightgbm.train({"verbose": -1}, dataset(), 9, callbacks=[lgb.Progress(), lambda env: 1 // (3 - env.iteration)])

    assert rows() == [("boosting", 4, 9, "failed"), ("boosting", 3, 9, "failed")]
    assert {"it did not come to its end"} == {s.reason for s in recorded.closed}


def test_lightgbm_stops_early_in_cv(rows: Any) -> None:
    """An early stop of a cross-validation is one, too."""
    found = lightgbm.cv(
        {"verbose": -1, "metric": "l2"}, dataset(NOISE), 500, nfold=2, stratified=False,
        callbacks=[lgb.Progress(), lightgbm.early_stopping(3, verbose=False)],
    )  # fmt: skip

    assert rows() == [("boosting", len(found["valid l2-mean"]) + 3, 500, "stopped")]


def test_lightgbm_counts_rounds_with_their_evaluations(rows: Any, recorded: Recorder, values: Any) -> None:
    """The metrics are those that LightGBM records."""
    kept: dict[str, Any] = {}
    lightgbm.train(
        {"verbose": -1, "metric": "l2"}, dataset(), 12, valid_sets=[dataset()],
        callbacks=[lgb.Progress(), lightgbm.record_evaluation(kept)],
    )  # fmt: skip

    assert rows() == [("boosting", 12, 12, "finished")]
    assert values(recorded.last("boosting")) == {"valid_0.l2": kept["valid_0"]["l2"][-1]}


def test_lightgbm_stops_early(rows: Any) -> None:
    """LightGBM does not tell of an early stop: the bar ends when it lets go of the callback."""
    train = dataset(NOISE)
    booster = lightgbm.train(
        {"verbose": -1}, train, 500, valid_sets=[lightgbm.Dataset(X, Y, reference=train)],
        callbacks=[lgb.Progress(), lightgbm.early_stopping(3, verbose=False)],
    )  # fmt: skip

    (row,) = rows()
    assert row == ("boosting", booster.best_iteration + 3, 500, "stopped")


def test_lightgbm_goes_on_and_cross_validates(rows: Any) -> None:
    """Rounds of a model that is trained on are counted from none; a callback may be used again."""
    shown = lgb.Progress()
    first = lightgbm.train({"verbose": -1}, dataset(), 4, callbacks=[shown])
    lightgbm.train({"verbose": -1}, dataset(), 6, init_model=first, callbacks=[shown])
    lightgbm.cv({"verbose": -1}, dataset(), 5, nfold=2, stratified=False, callbacks=[shown])
    lightgbm.LGBMRegressor(n_estimators=7, verbose=-1).fit(X, Y, callbacks=[shown])

    assert [row[1:] for row in rows()] == [(n, n, "finished") for n in (4, 6, 5, 7)]


@pytest.mark.parametrize("module", [xgb, lgb])
def test_callbacks_may_be_pickled(module: Any, recorded: Recorder) -> None:
    """What is open does not travel."""
    shown = module.Progress(desc="mine")
    shown._open(3)

    assert pickle.loads(ForkingPickler.dumps(shown))._look == {"desc": "mine"}
    shown._close()


def test_xgboost_counts_the_round_that_another_callback_stops_after(rows: Any, recorded: Recorder, values: Any) -> None:
    """A callback that stops the training keeps its last round from those behind it in the list."""
    stopping, kept = xgboost.callback.EarlyStopping(3), dict[str, Any]()
    booster = xgboost.train(
        {}, matrix(NOISE), 500, evals=[(matrix(Y), "valid")], verbose_eval=False,
        callbacks=[stopping, xgb.Progress()],
    )  # fmt: skip
    trained = booster.num_boosted_rounds()
    xgboost.train(
        {}, matrix(NOISE), 500, evals=[(matrix(Y), "valid")], evals_result=kept, verbose_eval=False, xgb_model=booster,
        callbacks=[xgboost.callback.EarlyStopping(3, save_best=True), xgb.Progress()],
    )  # fmt: skip

    assert rows()[0] == ("boosting", trained, 500, "stopped")
    assert rows()[1] == ("boosting", len(kept["valid"]["rmse"]), 500, "stopped")
    assert values(recorded.closed[1])["valid.rmse"] == kept["valid"]["rmse"][-1]


def test_a_saved_estimator_of_xgboost_needs_no_headway(run: Any, tmp_path: Path) -> None:
    """It is loaded, used, trained and saved again where headway cannot be imported."""
    fitted = xgboost.XGBRegressor(n_estimators=3, callbacks=[xgb.Progress(backend="off")]).fit(X, Y)
    (tmp_path / "model").write_bytes(pickle.dumps(fitted))
    done = run(
        f"""
        import pickle, sys
        sys.modules["headway"] = None
        model = pickle.load(open({str(tmp_path / "model")!r}, "rb"))
        again = pickle.loads(pickle.dumps(model.fit({X[:20].tolist()!r}, {Y[:20].tolist()!r})))
        print(again.predict({X[:2].tolist()!r}).shape)
        """
    )

    assert done.stdout == "(2,)\n"
