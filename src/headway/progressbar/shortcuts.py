"""The names of `progressbar.shortcuts`."""

from headway.imitation.progressbar.kinds import progressbar

__all__ = ["progressbar"]
