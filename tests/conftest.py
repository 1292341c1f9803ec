"""What the tests share: a clean process for each, a clock that is wound by hand, programs in a process of their own."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

import absent
import headway
from headway.choosing import configuration, selection
from headway.choosing.selection import Choice
from headway.drawing.hub import hub
from headway.host import faults
from headway.host.environment import AGENTS
from headway.reporting import place
from headway.reporting.bar import Bar
from headway.sink import ProgressSink, Renderer
from headway.testing import Recorder, record

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a background job inherits that, and here Ctrl-C is tested
    signal.signal(signal.SIGINT, signal.default_int_handler)

PATIENCE = 20.0
"""Seconds that a test waits for something that has to come."""


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have headway compiled once for all programs, not in each, if nothing may be written beside the source."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_more_than_there_is() -> Iterator[None]:
    """Skip, in Pyodide, each test that asks for what is not there."""
    if absent.IN_PYODIDE:
        from in_pyodide import skipping

        with skipping():
            yield
    else:
        yield


def pytest_timeout_set_timer() -> bool | None:
    """Let a test take its time in Pyodide, which has no timer for it."""
    return absent.IN_PYODIDE or None


def pytest_timeout_cancel_timer() -> bool | None:
    """There is none in Pyodide."""
    return absent.IN_PYODIDE or None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, in Pyodide, the tests of the thread that draws."""
    if absent.IN_PYODIDE and item.get_closest_marker("threads"):
        absent.lacking("threads")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Skip a test, too, that could not have what it asked for in code whose errors headway takes."""
    try:
        yield
    except Exception:
        if absent.lacked:
            absent.lacking(absent.lacked[0])
        raise


@pytest.fixture(autouse=True)
def clean_process(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Start each test with nothing chosen and nothing warned of, and fail one that leaves a bar open."""
    for name in [name for name in os.environ if name.startswith("HEADWAY_") or name in AGENTS]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HEADWAY_RELAY", "off")  # programs that a test runs do not report to the tests
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    headway.use(None)
    faults._said.clear()
    absent.lacked.clear()
    hub.outlets.maker.broken.clear()
    configuration._configured.cache_clear()
    selection._of_plugin.cache_clear()
    place._innermost.set(None)  # a bar that an error keeps alive is the parent of none of a later test
    monkeypatch.setattr(place, "_innermost_of_main", None)
    yield
    headway.use(None)
    left = [bar for shown in hub.display.bars.values() if (bar := shown.bar()) is not None]
    for bar in left:
        bar.end("stopped")
    for aside in hub.outlets.end_aside():
        aside.join()
    hub.throttle.call(hub.outlets.end_drawn)
    hub.display.bars.clear()
    assert absent.lacked or not left, f"the test left bars open: {left}"


@pytest.fixture
def recorded() -> Iterator[Recorder]:
    """Everything that the test reports."""
    with record() as recorder:
        yield recorder


class Clock:
    """A clock that stands still until it is wound."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that all bars of the test go by.

    It jumps, so that only the test may look at the bars: a thread that looked between a jump and the count that belongs
    to it would learn a pace that nobody has.
    """
    clock = Clock()
    monkeypatch.setattr("headway.reporting.work.monotonic", clock)
    monkeypatch.setattr(hub.throttle, "_draw", lambda _now: None)
    return clock


@pytest.fixture
def show() -> Callable[..., Bar]:
    """Open a bar on a sink of the test's own: `show(sink, total)`."""
    file = io.StringIO()

    def show(sink: ProgressSink, total: float | None = None, **about: object) -> Bar:
        bar = Bar(total, **about)  # type: ignore[arg-type]
        bar.open(
            (
                Choice(
                    f"of-test-{id(sink)}",
                    Renderer(lambda _context: sink, draws="lines", interval=getattr(sink, "interval", 0.05)),
                ),
            ),
            file,
        )
        return bar

    return show


Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Program:
    """Run a program in an interpreter of its own: `run(code, HEADWAY_BACKEND="plain")`."""
    if absent.IN_PYODIDE:
        absent.lacking("processes")

    def run(
        code: str, *, options: tuple[str, ...] = (), within: float = 60.0, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, *options, "-c", textwrap.dedent(code)]
        environ = {**os.environ, "HEADWAY_RELAY": f"not:{os.getpid()}", **env}
        return subprocess.run(command, capture_output=True, text=True, timeout=within, env=environ, cwd=tmp_path)

    return run


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition that has to come true: `until(lambda: ...)`."""

    def until(condition: Callable[[], object]) -> None:
        if absent.IN_PYODIDE and not condition():
            absent.lacking("threads")
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "what was waited for has not come"
            time.sleep(0.005)

    return until


@pytest.fixture
def no_thread(until: Callable[[Callable[[], object]], None]) -> Callable[[], None]:
    """Wait until headway's thread has ended."""
    return lambda: until(lambda: not [t for t in threading.enumerate() if t.name == "headway"])
