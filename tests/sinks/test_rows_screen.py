"""From the rows that stand to those that are to stand: the bytes between them."""

import random

import pytest

from headway.sinks.rows.screen import ERASE, Screen

Paper = pytest.importorskip("paper", reason="pyte is not installed").Paper


def test_the_first_rows() -> None:
    """The cursor goes away, and comes to rest in the first column of the first row."""
    assert Screen().paint(["a", "b"]) == "\x1b[?25l\x1b[?7l\ra\x1b[K\r\nb\x1b[K\r\x1b[1A\x1b[?7h"


def test_the_same_rows() -> None:
    """If nothing has changed, nothing is written."""
    screen = Screen()
    screen.paint(["a", "b"])

    assert screen.paint(["a", "b"]) == ""


def test_one_other_row() -> None:
    """A row that has changed is painted, and the first one."""
    screen = Screen()
    screen.paint(["a", "b", "c"])

    assert screen.paint(["a", "x", "c"]) == "\x1b[?7l\ra\x1b[K\r\nx\x1b[K\r\x1b[1A\x1b[?7h"


def test_a_row_less() -> None:
    """If rows go, the rest of the screen is erased from the last one on, never from the top left corner."""
    screen = Screen()
    screen.paint(["a", "b", "c"])

    assert screen.paint(["a", "b"]) == "\x1b[?7l\ra\x1b[K\r\nb\x1b[J\r\x1b[1A\x1b[?7h"
    assert screen.paint(["a"]) == "\x1b[?7l\ra\x1b[J\r\x1b[?7h"
    assert screen.paint([]) == f"{ERASE}\x1b[?25h"
    assert screen.paint([]) == ""


def test_the_last_rows_settle() -> None:
    """If all rows are to stay, the cursor is shown below them."""
    screen = Screen()
    screen.paint(["a", "b"])

    assert screen.paint(["a", "c"], settled=2) == "\x1b[?7l\ra\x1b[K\r\nc\x1b[K\r\n\x1b[?7h\x1b[?25h"
    assert screen.paint([]) == ""


def test_rows_that_settle_unchanged_are_stepped_over() -> None:
    """A row that stays as it stands is stepped over."""
    screen = Screen()
    screen.paint(["a", "b"])

    assert screen.paint(["a", "b"], settled=1) == "\x1b[?7l\ra\x1b[K\r\n\x1b[?7h"
    assert screen.paint(["c"]) == "\x1b[?7l\rc\x1b[K\r\x1b[?7h"


@pytest.mark.parametrize("seed", range(20))
def test_any_rows_after_any_others(seed: int) -> None:
    """Whatever stood before: the lines that are to stay, and then the rows, are on the screen."""
    rng, paper, screen = random.Random(seed), Paper(30, 8), Screen()
    lines: list[str] = []
    rows: list[str] = []
    for _ in range(100):
        above = [f"line {rng.randrange(100)}" for _ in range(rng.choice([0, 0, 0, 1, 2, 20]))]
        rows = [rng.choice([row, f"row {'x' * rng.randrange(1, 20)}"]) for row in rows]
        rows = [row for row in rows if rng.random() < 0.9][:7]
        rows += [f"new {rng.randrange(100)}" for _ in range(rng.randrange(8 - len(rows)) if rng.random() < 0.3 else 0)]
        settled = rng.randrange(len(rows) + 1) if rng.random() < 0.2 else 0
        paper.write(screen.paint(rows, settled, above, anew=rng.random() < 0.1))
        lines += [*above, *rows[:settled]]
        rows = rows[settled:]

        assert paper.rows == [*lines, *rows]
        assert (paper.cursor_hidden, paper.wraps) == (bool(rows), True)


# ── the line that the program is writing ─────────────────────────────────────────────────────────────────────────────


def test_a_line_that_is_being_written_stands_above_the_rows() -> None:
    """It has a row of its own, with the cursor in it; when it is whole it goes above, and when rows go it stays."""
    screen, paper = Screen(), Paper(20, 8)
    paper.write("before ")
    for begun in (("before ", 7), ("before x", 8), ("before xy", 3)):
        paper.write(screen.paint(["a", "b"], begun=begun))
        assert (paper.rows[:3], paper.cursor) == ([begun[0].rstrip(), "a", "b"], (begun[1], 0))
    paper.write(screen.paint(["a", "b"], above=["before xyz"]))
    assert (paper.rows[:3], paper.cursor) == (["before xyz", "a", "b"], (0, 1))
    paper.write(screen.paint(["a", "b"], begun=("more", 4)))
    paper.write(screen.paint(["A", "b"], settled=1, begun=("more", 4)))
    assert (paper.rows[:4], paper.cursor) == (["before xyz", "A", "more", "b"], (4, 2))
    paper.write(screen.paint([], begun=("more", 4)))
    paper.write(" and all\r\n")
    paper.write(screen.paint(["c"]))
    assert paper.rows[:4] == ["before xyz", "A", "more and all", "c"]
