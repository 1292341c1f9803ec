"""Test tools: a recorder for authors of libraries that report progress, a conformance kit for authors of renderers.

The kit needs `pyte` (`pip install 'headway[testing]'`) and a system with pseudo-terminals.
"""

from headway.testing.conformance import RendererConformance
from headway.testing.recorder import Recorder, record
from headway.testing.terminal import Screen, run_in_terminal

__all__ = ["Recorder", "RendererConformance", "Screen", "record", "run_in_terminal"]
