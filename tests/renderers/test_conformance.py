"""The conformance kit over every backend that the project ships."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

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


@pytest.mark.skipif(find_spec("uvicorn") is None, reason="the page takes Uvicorn")
class TestWeb(NothingConformance):
    """A page of the program. Its address comes as soon as it is served, which may be after the program's last line."""

    backend = "web?path=run.jsonl"
    prelude = "from headway.sinks.web import WebSink; WebSink._tell = lambda sink: None"


class TestLogging(NothingConformance):
    """Records of the program's own `logging`."""

    backend = "logging"
    prelude = "import logging; logging.basicConfig(filename='log.txt', level='INFO')"


KERNEL = """
import io, os, sys
from types import SimpleNamespace
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

class OutStream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, number):
        self._number = number

    def write(self, text):
        return os.write(self._number, text.encode()) and len(text)

class Publisher(DisplayPublisher):
    session = SimpleNamespace(pid=os.getpid())  # a child is no kernel

    def publish(self, data, metadata=None, *, transient=None, **others):
        with open(os.path.join(FOLDER, transient["display_id"]), "w") as file:
            file.write(data["text/plain"] + data["text/html"])

class ZMQInteractiveShell(InteractiveShell):
    pass

FOLDER = os.getcwd()
ZMQInteractiveShell.instance(display_pub_class=Publisher, history_load_length=0).history_manager.enabled = False
sys.excepthook = sys.__excepthook__
sys.stdout, sys.stderr = OutStream(1), OutStream(2)
"""
"""A shell whose displays are files, which is a notebook to headway."""


@pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not installed")
class TestNotebook(CellConformance):
    """The cells of a notebook. `tests/with_notebooks` has real kernels."""

    backend = "notebook"
    prelude = KERNEL

    def delivered(self, screen: Screen) -> str:
        """The texts on the screen, and the newest picture of each display."""
        return "\n".join([*screen.rows, *(path.read_text() for path in sorted(self.folder.glob("headway-*")))])


class TestPage(CellConformance):
    """A page."""

    backend = str(Path(__file__).parents[1] / "support" / "page.py")

    def delivered(self, screen: Screen) -> str:
        """The lines that stay, and the last page."""
        parts = re.split("(?=[\f\v])", screen.raw)
        pages = [part for part in parts if part.startswith("\f")]
        return "".join([part for part in parts if part.startswith("\v")] + pages[-1:])
