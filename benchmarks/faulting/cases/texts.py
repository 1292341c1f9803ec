"""Texts that are not what they should be, and terminals that are too small."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import shows, truth
from faulting.verdict import ok, wrong

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "texts"
GROUPS[GROUP] = "Texts, and terminals that are too small"
EVIL = "work\x1b]0;owned\x07\x1b[2J\x1b[31m\x1b[5Awork"


def _one_row(outcome: Outcome) -> Verdict:
    rows = len(outcome.rows)
    if outcome.driver.rows and rows > 1:
        return wrong(f"{rows} rows")
    if len(outcome.raw) > 60_000:
        return wrong(f"{len(outcome.raw) / 1000:.0f} kB written")
    return ok() if rows and shows(outcome.rows[-1], 100, 100) else wrong("the count is not seen")


def _desc(name: str, words: str, desc: str, judge: Any = _one_row, **about: Any) -> None:
    def program(d: Driver) -> None:
        d.run(desc=desc)

    program.__name__ = f"desc_{name}"
    program.__doc__ = f"The description {words}."
    case(judge, group=GROUP, **about)(program)


def _is_tame(outcome: Outcome) -> Verdict:
    reached = [
        words
        for sequence, words in (
            (b"\x1b]0;", "title"),
            (b"\x1b[2J", "clear screen"),
            (b"\x1b[31m\x1b[5A", "cursor up"),
        )
        if sequence in outcome.raw
    ]
    return wrong(f"reach the terminal: {', '.join(reached)}") if reached else ok()


def _tame_and_one_row(outcome: Outcome) -> Verdict:
    if "\u202e" in outcome.text:
        return wrong("U+202E reaches the terminal")
    return _one_row(outcome)


_desc("newline", "has line ends", "two\nlines\r\nof it")
_desc("escape_injection", "has sequences that set the title, clear the screen and move the cursor", EVIL, _is_tame)
_desc("braces", "has braces and brackets, as a template would", "a {0} {x!r} [/b] %s %(y)d")
_desc("wide_cjk", "is 20 wide characters", "訓練" * 10)
_desc("emoji", "is 20 emoji", "🚀📦" * 10)
_desc("emoji_joined", "is 4 emoji of several code points each", "👩‍👩‍👧‍👦🏳️‍🌈" * 2)
_desc("combining", "has 40 combining marks", "e" + "\u0301" * 40)
_desc("bidi", "turns the direction of writing", "safe\u202egnp.exe", _tame_and_one_row)
_desc("10k", "has 10 000 characters", "d" * 10_000)
_desc("10mb", "has 10 million characters", "d" * 10_000_000, seconds=30.0)


def _message_tame(outcome: Outcome) -> Verdict:
    verdict = _is_tame(outcome)
    return verdict if verdict.kind != "ok" else truth(100)(outcome)


@case(_message_tame, group=GROUP)
def message_escape_injection(d: Driver) -> None:
    """A text beside the bar has such sequences."""
    d.run(step=lambda bar, i: d.message(bar, EVIL) if i == 20 else None)


@case(truth(100), group=GROUP)
def message_newline(d: Driver) -> None:
    """A text beside the bar has line ends."""
    d.run(step=lambda bar, i: d.message(bar, "two\nlines\r\nof it") if i == 20 else None)


def _narrow(outcome: Outcome) -> Verdict:
    rows = len(outcome.rows)
    if outcome.driver.rows and rows > 1:
        return wrong(f"{rows} rows")
    return ok()


@case(_narrow, group=GROUP, columns=20)
def narrow_20(d: Driver) -> None:
    """The terminal has 20 columns."""
    d.run()


def _both(outcome: Outcome) -> Verdict:
    if not shows(outcome.final("outer"), 10, 10):
        return wrong("no true last row of the outer bar")
    rests = len([row for row in outcome.rows if "outer" in row]) - 1
    rests += max(0, len([row for row in outcome.rows if "inner" in row and "outer" not in row]) - 10)
    return wrong(f"{rests} stale rows") if rests and outcome.driver.rows else ok()


@case(_both, group=GROUP)
def nested_2(d: Driver) -> None:
    """A bar in a bar."""
    d.at("open")
    with d.nested(10, ["outer", "inner"]) as (outer, inner):
        for _ in range(10):
            d.at("update")
            d.update(outer)
            d.update(inner)
            time.sleep(0.05)
        d.at("close")


def _fits(outcome: Outcome) -> Verdict:
    rows = [row for row in outcome.rows if row.strip()]
    if not outcome.driver.rows:
        return ok()
    first = [row for row in rows if row.startswith("bar00")]
    if len(first) > 1:
        return wrong(f"the first bar stands in {len(first)} rows")
    extra = len(rows) - 30
    return wrong(f"{extra} stale rows") if extra > 2 else ok()


@case(_fits, group=GROUP, lines=10, seconds=30.0)
def more_bars_than_rows(d: Driver) -> None:
    """30 bars at once, in a terminal of 10 lines."""
    d.at("open")
    with d.nested(20, [f"bar{i:02}" for i in range(30)]) as bars:
        for _ in range(20):
            d.at("update")
            for bar in bars:
                d.update(bar)
            time.sleep(0.02)
        d.at("close")
