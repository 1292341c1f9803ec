"""A tqdm-shaped door: `from headway.tqdm import tqdm, trange` in the place of `from tqdm import tqdm, trange`.

The arguments, attributes and methods are tqdm's; what draws is the renderer that whoever runs the program has chosen.
Nothing of the tqdm package is imported or needed. The modules stand where tqdm's do: `auto`, `asyncio`, `notebook`,
`contrib.concurrent` and so on. docs/coming-from-tqdm.md lists every name of tqdm's and what becomes of it.
"""

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
    "tnrange",
    "tqdm",
    "tqdm_notebook",
    "trange",
]

tqdm_notebook, tnrange = tqdm, trange
