"""The section on code that torch compiles and that reports progress from within."""

from __future__ import annotations

from importlib.util import find_spec
from statistics import median

from contenders import CONTENDERS
from measure import Answer, stage
from provenance import version
from rounds import Plan, interleaved, value_of
from table import Row, Table, Value, number, verdict

__all__ = ["compiled"]

STEPS = 20
TIMES_TQDM = 1.1
NAMES = ("headway [rows]", "headway [tqdm]", "tqdm")


def compiled(plan: Plan) -> Table:
    """Time that steps of compiled code take that report, and how often it is compiled anew."""
    table = Table(
        f"{STEPS} steps of code that torch compiles, `bar.update(1)` in it",
        f"torch {version('torch')}. The first step compiles; the compiler makes graphs only, no kernels, so that "
        f"little hides what a bar costs. Times tqdm: medians of {plan.pairs} processes, each over tqdm's of the same "
        f"round. Recompilations: graphs that are made after the first step, 0 where the bar does not concern the "
        f"compiler; the most of a round.",
        ["ms", "times tqdm", "graphs of the first step", "recompilations"],
    )
    if find_spec("torch") is None:
        table.rows = [Row(name, ["torch is not installed"]) for name in NAMES]
        return table
    contenders = [CONTENDERS[name] for name in NAMES]
    answers = interleaved(contenders, plan.pairs, lambda c: stage("compiled", c, {"steps": STEPS}))
    for name in NAMES:
        table.rows.append(_row(name, answers[name], answers["tqdm"]))
    return table


def _row(name: str, mine: list[Answer], theirs: list[Answer]) -> Row:
    spent, again = value_of(mine, "ms"), value_of(mine, "again", max)
    reference = value_of(theirs, "ms")
    ratio: Value = next((value for value in (spent, reference) if isinstance(value, str)), 0.0)
    if not isinstance(ratio, str):
        ratio = median(my["ms"] / their["ms"] for my, their in zip(mine, theirs, strict=True))
    row = Row(name, [number(spent), number(ratio, 2), number(value_of(mine, "first"), 0), number(again, 0)])
    if name.startswith("headway"):
        row.budget = f"{verdict(ratio, TIMES_TQDM, 'x', digits=2)}; recompilations {verdict(again, 0, digits=0)}"
    return row
