"""The terminal emulator that keeps what scrolls out, beside pyte's own that can be paged."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pyte = pytest.importorskip("pyte")
Scrollback = pytest.importorskip("headway.testing.scrollback").Scrollback

OUTPUT = [
    *("abc", "hello world " * 3, "日本", "e\u0301", "\r\n", "\n", "\r", "\x08", "\t"),
    *("\x1b[A", "\x1b[3A", "\x1b[B", "\x1b[H", "\x1b[5;9H", "\x1b7", "\x1b8", "\x1bM", "\x1bD", "\x1bE", "\x1bc"),
    *("\x1b[K", "\x1b[2K", "\x1b[J", "\x1b[2J", "\x1b[3J", "\x1b[L", "\x1b[2M", "\x1b[P", "\x1b[@"),
    *("\x1b[2;4r", "\x1b[r", "\x1b[?25l", "\x1b[?25h", "\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l", "\x1b[31m"),
]
"""Texts and control sequences."""


@settings(deadline=None)
@example(["\n"] * 6 + ["\x1b[3J"])
@given(st.lists(st.sampled_from(OUTPUT), min_size=10, max_size=60))
def test_the_screen_is_that_of_pyte(output: list[str]) -> None:
    """Whatever is written, rows, scroll-back and cursor are the same."""
    ours, theirs = Scrollback(10, 4), pyte.HistoryScreen(10, 4, history=1000)
    pyte.Stream(ours).feed("".join(output))
    pyte.Stream(theirs).feed("".join(output))

    assert [dict(ours.buffer[y]) for y in range(4)] == [dict(theirs.buffer[y]) for y in range(4)]
    assert [dict(row) for row in ours.gone] == [dict(row) for row in theirs.history.top]
    assert (ours.cursor.x, ours.cursor.y) == (theirs.cursor.x, theirs.cursor.y)
    assert ours.cursor_hidden == theirs.cursor.hidden


@pytest.mark.parametrize(
    ("output", "row"),
    [
        ("日本", "日本"),
        ("日本\r\x1b[Cx", " x本"),
        ("日本\rx", "x 本"),
        ("日\u0301x", "日\u0301x"),
        ("abc\x1b8日本\rabc", "abc"),
        ("12345678日\x1b[10Gx", "12345678 x"),
    ],
)
def test_half_of_a_wide_character_is_blank_when_the_other_is_overwritten(output: str, row: str) -> None:
    """So it is on a terminal, and pyte alone raises at a row where only the second half is left."""
    screen = Scrollback(10, 4)
    pyte.Stream(screen).feed(output)

    assert screen.display[0].rstrip() == row
