"""The core's own rows: which bars have one, in which order, and what is left of them."""

from typing import Any

import pytest

from frames import Bars, sink_on
from headway.snapshot import Reading

paper = pytest.importorskip("paper", reason="pyte is not installed")
Paper = paper.Paper


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run on a terminal that has no name."""
    paper.on_terminal({"TERM": "xterm-256color"}, monkeypatch)


def labels(rows: list[str]) -> list[str]:
    """The rows up to their label's colon."""
    return [row.partition(":")[0] for row in rows]


def drawn(columns: int = 80, lines: int = 24, **bars: Any) -> tuple[Any, Bars]:
    """A terminal, and bars on it."""
    screen = Paper(columns, lines, **bars)
    return screen, Bars(screen)


def test_bars_inside_others_are_indented() -> None:
    """You see what is inside what, and all bars begin in one column."""
    screen, bars = drawn()
    bars.open(1, desc="epochs", total=3, n=1)
    bars.open(2, 1, desc="train", n=40, elapsed=3.0, rate=13.2, eta=4.0, metrics={"loss": Reading(0.1, "0.1000")})
    bars.open(3, 2, desc="a", n=50)
    bars.draw()

    assert screen.rows == [
        "epochs:  33%  |███████████▎                      | 1/3 [00:00<?]",
        "  train:  40% |███████▏          | 40/100 [00:03<00:04, 13.2it/s] loss=0.1000",
        "    a:  50%   |███████████████               | 50/100 [00:00<?]",
    ]
    assert screen.cursor_hidden


def test_bars_do_not_jump_if_an_inner_one_comes_and_goes() -> None:
    """A bar begins in the same column while inner bars come and go; the next display begins anew."""
    screen, bars = drawn()
    columns = []
    bars.open(1)
    for number in (2, 3):
        bars.open(number, 1, desc="a longer label")
        bars.draw()
        columns.append(screen.rows[0].index("|"))
        bars.end(number)
        bars.draw()
        columns.append(screen.rows[0].index("|"))
    bars.end(1)
    bars.draw()
    bars.open(4)
    bars.draw()
    columns.append(screen.rows[1].index("|"))

    assert columns == [23, 23, 23, 23, 12]


def test_the_last_row_goes_by_the_rows_that_are_left_on_the_screen() -> None:
    """If inner bars have gone without a trace, their labels leave no gap in the row of the outer one."""
    screen, bars = drawn()
    for leave, column in ((False, 12), (True, 23)):
        bars.open(1, n=100)
        bars.open(2, 1, desc="a longer label", leave=leave)
        bars.draw()
        bars.end(2)
        bars.draw()
        bars.end(1)
        bars.draw()
        assert screen.rows[-1].index("|") == column


def test_a_frame_is_one_write_and_an_unchanged_one_none() -> None:
    """A frame arrives whole; if nothing has changed, nothing is written."""
    screen, bars = drawn()
    bars.open(1)
    bars.open(2, 1)
    bars.draw()
    bars.draw()
    bars.set(2, n=50)
    bars.draw()
    bars.sink.write("text")

    assert len(screen.writes) == 3


def test_only_changed_rows_are_painted() -> None:
    """Of many bars those are painted that have changed, and the first one, into which Ctrl-C is echoed."""
    screen, bars = drawn(lines=60)
    for number in range(1, 51):
        bars.open(number)
    bars.draw()
    bars.set(30, n=50)
    bars.draw()

    assert ("bar 1:" in screen.writes[-1], "bar 30:" in screen.writes[-1]) == (True, True)
    assert screen.writes[-1].count("bar ") == 2
    assert "50%" in screen.rows[29]


def test_the_outermost_bars_stay_if_the_terminal_is_too_low() -> None:
    """If there are more bars than lines, the outermost have rows, and one row counts the others."""
    screen, bars = drawn(lines=6)
    bars.open(1)
    for number in range(2, 12):
        bars.open(number, 1)
        bars.open(number + 100, number)
    bars.open(12)
    bars.draw()

    assert labels(screen.visible) == ["bar 1", "  bar 2", "  bar 3", "bar 12", "+ 18 more bars", ""]


def test_two_hundred_bars_scroll_nothing() -> None:
    """200 bars on 24 lines come and go, and the text above them stays where it was."""
    screen, bars = drawn()
    screen.write("before\r\n")
    for number in range(1, 201):
        bars.open(number, leave=False)
        bars.draw()
    assert (screen.history, screen.visible[0]) == ([], "before")
    assert labels(screen.visible[1:]) == [*(f"bar {n}" for n in range(1, 23)), "+ 178 more bars"]
    for number in range(1, 201):
        bars.end(number)
        bars.draw()

    assert screen.rows == ["before"]
    assert not screen.cursor_hidden


def test_on_a_terminal_of_one_line_the_outermost_bar_is_shown() -> None:
    """A terminal of one line shows the outermost bar."""
    screen, bars = drawn(lines=1)
    bars.open(1)
    bars.open(2, 1)
    bars.draw()

    assert labels(screen.rows) == ["bar 1"]


def test_a_bar_beside_others_keeps_its_row() -> None:
    """Bars beside each other keep their order, whichever ends first."""
    screen, bars = drawn()
    for number in (1, 2, 3):
        bars.open(number)
    bars.draw()
    bars.end(2, n=100)
    bars.draw()
    assert labels(screen.rows) == ["bar 1", "bar 2", "bar 3"]
    bars.end(3, n=100)
    bars.open(4)
    bars.draw()
    bars.end(1, "failed", n=10)
    bars.draw()
    assert labels(screen.rows) == ["bar 1 FAILED", "bar 2", "bar 3", "bar 4"]
    bars.end(4)
    bars.draw()

    assert labels(screen.rows) == ["bar 1 FAILED", "bar 2", "bar 3", "bar 4"]
    assert not screen.cursor_hidden


def test_ended_bars_that_have_no_room_go_above() -> None:
    """A thousand downloads beside a long one leave their lines in the order of their rows."""
    screen, bars = drawn(lines=10)
    bars.open(0, desc="long")
    for number in range(1, 101):
        bars.open(number)
        bars.draw()
        bars.end(number, n=100)
        bars.draw()
    bars.end(0)
    bars.draw()

    assert labels(screen.rows) == [*(f"bar {n}" for n in range(1, 93)), "long", *(f"bar {n}" for n in range(93, 101))]


def test_an_inner_bar_that_stays_goes_above() -> None:
    """An inner bar that stays is left above the bars around it, also if they end with it."""
    screen, bars = drawn()
    bars.open(1)
    for number in (2, 3):
        bars.open(number, 1, leave=True)
        bars.draw()
        bars.end(number)
        if number == 3:
            bars.end(1)
        bars.draw()

    assert labels(screen.rows) == ["bar 2", "bar 3", "bar 1"]


def test_an_outer_bar_may_end_first() -> None:
    """If the outer bar ends before the inner one, its row stays where it was."""
    screen, bars = drawn()
    bars.open(1)
    bars.open(2, 1, leave=True)
    bars.draw()
    bars.end(1)
    bars.draw()
    assert labels(screen.rows) == ["bar 1", "bar 2"]
    bars.end(2)
    bars.draw()

    assert labels(screen.rows) == ["bar 1", "bar 2"]


def test_a_bar_that_opens_and_ends_within_a_frame_leaves_its_line() -> None:
    """A bar that was never seen running leaves its line, or nothing if it is not to stay."""
    screen, bars = drawn()
    bars.open(1)
    bars.end(1, n=100)
    bars.open(2, leave=False)
    bars.end(2)
    bars.draw()

    assert labels(screen.rows) == ["bar 1"]
    assert not screen.cursor_hidden


def test_rows_vanish_without_a_trace() -> None:
    """A row whose bar vanishes is closed up, in the middle and at the end."""
    screen, bars = drawn()
    for number in (1, 2, 3, 4):
        bars.open(number, leave=False)
    bars.draw()
    bars.end(2)
    bars.draw()
    assert labels(screen.rows) == ["bar 1", "bar 3", "bar 4"]
    bars.end(4)
    bars.draw()
    assert labels(screen.rows) == ["bar 1", "bar 3"]
    bars.end(1)
    bars.end(3)
    bars.draw()

    assert screen.rows == []


def test_text_goes_above_whole_and_in_order() -> None:
    """Lines stand above the rows, also many, long ones and those that fill the terminal to its edge."""
    screen, bars = drawn(20, 5)
    bars.open(1)
    bars.open(2, 1)
    bars.draw()
    bars.sink.write("\n".join(f"line {i}" for i in range(30)))
    bars.sink.write("x" * 20)
    bars.sink.write("\x1b[31m" + "y" * 50 + "\x1b[0m")

    expected = [*(f"line {i}" for i in range(30)), "x" * 20, "y" * 20, "y" * 20, "y" * 10]
    assert screen.rows == [*expected, "bar 1:   0% 0/100", "  ba~:   0% 0/100"]


def test_text_without_rows_is_a_line() -> None:
    """What is written while no bar is shown is a line like any other."""
    screen, bars = drawn()
    bars.sink.write("one\ntwo")

    assert screen.rows == ["one", "two"]
    assert screen.writes == ["one\r\ntwo\r\n"]


@pytest.mark.parametrize("drag", ["crop", "wrap"])
def test_a_narrower_terminal_has_no_stale_row(drag: str) -> None:
    """While the window is dragged the rows follow, whether the terminal cuts the old ones or wraps them."""
    screen, bars = drawn(100, 24)
    screen.write("before\r\n")
    for number in (1, 2, 3):
        bars.open(number, message="a message that fills the row to its end " * 3)
    for columns in (100, 90, 70, 40, 20, 10):
        getattr(screen, drag)(columns)
        bars.draw()
        assert len(screen.rows) == 4, screen.rows
    bars.sink.hide()

    assert screen.rows == ["before"]


def test_a_frame_for_a_size_that_has_just_changed_takes_no_further_line() -> None:
    """If the terminal becomes narrower just before a frame is written, the next one finds the rows all the same."""
    screen, bars = drawn(100)
    screen.write("before\r\n")
    for number in (1, 2, 3):
        bars.open(number, message="a message that fills the row to its end " * 3)
    bars.draw()
    late = screen.size
    screen.wrap(50)
    screen.size = late
    bars.set(3, n=10)
    bars.set(2, n=10)
    bars.draw()
    screen.crop(50)
    bars.draw()

    assert labels(screen.rows) == ["before", "bar 1", "bar 2", "bar 3"]


def test_rows_make_way_and_come_back() -> None:
    """For a question all rows go and the cursor is shown; what has ended stays; then all rows are back."""
    screen, bars = drawn()
    for number in (1, 2, 3):
        bars.open(number)
    bars.draw()
    bars.end(2)
    bars.draw()
    bars.sink.hide()
    assert labels(screen.rows) == ["bar 2"]
    assert not screen.cursor_hidden
    screen.write("name? Ada\r\n")
    bars.set(3, n=50)
    bars.show()

    assert labels(screen.rows) == ["bar 2", "name? Ada", "bar 1", "bar 3"]
    assert screen.cursor_hidden


def test_the_end_leaves_the_terminal_as_it_was() -> None:
    """At the end nothing of open bars is left; cursor and wrapping are as before, and a second end does nothing."""
    screen, bars = drawn()
    bars.open(1)
    bars.draw()
    bars.sink.stop(1.0)
    writes = len(screen.writes)
    bars.sink.stop(1.0)

    assert (screen.rows, screen.cursor_hidden, screen.wraps, len(screen.writes)) == ([], False, True, writes)


@pytest.mark.parametrize("columns", [1, 2, 3, 10, 20, 40, 400])
@pytest.mark.parametrize("desc", ["", "train", "訓練" * 40, "e\u0301" * 90, "👩‍💻" * 30, "x" * 1000])
def test_a_row_takes_one_line(columns: int, desc: str) -> None:
    """However narrow the terminal and whatever the description, a row takes one line and keeps to its room."""
    screen, bars = drawn(columns)
    screen.write("x\r\n")
    bars.open(1, desc=desc, n=40, message="a message")
    bars.open(2, 1, desc=desc, total=None, n=40)
    bars.open(3, 2, desc=desc)
    bars.draw()
    bars.set(3, n=50)
    bars.draw()
    bars.sink.hide()

    assert screen.rows == ["x"]


def test_options() -> None:
    """The width of the bar, colours and ASCII can be asked for."""
    screen = Paper()
    bars = Bars(screen, sink_on(screen, width=10, colour=False, ascii=True))
    bars.open(1, n=50)
    bars.draw()

    assert screen.rows == ["bar 1:  50% |#####     | 50/100 [00:00<?]"]
    assert "\x1b[36m" not in screen.writes[0]


def test_an_ascii_stream_gets_ascii() -> None:
    """If the stream's encoding has no blocks, a bar is made of ASCII characters."""
    screen, bars = drawn(120, encoding="latin-1")
    bars.open(1, n=50)
    bars.draw()

    assert "|####################                    |" in screen.rows[0]
