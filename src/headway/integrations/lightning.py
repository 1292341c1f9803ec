"""For Trainers of `lightning.pytorch`: `Trainer(callbacks=[headway.integrations.lightning.Progress()])`."""

from __future__ import annotations

from headway.integrations._lightning import Hooks
from headway.integrations._shared import missing

try:
    from lightning.pytorch.callbacks import ProgressBar
except ImportError as error:
    raise missing("lightning", "lightning", error) from error

__all__ = ["Progress"]


class Progress(Hooks, ProgressBar):  # type: ignore[misc]
    """Takes the place of Lightning's own progress bar: `Trainer(callbacks=[Progress()])`.

    Takes the keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
    `options`, `backend`, `name`, `leave`, `file`.

    A fit is one run with a row of its own, and each epoch has one that shows whether it trains or validates and
    stays with the epoch's metrics. What is logged with `prog_bar=True` is read as often as it can be seen, by
    `get_metrics`, which may be overridden as in Lightning's own. Nothing is computed for it: on a step it reads
    what each rank has computed, and at the end of an epoch it waits for the hook behind Lightning's own computing.
    """
