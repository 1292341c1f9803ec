"""Errors and warnings under the names that tqdm gives them.

They are classes of headway's own, so that this works where tqdm is not installed: where both are used, an `except` has
to name the one that it means.
"""

from __future__ import annotations

from collections.abc import Callable

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
    """Base of the warnings.

    Args:
        msg: The text.
        fp_write: Gets the text as a line, with the name of the class; then there is no message.
        args: More of what a warning is made of.
    """

    def __init__(self, msg: object = "", fp_write: Callable[[str], object] | None = None, *args: object) -> None:
        if fp_write is None:
            super().__init__(msg, *args)
        else:
            fp_write(f"\n{type(self).__name__}: {str(msg).rstrip()}\n")


class TqdmExperimentalWarning(TqdmWarning, FutureWarning):
    """For code that filters it; nothing warns with it here."""


class TqdmDeprecationWarning(TqdmWarning, DeprecationWarning):
    """Raised for the argument `nested`, and warned with for names that tqdm gave up."""


class TqdmMonitorWarning(TqdmWarning, RuntimeWarning):
    """For code that filters it; there is no monitor thread here."""
