"""The names of `tqdm.std`: the class, and tqdm's errors and warnings."""

from headway.imitation import exceptions
from headway.imitation.exceptions import *  # noqa: F403  # they are listed where they are defined
from headway.imitation.tqdm import tqdm, trange

__all__ = ["tqdm", "trange"]
__all__ += exceptions.__all__
