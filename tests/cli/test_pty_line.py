"""The line that a program is writing on a pseudo-terminal, as a terminal would show it."""

import random

import pyte
import pytest

from headway.cli.pty.line import Line, Pen

RED, BOLD, RESET = "\x1b[31m", "\x1b[1m", "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("plain", "plain"),
        ("count 1\rcount 2", "count 2"),
        ("longer\rshort", "shortr"),
        ("longer\r\x1b[Kshort", "short"),
        ("ab\b\bX", "Xb"),
        ("a\tb", "a\tb"),
        ("a\tb\rc", "c       b"),
        (f"{RED}red{RESET} plain", f"{RED}red{RESET} plain{RESET}"),
        (f"a{RED}b\r{RESET}c", f"c{RED}b{RESET}"),
        ("abc\x1b[2DX", "aXc"),
        ("abc\x1b[1GX", "Xbc"),
        ("abc\x1b[5Cd", "abc     d"),
        ("abcd\r\x1b[2P", "cd"),
        ("abcd\r\x1b[2@", "  abcd"),
        ("abcd\r\x1b[2X", "  cd"),
        ("漢字\b\bX", "漢X"),
        ("e\u0301\rx", "x"),
        ("\x1b]0;title\x07text", "text"),
    ],
)
def test_a_whole_line_is_what_a_terminal_shows(text: str, whole: str) -> None:
    """What moves and erases within the line is done; titles are no text."""
    line = Line()

    assert line.ended(text) == whole
    assert not line


def test_a_line_in_pieces_is_the_same_line() -> None:
    """Wherever a text is cut, the line is the same."""
    text = f"one\rt{RED}wo{RESET}\x1b[2Dxy\x1b[K"
    whole = Line().ended(text)
    for at in (1, 3, 5, 10, 12):
        line = Line()
        line.feed(text[:at])
        assert line.ended(text[at:]) == whole


def test_colours_go_on_in_the_next_line_and_not_between() -> None:
    """Each line has the colours that it needs, and ends without."""
    line = Line()

    assert line.ended(f"{RED}a") == f"{RED}a{RESET}"
    assert line.ended("b") == f"{RED}b{RESET}"
    assert line.ended(f"c{RESET}") == f"{RED}c{RESET}{RESET}"
    assert line.ended("d") == "d"


def test_a_pen_knows_what_takes_what_back() -> None:
    """Attributes are kept one by one, in the forms that programs use."""
    pen = Pen()
    for parameters in ("1;4;31", "48;5;200", "38:2::1:2:3", "22"):
        pen.take(parameters)

    assert str(pen) == "\x1b[4;38:2::1:2:3;48;5;200m"
    pen.take("39;49;24")
    assert str(pen) == ""
    pen.take("38;2;1;2;3;1")
    assert str(pen) == "\x1b[38;2;1;2;3;1m"
    pen.take("")
    assert str(pen) == ""


def test_the_part_with_the_cursor_is_shown() -> None:
    """Of a line that is too long its end is seen, or the part where the cursor has gone back to."""
    line = Line()
    line.feed("0123456789")

    assert line.shown(20) == ("0123456789", 10)
    assert line.shown(5) == ("6789", 4)
    line.feed("\r\x1b[3C")
    assert line.shown(5) == ("34567", 0)
    line.feed("\r")
    assert line.shown(5) == ("01234", 0)


def test_what_belongs_to_the_terminal_is_handed_on() -> None:
    """Titles, bells and modes are no part of the line."""
    asides: list[str] = []
    line = Line(asides.append)
    line.feed("a\x07\x1b]2;t\x1b\\b\x1b[?2004hc\x1b=")

    assert line.shown(9) == ("abc", 3)
    assert asides == ["\x07", "\x1b]2;t\x1b\\", "\x1b[?2004h", "\x1b="]


@pytest.mark.parametrize("seed", range(50))
def test_it_agrees_with_a_terminal_emulator(seed: int) -> None:
    """Any mix of text and movements leaves what pyte shows, with the cursor in its column."""
    chance = random.Random(seed)
    moves = [
        "\r",
        "\b",
        "\x1b[K",
        "\x1b[1K",
        "\x1b[2K",
        "\x1b[3C",
        "\x1b[2D",
        "\x1b[5G",
        "\x1b[2P",
        "\x1b[2@",
        "\x1b[2X",
        "\t",
    ]
    text = "".join(chance.choice([*moves, "ab", "xyz", "1"]) for _ in range(30))
    screen = pyte.Screen(200, 2)
    pyte.Stream(screen).feed(text)
    line = Line()
    line.feed(text)

    assert line.shown(200)[0].rstrip() == screen.display[0].rstrip(), repr(text)
    assert line.shown(200)[1] == screen.cursor.x, repr(text)
