"""The section on code that torch compiles and that reports progress from within."""

from __future__ import annotations

from importlib.util import find_spec

from contenders import CONTENDERS
from measure import stage
from provenance import version
from rounds import Plan, Rounds, interleaved, value_of
from table import Row, Table, number, times, verdict

__all__ = ["compiled"]

STEPS = 20
TIMES_TQDM = 1.1
NAMES = ("headway [rows]", "headway [tqdm]", "tqdm")


def compiled(plan: Plan) -> Table:
    """Time that steps of compiled code take that report, and how often it is compiled anew."""
    table = Table(
        f"{STEPS} steps of code that torch compiles, `bar.update(1)` in it",
        f"torch {version('torch')}. The first step compiles; the compiler makes graphs only, no kernels, so that "
        f"little hides what a bar costs. The fastest of {plan.pairs} processes, interleaved. Recompilations: graphs "
        f"that are made after the first step, 0 where the bar does not concern the compiler; the most of a process.",
        ["ms", "times tqdm", "graphs of the first step", "recompilations"],
    )
    if find_spec("torch") is None:
        table.rows = [Row(name, ["torch is not installed"]) for name in NAMES]
        return table
    contenders = [CONTENDERS[name] for name in NAMES]
    answers = interleaved(contenders, plan.pairs, lambda c: stage("compiled", c, {"steps": STEPS}))
    table.rows = [_row(name, answers) for name in NAMES]
    return table


def _row(name: str, answers: Rounds) -> Row:
    spent, again = value_of(answers[name], "ms", min), value_of(answers[name], "again", max)
    ratio = times(spent, value_of(answers["tqdm"], "ms", min))
    row = Row(name, [number(spent), number(ratio, 2), number(value_of(answers[name], "first"), 0), number(again, 0)])
    if name.startswith("headway"):
        row.budget = f"{verdict(ratio, TIMES_TQDM, 'x', digits=2)}; recompilations {verdict(again, 0, digits=0)}"
    return row
