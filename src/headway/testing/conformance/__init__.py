"""The conformance kit: the invariants that every renderer is held to, checked on a real pseudo-terminal.

Each module has the tests of one theme. `RowsConformance` has them all.
"""

from __future__ import annotations

from headway.testing.conformance.dialogue import Dialogue
from headway.testing.conformance.endings import Endings
from headway.testing.conformance.frames import Frames
from headway.testing.conformance.nesting import Nesting
from headway.testing.conformance.signals import Signals
from headway.testing.conformance.streams import Streams
from headway.testing.conformance.text import Text
from headway.testing.conformance.widgets import Widgets

__all__ = ["RowsConformance"]


class RowsConformance(Streams, Endings, Signals, Dialogue, Text, Nesting, Widgets, Frames):
    """The invariants that every renderer is held to.

    Subclass it, name the backend, and let pytest collect it::

        class TestMyRenderer(RowsConformance):
            backend = "mine"

    Each test runs a small program on a pseudo-terminal, with the backend chosen by the environment as a user would,
    and reads the screen back. A failure names the broken promise, and shows the screen.
    """
