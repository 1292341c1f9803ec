"""Test tools: a recorder for authors of libraries that report progress, a conformance kit for each kind of sinks.

`watch` checks each call of any sink while a program runs, and `wander` is a program drawn by lot.

The kit needs `pyte` (`pip install 'headway[testing]'`) and a system with pseudo-terminals.
"""

from headway.testing.conformance import (
    CellConformance,
    LinesConformance,
    NothingConformance,
    RowsConformance,
)
from headway.testing.oracle import Oracle, watch
from headway.testing.recorder import Recorder, record
from headway.testing.terminal import Screen, run_in_terminal
from headway.testing.wandering import wander

__all__ = [
    "CellConformance",
    "LinesConformance",
    "NothingConformance",
    "Oracle",
    "Recorder",
    "RowsConformance",
    "Screen",
    "record",
    "run_in_terminal",
    "wander",
    "watch",
]
