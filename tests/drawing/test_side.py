"""Sinks that draw nothing: slow, failing and hanging ones, which the display does not notice."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import headway
from headway.drawing import side
from headway.drawing.hub import hub
from headway.drawing.made import Made
from headway.drawing.picture import merged
from headway.drawing.side import SideView
from headway.errors import HeadwayWarning
from headway.host.stream import SafeStream
from headway.sink import Frame, GoneError, ProgressSink, Renderer
from headway.snapshot import Snapshot
from headway.testing import run_in_terminal

BAR = Snapshot(1, desc="a", total=10)
Wait = Callable[[Callable[[], object]], None]


class Sink(ProgressSink):
    """Keeps its frames and texts in their order; each call waits for `go`, and raises the next of its errors."""

    draws = "nothing"

    def __init__(self) -> None:
        self.told: list[Frame | str] = []
        self.go = threading.Event()
        self.go.set()
        self.errors: list[BaseException] = []
        self.threads: set[str] = set()
        self.stopped = 0

    def _act(self) -> None:
        self.threads.add(threading.current_thread().name)
        assert self.go.wait(30)
        if self.errors:
            raise self.errors.pop(0)

    def frame(self, frame: Frame) -> None:
        """Keep a frame."""
        self._act()
        self.told.append(frame)

    def write(self, text: str) -> None:
        """Keep a text."""
        self._act()
        self.told.append(text)

    def stop(self, within: float) -> None:
        """Count."""
        self.stopped += 1

    @property
    def frames(self) -> list[Frame]:
        """The frames."""
        return [told for told in self.told if isinstance(told, Frame)]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A sink that is let go at the end."""
    sink = Sink()
    yield sink
    sink.go.set()


@pytest.fixture
def view(sink: Sink) -> Iterator[SideView]:
    """The sink as it is driven."""
    made = Made(sink, Renderer(lambda _context: sink, draws="nothing", interval=0.0), "'mine'")
    view = SideView(made, SafeStream(io.StringIO()), inline=False)
    yield view
    sink.go.set()
    view.stop(time.monotonic() + 5)
    assert view.join()


def test_it_is_called_in_a_thread_of_its_own(view: SideView, sink: Sink, until: Wait) -> None:
    """One thread makes all calls; it ends when nothing is left to be told."""
    view.open(BAR)
    view.put("text")
    view.close(BAR._replace(state="finished"))
    until(lambda: len(sink.told) == 3)

    assert sink.threads == {"headway 'mine'"}
    until(lambda: not [t for t in threading.enumerate() if t.name == "headway 'mine'"])


def test_its_thread_ends_with_it(view: SideView, sink: Sink, until: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends waits for its sinks, and not for a change that may yet come."""
    monkeypatch.setattr(side, "LINGER", 600.0)
    view.open(BAR)
    view.close(BAR._replace(state="finished"))
    until(lambda: view._idle.wait(0.0) and view._wake.locked())  # it waits for a change
    view.stop(time.monotonic() + 2)

    assert view.join()
    assert sink.stopped == 1
    assert not [t for t in threading.enumerate() if t.name == "headway 'mine'"]


def test_an_end_that_fails_is_the_end(view: SideView, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sink that raises when it is told the end is told it once, and nobody waits for it any longer."""
    ends: list[float] = []

    def stop(within: float) -> None:
        ends.append(within)
        raise RuntimeError("no ink")

    monkeypatch.setattr(sink, "stop", stop)
    view.open(BAR)
    view.close(BAR._replace(state="finished"))
    with pytest.warns(HeadwayWarning, match="no ink"):
        view.stop(time.monotonic() + 2)
        assert view.join()

    assert len(ends) == 1
    assert not [t for t in threading.enumerate() if t.name == "headway 'mine'"]


def test_a_slow_sink_gets_the_newest_of_each_bar_and_every_opening_end_and_text(
    view: SideView, sink: Sink, until: Wait
) -> None:
    """Updates that come while it is busy take the place of one another; the order of all else is kept."""
    view.open(BAR)
    until(lambda: sink.told)
    sink.go.clear()
    for n in range(1, 6):
        view.update([BAR._replace(n=n)], 0.0)
    view.open(BAR._replace(id=2))
    view.put("text")
    view.close(BAR._replace(id=2, state="finished"))
    view.update([BAR._replace(n=9)], 0.0)
    sink.go.set()
    until(lambda: sink.frames[-1].changed and sink.frames[-1].changed[0].n == 9)

    told = [(f.lost, [s.id for s in f.opened], [s.n for s in f.changed], [s.id for s in f.ended]) if isinstance(f, Frame) else f
            for f in sink.told]  # fmt: skip
    assert told[0] == (0, [1], [], [])
    assert "text" in told
    at = told.index("text")
    assert {i for entry in told[:at] for i in entry[1]} == {1, 2}
    assert [i for entry in told[at + 1 :] for i in entry[3]] == [2]
    assert len(told) <= 5


def test_beyond_the_limit_a_gap_is_told_with_its_size(
    view: SideView, sink: Sink, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Openings, ends and texts beyond the limit are counted; the sink is told how many, and of no bar by halves."""
    monkeypatch.setattr(side, "KEPT", 5)
    sink.go.clear()
    bars = [BAR._replace(id=i) for i in range(1, 11)]
    for bar in bars:
        view.open(bar)
    for _ in range(3):
        view.put("text")
    for bar in bars:
        view.close(bar._replace(state="finished"))
    sink.go.set()
    until(lambda: sum(len(frame.ended) for frame in sink.frames) and sum(f.lost for f in sink.frames) == 8)

    opened = [s.id for frame in sink.frames for s in frame.opened]
    assert opened == [s.id for frame in sink.frames for s in frame.ended] == [1, 2, 3, 4, 5]
    assert "text" not in sink.told


@pytest.mark.parametrize("error", [ConnectionError("refused"), FileNotFoundError(2, "no folder")], ids=repr)
def test_trouble_that_may_pass_is_told_once_and_tried_again(
    view: SideView, sink: Sink, until: Wait, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """A server that comes back, or a folder that appears, is told all, however often it has failed."""
    monkeypatch.setattr(side, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(side, "LAST_RETRY", 0.02)
    sink.errors = [error] * 6
    with pytest.warns(
        HeadwayWarning, match="'mine' raised .* The program and the display go on; it is tried again"
    ) as caught:
        view.open(BAR)
        view.close(BAR._replace(state="finished"))
        until(lambda: sink.frames)

    assert len(caught) == 1
    assert [s.id for frame in sink.frames for s in frame.opened] == [1]
    assert [s.id for frame in sink.frames for s in frame.ended] == [1]


def test_a_mistake_of_the_sink_ends_it_alone(view: SideView, sink: Sink, until: Wait, monkeypatch: Any) -> None:
    """Three errors one after the other that are no trouble of the system: the sink is called no more."""
    monkeypatch.setattr(side, "FIRST_RETRY", 0.01)
    sink.errors = [KeyError("x")] * 9
    with pytest.warns(HeadwayWarning, match="raised KeyError: 'x'"):
        view.open(BAR)
        until(lambda: not view.has_sink)
    view.close(BAR._replace(state="finished"))

    assert len(sink.errors) == 6
    assert not view.busy


def test_nobody_left_is_no_fault(view: SideView, sink: Sink, until: Wait) -> None:
    """`GoneError` ends the sink without a word."""
    sink.errors = [GoneError()]
    view.open(BAR)
    until(lambda: not view.has_sink)


def test_without_threads_the_calls_are_made_at_once(sink: Sink) -> None:
    """Where no thread can be had, the sink is called in the caller."""
    made = Made(sink, Renderer(lambda _context: sink, draws="nothing", interval=0.0), "'mine'")
    view = SideView(made, SafeStream(io.StringIO()), inline=True)
    view.open(BAR)
    view.close(BAR._replace(state="finished"))
    view.stop(time.monotonic() + 5)

    assert ([len(f.opened) for f in sink.frames], [len(f.ended) for f in sink.frames]) == ([1, 0], [0, 1])
    assert sink.threads == {threading.current_thread().name}
    assert sink.stopped == 1


def test_a_slow_sink_holds_up_no_bar(sink: Sink) -> None:
    """A hundred bars beside a sink that hangs take the time that they take without it."""
    sink.go.clear()
    began = time.monotonic()
    with headway.use([sink, "plain"]):
        for i in range(100):
            with headway.get_bar(1, desc=f"{i}", file=io.StringIO()) as bar:
                bar.update()
        took = time.monotonic() - began
        sink.go.set()

    assert took < 5
    assert sum(len(frame.ended) for frame in sink.frames) == 100


def test_frames_that_follow_one_another_are_one() -> None:
    """A frame that failed and the next one tell all changes of both, once."""
    first = Frame((BAR,), opened=(BAR,), lost=2)
    later = BAR._replace(n=5)
    both = merged(first, Frame((), changed=(later,), ended=(later._replace(state="failed"),), lost=1))

    assert (both.opened, both.changed, [s.state for s in both.ended], both.lost) == ((later,), (), ["failed"], 3)
    assert merged(first, Frame((later,), changed=(later,))).opened == (later,)


@pytest.mark.parametrize("trouble", ["raise ConnectionError('no server')", "time.sleep(3)", "1 / 0"])
@pytest.mark.parametrize("order", ["tqdm,./sink.py", "./sink.py,tqdm"])
def test_the_rows_of_another_sink_stay_whole(trouble: str, order: str, tmp_path: Any) -> None:
    """A sink that fails, hangs or is slow leaves the terminal to the rows; its trouble is told above them."""
    pytest.importorskip("headway_tqdm")
    (tmp_path / "sink.py").write_text(
        "import time\nfrom headway.sink import PerBar\nclass Trouble(PerBar):\n    draws = 'nothing'\n"
        f"    def __init__(self, context): pass\n    def update(self, snapshot): {trouble}\n"
    )
    backend = order.replace("./", f"{tmp_path}/")
    screen = run_in_terminal(
        """
        import headway, time
        with headway.get_bar(20, desc="work") as bar:
            for i in range(20):
                time.sleep(0.05)
                bar.update()
                if i % 5 == 0: print("line", i)
        """,
        env={"HEADWAY_BACKEND": backend},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    rows = [row for row in screen.rows if row.startswith("work")]
    assert len(rows) == 1, str(screen)
    assert "100%" in rows[0], str(screen)
    assert [row for row in screen.rows if row.startswith("line")] == [f"line {i}" for i in (0, 5, 10, 15)]
    assert "headway work" not in screen.raw


def test_three_sinks_and_a_thousand_forks(run: Any) -> None:
    """Forks are clean while three sinks have threads: no warning of threads, no loss, and no call in a child."""
    code = """
        import headway, os, time
        from headway.sink import PerBar
        class Counted(PerBar):
            draws = "nothing"
            interval = 0.0
            def __init__(self, context): self.pid, self.opened, self.closed = os.getpid(), 0, 0; all.append(self)
            def open(self, snapshot): self.opened += self.pid == os.getpid()
            def close(self, snapshot): self.closed += self.pid == os.getpid()
        class Second(Counted): pass
        class Third(Counted): pass
        all = []
        with headway.use([Counted, Second, Third]):
            with headway.get_bar(1000, desc="outer") as outer:
                for i in range(1000):
                    if i % 10 == 0:
                        headway.get_bar(1, desc="inner").close()
                    child = os.fork()
                    if not child: os._exit(0)
                    assert os.waitpid(child, 0)[1] == 0
                    outer.update()
        print([(sink.opened, sink.closed) for sink in all])
    """
    done = run(code, options=("-W", "error"), HEADWAY_RELAY="off")

    assert (done.stdout, done.stderr) == (f"{[(101, 101)] * 3}\n", "")


def test_what_is_left_is_told_at_the_end(sink: Sink) -> None:
    """The end of the process waits for a sink that is slow, within its time."""
    headway.use(sink)
    sink.go.clear()
    bar = headway.get_bar(1, file=io.StringIO())
    bar.close()
    threading.Timer(0.2, sink.go.set).start()
    hub.close_all()
    headway.use(None)

    assert sum(len(frame.ended) for frame in sink.frames) == 1
    assert sink.stopped == 1


def test_a_sink_that_is_slow_to_be_made_holds_nothing_up(sink: Sink, until: Wait) -> None:
    """It is made in its own thread: a server that takes its time delays no bar, and nothing is lost."""
    go, threads = threading.Event(), []

    def make(_context: object) -> Sink:
        threads.append(threading.current_thread().name)
        assert go.wait(60)
        return sink

    with headway.use(Renderer(make, protocol=2, draws="nothing")):
        for desc in "ab":
            with headway.get_bar(3, desc=desc) as bar:
                bar.update(3)
            assert not sink.told
        go.set()
    until(lambda: sink.stopped)

    assert [snapshot.desc for frame in sink.frames for snapshot in frame.ended] == ["a", "b"]
    assert len(threads) == 1
    assert threads[0].startswith("headway ")
    assert threads[0] != "headway"


def test_a_sink_whose_server_is_down_is_made_later(sink: Sink, monkeypatch: pytest.MonkeyPatch, until: Wait) -> None:
    """An `OSError` is told once, and the next try brings all that waits. Nothing is drawn in its place."""
    monkeypatch.setattr(side, "FIRST_RETRY", 0.01)
    tries, out = [], io.StringIO()

    def make(_context: object) -> Sink:
        tries.append(1)
        if len(tries) < 4:
            raise ConnectionRefusedError("down")
        return sink

    renderer = Renderer(make, protocol=2, draws="nothing")
    with pytest.warns(HeadwayWarning, match="ConnectionRefusedError: down") as caught, headway.use(renderer):
        headway.get_bar(3, desc="a", file=out).close()
        until(lambda: sink.frames)

    assert len(caught) == 1
    assert "it is tried again" in str(caught[0].message)
    assert [snapshot.desc for frame in sink.frames for snapshot in frame.ended] == ["a"]
    assert (sink.stopped, out.getvalue()) == (1, "")


@pytest.mark.parametrize(
    ("make", "says", "calls"),
    [
        (lambda _context: 1 / 0, "raised ZeroDivisionError: division by zero", side.FAULTS),
        (lambda _context: object(), "cannot be used: its sink object has no call frame", 1),
    ],
    ids=["raises", "lacks calls"],
)
def test_a_sink_that_cannot_be_made_is_left_alone(
    make: Callable[[Any], Any], says: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told once, tried as often as a call that raises, and nothing is drawn in its place."""
    monkeypatch.setattr(side, "FIRST_RETRY", 0.0)
    tries, out = [], io.StringIO()

    def making(context: object) -> Any:
        tries.append(1)
        return make(context)

    with pytest.warns(HeadwayWarning, match=says) as caught, headway.use(Renderer(making, protocol=2, draws="nothing")):
        for _ in range(6):
            headway.get_bar(3, desc="a", file=out).close()

    assert len(caught) == 1
    assert "called no more" in str(caught[0].message)
    assert len(tries) == calls
    assert out.getvalue() == ""
