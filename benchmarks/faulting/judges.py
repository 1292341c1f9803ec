"""The judges that several cases share. The rule is the same for all libraries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from faulting.verdict import Verdict, hung, lost, ok, wrong

if TYPE_CHECKING:
    from faulting.case import Case, Judge
    from faulting.outcome import Outcome

__all__ = ["clean", "judge", "lines_above", "said", "shows", "survives", "truth"]

_PREFIX = re.compile(r"on \d+: ")
"""What alive-progress puts in front of a printed line by default, as documented."""


def judge(case: Case, outcome: Outcome) -> Verdict | None:
    """Judge a run: first whether it came to its end as it would have without a bar, then by the case's own judge.

    `None` stands for a case that cannot be asked of that library.
    """
    if outcome.fact("not_applicable") is not None:
        return None
    trouble = _came_to_its_end(outcome)
    return trouble or case.judge(outcome)


def _came_to_its_end(outcome: Outcome) -> Verdict | None:
    if outcome.status is None:
        return hung(f"@{outcome.fact('stage', 'start')}")
    raised = outcome.fact("raised")
    if raised is not None:
        done, where = outcome.fact("done"), outcome.fact("at")
        return Verdict("raised", f"{raised}@{where}{f', loop dead at {done}' if done and where == 'update' else ''}")
    if outcome.status != outcome.setting.status:
        return wrong(f"exit status {outcome.status} instead of {outcome.setting.status}")
    return _left_it_whole(outcome)


def _left_it_whole(outcome: Outcome) -> Verdict | None:
    if outcome.setting.place == "terminal" and outcome.cursor_hidden:
        return wrong("cursor left hidden")
    if not outcome.modes_kept:
        return wrong("terminal modes changed")
    for words in ("Exception ignored", "Traceback", "Exception in thread"):
        if words in outcome.text and not outcome.setting.traceback:
            return wrong(f"'{words}' on the screen")
    return None


def survives(_outcome: Outcome) -> Verdict:
    """Ask for nothing but an end as without a bar."""
    return ok()


def shows(row: str, n: float, total: float) -> bool:
    """Tell whether a row has a count, as a count of a total or as a percentage."""
    percent = round(n / total * 100)
    return bool(re.search(rf"(?<!\d){n}/{total}(?!\d)|(?<!\d){n} of {total}(?!\d)|(?<![\d.]){percent}%", row))


def truth(n: int, total: int = 100, *, bars: int = 1, desc: str = "work") -> Judge:
    """Ask for a last row that shows this count, and for no rests of others."""

    def judge(outcome: Outcome) -> Verdict:
        final = outcome.final(desc)
        if not final:
            return lost("no last frame")
        if not shows(final, n, total):
            claims = re.search(r"\d+%", final)
            return wrong(f"shows {claims[0] if claims else repr(final[:30])}, {n}/{total} is true")
        return clean(outcome, bars=bars, desc=desc)

    return judge


def clean(outcome: Outcome, *, bars: int = 1, desc: str = "work", slack: int = 0) -> Verdict:
    """Ask that no rests of bars are left on the screen."""
    if outcome.driver.rows and outcome.setting.place == "terminal":
        rests = len(outcome.bar_rows(desc)) - bars
        if rests > slack:
            return wrong(f"{rests} stale rows")
    return ok()


def said(text: str, outcome: Outcome) -> bool:
    """Tell whether a line stands whole in a row of its own."""
    return any(_without_prefix(row) == text for row in outcome.rows)


def lines_above(lines: list[str], *, bars: int = 1) -> Judge:
    """Ask for printed lines whole, once and in order, with no rests of bars between them, and for the true last row."""

    def judge(outcome: Outcome) -> Verdict:
        rows = [_without_prefix(row) for row in outcome.rows]
        garbled = sum(rows.count(line) != 1 for line in lines)
        stale = max(0, len(outcome.bar_rows()) - bars) if outcome.driver.rows else 0
        if outcome.driver.rows:  # a bar row that ends with a printed line is counted with the garbled ones
            stale = max(0, stale - sum(1 for row in rows if row in lines and row in outcome.bar_rows()))
        if garbled or stale:
            return wrong(f"{garbled} of {len(lines)} lines garbled, {stale} stale rows")
        if [row for row in rows if row in lines] != lines:
            return wrong("lines out of order")
        return truth(100, bars=bars)(outcome) if outcome.final() else lost("no last frame")

    return judge


def _without_prefix(row: str) -> str:
    return _PREFIX.sub("", row, count=1) if _PREFIX.match(row) else row
