"""The names of `progressbar.multi`."""

from headway.imitation.progressbar.multi import MultiBar, SortKey

__all__ = ["MultiBar", "SortKey"]
