"""The names of `tqdm.std`."""

from headway.imitation.tqdm import (
    TqdmDeprecationWarning,
    TqdmExperimentalWarning,
    TqdmKeyError,
    TqdmMonitorWarning,
    TqdmTypeError,
    TqdmWarning,
    tqdm,
    trange,
)

__all__ = [
    "TqdmDeprecationWarning",
    "TqdmExperimentalWarning",
    "TqdmKeyError",
    "TqdmMonitorWarning",
    "TqdmTypeError",
    "TqdmWarning",
    "tqdm",
    "trange",
]
