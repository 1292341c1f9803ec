"""Counts what headway's bars report, in C. headway uses it if it is here; nobody else needs to import it."""

from headway_speedups._tally import PROTOCOL, Tally

__all__ = ["PROTOCOL", "Tally"]
