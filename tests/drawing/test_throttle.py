"""The one thread that draws: what it promises to callers, and when it is there."""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headway.drawing import agenda
from headway.drawing import throttle as module
from headway.drawing.callers import FAST, PASSED_OVER
from headway.drawing.throttle import ANSWER_WITHIN, Throttle
from headway.errors import HeadwayWarning

SLACK = 1.0
Wait = Callable[[Callable[[], object]], None]


class Drawing:
    """What there is to draw, for a throttle."""

    def __init__(self) -> None:
        self.open = False
        self.frames = 0
        self.threads: set[threading.Thread] = set()

    def __call__(self, now: float) -> float | None:
        """Draw a frame, if anything is open."""
        self.threads.add(threading.current_thread())
        self.frames += self.open
        return 0.01 if self.open else None


@pytest.fixture
def drawing() -> Drawing:
    """What there is to draw."""
    return Drawing()


@pytest.fixture
def throttle(drawing: Drawing, until: Wait) -> Iterator[Throttle]:
    """A throttle, whose thread has to end with the test."""
    throttle = Throttle(drawing)
    yield throttle
    drawing.open = False
    until(lambda: throttle._thread is None)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


@pytest.mark.threads
def test_a_job_is_done_when_the_call_returns(throttle: Throttle) -> None:
    """What has to be out is out, and it was done by a thread called headway."""
    done: list[str] = []
    for i in range(100):
        throttle.call(lambda: done.append(threading.current_thread().name))
        assert i + 1 == len(done)

    assert {"headway"} == set(done)


def test_jobs_run_in_order(throttle: Throttle) -> None:
    """Jobs of one caller run in the order of the calls, those of all callers one at a time."""
    done: list[tuple[int, int]] = []
    running: list[int] = []

    def job(caller: int, i: int) -> None:
        assert not running
        running.append(1)
        done.append((caller, i))
        running.pop()

    def work(caller: int) -> None:
        for i in range(200):
            throttle.call(lambda: job(caller, i))

    threads = [threading.Thread(target=work, args=(caller,)) for caller in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all([(c, i) for i in range(200)] == [d for d in done if d[0] == c] for c in range(8))


def test_a_call_from_the_drawing_thread_runs_at_once(throttle: Throttle) -> None:
    """A finaliser that runs in the drawing thread does not wait for itself."""
    done: list[str] = []

    def outer() -> None:
        throttle.call(lambda: done.append("inner"))
        done.append("outer")

    assert seconds(lambda: throttle.call(outer)) < ANSWER_WITHIN
    assert done == ["inner", "outer"]


def test_a_job_that_hangs_holds_up_one_caller_for_a_second(throttle: Throttle, until: Wait) -> None:
    """The first caller waits for a bounded time, later ones not at all, and nothing is lost or out of order."""
    release = threading.Event()
    done: list[int] = []
    first = seconds(lambda: throttle.call(lambda: (release.wait(60), done.append(0))))
    later = seconds(lambda: [throttle.call(lambda i=i: done.append(i)) for i in range(1, 50)])
    release.set()
    throttle.call(lambda: done.append(50))
    assert ANSWER_WITHIN <= first < ANSWER_WITHIN + SLACK
    assert later < SLACK
    throttle.call(lambda: done.append(51))
    until(lambda: len(done) == 52)

    assert list(range(52)) == done


def test_a_caller_waits_its_turn_while_others_are_answered(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that takes a row at a time is slow, and does not hang: nobody goes on before the job is done."""
    monkeypatch.setattr(module, "ANSWER_WITHIN", 0.5)
    done: list[int] = []
    early: list[int] = []

    def one(i: int) -> None:
        throttle.call(lambda: (time.sleep(0.1), done.append(i)))
        if i not in done:
            early.append(i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not early
    assert not throttle.late


def test_drawing_that_hangs_holds_up_one_caller_for_a_second(until: Wait) -> None:
    """It is the same when the thread hangs in a frame instead of a job."""
    release, drawn = threading.Event(), threading.Event()

    def draw(now: float) -> float | None:
        drawn.set()
        release.wait(60)
        return None

    throttle = Throttle(draw)
    throttle.call(lambda: None)
    drawn.wait(10)
    first = seconds(lambda: throttle.call(lambda: None))
    later = seconds(lambda: throttle.call(lambda: None))
    release.set()
    until(lambda: throttle._thread is None)

    assert ANSWER_WITHIN <= first < ANSWER_WITHIN + SLACK
    assert later < SLACK


def test_frames_are_drawn_while_something_is_open(drawing: Drawing, throttle: Throttle, until: Wait) -> None:
    """The thread draws by itself, as often as the drawing asks for."""
    drawing.open = True
    throttle.call(lambda: None)

    until(lambda: drawing.frames > 5)
    assert len(drawing.threads) == 1


@pytest.mark.threads
def test_the_thread_ends_after_the_last_bar(drawing: Drawing, throttle: Throttle, until: Wait) -> None:
    """When nothing is open any longer the thread lingers for a moment and ends; the next job starts another."""
    throttle.call(lambda: None)
    first = throttle._thread
    assert first is not None
    throttle.call(lambda: None)
    assert first is throttle._thread
    until(lambda: throttle._thread is None)
    first.join()
    throttle.call(lambda: None)

    assert throttle._thread not in (None, first)


@pytest.mark.parametrize("error", [ValueError("no ink"), SystemExit()], ids=repr)
def test_a_job_that_raises_does_not_end_the_drawing(
    error: BaseException, throttle: Throttle, drawing: Drawing, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a job raises costs that job alone: later jobs run at once, and frames go on."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def job() -> None:
        raise error

    drawing.open = True
    throttle.call(job)
    done: list[int] = []
    took = seconds(lambda: throttle.call(lambda: done.append(1)))
    frames = drawing.frames
    try:
        assert done == [1]
        assert took < ANSWER_WITHIN / 2
        until(lambda: drawing.frames > frames)
    finally:
        throttle._thread = None if throttle._thread and not throttle._thread.is_alive() else throttle._thread


def test_the_drawing_goes_on_if_even_the_words_for_trouble_fail(
    throttle: Throttle, drawing: Drawing, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If memory or open files have run out, telling of it may fail too: the thread is there when they are back."""
    calls: list[object] = []

    def fails(*arguments: object, **_: object) -> None:
        calls.append(arguments)
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as context:
        context.setattr(agenda, "tell", fails)
        context.setattr(module.stops, "wake", fails)
        throttle.call(fails)
        drawing.open = True
        until(lambda: len(calls) > 4)
    frames = drawing.frames
    until(lambda: drawing.frames > frames)
    done: list[int] = []
    throttle.call(lambda: done.append(1))

    assert done == [1]


def test_what_a_step_raises_costs_that_step_alone(throttle: Throttle) -> None:
    """The steps behind it are done all the same, before what was asked for later."""
    done: list[int] = []

    def fails() -> None:
        raise ValueError("no ink")

    with pytest.warns(HeadwayWarning, match="no ink"):
        throttle.call(lambda: throttle.do((lambda: done.append(1), fails, lambda: done.append(2))))
        throttle.call(lambda: done.append(3))

    assert done == [1, 2, 3]


def test_a_thread_that_dies_is_replaced(drawing: Drawing, until: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the thread, the next caller gets another one."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    throttle = Throttle(drawing)

    def dies(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as context:
        context.setattr(throttle, "_serve", dies)
        throttle.call(lambda: None)
        until(lambda: throttle._thread is None)
    done: list[int] = []
    throttle.call(lambda: done.append(1))
    until(lambda: throttle._thread is None)

    assert done == [1]


@pytest.mark.threads
def test_drawing_that_raises_does_not_end_the_drawing(until: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame that raises is skipped, and the next job is done in time."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    frames: list[int] = []

    def draw(now: float) -> float | None:
        frames.append(1)
        if len(frames) == 1:
            raise ValueError("no ink")
        return None

    throttle = Throttle(draw)
    throttle.call(lambda: None)
    until(lambda: frames)
    done: list[int] = []

    assert seconds(lambda: throttle.call(lambda: done.append(1))) < ANSWER_WITHIN / 2
    assert done == [1]


# ── without a thread ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_inline_jobs_run_in_the_caller(drawing: Drawing) -> None:
    """Where there are no threads a job runs in the caller."""
    throttle = Throttle(drawing, inline=True)
    done: list[threading.Thread] = []
    throttle.call(lambda: done.append(threading.current_thread()))

    assert [threading.current_thread()] == done
    assert None is throttle._thread


def test_inline_frames_are_drawn_by_polling_when_they_are_due(drawing: Drawing) -> None:
    """Where there are no threads polling draws, no more often than the drawing asks for."""
    throttle = Throttle(drawing, inline=True)
    drawing.open = True
    throttle.tick()
    for _ in range(100):
        throttle._due = time.monotonic() + 100
        throttle.tick()
    assert drawing.frames == 1
    throttle._due = 0.0
    for _ in range(1 + PASSED_OVER):
        throttle.tick()

    assert drawing.frames == 2


def test_inline_a_job_may_bring_the_next_frame_forward() -> None:
    """A bar that opens is drawn at its own pace, however long the bars before it would have rested."""
    frames: list[float] = []

    def draw(now: float) -> float | None:
        frames.append(now)
        return 100.0

    throttle = Throttle(draw, inline=True)
    throttle.tick()
    throttle.call(lambda: None)
    for _ in range(1 + PASSED_OVER):
        throttle.tick()

    assert len(frames) == 2


def test_inline_a_report_after_slow_ones_draws_at_once(drawing: Drawing) -> None:
    """Most of the reports that come fast look at no clock; once they are slow, each one does."""
    throttle = Throttle(drawing, inline=True)
    drawing.open = True
    for _ in range(100):
        throttle.tick()
    for _ in range(1 + PASSED_OVER):
        time.sleep(2 * FAST)
        throttle.tick()
    frames = drawing.frames
    for _ in range(5):
        time.sleep(0.02)
        throttle.tick()

    assert frames + 5 == drawing.frames


def test_a_report_does_not_wait_for_a_frame_that_another_thread_draws(drawing: Drawing) -> None:
    """Where there is no thread, one that reports while another one draws goes on at once."""
    throttle = Throttle(drawing, inline=True)
    begun, release = threading.Event(), threading.Event()
    slow = threading.Thread(target=lambda: throttle.call(lambda: (begun.set(), release.wait(10))))
    slow.start()
    begun.wait(10)
    took = seconds(throttle.tick)
    release.set()
    slow.join()

    assert took < ANSWER_WITHIN / 2
    assert drawing.frames == 0


def test_polling_while_drawing_draws_no_second_time() -> None:
    """A metric that reports while it is read does not start a frame within the frame."""
    depth: list[int] = []

    def draw(now: float) -> float | None:
        depth.append(1)
        throttle.tick()
        return None

    throttle = Throttle(draw, inline=True)
    throttle.tick()

    assert len(depth) == 1


def test_where_no_thread_can_be_started_jobs_run_in_the_caller(
    drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system refuses a thread, the caller does the job, now and later."""

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    throttle = Throttle(drawing)
    done: list[int] = []
    throttle.call(lambda: done.append(1))
    throttle.call(lambda: done.append(2))

    assert (done, throttle.inline) == ([1, 2], True)


def test_a_thread_that_was_refused_is_asked_for_again(
    drawing: Drawing, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system has threads again, whoever calls or reports after a while gets one; callers draw until then."""
    start, refused = threading.Thread.start, [True]

    def refuse(self: threading.Thread) -> None:
        if refused:
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(module, "AGAIN_AFTER", 0.05)
    told: list[bool] = []
    throttle = Throttle(drawing, lambda: told.append(True))
    done: list[str] = []
    throttle.call(lambda: done.append(threading.current_thread().name))
    drawing.open = True
    until(lambda: (throttle.tick(), drawing.frames > 2)[1])
    assert told
    refused.clear()
    until(lambda: (throttle.tick(), not throttle.inline)[1])
    throttle.call(lambda: done.append(threading.current_thread().name))
    frames = drawing.frames
    until(lambda: drawing.frames > frames)
    drawing.open = False
    until(lambda: throttle._thread is None)

    assert done == ["MainThread", "headway"]
    assert {"MainThread", "headway"} == {thread.name for thread in drawing.threads}


def test_only_one_caller_draws_at_a_time(drawing: Drawing) -> None:
    """Where there is no thread, callers in several threads do not call a sink at once, and none is left out."""
    throttle = Throttle(drawing, inline=True)
    running: list[int] = []
    overlaps: list[int] = []
    done: list[int] = []

    def job(i: int) -> None:
        overlaps.extend(running)
        running.append(i)
        time.sleep(0.0005)
        running.pop()
        done.append(i)

    def work() -> None:
        for i in range(20):
            throttle.call(lambda: job(i))
            throttle.tick()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert overlaps == []
    assert sorted(done) == sorted([*range(20)] * 8)


def test_a_job_is_let_go_when_it_is_done(throttle: Throttle) -> None:
    """The thread keeps no job, and with it no bar, after it is done."""

    class Held:
        pass

    held = Held()
    watched = weakref.ref(held)
    throttle.call(lambda held=held: None)  # type: ignore[misc]
    del held
    throttle.call(lambda: None)
    throttle.call(lambda: None)

    assert None is watched()


def test_a_signal_handler_may_report_while_a_report_is_under_way(run: Any) -> None:
    """A handler that interrupts a call, and calls in turn, does not lock up.

    The timer is set anew at the end of the handler: on a busy machine, too, the program goes on between two signals.
    """
    done = run(
        """
        import headway, io, signal
        headway.get_bar(1, file=io.StringIO()).close()
        handled = 0
        def handler(*_):
            global handled
            with headway.get_bar(1, desc="handler", file=io.StringIO()) as bar: bar.write("x")
            handled += 1
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.signal(signal.SIGALRM, handler)
        handler()
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        file = io.StringIO()
        while handled < 500:
            with headway.get_bar(1, file=file) as bar: bar.message("a"); bar.update()
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("done")
        """,
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "done\n"


@pytest.mark.threads
def test_a_signal_that_comes_while_the_thread_is_being_started_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-Z parks the thread at any moment, also between its making and its start; then it runs all the same.

    What is raised inside of `Thread.start` makes Python forget the thread, which ends with a `KeyError` when it runs.
    """
    start = threading.Thread.start
    throttle = Throttle(lambda _: None)

    def interrupted(thread: threading.Thread) -> None:
        throttle.park()
        throttle.unpark()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    done: list[int] = []
    throttle.call(lambda: done.append(1))

    assert done == [1]
    assert not throttle.inline
