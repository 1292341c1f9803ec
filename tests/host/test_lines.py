"""The texts that a program writes while rows are drawn: whole lines go above them, paint goes straight out."""

from __future__ import annotations

import pytest

from headway.host.lines import Line

Fed = list[tuple[str | None, str | None]]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a line\n"], [(None, "a line")]),
        (["half ", "a line\n"], [(None, None), (None, "half a line")]),
        (["one\ntwo\nthr", "ee\n"], [(None, "one\ntwo"), (None, "three")]),
        (["\n", "text\n"], [(None, None), (None, "\ntext")]),
        (["\x1b[31mred\x1b[0m\n"], [(None, "\x1b[31mred\x1b[0m")]),
        (["\r 10%", "\r 20%"], [("\r 10%", None), ("\r 20%", None)]),
        (["before", "\r 10%"], [(None, None), ("before\r 10%", None)]),
        (["\r 10%\n", "text\n"], [("\r 10%\n", None), (None, "text")]),
        (["a line\r\n"], [(None, "a line\r")]),
    ],
    ids=["line", "pieces", "lines", "blank", "colours", "paint", "text before paint", "after paint", "crlf"],
)
def test_what_goes_above_and_what_goes_straight_out(texts: list[str], expected: Fed) -> None:
    """Of each text, the first of two is for the terminal itself and the second is for above the rows."""
    line = Line()

    assert expected == [line.feed(text) for text in texts]


def test_a_line_that_is_not_whole_is_kept() -> None:
    """The beginning of a line waits for its end."""
    line = Line()
    line.feed("one\ntwo")

    assert line.kept == "two"
