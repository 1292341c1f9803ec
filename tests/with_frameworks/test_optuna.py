"""The callback for the real Optuna."""

import os
import warnings
from typing import Any

import pytest

from headway.testing import Recorder, run_in_terminal

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("optuna")
    import optuna

    from headway.integrations.optuna import Progress

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def square(trial: Any) -> float:
    x = trial.suggest_float("x", -1, 1)
    return float(x * x)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_trials_are_counted_with_the_best_one(
    rows: Any, recorded: Recorder, values: Any, direction: str, jobs: int
) -> None:
    """From one thread or several, the count is exact and the best value is the study's, older trials included."""
    study = optuna.create_study(direction=direction)
    study.optimize(square, n_trials=3)
    study.optimize(square, n_trials=20, n_jobs=jobs, callbacks=[Progress(20)])

    assert rows() == [("optimization", 20, 20, "finished")]
    assert values(recorded.last("optimization"))["best"] == study.best_value


def test_the_last_value_gives_way_to_the_best_one() -> None:
    """In a row of 64 columns there is room for one of them."""
    screen = run_in_terminal(
        """
        import optuna
        from headway.integrations.optuna import Progress

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), 5, callbacks=[Progress(5)])
        """,
        columns=64,
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert "best=0.4237" in screen.rows[-1]
    assert "value=" not in screen.rows[-1]


def test_failed_and_pruned_trials_are_told(recorded: Recorder) -> None:
    """Trials without a value count, and the row says how many they are."""

    def objective(trial: Any) -> float:
        if trial.number % 3 == 0:
            raise optuna.TrialPruned
        if trial.number % 3 == 1:
            raise ValueError("boom")
        return 1.0

    optuna.create_study().optimize(objective, n_trials=6, catch=ValueError, callbacks=[Progress(6)])

    assert recorded.last("optimization").message == "2 pruned, 2 failed"


def test_a_block_ends_with_the_study(rows: Any) -> None:
    """What Optuna does not tell, a `with` block does: an exception, or an end before all trials."""
    study = optuna.create_study()

    def fails(trial: Any) -> float:
        if trial.number == 2:
            raise ValueError("boom")
        return 1.0

    with pytest.raises(ValueError, match="boom"), Progress(10) as shown:
        study.optimize(fails, n_trials=10, callbacks=[shown])
    with Progress(10) as shown:
        study.optimize(lambda _: 1.0, n_trials=10, callbacks=[shown, lambda study, trial: study.stop()])

    assert rows() == [("optimization", 2, 10, "failed"), ("optimization", 1, 10, "stopped")]


def test_several_objectives(recorded: Recorder, values: Any) -> None:
    """Where there is no one best value, the last values are shown."""
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.optimize(lambda _: (1.0, 2.0), n_trials=2, callbacks=[Progress(2)])

    assert values(recorded.last("optimization")) == {"value 0": 1.0, "value 1": 2.0}


@pytest.mark.parametrize(("feasible", "best"), [([1, 1, 0, 1], 0.4), ([0, 0, 1, 1], 0.1), ([0, 0, 0, 1], 0.6)])
def test_the_best_one_keeps_to_the_constraints(
    recorded: Recorder, values: Any, feasible: list[int], best: float
) -> None:
    """The best value is the study's, which has none before the first trial that is feasible."""

    def objective(trial: Any) -> float:
        trial.suggest_float("x", 0, 1)
        trial.set_constraint("c", -1.0 if feasible[trial.number] else 1.0)
        return [0.5, 0.4, 0.1, 0.6][trial.number]

    study = optuna.create_study()
    with Progress(4) as shown:
        study.optimize(objective, n_trials=4, callbacks=[shown])

    assert values(recorded.last("optimization"))["best"] == study.best_value == best


def test_no_trial_is_feasible(recorded: Recorder, values: Any) -> None:
    """There is no best value, and no warning."""

    def objective(trial: Any) -> float:
        trial.set_constraint("c", 1.0)
        return 0.5

    optuna.create_study().optimize(objective, n_trials=3, callbacks=[Progress(3)])

    assert values(recorded.last("optimization")) == {"value": 0.5}
