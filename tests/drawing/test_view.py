"""One sink as it is driven: its faults contained, its share of the time capped."""

import io
import os
import time
from typing import Any

import pytest

from headway.choosing.discovery import load
from headway.drawing.made import Made
from headway.drawing.pacing import BUDGET, SHORTEST_REST, WAITING, rest
from headway.drawing.view import FAULTS, View
from headway.errors import HeadwayWarning
from headway.host import faults
from headway.host.stream import SafeStream
from headway.sink import Context, Frame, ProgressSink, Renderer
from headway.snapshot import Reading, Snapshot
from headway.testing import Oracle, Recorder

BAR = Snapshot(1, desc="a", n=0, total=10)
needs_processor_time = pytest.mark.skipif(
    not hasattr(time, "thread_time"), reason="no time of the processor is told here"
)


class Sink(Recorder):
    """A recorder that keeps every picture, takes its time, and raises when told to."""

    def __init__(self, *, takes: float = 0.0, interval: float = 0.1, error: BaseException | None = None) -> None:
        super().__init__()
        self.interval = interval
        self.frames: list[Frame] = []
        self.updates: list[Snapshot] = []
        self.calls = 0
        self._takes = takes
        self._error = error

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        super().frame(frame)

    def _act(self) -> None:
        self.calls += 1
        time.sleep(self._takes)
        if self._error is not None:
            raise self._error

    def open(self, snapshot: Snapshot) -> None:
        super().open(snapshot)
        self._act()

    def update(self, snapshot: Snapshot) -> None:
        self.updates.append(snapshot)
        self._act()

    def close(self, snapshot: Snapshot) -> None:
        super().close(snapshot)
        self._act()

    def write(self, text: str) -> None:
        super().write(text)
        self._act()


def view_of(sink: Sink, instead: ProgressSink | None = None, **about: Any) -> View:
    """Drive a sink, with another one for when it breaks."""
    about = {"draws": "lines", "interval": sink.interval, **about}
    made = Made(sink, Renderer(lambda _context: sink, **about), "'mine'")
    other = None if instead is None else made._replace(title="'plain'", sink=instead)
    return View(made, SafeStream(io.StringIO()), lambda: other)


# ── how often ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Busy(Sink):
    """A sink that takes time of the processor."""

    def _act(self) -> None:
        until = time.thread_time() + self._takes
        while time.thread_time() < until:
            pass


@needs_processor_time
@pytest.mark.parametrize("takes", [0.002, 0.02])
@pytest.mark.parametrize(("kind", "counted"), [(Busy, 1.0), (Sink, WAITING)], ids=["busy", "waiting"])
def test_a_slow_sink_is_left_alone_for_fifty_times_its_cost(kind: type[Sink], counted: float, takes: float) -> None:
    """A frame that costs d seconds is followed by d / 0.02 without one; a tenth counts of the time that it waits."""
    view = view_of(kind(takes=takes, interval=0.0))
    view.open(BAR)
    view.update([BAR._replace(n=1)], 0.0)

    assert view.due - time.monotonic() > 0.95 * counted * takes / BUDGET


@needs_processor_time
def test_other_programs_are_no_cost_of_a_frame() -> None:
    """A frame that waits for its turn is followed by the next one sooner than one that works as long."""
    busy, waiting = view_of(Busy(takes=0.2, interval=0.0)), view_of(Sink(takes=0.2, interval=0.0))
    for view in (busy, waiting):
        view.open(BAR)
        view.update([BAR._replace(n=1)], 0.0)

    assert busy.due - time.monotonic() > 3 * (waiting.due - time.monotonic())


def test_first_frames_of_a_storm_wait_for_the_next_frame() -> None:
    """Four first frames of rows are drawn at once in any second; the others come with the next frame, or with an end."""
    now = [100.0]
    sink = Sink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headway.drawing.view.monotonic", lambda: now[0])
        view = view_of(sink, draws="rows")
        for number in range(1, 8):
            view.open(BAR._replace(id=number))
        assert [len(frame.opened) for frame in sink.frames] == [1, 1, 1, 1]
        view.close(BAR._replace(id=6, state="finished"))
        assert [s.id for s in sink.frames[-1].opened] == [5, 6, 7]
        assert [s.id for s in sink.frames[-1].ended] == [6]
        view.open(BAR._replace(id=8))
        view.update([], 0.0)
        assert [s.id for s in sink.frames[-1].opened] == [8]
        now[0] += 1.0
        view.open(BAR._replace(id=9))

    assert [s.id for s in sink.frames[-1].opened] == [9]


def test_a_text_comes_after_the_first_frames_of_a_storm() -> None:
    """A sink that can write only beside a bar has the bar when the text comes."""
    sink = Sink()
    view = view_of(sink, draws="rows")
    for number in range(1, 8):
        view.open(BAR._replace(id=number))
    view.put("text")

    assert [s.id for s in sink.opened] == list(range(1, 8))
    assert sink.written == ["text"]
    assert len(sink.frames) == 5


def test_a_cell_has_four_frames_a_second() -> None:
    """Bars inside of one come and go with its frames, of which there are four; the end of an outermost one comes at once."""
    now = [100.0]
    sink = Sink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headway.drawing.view.monotonic", lambda: now[0])
        view = view_of(sink, draws="cell")
        view.open(BAR._replace(id=1))
        for number in range(2, 40):
            view.open(BAR._replace(id=number, parent=1))
            view.update([BAR._replace(id=1, n=number)], 0.0)
            view.close(BAR._replace(id=number, parent=1, state="finished"))
        assert len(sink.frames) == 4
        for number in range(50, 250):
            view.open(BAR._replace(id=number))
        assert len(sink.frames) == 4
        now[0] += 1.0
        view.update([BAR._replace(id=1, n=41)], 0.0)
        assert [s.n for s in sink.frames[-1].changed] == [41]
        assert len(sink.frames[-1].bars) == 201
        view.close(BAR._replace(id=1, state="finished"))

    assert [s.id for s in sink.frames[-1].ended] == [1]
    assert len(sink.frames) == 6


def test_each_first_frame_is_drawn_at_once_where_there_are_no_rows() -> None:
    """Lines and files are told of each bar as it opens."""
    sink = Sink()
    view = view_of(sink)
    for number in range(1, 8):
        view.open(BAR._replace(id=number))

    assert [len(frame.opened) for frame in sink.frames] == [1] * 7


def test_sampling_counts_towards_the_budget() -> None:
    """The time that taking the pictures took, metrics included, is part of what drawing may cost."""
    view = view_of(Sink(interval=0.0))
    view.open(BAR)
    view.update([BAR._replace(n=1)], 0.5)

    assert view.due - time.monotonic() > 0.95 * 0.5 / BUDGET


def test_a_fast_sink_is_held_to_its_interval() -> None:
    """A sink that draws in no time is called again after the interval that it asks for."""
    view = view_of(Sink(interval=5.0))
    view.open(BAR)
    assert 4.5 < view.due - time.monotonic() <= 5.0
    view.update([BAR._replace(n=1)], 0.0)

    assert 4.5 < view.due - time.monotonic() <= 5.0


@pytest.mark.parametrize(
    ("elapsed", "eta", "expected"),
    [
        (0.0, None, SHORTEST_REST),
        (1.0, 30.0, SHORTEST_REST),
        (5.0, None, 0.05),
        (5.0, 3.0, 0.03),
        (60.0, 90.0, 0.1),
        (20.0, 0.5, SHORTEST_REST),
        (50.0, 0.0, 0.05),
        (3600.0, 0.0, 0.1),
    ],
)
def test_rows_are_drawn_more_often_where_a_run_begins_or_a_short_one_ends(
    elapsed: float, eta: float | None, expected: float
) -> None:
    """The first seconds are seen in forty frames each; a run of an hour that is late costs no more than in the middle."""
    assert expected == pytest.approx(rest(0.1, elapsed, eta))


def test_a_renderer_that_wants_to_be_called_often_is() -> None:
    """What a sink asks for is the most that lies between two frames."""
    assert rest(0.01, 60.0, None) == 0.01


def test_a_short_bar_inside_a_long_one_is_drawn_as_often_as_the_long_one() -> None:
    """A training of hours has epochs' bars that are always new: they do not make every second a first one."""
    sink = Sink(interval=5.0)
    view = view_of(sink, draws="rows")
    view.open(BAR)
    assert view.due - time.monotonic() <= SHORTEST_REST
    view.open(BAR._replace(id=2, elapsed=3600.0, n=1))
    view.update([BAR], 0.0)

    assert 4.5 < view.due - time.monotonic() <= 5.0


def test_bars_that_come_and_go_do_not_put_off_the_others() -> None:
    """However many short bars are opened, the next picture of the outer one comes when it is due."""
    view = view_of(Sink(interval=5.0))
    view.open(BAR)
    due = view.due
    for i in range(2, 6):
        view.open(BAR._replace(id=i))
        view.close(BAR._replace(id=i))

    assert view.due <= due


def test_an_outer_bar_moves_while_short_bars_come_and_go(show: Any) -> None:
    """An outer bar is drawn again while bars inside of it live for less than an interval each."""
    sink = Sink(interval=0.05)
    with show(sink, desc="outer") as outer:
        deadline = time.monotonic() + 3.0
        while not [s for s in sink.updates if s.desc == "outer"] and time.monotonic() < deadline:
            outer.update()
            with show(sink, 1, desc="inner"):
                time.sleep(0.01)

    assert "outer" in {s.desc for s in sink.updates}


def test_an_unchanged_picture_is_not_drawn() -> None:
    """What looks the same as before costs no frame."""
    sink = Sink()
    view = view_of(sink)
    view.open(BAR)
    view.update([BAR, BAR._replace(elapsed=0.9, rate=5.0)], 0.0)

    assert sink.updates == []


@pytest.mark.parametrize(
    "change",
    [
        {"elapsed": 1.0}, {"n": 1}, {"total": 11}, {"message": "x"}, {"desc": "x"}, {"paused": True},
        {"eta": 3.0}, {"stalled": 60.0},
        {"metrics": {"loss": Reading(1, "1")}},
    ],
    ids=str,
)  # fmt: skip
def test_every_kind_of_change_is_drawn(change: dict[str, Any]) -> None:
    """Count, total, texts, metrics, a pause, a stall, or another second on a clock: each is worth a frame, once."""
    sink = Sink()
    view = view_of(sink)
    view.open(BAR)
    changed = BAR._replace(**change)
    view.update([changed], 0.0)
    view.update([changed], 0.0)

    assert [changed] == sink.updates


def test_pictures_of_other_bars_are_not_its_business() -> None:
    """A sink is told of the bars that were opened on it, while they are open."""
    sink = Sink()
    view = view_of(sink)
    view.open(BAR)
    view.update([BAR._replace(id=2, n=5)], 0.0)
    view.close(BAR)
    view.update([BAR._replace(n=5)], 0.0)
    view.close(BAR)

    assert (sink.updates, len(sink.closed), view.busy) == ([], 1, False)


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sink_that_raises_is_contained_and_told_once() -> None:
    """What a sink raises reaches nobody; one warning names sink and error; the traceback is kept for the doctor."""
    view = view_of(Sink(error=ValueError("out of ink")))
    with pytest.warns(HeadwayWarning, match="The progress renderer 'mine' raised ValueError: out of ink") as caught:
        view.put("x")
        view.put("y")

    assert len(caught) == 1
    assert "in _act" in faults.kept(1)[0]


def test_after_three_faults_plain_lines_take_over() -> None:
    """A sink that keeps raising is given up, and another one shows the bars that are open."""
    broken, instead = Sink(), Sink()
    view = view_of(broken, instead)
    view.open(BAR)
    view.open(BAR._replace(id=2))
    broken.calls, broken._error = 0, ValueError("no")
    with pytest.warns(HeadwayWarning):
        for n in (1, 2, 3):
            view.update([BAR._replace(n=n)], 0.0)
    view.update([BAR._replace(n=4)], 0.0)
    view.close(BAR)

    assert broken.calls == FAULTS
    assert [s.id for s in instead.opened] == [1, 2]
    assert (len(instead.updates), len(instead.closed)) == (1, 1)


def test_a_sink_that_cannot_open_a_bar_is_replaced_at_once() -> None:
    """A bar is never left without a display because its renderer failed at the first frame."""
    broken, instead = Sink(error=ValueError("no")), Sink()
    view = view_of(broken, instead)
    with pytest.warns(HeadwayWarning):
        view.open(BAR)

    assert broken.calls == 1
    assert instead.opened == [BAR]


def test_without_another_sink_there_is_silence() -> None:
    """When there is nothing to take over, nothing is drawn and nothing raises."""
    broken = Sink(error=ValueError("no"))
    view = view_of(broken)
    with pytest.warns(HeadwayWarning):
        for _ in range(10):
            view.put("x")

    assert broken.calls == FAULTS


def test_rows_that_make_way_keep_the_promises() -> None:
    """A sink is told that rows make way and come back, or end meanwhile, as the protocol says."""
    sink = Sink()
    oracle = Oracle(sink)
    made = Made(oracle, Renderer(lambda _context: oracle), "'mine'")
    view = View(made, SafeStream(io.StringIO()), lambda: None)
    goes_on, ends, comes = BAR, BAR._replace(id=2), BAR._replace(id=3)
    for bar in (goes_on, ends):
        view.open(bar)
    view.suspend()

    assert {1, 2} == {bar.id for bar in sink.closed if (bar.state, bar.leave) == ("running", False)}
    view.open(comes)
    for bar in (ends, comes):
        view.close(bar._replace(state="finished"))
    view.resume([goes_on._replace(n=5)])
    view.close(goes_on._replace(n=9, state="stopped"))

    oracle.check()
    assert [(oracle.closed[i].state, oracle.closed[i].n) for i in (1, 2, 3)] == [
        ("stopped", 9),
        ("finished", 0),
        ("finished", 0),
    ]


ENDED = BAR._replace(state="failed")
INNER = BAR._replace(id=2, parent=1)


@pytest.mark.parametrize(
    "frames",
    [
        [Frame((BAR,), opened=(BAR,)), Frame((BAR,), opened=(BAR,))],
        [Frame((BAR,), opened=(BAR,)), Frame((), ended=(BAR,))],
        [Frame((), opened=(BAR,), ended=(ENDED,)), Frame((BAR,), opened=(BAR,))],
        [Frame((), ended=(ENDED,))],
        [Frame((BAR,), changed=(BAR,))],
        [Frame((), opened=(BAR,))],
        [Frame((INNER, BAR), opened=(BAR, INNER))],
    ],
    ids=["opened twice", "ended as running", "after its end", "never opened", "changed", "lost", "inside out"],
)
def test_broken_promises_are_seen(frames: list[Frame]) -> None:
    """The oracle tells of each call that no sink may get."""
    oracle = Oracle()
    for frame in frames:
        oracle.frame(frame)

    with pytest.raises(AssertionError, match="It does not hold that"):
        oracle.check()


# ── frames ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_call_tells_of_all_bars() -> None:
    """A frame has all bars in the order of their tree, and names those that have changed."""
    sink = Sink()
    view = view_of(sink, interval=0.0)
    bars = [BAR, BAR._replace(id=2), BAR._replace(id=3, parent=1), BAR._replace(id=4, parent=3)]
    for bar in bars:
        view.open(bar)
    view.update([bar._replace(n=bar.id % 2) for bar in bars], 0.0)

    assert [[s.id for s in frame.bars] for frame in sink.frames[-2:]] == [[1, 3, 4, 2]] * 2
    assert [s.id for s in sink.frames[-2].opened] == [4]
    assert [s.id for s in sink.frames[-1].changed] == [1, 3]
    view.close(ENDED)

    assert [s.id for s in sink.frames[-1].ended] == [1]
    assert [s.id for s in sink.frames[-1].bars] == [2, 3, 4]
    assert not sink.frames[-1].last


def test_another_size_is_told() -> None:
    """A sink that draws rows gets a frame if the terminal has another size, though no bar has changed."""
    sink = Sink()
    view = view_of(sink, draws="rows")
    view.open(BAR)
    view.update([BAR], 0.0)
    assert len(sink.frames) == 1
    view.stream = Sized(200)  # type: ignore[assignment]
    view.update([BAR], 0.0)
    view.update([BAR], 0.0)

    assert [(f.size.columns if f.size else 0, f.resized) for f in sink.frames] == [(80, False), (200, True)]


class Sized:
    """A stream of so many columns."""

    def __init__(self, columns: int) -> None:
        self.size = os.terminal_size((columns, 24))


def test_a_close_that_fails_is_told_once_by_plain_lines() -> None:
    """Plain lines that take over tell the end of the bar, and tell it once."""
    out = io.StringIO()
    broken = Sink()
    plain = load("plain")
    made = Made(broken, Renderer(lambda _context: broken, draws="lines"), "'mine'")
    view = View(made, SafeStream(out), lambda: Made(plain.make(Context(view.stream)), plain, "'plain'"))
    view.open(BAR)
    broken._error = ValueError("no")
    with pytest.warns(HeadwayWarning):
        view.close(BAR._replace(state="finished", n=10))

    assert out.getvalue().count("state=finished") == 1
    assert not view.busy
