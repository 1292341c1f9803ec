"""The names of `progressbar.bar`."""

from headway.imitation.progressbar.bar import ProgressBar
from headway.imitation.progressbar.kinds import DataTransferBar, NullBar

__all__ = ["DataTransferBar", "NullBar", "ProgressBar", "ProgressBarBase", "ProgressBarMixinBase"]

ProgressBarBase = ProgressBarMixinBase = ProgressBar
