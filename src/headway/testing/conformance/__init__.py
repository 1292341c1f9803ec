"""The conformance kit: the invariants that every sink is held to, checked in real processes on a real pseudo-terminal.

Each module has the tests of one theme. A class for each kind of sinks puts the themes together.
"""

from __future__ import annotations

from headway.testing.conformance.aside import Aside
from headway.testing.conformance.cell import Cell
from headway.testing.conformance.company import Company
from headway.testing.conformance.crowd import Crowd
from headway.testing.conformance.dialogue import Dialogue
from headway.testing.conformance.endings import Endings
from headway.testing.conformance.faults import Faults
from headway.testing.conformance.frames import Frames
from headway.testing.conformance.life import Life
from headway.testing.conformance.lines import Lines
from headway.testing.conformance.nesting import Nesting
from headway.testing.conformance.options import Options
from headway.testing.conformance.sequences import Sequences
from headway.testing.conformance.signals import Signals
from headway.testing.conformance.streams import Streams
from headway.testing.conformance.text import Text
from headway.testing.conformance.widgets import Widgets
from headway.testing.terminal import Screen

__all__ = ["CellConformance", "LinesConformance", "NothingConformance", "RowsConformance"]


class RowsConformance(
    Streams,
    Endings,
    Signals,
    Dialogue,
    Text,
    Sequences,
    Nesting,
    Widgets,
    Frames,
    Life,
    Options,
    Company,
    Crowd,
    Faults,
):
    """The invariants of a sink that draws rows on a terminal.

    Subclass it, name the backend, and let pytest collect it::

        class TestMyRenderer(RowsConformance):
            backend = "mine"

    Each test runs a small program on a pseudo-terminal, with the backend chosen by the environment as a user would,
    and reads the screen back. A failure names the broken promise, and shows the screen.
    """


class CellConformance(Cell, Streams, Life, Options, Company, Crowd, Faults):
    """The invariants of a sink that draws on a place of its own: a cell of a notebook, or a page.

    Subclass it, name the backend, and say how the newest picture is read back::

        class TestMyPage(CellConformance):
            backend = "mine?path=page.html"

            def delivered(self, screen):
                return (self.folder / "page.html").read_text()
    """


class LinesConformance(Lines, Streams, Endings, Life, Options, Company, Crowd, Faults):
    """The invariants of a sink that adds lines to the end of a stream.

    Subclass it, name the backend, and let pytest collect it::

        class TestMyLines(LinesConformance):
            backend = "mine"

    If lines are longer than 400 characters, give the terminal more `columns`.
    """


class NothingConformance(Life, Options, Company, Crowd, Aside):
    """The invariants of a sink that draws nothing: one that writes files, sends messages or logs.

    Subclass it, and name the backend. The programs run in a folder of their own, `self.folder`. If what the sink
    produces is not text in files there, override `delivered`::

        class TestMyLog(NothingConformance):
            backend = "mine?path=run.log"

        class TestMyTracker(NothingConformance):
            backend = "mine?url=http://localhost:8000"

            def delivered(self, screen):
                return urlopen("http://localhost:8000/runs").read().decode()

    Each bar of the programs has a description of its own, by which the kit looks for it, and a metric `loss`.
    """

    def delivered(self, screen: Screen) -> str:  # noqa: ARG002  # others find it there
        """Return the text in which the descriptions of the bars are found that were delivered.

        Those are the bars that stay visible, whose `leave` is true.

        By default that is the text of all files in the folder.
        """
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
