"""The conformance kit over every backend that the project ships."""

from headway.testing import NothingConformance, RowsConformance


class TestPlain(RowsConformance):
    """Plain lines."""

    backend = "plain"
    live = False
    columns = 400


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
