"""A tqdm-shaped door: `from headway.tqdm import tqdm, trange` in the place of `from tqdm import tqdm, trange`.

The arguments, attributes and methods are tqdm's; the renderer is the one that the person at the run has chosen.
Nothing of the tqdm package is imported or needed. The modules stand where tqdm's do: `auto`, `asyncio`, `notebook`,
`contrib.concurrent` and so on. docs/coming-from-tqdm.md lists every name of tqdm's and what becomes of it.

Knows `imitation`, where the class is, and neither `capturing` nor `integrations`. A module stands here only if tqdm has
one of its name.
"""

from headway.imitation import exceptions
from headway.imitation.exceptions import *  # noqa: F403  # they are listed where they are defined
from headway.imitation.tqdm import tqdm, trange
from headway.tqdm.notebook import tnrange, tqdm_notebook
from headway.tqdm.version import __version__

__all__ = ["__version__", "tnrange", "tqdm", "tqdm_notebook", "trange"]
__all__ += exceptions.__all__
