"""Errors and warnings under the names that tqdm gives them.

They are classes of headway's own, so that this works where tqdm is not installed: where both are used, an `except` has
to name the one that it means.
"""

from __future__ import annotations

__all__ = [
    "TqdmDeprecationWarning",
    "TqdmExperimentalWarning",
    "TqdmKeyError",
    "TqdmMonitorWarning",
    "TqdmTypeError",
    "TqdmWarning",
]


class TqdmTypeError(TypeError):
    """For names that tqdm exports; nothing raises it, here as there."""


class TqdmKeyError(KeyError):
    """Raised for arguments that tqdm does not have."""


class TqdmWarning(Warning):
    """Base of the warnings."""


class TqdmExperimentalWarning(TqdmWarning, FutureWarning):
    """For code that filters it; nothing warns with it here."""


class TqdmDeprecationWarning(TqdmWarning, DeprecationWarning):
    """Raised for the argument `nested`, and warned with for names that tqdm gave up."""


class TqdmMonitorWarning(TqdmWarning, RuntimeWarning):
    """For code that filters it; there is no monitor thread here."""
