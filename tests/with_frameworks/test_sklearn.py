"""The callback for the real scikit-learn, whose release has to have callbacks."""

import os
import pickle
import warnings
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
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
    assert pickle.loads(ForkingPickler.dumps(Progress(desc="mine")))._look == {"desc": "mine"}


@pytest.mark.parametrize("solver", ["liblinear", "newton-cg", "sag"])
def test_solvers_that_report_no_iterations_are_finished(solver: str, rows: Any) -> None:
    """The candidates are counted as one fit after the other is over, whether or not its end is told."""
    estimator = LogisticRegression(solver=solver, max_iter=3)
    GridSearchCV(estimator, {"C": [0.1, 1]}, cv=2).set_callbacks(Progress()).fit(X, Y)

    assert rows()[-1] == ("GridSearchCV", 2, 2, "finished")
    assert ("GridSearchCV search", 4, 4, "finished") in rows()
    assert {row[-1] for row in rows()} == {"finished"}
    assert all(total is None for _, n, total, _ in rows() if n == 0)


def test_a_task_whose_end_is_not_told_has_no_row_beside_the_next_one(recorded: Recorder) -> None:
    """With `liblinear` no more rows are open at once than with a solver that tells its ends."""
    open_at_once = []
    for solver in ("liblinear", "newton-cg"):
        recorded.opened.clear()
        recorded.closed.clear()
        counts: list[int] = []

        class Counting(Progress):
            def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
                super().on_fit_task_begin(estimator, context)
                counts.append(len(recorded.opened) - len(recorded.closed))

        estimator = LogisticRegression(solver=solver, max_iter=3)
        GridSearchCV(estimator, {"C": [0.1, 1]}, cv=2).set_callbacks(Counting()).fit(X, Y)
        open_at_once.append(max(counts))

    assert open_at_once == [3, 3]


@pytest.mark.filterwarnings("ignore")
def test_a_saved_model_needs_no_headway(run: Any, tmp_path: Path) -> None:
    """A fitted search is loaded, used, fitted and saved again where headway cannot be imported."""
    fitted = search().set_callbacks(Progress(backend="off")).fit(X, Y)
    (tmp_path / "model").write_bytes(pickle.dumps(fitted))
    done = run(
        f"""
        import pickle, sys, warnings
        sys.modules["headway"] = None
        warnings.simplefilter("ignore")
        model = pickle.load(open({str(tmp_path / "model")!r}, "rb"))
        again = pickle.loads(pickle.dumps(model.fit({X.tolist()!r}, {Y.tolist()!r})))
        print(again.predict({X[:2].tolist()!r}).shape)
        """
    )

    assert done.stdout == "(2,)\n"


def test_nothing_is_left_behind() -> None:
    """After a fit no thread and no socket is left."""
    import threading

    search().set_callbacks(Progress(backend="off")).fit(X, Y)

    for thread in threading.enumerate():
        if thread.name == "headway-channel":
            thread.join(5)
    assert [t for t in threading.enumerate() if t.name == "headway-channel"] == []
