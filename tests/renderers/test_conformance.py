"""The conformance kit over every backend that the project ships."""

from headway.testing import RendererConformance


class TestPlain(RendererConformance):
    """Plain lines."""

    backend = "plain"
    live = False
    columns = 400


class TestRows(RendererConformance):
    """The core's own rows."""

    backend = "rows"


class TestTqdm(RendererConformance):
    """tqdm."""

    backend = "tqdm"


class TestAlive(RendererConformance):
    """alive-progress."""

    backend = "alive"


class TestProgressBar2(RendererConformance):
    """progressbar2."""

    backend = "progressbar2"


class TestRich(RendererConformance):
    """rich."""

    backend = "rich"
