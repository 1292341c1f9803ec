"""For Optuna: `study.optimize(f, n_trials=100, callbacks=[headway.integrations.optuna.Progress(100)])`.

A callback of Optuna is anything that can be called, so nothing is imported here.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from headway.integrations._faults import contained
from headway.integrations._look import Look
from headway.integrations._rounds import Rounds
from headway.reporting.metric import Metric

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from headway.reporting.bar import Bar

__all__ = ["Progress"]

SHOWN = (Metric("best"), Metric("value", priority=1))
"""The order, by default: the last value gives way to the best one."""


class Progress(Rounds):
    """Counts trials, with the last value and the best one as metrics, and says how many failed or were pruned.

    Optuna tells its callbacks neither how many trials there are to be, nor the end: give the number here, too, and use
    a `with` block where a run may end early.

    Args:
        total: Trials in all, the `n_trials` of `optimize`.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    def __init__(self, total: int | None = None, **look: Unpack[Look]) -> None:
        super().__init__("optimization", "trial", "optuna", total, {"metrics": SHOWN, **look})
        self._others: dict[str, int] = {}
        self._best: float | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())

    def __enter__(self) -> Self:
        self._open(None)
        return self

    def _open(self, total: float | None) -> Bar:
        self._others, self._best = {}, None  # it may be another study
        bar = super()._open(total)
        bar.enter()
        return bar

    @contained
    def __call__(self, study: Any, trial: Any) -> None:
        """Count a trial; with `n_jobs` this comes from several threads."""
        with self._lock:
            bar = self._bar or self._open(None)
            bar.update()
            state = trial.state.name.lower().replace("fail", "failed")
            if state == "complete":
                bar.metrics(**self._values(study, trial))
            else:
                self._others[state] = self._others.get(state, 0) + 1
                bar.message(", ".join(f"{count} {state}" for state, count in self._others.items()))
            self._end_when_done(bar)

    def _values(self, study: Any, trial: Any) -> dict[str, float]:
        if len(trial.values) > 1:
            return {f"value {i}": value for i, value in enumerate(trial.values)}
        values = {"value": trial.value}
        sign = 1 if study.direction.name == "MINIMIZE" else -1
        if self._best is None or sign * trial.value < sign * self._best:
            with suppress(ValueError):  # no trial has kept to the constraints yet
                self._best = study.best_value
        return values if self._best is None else {**values, "best": self._best}

    def _end_when_done(self, bar: Bar) -> None:
        if bar.total is not None and bar.n >= bar.total:
            self._close()
