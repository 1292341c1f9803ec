"""Runs the cases, a few at a time; no case can hold up the others for longer than its own limit."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec

from faulting.case import Case
from faulting.drivers import Driver
from faulting.judges import judge
from faulting.session import Session
from faulting.verdict import Verdict

__all__ = ["Plan", "Result", "run_all"]

ENOUGH = 3
"""Runs that hung after which a case has shown it."""
PATIENCE = 20
"""How many times its seconds a case may take that does its work more often with `--full`."""


@dataclass(frozen=True)
class Plan:
    """What to run, and how often."""

    cases: Sequence[Case]
    drivers: Sequence[Driver]
    times: int = 1
    full: bool = False
    jobs: int = 2

    def pairs(self) -> list[tuple[Case, Driver]]:
        """Return what can be run here: all but what is not installed."""
        here = [driver for driver in self.drivers if find_spec(driver.module.partition(".")[0])]
        return [(case, driver) for case in self.cases for driver in here]


@dataclass(frozen=True)
class Result:
    """What a case came to under one library."""

    case: Case
    driver: Driver
    verdicts: Sequence[Verdict | None]
    """One for each run; `None` where it cannot be asked."""

    @property
    def is_ours(self) -> bool:
        """Whether it is about headway."""
        return self.driver.distribution == "headway"

    @property
    def failed(self) -> bool:
        """Whether any run was not right."""
        return any(verdict is not None and verdict.kind != "ok" for verdict in self.verdicts)

    @property
    def cell(self) -> str:
        """The result in a few words."""
        verdicts = [verdict for verdict in self.verdicts if verdict is not None]
        if not verdicts:
            return "n/a"
        bad = [verdict for verdict in verdicts if verdict.kind != "ok"]
        if not bad:
            return str(verdicts[-1]) if len(verdicts) == 1 else f"{verdicts[-1]} {len(verdicts)}/{len(verdicts)}"
        often = f" ({len(bad)} of {len(verdicts)} runs)" if len(verdicts) > 1 else ""
        return f"{bad[0]}{often}"


def run_all(plan: Plan) -> list[Result]:
    """Run all of it."""
    pairs = plan.pairs()
    with ThreadPoolExecutor(plan.jobs) as pool:
        return list(_told(pool.map(lambda pair: _run(*pair, plan), pairs), len(pairs)))


def _told(results: Iterable[Result], number: int) -> Iterable[Result]:
    for i, result in enumerate(results):
        line = f"{i + 1}/{number} {result.case.name}: {result.driver.name}: {result.cell}"
        print(line, file=sys.stderr, flush=True)
        yield result


def _run(case: Case, driver: Driver, plan: Plan) -> Result:
    if not case.applies_to(driver):
        return Result(case, driver, [None])
    runs = (case.full_runs if plan.full else case.runs) * plan.times
    size = case.full_size if plan.full and case.full_size else case.size
    verdicts: list[Verdict | None] = []
    for turn in range(runs):
        verdicts.append(_once(case, driver, turn, size, patient=plan.full))
        hung = sum(verdict is not None and verdict.kind == "hung" for verdict in verdicts)
        if hung >= ENOUGH:
            break
    return Result(case, driver, verdicts)


def _once(case: Case, driver: Driver, turn: int, size: int, *, patient: bool) -> Verdict | None:
    try:
        patience = PATIENCE if patient and case.full_size else 1
        session = Session(case.name, case, driver, case.reactions, turn=turn, size=size, patience=patience)
        return judge(case, session.run())
    except Exception as error:  # a judge that fails is not to be mistaken for a library that does
        return Verdict("wrong", f"(the judge failed: {type(error).__name__}: {error})")
