"""The names of `progressbar.fast`."""

from headway.imitation.progressbar.kinds import FastProgressBar

__all__ = ["FastProgressBar"]
