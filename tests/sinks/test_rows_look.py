"""How a row of the core's own looks: its bar, its colours and its characters."""

import re

import pytest

from headway.format import width
from headway.sinks.rows.look import Look, beginning, is_coloured
from headway.snapshot import Reading, Snapshot

BAR = Snapshot(1, desc="train", n=40, total=100, elapsed=3.0, rate=13.2, eta=4.0)
PLAIN = Look(blocks=True, coloured=False)
COLOURED = Look(blocks=True, coloured=True)


def row(look: Look, s: Snapshot, room: int = 78) -> str:
    """A row alone."""
    return look.row(look.line(s, room))


@pytest.mark.parametrize(
    ("share", "bar"), [(0.0, "        "), (0.5, "████    "), (0.51, "████    "), (0.52, "████▏   "), (0.99, "███████▉"), (1, "████████"), (7, "████████")]
)  # fmt: skip
def test_a_bar_grows_by_eighths_of_a_column(share: float, bar: str) -> None:
    """A bar fills from left to right, is full only at the end, and stays full beyond it."""
    assert f"|{bar}|" in row(Look(blocks=True, coloured=False, bar=8), BAR._replace(n=share, total=1))


def test_an_ascii_bar() -> None:
    """Where blocks are lacking a bar is made of number signs."""
    assert "|#####   |" in row(Look(blocks=False, coloured=False, bar=8), BAR._replace(n=0.7, total=1))


def test_a_bar_takes_what_is_left_up_to_its_most() -> None:
    """A wide terminal does not make a bar longer than 40 columns; in a narrow one it shrinks, then goes."""
    full = [row(PLAIN, BAR._replace(n=100), room) for room in (400, 100, 60, 15)]

    assert [text.count("█") for text in full] == [40, 40, 14, 0]
    assert full[2] == "train: 100% |██████████████| 100/100 [00:03<00:04, 13.2it/s]"
    assert full[3] == "100% 100/100"


def test_a_bar_of_unknown_length_has_its_words_only() -> None:
    """While the total is not known there is no bar, and no room is kept for one."""
    assert row(PLAIN, BAR._replace(total=None, eta=None)) == "train: 40it [00:03, 13.2it/s]"


def test_bars_begin_together_as_far_as_there_is_room() -> None:
    """Bars of several rows begin in one column, unless a row would lose too much of its bar."""
    lines = [
        PLAIN.line(BAR, 61),
        PLAIN.line(BAR._replace(desc="long label"), 61),
        PLAIN.line(BAR._replace(message="m" * 15), 61),
    ]
    rows = [PLAIN.row(line, beginning(lines)) for line in lines]

    assert [text.index("|") for text in rows] == [17, 17, 14]
    assert all(width(text) <= 61 for text in rows)


def outline(text: str) -> tuple[int, int, tuple[bool, ...]]:
    """Where a bar begins and ends, and which numbers stand behind it."""
    return text.index("|"), text.rindex("|"), tuple(piece in text for piece in ("<", "/s", "loss=", "acc=", "+"))


@pytest.mark.parametrize("room", [50, 60, 78, 98, 118])
@pytest.mark.parametrize(
    "fields",
    [
        {"total": 1000, "unit": "batch"},
        {"total": 3 << 30, "unit": "B", "unit_scale": "iec", "n": 1 << 20},
        {"total": 20.0, "n": 1.0},
        {"total": 100, "metrics": {"loss": Reading(0.5, "0.5000", columns=7), "acc": Reading(0.5, "0.5", best=0.5)}},
    ],
)
def test_a_bar_stands_still_whatever_digits_its_numbers_have(room: int, fields: dict) -> None:
    """Counts, rates and the remaining time change all the time; nothing else moves or comes and goes with them."""
    s = BAR._replace(**{"n": 1, **fields})
    outlines = {
        outline(row(PLAIN, s._replace(n=min(s.n * n, s.total), rate=s.n * rate, eta=eta), room))
        for n in (1, 1.5 if isinstance(s.n, float) else 2, 10, 99)
        for rate in (1.23, 9.87, 98.7, 987)
        for eta in (None, 4.0, 300.0)
    }

    assert len(outlines) == 1


def test_a_bar_stands_still_while_the_last_metric_has_its_star_or_not() -> None:
    """The columns of a star are kept for it, behind the last metric, too."""
    reading = Reading(0.5, "0.5000", columns=7, best=0.5)
    starred, plain = (BAR._replace(metrics={"acc": reading._replace(mark=mark)}) for mark in ("*", ""))

    assert outline(row(PLAIN, starred)) == outline(row(PLAIN, plain))


def test_a_first_frame_leaves_room_for_the_rate() -> None:
    """A bar does not become shorter as soon as there is a rate."""
    begins = BAR._replace(n=0, rate=None, eta=None)

    assert outline(row(PLAIN, begins, 75))[:2] == outline(row(PLAIN, BAR, 75))[:2]


@pytest.mark.parametrize("room", range(70, 100))
def test_what_a_row_shows_does_not_depend_on_the_digits_of_its_metrics(room: int) -> None:
    """A value of seven columns, or of nine, takes them from the bar, and no other number has to go."""

    def shown(*texts: str) -> tuple[str, int]:
        readings = [Reading(0.1, text) for text in texts]
        best = " (first 0.8, best 0.98 at 9)"
        readings[-1] = readings[-1]._replace(best=0.98, columns=len(texts[-1]) + 1, mark=best)
        metrics = dict(zip(("loss", "lr", "acc"), readings, strict=True))
        line = PLAIN.line(BAR._replace(n=100, state="finished", eta=None, metrics=metrics), room)
        return re.sub(r"(?<==)[^ ]+", "", line.right), line.rest

    (usual, wide), (longer, narrower) = shown("0.1000", "0.1000", "0.1000"), shown("0.01000", "1.2e-05", "0.1000")
    assert usual == longer
    assert narrower == wide - 2
    assert usual == shown("0.01000", "1.234e-05", "0.01000")[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 36),
        ({"state": "finished"}, 32),
        ({"state": "stopped"}, 32),
        ({"state": "failed"}, 31),
        ({"state": "interrupted"}, 33),
        ({"paused": True}, 33),
        ({"stalled": 200.0}, 33),
    ],
)
def test_colours_tell_the_state(change: dict, code: int) -> None:
    """The bar has the colour of its state; where something is wrong the words left of it have it, too."""
    text = row(COLOURED, BAR._replace(**change))

    assert f"|\x1b[{code}m█" in text
    assert text.startswith(f"\x1b[{code}m") == (code in (31, 33))
    assert text.count("\x1b[0m") == 1 + (code in (31, 33))


def test_no_colour_is_left_open_and_none_takes_a_column() -> None:
    """A coloured row is the plain one with colours, from one column to 400."""
    for room in (*range(1, 100), 400):
        plain, coloured = (row(look, BAR._replace(state="failed", reason="disk"), room) for look in (PLAIN, COLOURED))
        assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain
        assert width(plain) <= room


def test_other_bars_are_counted() -> None:
    """One row counts the bars that have none, in the room that there is."""
    assert (PLAIN.more(1, 80), PLAIN.more(12, 80), PLAIN.more(12, 6)) == ("+ 1 more bar", "+ 12 more bars", "+ 12 ~")
    assert COLOURED.more(2, 80) == "\x1b[2m+ 2 more bars\x1b[0m"


@pytest.mark.parametrize(
    ("env", "wish", "expected"),
    [
        ({"TERM": "xterm"}, None, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, None, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, None, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, None, False),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, None, False),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "vt100"}, None, False),
        ({"TERM": "vt100", "FORCE_COLOR": "1"}, None, True),
        ({"TERM": "dumb"}, None, False),
        ({"TERM": "linux-m"}, None, False),
        ({}, None, True),
    ],
)
def test_when_rows_have_colours(env: dict, wish: bool | None, expected: bool) -> None:
    """An option says so, else `NO_COLOR`, else `FORCE_COLOR`, else the kind of terminal."""
    assert is_coloured(env, wish) is expected
