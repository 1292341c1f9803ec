"""The sections on what grows with how many there are: bars that are open at once, and metrics of one bar."""

from __future__ import annotations

from statistics import median

from contenders import CONTENDERS
from measure import stage
from rounds import Plan, Rounds, interleaved, value_of
from table import Row, Table, Value, number, times, verdict

__all__ = ["at_once", "metrics"]

FEW_BARS = 1000
TIMES_FEW_BARS = 2.5
FEW_METRICS, MANY_METRICS = 40, 4000
TIMES_FEW_METRICS = 2.0
FRAMES = 100
"""Frames of a bar with metrics, in one process."""
PARTS = {"frame": "frame", "drawing": "layout and drawing"}
JUDGED = ("headway [rows]", "headway [tqdm]")


def at_once(plan: Plan) -> Table:
    """Time that opening and closing many bars at once takes, over that of half as many."""
    table = Table(
        f"opening and closing {number(2 * FEW_BARS)} bars at once, over {number(FEW_BARS)}",
        f"All are opened, then all are closed in the same order: twice as many bars should take twice as long. In "
        f"between no frame is drawn, or one is, so that all are known to the display. One process for both numbers; "
        f"medians of {plan.rounds} processes.",
        ["ratio", f"s for {number(2 * FEW_BARS)}", "ratio after a frame", f"s for {number(2 * FEW_BARS)}, with it"],
    )
    contenders = [CONTENDERS[name] for name in (*JUDGED, "tqdm")]
    rows = {contender.name: Row(contender.name, []) for contender in contenders}
    for drawn, words in ((False, "no frame"), (True, "a frame")):
        arguments = {"count": FEW_BARS, "drawn": drawn}
        answers = interleaved(contenders, plan.rounds, lambda c, a=arguments: stage("at_once", c, a))  # type: ignore[misc]
        for name, rounds in answers.items():
            seconds = value_of(rounds, "many")
            ratio: Value = (
                seconds if isinstance(seconds, str) else median(each["many"] / each["few"] for each in rounds)
            )
            rows[name].cells += [number(ratio, 2), number(seconds, 3)]
            if name in JUDGED:
                said = f"{words} {verdict(ratio, TIMES_FEW_BARS, 'x', digits=2)}"
                rows[name].budget = "; ".join(filter(None, (rows[name].budget, said)))
    table.rows = list(rows.values())
    return table


def metrics(plan: Plan) -> Table:
    """Time that a frame takes of a bar with thousands of metrics, over one with dozens."""
    contenders = [CONTENDERS[name] for name in JUDGED]
    answers: dict[int, Rounds] = {}
    for count in (FEW_METRICS, MANY_METRICS):
        arguments = {"count": count, "frames": FRAMES}
        answers[count] = interleaved(contenders, plan.rounds, lambda c, a=arguments: stage("metrics", c, a))  # type: ignore[misc]
    table = Table(
        f"a frame of a bar with {number(MANY_METRICS)} metrics, over one with {FEW_METRICS}",
        f"`bar.refresh()` after the count and the first metric have changed, on a terminal that has room for a few of "
        f"them: the whole frame, and without what `bar.snapshot()` takes, which is laying the row out and drawing it. "
        f"Time of the processor in all threads; medians of {FRAMES} frames and of {plan.rounds} processes.",
        [
            f"{what}, {part}"
            for part in PARTS.values()
            for what in (f"µs with {FEW_METRICS}", f"µs with {number(MANY_METRICS)}", "ratio")
        ],
    )
    for contender in contenders:
        row, said = Row(contender.name, []), []
        for key, part in PARTS.items():
            few, many = (value_of(answers[count][contender.name], key) for count in (FEW_METRICS, MANY_METRICS))
            row.cells += [number(few, 0), number(many, 0), number(times(many, few), 2)]
            said.append(f"{part} {verdict(times(many, few), TIMES_FEW_METRICS, 'x', digits=2)}")
        row.budget = "; ".join(said)
        table.rows.append(row)
    return table
