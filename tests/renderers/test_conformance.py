"""The conformance kit over every backend that the project ships."""

import re
from pathlib import Path

from headway.testing import CellConformance, LinesConformance, NothingConformance, RowsConformance, Screen


class TestPlain(LinesConformance):
    """Plain lines."""

    backend = "plain"


class TestSpoken(LinesConformance):
    """Sentences for screen readers."""

    backend = "spoken"


class TestEventLines(LinesConformance):
    """Events on the stream itself."""

    backend = "events"
    columns = 1000


class TestRows(RowsConformance):
    """The core's own rows."""

    backend = "rows"


class TestTqdm(RowsConformance):
    """tqdm."""

    backend = "tqdm"


class TestAlive(RowsConformance):
    """alive-progress."""

    backend = "alive"


class TestProgressBar2(RowsConformance):
    """progressbar2."""

    backend = "progressbar2"


class TestRich(RowsConformance):
    """rich."""

    backend = "rich"


class TestEvents(NothingConformance):
    """Event files."""

    backend = "events?path=run.jsonl"


class TestLogging(NothingConformance):
    """Records of the program's own `logging`."""

    backend = "logging"
    prelude = "import logging; logging.basicConfig(filename='log.txt', level='INFO')"


class TestPage(CellConformance):
    """A cell: no backend of the project's draws on one."""

    backend = str(Path(__file__).parents[1] / "support" / "page.py")

    def delivered(self, screen: Screen) -> str:
        """The lines that stay, and the last page."""
        parts = re.split("(?=[\f\v])", screen.raw)
        pages = [part for part in parts if part.startswith("\f")]
        return "".join([part for part in parts if part.startswith("\v")] + pages[-1:])
