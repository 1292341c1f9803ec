"""How the lanes of a run went: kept for `record`, and printed as a table."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from tools.lanes.table import STORE

__all__ = ["OVERRUN", "Result", "keep", "kept", "rows", "summaries", "tests_in"]

OVERRUN = 1.25
"""A lane that takes so many times its budget is warned of."""

RESULTS = STORE / "results.json"
SUMMARY = re.compile(r"^(?:=+ )?((?:\d+ \w+, )*\d+ \w+ in [\d.]+s(?: \([\d:, days]+\))?)(?: =+)?$", re.MULTILINE)


@dataclass
class Result:
    """What became of a lane or an environment."""

    name: str
    outcome: str
    """`green`, `red`, or why it did not run."""
    seconds: float = 0.0
    budget: int = 0
    tests: int = 0
    inputs: str = ""
    """The hash of all that the lane depends on, if it may be skipped."""


def summaries(output: str) -> list[str]:
    """Return the closing lines of pytest in an output."""
    return SUMMARY.findall(output)


def tests_in(output: str) -> int:
    """Return how many tests passed in an output."""
    return sum(int(n) for line in summaries(output) for n in re.findall(r"(\d+) passed", line))


def rows(results: list[Result]) -> list[str]:
    """Return the table, a row for each lane."""
    width = max(len(result.name) for result in results)
    lines = [f"{'lane':{width}}  {'seconds':>7}  {'budget':>6}  {'tests':>5}  outcome"]
    for result in results:
        ran = result.outcome in ("green", "red")
        seconds, tests = (f"{result.seconds:.0f}" if ran else ""), (str(result.tests) if result.tests else "")
        overrun = ran and result.seconds > OVERRUN * result.budget
        outcome = result.outcome + (f", {result.seconds / result.budget:.1f} x its budget" if overrun else "")
        lines.append(f"{result.name:{width}}  {seconds:>7}  {result.budget:>6}  {tests:>5}  {outcome}")
    return lines


def keep(results: list[Result], commit: str, date: str) -> None:
    """Keep the results of a run; `commit` is empty if the working tree was not that of a commit."""
    text = json.dumps({"commit": commit, "date": date, "results": [asdict(result) for result in results]}, indent=4)
    RESULTS.write_text(text, encoding="utf-8")


def kept() -> tuple[list[Result], str, str]:
    """Return the results of the last run, its commit and its date."""
    if not RESULTS.exists():
        raise SystemExit("No run has been kept; run `.ci/run` first.")
    raw = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [Result(**result) for result in raw["results"]], raw["commit"], raw["date"]
