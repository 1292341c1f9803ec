"""The names of `progressbar.base`."""

from headway.imitation.progressbar.base import FalseMeta, Undefined, UnknownLength

__all__ = ["FalseMeta", "Undefined", "UnknownLength"]
