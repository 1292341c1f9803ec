"""Bars while the system has no threads, open files or memory left, and after that."""

import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.drawing import throttle
from headway.drawing.hub import hub
from headway.errors import HeadwayWarning
from headway.host import faults
from headway.reporting.bar import Bar
from headway.snapshot import Snapshot
from headway.testing import Recorder

Wait = Callable[[Callable[[], object]], None]
Show = Callable[..., Bar]


class Quick(Recorder):
    """A recorder that keeps what it is shown, twenty times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[tuple[float, str]] = []

    def update(self, snapshot: Snapshot) -> None:
        self.updates.append((snapshot.n, threading.current_thread().name))


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch, no_thread: Callable[[], None], until: Wait) -> Iterator[list[bool]]:
    """Whether the system has threads: it has none while the list is empty. They are asked for again soon."""
    no_thread()
    there: list[bool] = []
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if not there:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(throttle, "AGAIN_AFTER", 0.2)
    yield there
    there.append(True)
    until(lambda: (hub.throttle.call(lambda: None), not hub.throttle.inline)[1])
    no_thread()


def test_the_first_bar_moves_where_no_thread_can_be_had(threads: list[bool], show: Show, until: Wait) -> None:
    """A bar is drawn as the program reports, from the first one on."""
    sink = Quick()
    with show(sink, 10**9) as bar:
        until(lambda: (bar.update(), len(sink.updates) > 2)[1])

    assert {"MainThread"} == {name for _, name in sink.updates}


def test_a_first_loop_moves_where_no_thread_can_be_had(threads: list[bool], show: Show) -> None:
    """So is a loop."""
    sink = Quick()
    for _ in show(sink, 10).iterate(range(10)):
        time.sleep(0.03)

    assert len(sink.updates) > 2


def test_bars_go_on_in_a_thread_when_there_is_one_again(threads: list[bool], show: Show, until: Wait) -> None:
    """A bar that was opened without a thread is drawn by one later, also while the program reports nothing."""
    sink = Quick()
    with show(sink, 10**9) as bar:
        until(lambda: (bar.update(), sink.updates)[1])
        threads.append(True)
        until(lambda: (bar.update(), not hub.throttle.inline)[1])
        bar.update(5)
        until(lambda: sink.updates[-1] == (bar.n, "headway"))


def test_an_open_bar_moves_when_its_thread_cannot_be_had_again(threads: list[bool], show: Show, until: Wait) -> None:
    """The thread ends for a fork, and the system refuses another one: the bar is drawn as the program reports."""
    threads.append(True)
    sink = Quick()
    with show(sink, 10**9) as bar:
        until(lambda: (bar.update(), sink.updates)[1])
        hub.throttle.park()
        threads.clear()
        hub.throttle.unpark()
        until(lambda: (bar.update(), sink.updates[-1][1] == "MainThread")[1])
        threads.append(True)
        until(lambda: (bar.update(), sink.updates[-1][1] == "headway")[1])


FULL = """
import headway, os, resource, time
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); leak = []
for i in headway.track(range(40), desc="alpha"):
    time.sleep(.05)
    if i == 10:
        try:
            while True: leak.append(os.open("/dev/null", os.O_RDONLY))
        except OSError: pass
    if i == 24: [os.close(file) for file in leak]
for i in headway.track(range(20), desc="beta"): time.sleep(.02)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits files as Linux does")
def test_bars_are_drawn_after_all_files_were_taken(run: Any, tmp_path: Path) -> None:
    """While no file can be opened, and after that, bars go on; nobody is told of workers that there are not."""
    done = run(FULL, HEADWAY_BACKEND="plain?interval=0&percent=0,events?path=run.jsonl", HEADWAY_RELAY="")
    events = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]

    assert done.returncode == 0
    assert [event["desc"] for event in events if event["event"] == "close"] == ["alpha", "beta"]
    assert "headway beta n=20 " in done.stderr
    assert "Traceback" not in done.stderr
    assert "worker" not in done.stderr


UNLOADABLE = """
import io, sys, threading, time
from headway.choosing.selection import Choice
from headway.drawing import throttle
from headway.reporting.bar import Bar
from headway.sink import Renderer
from headway.testing import Recorder
throttle.HANGS_AFTER = 0.3
file, hangs, deadline = io.StringIO(), threading.Event(), time.monotonic() + 20
class Hanging(Recorder):
    def update(self, snapshot): hangs.is_set() and time.sleep(60)
class Refusing:
    def find_spec(self, name, *_): raise OSError(24, "Too many open files", name)
assert "headway.sinks.plain" not in sys.modules
bar = Bar(10, desc="alpha")
bar.open((Choice("hanging", Renderer(lambda context: Hanging(), draws="lines", interval=0.05)),), file)
def wait(over):
    while not over() and time.monotonic() < deadline: bar.update(); time.sleep(0.01)
wait(lambda: hasattr(sys.modules.get("headway.sinks.plain"), "RENDERER"))
sys.meta_path[:] = [Refusing()]
hangs.set()
wait(file.getvalue)
print(file.getvalue())
"""


def test_plain_lines_take_over_if_nothing_can_be_imported(run: Any) -> None:
    """What takes the place of a renderer that hangs is loaded as long as files can be opened."""
    done = run(UNLOADABLE)

    assert done.stdout.startswith("headway alpha n="), done.stderr
    assert "not come back" in done.stderr


def test_a_hang_is_told_if_nothing_can_be_imported(
    show: Show, until: Wait, no_thread: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nothing can be loaded when a renderer hangs, it is given up all the same, and the place is kept."""
    monkeypatch.setattr(throttle, "HANGS_AFTER", 0.3)
    never = threading.Event()

    class Hanging(Quick):
        def update(self, snapshot: Snapshot) -> None:
            never.wait(60)

    headway.get_bar(1, backend="plain", file=io.StringIO()).close()
    monkeypatch.setitem(sys.modules, "traceback", None)
    with pytest.warns(HeadwayWarning, match="not come back") as caught, show(Hanging(), 10) as bar:
        bar.update()
        until(lambda: caught.list)
    never.set()
    no_thread()
    (kept,) = faults.kept(1)

    assert "in update\n" in kept
