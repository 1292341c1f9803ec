"""For Trainers of `lightning.pytorch`: `Trainer(callbacks=[headway.integrations.lightning.Progress()])`."""

from __future__ import annotations

from headway.integrations._faults import missing
from headway.integrations._lightning import Hooks

try:
    from lightning.pytorch.callbacks import ProgressBar
except ImportError as error:
    raise missing("lightning", "lightning", error) from error

__all__ = ["Progress"]


class Progress(Hooks, ProgressBar):  # type: ignore[misc]
    """Takes the place of the progress bar of `lightning.pytorch`: `Trainer(callbacks=[Progress()])`.

    Takes the keywords about the look that `headway.get_bar` has: `Progress(desc=..., metrics=[...])`.
    """
