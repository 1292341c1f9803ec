"""For XGBoost: `xgboost.train(..., callbacks=[headway.integrations.xgboost.Progress()])`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from headway.integrations._endings import LOST
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look
from headway.integrations._rounds import Rounds

try:
    from xgboost.callback import TrainingCallback
except ImportError as error:
    raise missing("xgboost", "xgboost", error) from error

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.snapshot import State

__all__ = ["Progress"]


class Progress(Rounds, TrainingCallback):  # type: ignore[misc]
    """Counts the rounds of `train`, `cv` and the estimators, with their evaluations as metrics.

    Args:
        total: Rounds in all. XGBoost does not tell its callbacks; by default it is looked up in the call that
            trains, and is unknown where it is not found.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    def __init__(self, total: int | None = None, **look: Unpack[Look]) -> None:
        TrainingCallback.__init__(self)
        super().__init__("boosting", "round", "xgboost", total, look)

    def before_training(self, model: Any) -> Any:
        """Open the bar."""
        self._begin()
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Count a round; the training goes on."""
        self._round(evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        """Close the bar; fewer rounds than there were to be are an early stop."""
        self._close()
        return model

    def _unfinished(self) -> tuple[State, str]:
        return LOST  # else `after_training` would have closed it

    @contained
    def _begin(self) -> None:
        self._open(_rounds()).enter()

    @contained
    def _round(self, evals_log: Any) -> None:
        bar = self._bar
        if bar is None:
            return
        bar.update()
        last = ((f"{data}.{name}", course[-1]) for data, of in evals_log.items() for name, course in of.items())
        bar.metrics(**{name: value[0] if isinstance(value, tuple) else value for name, value in last})


def _rounds() -> int | None:
    """Return the `num_boost_round` of the call of `train` or `cv` that this is in."""
    call = sys._getframe(1)
    while call is not None and call.f_globals.get("__name__") != "xgboost.training":
        call = call.f_back  # type: ignore[assignment]
    rounds = None if call is None else call.f_locals.get("num_boost_round")
    return rounds if isinstance(rounds, int) else None
