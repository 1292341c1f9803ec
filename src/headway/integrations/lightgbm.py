"""For LightGBM: `lightgbm.train(..., callbacks=[headway.integrations.lightgbm.Progress()])`.

A callback of LightGBM is anything that can be called, so nothing is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.integrations._rounds import Rounds
from headway.integrations._shared import Look, contained

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Progress"]


class Progress(Rounds):
    """Counts the rounds of `train`, `cv` and the estimators, with their evaluations as metrics.

    LightGBM has no hook for an early stop. The bar ends when LightGBM lets go of the callback, so make it in the call;
    one that is kept ends with a `with` block, or when it is used again.

    Args:
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    order = 5
    """Before the early stopping of LightGBM, which has 30 and lets no later callback see the last round."""
    before_iteration = False

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__("boosting", "round", "lightgbm", None, look)

    @contained
    def __call__(self, env: Any) -> None:
        """Count a round."""
        done, total = env.iteration - env.begin_iteration + 1, env.end_iteration - env.begin_iteration
        if self._bar is None or done == 1:
            self._open(total)
        bar = self._bar
        if bar is not None:
            bar.set(done)
            bar.metrics(**{f"{of[0]}.{of[1]}": of[2] for of in env.evaluation_result_list or ()})
            if done == total:
                self._close()
