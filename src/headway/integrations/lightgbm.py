"""For LightGBM: `lightgbm.train(..., callbacks=[headway.integrations.lightgbm.Progress()])`.

A callback of LightGBM is anything that can be called, so nothing is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.integrations._endings import LOST
from headway.integrations._faults import contained
from headway.integrations._look import Look
from headway.integrations._rounds import Rounds

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.snapshot import State

__all__ = ["Progress"]


class Progress(Rounds):
    """Counts the rounds of `train`, `cv` and the estimators, with their evaluations as metrics.

    LightGBM has no hook for the end. A bar that has not all its rounds by then ends when LightGBM lets go of the
    callback, so make it in the call; one that is kept ends with a `with` block, or when it is used again. It is
    `stopped` if LightGBM has found a best round, as in an early stop, and `failed` if not.

    Args:
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    before_iteration = False

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__("boosting", "round", "lightgbm", None, look)
        self.order = 5
        """Before the early stopping of LightGBM, which has 30 and lets no later callback see the last round, and
        after the user's own, which may raise. LightGBM looks for it in the instance only."""
        self._model: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_model": None}

    @contained
    def __call__(self, env: Any) -> None:
        """Count a round."""
        done, total = env.iteration - env.begin_iteration + 1, env.end_iteration - env.begin_iteration
        if self._bar is None or done == 1:
            self._open(total).enter()
        bar = self._bar
        if bar is not None:
            bar.set(done)
            bar.metrics(**{f"{of[0]}.{of[1]}": of[2] for of in env.evaluation_result_list or ()})
            self._model = env.model
            if done == total:
                self._close()

    def _unfinished(self) -> tuple[State, str]:
        return ("stopped", "") if self._model is not None and self._model.best_iteration > 0 else LOST

    def _close(self) -> None:
        self._model = None
        super()._close()

    def _leave(self) -> None:
        super()._leave()
        self._model = None
