"""More bars than a terminal has lines: the bars that a sink is told of."""

from __future__ import annotations

import os
from typing import Any

import pytest

from headway.drawing.picture import Picture
from headway.drawing.window import Window
from headway.sink import Frame, PerBar
from headway.snapshot import Snapshot


class Terminal:
    """A window on any number of bars, whose lines can change."""

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self._picture = Picture(points=False)
        self.window = Window(self._picture, lambda: self.lines)
        self.bars: dict[int, Snapshot] = {}

    def open(self, number: int, parent: int | None = None) -> None:
        """Open a bar."""
        self.bars[number] = Snapshot(number, parent, total=10)
        self.window.open(self.bars[number])

    def set(self, number: int, n: int) -> None:
        """Count a bar on."""
        self.bars[number] = self.bars[number]._replace(n=n)
        self.window.update(self.bars[number])

    def end(self, number: int, **fields: Any) -> None:
        """End a bar."""
        self.window.close(self.bars.pop(number)._replace(state="finished", **fields))

    def frame(self) -> Frame:
        """Return the frame that is told now."""
        self.window.settle()
        return self._picture.take(os.terminal_size((80, self.lines)))


def ids(snapshots: tuple[Snapshot, ...]) -> list[int]:
    """Return the numbers of bars."""
    return [s.id for s in snapshots]


@pytest.fixture
def six() -> Terminal:
    """Six bars beside one another on five lines: there is room for three."""
    terminal = Terminal(5)
    for number in range(1, 7):
        terminal.open(number)
    return terminal


def test_bars_that_fit_are_all_told() -> None:
    """On five lines there is room for four bars, and a line of text."""
    terminal = Terminal(5)
    for number in range(1, 5):
        terminal.open(number)

    assert terminal.frame() == Frame(tuple(terminal.bars.values()), tuple(terminal.bars.values()), size=(80, 5))


def test_bars_without_a_line_are_counted(six: Terminal) -> None:
    """A line is left for the number of those that have none."""
    frame = six.frame()

    assert (ids(frame.bars), ids(frame.opened), frame.more) == ([1, 2, 3], [1, 2, 3], 3)


def test_the_outermost_have_a_line() -> None:
    """A bar that opens outside takes the line of the last one inside, which comes again when there is room."""
    terminal = Terminal(5)
    terminal.open(1)
    for number in (2, 3, 4):
        terminal.open(number, 1)
    assert ids(terminal.frame().bars) == [1, 2, 3, 4]
    terminal.open(5)
    frame = terminal.frame()
    assert (ids(frame.bars), ids(frame.opened), ids(frame.ended), frame.more) == ([1, 2, 5], [5], [], 2)
    terminal.end(5)
    frame = terminal.frame()

    assert (ids(frame.bars), ids(frame.opened), ids(frame.ended), frame.more) == ([1, 2, 3, 4], [3, 4], [5], 0)


def test_bars_that_cannot_be_seen_are_not_asked_for(six: Terminal) -> None:
    """Those are sampled that have a line, and before one of them ends, the one that gets it."""
    six.frame()

    assert ({*six.window.seen()}, {*six.window.coming(2)}, {*six.window.coming(5)}) == ({1, 2, 3}, {4}, set())


def test_a_bar_that_gets_a_line_shows_its_newest_count(six: Terminal) -> None:
    """What was counted while it could not be seen is in the first frame in which it is."""
    six.frame()
    six.set(4, 7)
    assert not six.frame().changed
    six.end(1)
    frame = six.frame()

    assert (ids(frame.bars), [(s.id, s.n) for s in frame.opened], frame.more) == ([2, 3, 4], [(4, 7)], 2)


def test_the_last_snapshot_of_a_bar_without_a_line_is_told(six: Terminal) -> None:
    """A bar that ends without ever having had a line is opened and ended in one frame."""
    six.frame()
    six.end(6, n=10)
    frame = six.frame()

    assert ([(s.id, s.n) for s in frame.ended], ids(frame.opened), frame.more) == ([(6, 10)], [6], 2)
    assert [s.n for s in frame.opened] == [10]


def test_the_window_follows_the_terminal(six: Terminal) -> None:
    """When the terminal becomes higher or lower, bars come into view or leave it, and none is told to have ended."""
    six.frame()
    shown = []
    for lines in (7, 6, 2, 1, 5):
        six.lines = lines
        frame = six.frame()
        shown.append((ids(frame.bars), frame.more))
        assert not frame.ended

    assert shown == [([1, 2, 3, 4, 5, 6], 0), ([1, 2, 3, 4], 2), ([1], 5), ([1], 5), ([1, 2, 3], 3)]


class Told(PerBar):
    """Keeps its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self, snapshot: Snapshot) -> None:
        self.calls.append(f"open {snapshot.id}")

    def close(self, snapshot: Snapshot) -> None:
        self.calls.append(f"close {snapshot.id}" + (" for now" if snapshot.state == "running" else ""))

    def news(self) -> list[str]:
        """Return the new ones."""
        calls, self.calls = self.calls, []
        return calls


def test_a_sink_that_is_called_for_each_bar_gives_rows_away_before_it_takes_new_ones(six: Terminal) -> None:
    """It never has more bars open than there are lines for, and a bar without a line is closed for a while."""
    sink = Told()
    sink.frame(six.frame())
    sink.news()
    six.end(2)
    sink.frame(six.frame())
    assert sink.news() == ["close 2", "open 4"]
    six.lines = 4
    sink.frame(six.frame())
    assert sink.news() == ["close 4 for now"]
    six.end(4)
    sink.frame(six.frame())

    assert sink.news() == ["open 4", "close 4"]


def test_a_bar_ends_after_one_has_opened_inside_of_it() -> None:
    """A frame in which a bar opens inside one that ends tells them in this order."""
    terminal, sink = Terminal(24), Told()
    terminal.open(1)
    sink.frame(terminal.frame())
    sink.news()
    terminal.open(2, 1)
    terminal.end(1)
    sink.frame(terminal.frame())

    assert sink.news() == ["open 2", "close 1"]


def test_a_bar_that_comes_and_goes_in_one_frame_leaves_nothing_unless_it_is_to_stay() -> None:
    """A renderer of rows need not draw a bar that is gone again; one that stays visible is drawn."""
    terminal = Terminal(24)
    for number in (1, 2, 3):
        terminal.open(number)
    terminal.end(2, leave=False)
    terminal.end(3)
    frame = terminal.frame()
    assert (ids(frame.opened), ids(frame.ended)) == ([1, 2, 3], [2, 3])

    assert (ids(frame.lasting.opened), ids(frame.lasting.ended)) == ([1, 3], [3])
