"""The callback for the real scikit-learn, whose release has to have callbacks."""

import os
import pickle
import warnings
from typing import Any

import pytest

from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("sklearn.callback")
    import numpy as np
    import sklearn.callback
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from headway.integrations.sklearn import Progress

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")

X, Y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2


def search(jobs: int = 1) -> Any:
    return GridSearchCV(LogisticRegression(max_iter=3), {"C": [0.1, 1, 10]}, cv=2, n_jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_search_in_one_process_or_several(jobs: int, rows: Any, recorded: Recorder) -> None:
    """The candidates are counted, and the fits of each are shown, wherever they run."""
    search(jobs).set_callbacks(Progress()).fit(X, Y)

    done = rows()
    assert ("GridSearchCV search", 6, 6, "finished") in done
    assert done[-1] == ("GridSearchCV", 2, 2, "finished")
    assert len([row for row in done if row[0] == "LogisticRegression"]) == 7
    assert {row[1:] for row in done if row[0] == "LogisticRegression"} == {(4, 4, "finished")}


def test_the_depth_is_the_users(rows: Any) -> None:
    """With a depth of 0 the outermost estimator alone is shown, as with scikit-learn's own bar."""
    search().set_callbacks(Progress(max_propagation_depth=0, desc="mine")).fit(X, Y)

    assert rows() == [("GridSearchCV search", 6, 6, "finished"), ("mine", 2, 2, "finished")]


def test_a_pipeline(rows: Any) -> None:
    """The steps of a pipeline are counted."""
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=3)).set_callbacks(Progress()).fit(X, Y)

    assert rows() == [("LogisticRegression", 4, 4, "finished"), ("Pipeline", 2, 2, "finished")]


def test_a_solver_that_converges_is_finished(rows: Any) -> None:
    """Iterations that were not needed are no early stop: scikit-learn tells only how many there may be."""
    LogisticRegression(max_iter=1000).set_callbacks(Progress()).fit(X, Y)

    (row,) = rows()
    assert (row[1], "finished") == row[2:]
    assert row[1] < 1000


def test_a_fit_that_raises(rows: Any) -> None:
    """A fit that fails is shown as failed."""
    with pytest.raises(ValueError, match="NaN"):
        make_pipeline(StandardScaler(), LogisticRegression()).set_callbacks(Progress()).fit(X * np.nan, Y)

    assert [row[-1] for row in rows()] == ["failed"] * len(rows())
    assert rows()[-1][0] == "Pipeline"


def test_it_is_a_callback_as_scikit_learn_wants_it() -> None:
    """The protocol is kept without a base class, and the callback may be pickled."""
    assert isinstance(Progress(), sklearn.callback.FitCallback)
    assert isinstance(Progress(), sklearn.callback.AutoPropagatedCallback)
    assert pickle.loads(pickle.dumps(Progress(desc="mine")))._look == {"desc": "mine"}


def test_nothing_is_left_behind() -> None:
    """After a fit no thread and no socket is left."""
    import threading

    search().set_callbacks(Progress(backend="off")).fit(X, Y)

    for thread in threading.enumerate():
        if thread.name == "headway-channel":
            thread.join(5)
    assert [t for t in threading.enumerate() if t.name == "headway-channel"] == []
