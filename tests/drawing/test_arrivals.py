"""Bars of a storm wait for the next frame: those that end before it and leave no row are never handed over."""

import textwrap

import pytest

from headway.testing import Screen, run_in_terminal

PRELUDE = """
import headway, os, signal, sys, threading, time
from headway.drawing.hub import hub

def waiting(desc, leave=True):
    while True:
        bar = headway.get_bar(10, desc=desc, leave=leave)
        if hub.display.arrivals:
            return bar
        bar.leave = False
        bar.close()

def until(condition):
    while not condition():
        time.sleep(0.005)
"""


def screen_of(code: str, **about: object) -> Screen:
    """Run a program under the core's own rows."""
    screen = run_in_terminal(PRELUDE + textwrap.dedent(code), env={"HEADWAY_BACKEND": "rows"}, **about)  # type: ignore[arg-type]
    assert "HeadwayWarning" not in screen.raw, str(screen)
    assert "Traceback" not in screen.raw, str(screen)
    return screen


def test_short_bars_without_a_row_are_not_handed_over() -> None:
    """Of a thousand bars one right after the other a few are drawn, and few wake the thread that draws."""
    code = """
    handed, nudged = [], []
    call, nudge = hub.throttle.call, hub.throttle.nudge  # `wake` nudges, too
    hub.throttle.call = lambda job: (handed.append(1), call(job))
    hub.throttle.nudge = lambda: (nudged.append(1), nudge())
    began = time.monotonic()
    for i in range(1000):
        for _ in headway.track(range(3), desc=f"bar {i}", leave=False):
            pass
    seconds = time.monotonic() - began
    assert len(handed) <= 8 * (seconds + 1), (len(handed), seconds)
    assert len(nudged) <= 40 * (seconds + 1), (len(nudged), seconds)
    print("done", hub.display.drawing)
    """
    screen = screen_of(code)

    assert screen.rows == ["done False"]


def test_one_that_goes_on_is_drawn() -> None:
    """A bar that waits is drawn with the next frame, also if nothing is reported any more."""
    screen = screen_of("""
    bar = waiting("goes on", leave=False)
    until(lambda: hub.display.bars)
    until(lambda: not any(view._owes for view in hub.outlets))
    hub.throttle.call(lambda: None)
    os._exit(0)
    """)

    assert any("goes on" in row for row in screen.rows), str(screen)


@pytest.mark.parametrize("end", ["bar.close()", "bar.fail('broken')", "del bar", "sys.exit()"])
def test_a_last_row_is_left(end: str) -> None:
    """If the row of a bar stays, it is left however early the bar ends, and at the exit of the program."""
    screen = screen_of(f"""
    bar = waiting("left")
    bar.update(10)
    {end}
    """)

    assert sum("left" in row and "10/10" in row for row in screen.rows) == 1, str(screen)


def test_a_last_row_is_out_before_the_call_returns() -> None:
    """The row of a bar that has waited is on the terminal when `close` returns."""
    screen = screen_of("""
    bar = waiting("left")
    bar.close()
    os._exit(0)
    """)

    assert any("left" in row for row in screen.rows), str(screen)


@pytest.mark.parametrize("comes", ["hub.throttle.call(hub.display.admit)", "until(lambda: len(hub.display.bars) == 9)"])
def test_rows_are_in_the_order_of_their_bars(comes: str) -> None:
    """Bars that have waited come in the order in which they were opened, also if one that is opened brings them."""
    screen = screen_of(f"""
    bars = [waiting("bar 0", leave=False)]
    bars += [headway.get_bar(10, desc=f"bar {{i}}", leave=False) for i in range(1, 9)]
    {comes}
    until(lambda: not any(view._owes for view in hub.outlets))
    hub.throttle.call(lambda: None)
    os._exit(0)
    """)

    rows = [row.split(":")[0].strip() for row in screen.rows if "bar " in row]
    assert rows == [f"bar {i}" for i in range(9)], str(screen)


def test_another_look_is_not_lost() -> None:
    """A look that a bar is given while it waits is its look."""
    screen = screen_of("""
    bar = waiting("mine")
    hub.restyle(bar, (), sys.stderr)
    assert not hub.display.arrivals and hub.display.bars
    bar.close()
    """)

    assert sum("mine" in row for row in screen.rows) == 1, str(screen)


def test_a_text_stands_above() -> None:
    """A text that is printed while a bar waits is above its row."""
    screen = screen_of("""
    bar = waiting("bar")
    print("a text", flush=True)
    bar.close()
    """)

    assert [row.split()[0].strip(":") for row in screen.rows] == ["a", "bar"], str(screen)


def test_a_fork_leaves_the_bar_to_the_parent() -> None:
    """In the child of a fork nothing waits; the bar is drawn by the parent, once."""
    screen = screen_of("""
    bar = waiting("parent's")
    pid = os.fork()
    if not pid:
        bar.update(5)
        bar.close()
        os._exit(1 if hub.display.arrivals else 0)
    status = os.waitpid(pid, 0)[1]
    bar.update(10)
    bar.close()
    print("status", status)
    """)

    assert screen.rows[-1] == "status 0", str(screen)
    assert sum("parent's" in row and "10/10" in row for row in screen.rows) == 1, str(screen)


def test_sigterm_shows_the_last_row() -> None:
    """A bar that waits when the program is told to end leaves its row."""
    screen = screen_of("""
    bar = waiting("ended")
    os.kill(os.getpid(), signal.SIGTERM)
    """)

    assert sum("ended" in row and "interrupted" in row for row in screen.rows) == 1, str(screen)


def test_a_metric_that_hangs_costs_the_others_nothing() -> None:
    """If reading a metric of a bar that has waited hangs, those that wait with it are drawn all the same."""
    code = """
    import headway.drawing.throttle as throttle
    throttle.HANGS_AFTER = 0.5
    go = threading.Event()

    class Hanging:
        def __float__(self):
            go.wait(20)
            return 1.0

    first = waiting("first")
    first.metrics(loss=Hanging())
    second = headway.get_bar(10, desc="second", leave=True)
    until(lambda: second.id in hub.display.bars)
    second.update(10)
    second.close()
    go.set()
    first.close()
    """
    screen = run_in_terminal(PRELUDE + textwrap.dedent(code), env={"HEADWAY_BACKEND": "rows"})

    assert any("second" in row and "10/10" in row for row in screen.rows), str(screen)
    assert any("first" in row for row in screen.rows), str(screen)


def test_threads_open_and_end_bars_at_once() -> None:
    """Bars that many threads open and end in a storm are all gone at the end, and each row that stays is there once."""
    screen = screen_of("""
    def work(number):
        for i in range(50):
            with headway.get_bar(3, desc=f"bar {number}.{i}", leave=i == 49) as bar:
                bar.update(3)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not hub.display.drawing
    """)

    assert sorted(row.split(":")[0] for row in screen.rows) == sorted(f"bar {number}.49" for number in range(8))


def test_one_that_ends_is_read_once() -> None:
    """One snapshot is enough for a bar that ends before its first frame."""
    screen = screen_of("""
    read = []
    bar = waiting("bar")
    bar.metrics(loss=lambda: read.append(1) or 0.5)
    bar.close()
    print("read", len(read))
    """)

    assert [row.split(":")[0] for row in screen.rows] == ["bar stopped", "read 1"], str(screen)


def test_one_that_ends_while_rows_are_away_leaves_its_row_afterwards() -> None:
    """Its row is not lost, and not in the way of the program that has the terminal."""
    screen = screen_of("""
    bar = waiting("inner")
    with headway.suspend():
        bar.update(10)
        bar.close()
        print("alone")
    """)

    assert [row.split(":")[0] for row in screen.rows] == ["alone", "inner"], str(screen)


def test_a_failed_one_stands_under_the_one_around() -> None:
    """If both wait, and a failure ends both, the row of the inner bar is below that of the outer one."""
    screen = screen_of("""
    outer = waiting("outer")
    with outer:
        inner = headway.get_bar(10, desc="inner")
        assert len(hub.display.arrivals._waiting) == 2
        inner.fail("no disk")
        outer.fail("no disk")
    """)

    assert [row.split(" ")[0] for row in screen.rows] == ["outer", "inner"]
