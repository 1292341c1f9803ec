"""For XGBoost: `xgboost.train(..., callbacks=[headway.integrations.xgboost.Progress()])`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from headway.integrations._endings import LOST
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look
from headway.integrations._pickles import KeptByModels
from headway.integrations._rounds import Rounds

try:
    from xgboost.callback import TrainingCallback
except ImportError as error:
    raise missing("xgboost", "xgboost", error) from error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from headway.reporting.bar import Bar
    from headway.snapshot import State

__all__ = ["Progress"]


class Progress(KeptByModels, Rounds, TrainingCallback):  # type: ignore[misc]
    """Counts the rounds of `train`, `cv` and the estimators, with their evaluations as metrics.

    Args:
        total: Rounds in all. XGBoost does not tell its callbacks; by default it is looked up in the call that
            trains, and is unknown where it is not found.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    def __init__(self, total: int | None = None, **look: Unpack[Look]) -> None:
        TrainingCallback.__init__(self)
        self._rounds_before = 0
        self._evaluated: Mapping[str, Mapping[str, Any]] = {}
        """The evaluations so far, which XGBoost adds to."""
        super().__init__("boosting", "round", "xgboost", total, look)

    def _silent(self) -> type:
        return TrainingCallback  # type: ignore[no-any-return]

    def before_training(self, model: Any) -> Any:
        """Open the bar."""
        self._begin(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Count a round; the training goes on."""
        self._round(evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        """Close the bar; fewer rounds than there were to be are an early stop."""
        self._end(model)
        return model

    def _unfinished(self) -> tuple[State, str]:
        return LOST  # else `after_training` would have closed it

    @contained
    def _begin(self, model: Any) -> None:
        self._rounds_before, self._evaluated = model.num_boosted_rounds(), {}
        self._open(_rounds()).enter()

    @contained
    def _end(self, model: Any) -> None:
        if self._bar is not None:  # a callback that stops the training keeps its last round from those behind it
            told = max((len(course) for of in self._evaluated.values() for course in of.values()), default=0)
            self._bar.set(max(self._bar.n, told, model.num_boosted_rounds() - self._rounds_before))
            self._show(self._bar)
        self._close()

    @contained
    def _round(self, evals_log: Any) -> None:
        bar = self._bar
        if bar is None:
            return
        bar.update()
        self._evaluated = evals_log
        self._show(bar)

    def _show(self, bar: Bar) -> None:
        """Report the last evaluations."""
        evaluated = self._evaluated.items()
        last = ((f"{data}.{name}", course[-1]) for data, of in evaluated for name, course in of.items())
        bar.metrics(**{name: value[0] if isinstance(value, tuple) else value for name, value in last})


def _rounds() -> int | None:
    """Return the `num_boost_round` of the call of `train` or `cv` that this is in."""
    call = sys._getframe(1)
    while call is not None and call.f_globals.get("__name__") != "xgboost.training":
        call = call.f_back  # type: ignore[assignment]
    rounds = None if call is None else call.f_locals.get("num_boost_round")
    return rounds if isinstance(rounds, int) else None
