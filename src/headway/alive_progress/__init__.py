"""A door in the shape of alive-progress: `from headway.alive_progress import alive_bar, alive_it`.

The arguments, attributes and methods are those of alive-progress; the renderer is the one that the person at the run
has chosen. Nothing of alive-progress is imported or needed, but for its shows and its makers of styles.
docs/coming-from-alive-progress.md lists every name of alive-progress and what becomes of it.

Knows `imitation`, where the code is, and no other door. A module stands here only if alive-progress has one of its
name.
"""

from headway.imitation.alive.bar import alive_bar, alive_it
from headway.imitation.alive.options import config_handler

__all__ = ["VERSION", "__version__", "alive_bar", "alive_it", "config_handler"]

VERSION: tuple[int, int, int] = (3, 3, 0)
"""The version of alive-progress whose names are here."""
__version__ = "3.3.0"
