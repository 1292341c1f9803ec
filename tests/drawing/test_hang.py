"""Code of others that does not come back: a sink, the making of one, a metric."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headway.choosing.selection import Choice
from headway.drawing import throttle
from headway.drawing.hub import hub
from headway.errors import HeadwayWarning
from headway.reporting.bar import Bar
from headway.sink import ProgressSink, Renderer
from headway.snapshot import Snapshot
from headway.testing import Recorder, run_in_terminal

SHORT = 0.3
SLACK = 1.0
Wait = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after a third of a second instead of ten."""
    monkeypatch.setattr(throttle, "HANGS_AFTER", SHORT)


@pytest.fixture
def never(no_thread: Callable[[], None]) -> Iterator[threading.Event]:
    """Something to wait for that comes only with the end of the test."""
    never = threading.Event()
    yield never
    never.set()
    no_thread()


class Quick(Recorder):
    """A recorder that keeps all pictures, and is called ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[Snapshot] = []

    def update(self, snapshot: Snapshot) -> None:
        self.updates.append(snapshot)


class Hanging(Quick):
    """A sink that does not come back from one of its methods; it notes what it is called for."""

    def __init__(self, method: str, never: threading.Event) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._method = method
        self._never = never

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if method == self._method:
            self._never.wait(60)

    def open(self, snapshot: Snapshot) -> None:
        self._called("open")

    def update(self, snapshot: Snapshot) -> None:
        self._called("update")

    def close(self, snapshot: Snapshot) -> None:
        self._called("close")

    def write(self, text: str) -> None:
        self._called("write")


def bar_on(*sinks: Callable[[], ProgressSink], file: io.StringIO) -> Bar:
    """Open a bar on several sinks."""
    bar = Bar(10, desc="alpha")
    choices = [
        Choice(f"sink{i} {id(file)}", Renderer(lambda _context, s=sink: s(), draws="lines", interval=0.05))
        for i, sink in enumerate(sinks)
    ]  # type: ignore[misc]
    bar.open(tuple(choices), file)
    return bar


@pytest.mark.parametrize("method", ["open", "update", "close", "write"])
def test_where_one_sink_hangs_the_others_go_on(method: str, never: threading.Event, until: Wait) -> None:
    """The other sink gets its pictures to the last one, and plain lines take the place of the one that hangs."""
    file, other, hanging = io.StringIO(), Quick(), Hanging(method, never)
    with pytest.warns(HeadwayWarning, match="The progress renderer 'sink0.* has not come back") as caught:
        bar = bar_on(lambda: hanging, lambda: other, file=file)
        bar.update(3)
        if method == "write":
            threading.Thread(target=bar.write, args=("text",)).start()
        if method != "close":
            until(lambda: "headway alpha" in file.getvalue())
        bar.update(7)
        seen = len(other.updates)
        if method != "close":
            until(lambda: len(other.updates) > seen)
        bar.close()
        until(lambda: other.closed)
        until(lambda: not [*hub.outlets])
        until(lambda: caught.list)

    assert [s.n for s in other.closed] == [10]
    assert len([w for w in caught if "not come back" in str(w.message)]) == 1
    assert hanging.calls[-1] == method
    assert "headway alpha n=10 total=10 100%" in file.getvalue()


@pytest.mark.parametrize("method", ["open", "update", "close", "write"])
def test_a_sink_that_hangs_costs_its_callers_one_wait(method: str, never: threading.Event, until: Wait) -> None:
    """All that a program does with bars on a sink that hangs takes a bounded time."""
    file, hanging = io.StringIO(), Hanging(method, never)
    start = time.monotonic()
    with pytest.warns(HeadwayWarning):
        bar = bar_on(lambda: hanging, file=file)
        for i in range(10):
            bar.update()
            bar.message(f"{i}")
            bar.write("text")
            time.sleep(0.02)
        bar.close()
        took = time.monotonic() - start
        until(lambda: (bar_on(Quick, file=io.StringIO()).close(), hub.throttle._busy_since is None)[1])

    assert took < 3 * throttle.ANSWER_WITHIN + SLACK


def test_a_renderer_that_hangs_when_it_is_made_gives_way_to_plain_lines(never: threading.Event, until: Wait) -> None:
    """The bar is shown by plain lines, and by the other sinks."""

    def make() -> ProgressSink:
        never.wait(60)
        return Quick()

    file, other = io.StringIO(), Quick()
    with pytest.warns(HeadwayWarning, match="Making the progress renderer 'sink0.* has not come back"):
        with bar_on(make, lambda: other, file=file) as bar:
            bar.update(10)
            assert bar.drawn
            until(lambda: "headway alpha" in file.getvalue())
        until(lambda: not [*hub.outlets])

    assert [s.n for s in other.closed] == [10]
    assert "state=finished" in file.getvalue()


def test_a_metric_that_hangs_is_read_no_more(never: threading.Event, until: Wait) -> None:
    """The bar goes on without its metrics, to its last picture."""
    first, second = Quick(), Quick()

    def metric() -> float:
        never.wait(60)
        return 1.0

    with pytest.warns(HeadwayWarning, match=r"Reading a metric of <headway.Bar 'alpha' .* has not come back"):
        with bar_on(lambda: first, lambda: second, file=io.StringIO()) as bar:
            bar.metrics(loss=metric)
            time.sleep(2 * SHORT)
            bar.update(10)
            until(lambda: [s for s in second.updates if s.n == 10])
        until(lambda: not [*hub.outlets])

    assert [(s.n, s.metrics) for s in second.closed] == [(10, {})]


def test_a_metric_that_hangs_at_the_end_holds_up_nobody_for_long(never: threading.Event, until: Wait) -> None:
    """Closing a bar whose metric hangs takes a bounded time, and the last picture comes without it."""
    sink = Quick()
    bar = bar_on(lambda: sink, file=io.StringIO())
    start = time.monotonic()
    with pytest.warns(HeadwayWarning, match="Reading a metric"):
        bar.metrics(loss=lambda: never.wait(60))
        bar.update(10)
        bar.close()
        took = time.monotonic() - start
        until(lambda: (bar_on(Quick, file=io.StringIO()).close(), sink.closed)[1])  # whoever calls notices

    assert took < throttle.ANSWER_WITHIN + SLACK
    assert [s.n for s in sink.closed] == [10]


def test_a_bar_that_ends_before_a_hang_is_noticed_is_shown_to_its_end(
    never: threading.Event, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renderer hangs in its first call, and the bar is closed meanwhile: others open and close it in that order."""
    monkeypatch.setattr(throttle, "ANSWER_WITHIN", 0.05)
    file, other = io.StringIO(), Quick()
    with pytest.warns(HeadwayWarning, match="not come back") as caught:
        bar = bar_on(lambda: Hanging("open", never), lambda: other, file=file)
        bar.update(10)
        bar.close()
        until(lambda: other.closed and not [*hub.outlets])
        until(lambda: caught.list)

    assert [s.n for s in other.opened] == [0]
    assert [s.n for s in other.closed] == [10]
    assert "headway alpha n=0 " in file.getvalue()
    assert "headway alpha n=10 " in file.getvalue()
    assert not [w for w in caught if "please report" in str(w.message)]


class Closing(Quick):
    """A sink that closes another bar when it is opened, as a finaliser may at any point."""

    def __init__(self, inner: Bar) -> None:
        super().__init__()
        self._inner = inner

    def open(self, snapshot: Snapshot) -> None:
        super().open(snapshot)
        self._inner.close()


def test_where_a_job_within_a_job_hangs_the_outer_one_is_done(never: threading.Event, until: Wait) -> None:
    """While a bar is opened, another one is closed on a sink that hangs: the rest of the sinks get the outer bar."""
    inner_file, file, other = io.StringIO(), io.StringIO(), Quick()
    with pytest.warns(HeadwayWarning, match="not come back") as caught:
        inner = bar_on(lambda: Hanging("close", never), file=inner_file)
        outer = bar_on(lambda: Closing(inner), lambda: other, file=file)
        until(lambda: other.opened)
        outer.update(10)
        outer.close()
        until(lambda: not [*hub.outlets])
        until(lambda: len(caught) == 2)

    assert [s.desc for s in other.opened] == ["alpha"]
    assert [s.n for s in other.closed] == [10]
    assert "n=10 total=10 100%" in file.getvalue()  # by plain lines: the first sink still is in its call
    assert "headway alpha" in inner_file.getvalue()


@pytest.mark.parametrize("method", ["open", "update"])
def test_a_hang_is_noticed_while_a_program_says_nothing(method: str, never: threading.Event, until: Wait) -> None:
    """A loop that only computes, with one renderer, which hangs, has its plain lines after a while."""
    file = io.StringIO()
    with pytest.warns(HeadwayWarning, match="not come back") as caught:
        bar = bar_on(lambda: Hanging(method, never), file=file)
        bar.update(3)
        until(lambda: "headway alpha" in file.getvalue())
        until(lambda: caught.list)
        bar.close()

    assert "n=3 " in file.getvalue()


@pytest.mark.threads
def test_a_short_bar_needs_no_second_thread(no_thread: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks after the thread that draws before a frame is due, or a caller gets no answer."""
    no_thread()
    started: list[str] = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread.name), start(thread))[1])
    for _ in range(10):
        bar_on(Recorder, file=io.StringIO()).close()

    assert {"headway"} == set(started)


def test_sinks_that_answer_one_after_the_other_are_not_given_up(until: Wait) -> None:
    """Many sinks that are slow, but answer, may take longer together than one of them may."""

    class Slow(Quick):
        def open(self, snapshot: Snapshot) -> None:
            time.sleep(SHORT / 2)
            super().open(snapshot)

    sinks = [Slow() for _ in range(6)]
    with bar_on(*(lambda sink=sink: sink for sink in sinks), file=io.StringIO()) as bar:  # type: ignore[misc]
        until(lambda: all(sink.opened for sink in sinks))
        bar.update(10)

    until(lambda: not [*hub.outlets])
    assert [[s.n for s in sink.closed] for sink in sinks] == [[10]] * 6


def test_what_comes_back_after_all_draws_no_more(never: threading.Event, until: Wait, no_thread: Any) -> None:
    """A sink that was given up and then answers is not called again, and its thread ends."""
    hanging, file = Hanging("update", never), io.StringIO()
    with pytest.warns(HeadwayWarning):
        with bar_on(lambda: hanging, Quick, file=file) as bar:
            bar.update()
            until(lambda: "headway alpha" in file.getvalue())
            never.set()
            bar.update(4)
            bar.write("x")
    no_thread()

    assert hanging.calls == ["open", "update"]


def test_a_program_ends_in_time_under_a_sink_that_hangs(run: Any) -> None:
    """At its end a program waits a second at most for a renderer that does not come back."""
    code = """
        import io, sys, threading, time
        from headway.reporting.bar import Bar
        from headway.choosing.selection import Choice
        from headway.sink import Renderer
        from headway.testing import Recorder
        class Hanging(Recorder):
            def close(self, snapshot): threading.Event().wait()
        bars = [Bar(1) for i in range(20)]
        for bar in bars: bar.open((Choice("mine", Renderer(lambda context: Hanging(), draws="lines", interval=0.05)),), sys.stderr)
        print(time.time())
    """
    done = run(code)
    took = time.time() - float(done.stdout)

    assert done.returncode == 0, done.stderr
    assert took < throttle.ANSWER_WITHIN + 2 * SLACK


def test_forks_under_a_sink_that_hangs_take_no_time(run: Any) -> None:
    """A hundred forks while a renderer hangs wait for it once."""
    code = """
        import os, sys, threading, time
        from headway.reporting.bar import Bar
        from headway.choosing.selection import Choice
        from headway.sink import Renderer
        from headway.testing import Recorder
        class Hanging(Recorder):
            def update(self, snapshot): threading.Event().wait()
        bar = Bar(100)
        bar.open((Choice("mine", Renderer(lambda context: Hanging(), draws="lines", interval=0.05)),), sys.stderr)
        bar.update(); time.sleep(0.5)
        start = time.monotonic()
        for i in range(100):
            child = os.fork()
            if child == 0: os._exit(0)
            os.waitpid(child, 0)
        print(time.monotonic() - start)
        sys.stdout.flush(); os._exit(0)
    """
    done = run(code, options=("-W", "ignore"))

    assert float(done.stdout) < throttle.ANSWER_WITHIN + 2 * SLACK, done.stderr


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "rich"])
def test_a_terminal_that_was_stopped_has_its_bars_back(backend: str) -> None:
    """While the terminal is stopped, as by Ctrl-S, the program goes on; afterwards the bars are there, and true."""
    pytest.importorskip(f"headway_{backend}")
    screen = run_in_terminal(
        f"""
        import headway, headway.drawing.throttle, os, termios, threading, time
        headway.drawing.throttle.HANGS_AFTER = {SHORT}
        outer = headway.get_bar(100, desc="outer")
        kept = headway.get_bar(10, desc="kept", leave=True)
        time.sleep(0.2)
        termios.tcflow(1, termios.TCOOFF)
        start = time.monotonic()
        kept.update(10); kept.close()
        for i in range(20):
            with headway.get_bar(1, desc="short", parent=outer): outer.update(2)
            time.sleep({SHORT / 5})
        took = time.monotonic() - start
        inner = headway.get_bar(10, desc="inner", leave=True)
        termios.tcflow(1, termios.TCOON)
        time.sleep(0.5)
        inner.update(10); outer.update(60); inner.close(); outer.close()
        print("DONE", took < 5)
        """,
        env={"HEADWAY_BACKEND": backend},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[-1] == "DONE True", str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    for desc in ("outer", "kept", "inner"):
        (row,) = screen.rows_with(desc)
        assert "100%" in row, str(screen)
    assert len(screen.rows) == 4, str(screen)
