"""For Trainers of `pytorch_lightning`: `Trainer(callbacks=[headway.integrations.pytorch_lightning.Progress()])`."""

from __future__ import annotations

from headway.integrations._faults import missing
from headway.integrations._lightning import Hooks

try:
    from pytorch_lightning.callbacks import ProgressBar
except ImportError as error:
    raise missing("pytorch_lightning", "pytorch-lightning", error) from error

__all__ = ["Progress"]


class Progress(Hooks, ProgressBar):  # type: ignore[misc]
    """Takes the place of the progress bar of `pytorch_lightning`: `Trainer(callbacks=[Progress()])`.

    Takes the keywords about the look that `headway.get_bar` has: `Progress(desc=..., metrics=[...])`.
    """
