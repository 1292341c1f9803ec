"""What goes wrong, under headway and its peers: `python benchmarks/faults.py [--only NAME] [--full] [--write FILE]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from faulting.cases import CASES
from faulting.drivers import DRIVERS
from faulting.report import facts, markdown, replace_between_markers, text
from faulting.runner import Plan, run_all

__all__: list[str] = []


def main() -> int:
    """Run the cases, print the table, and tell by the exit code whether headway came through all of them."""
    arguments = _arguments()
    plan = Plan(
        cases=[case for case in CASES.values() if _wanted(case.name, case.group, arguments.only)],
        drivers=[driver for driver in DRIVERS.values() if not arguments.library or driver.name in arguments.library],
        times=arguments.runs,
        full=arguments.full,
        jobs=arguments.jobs,
    )
    if not plan.cases:
        sys.exit(f"No case is called that; there are: {', '.join(CASES)}")
    start = time.monotonic()
    results = run_all(plan)
    known = [*facts(plan), f"Duration: {time.monotonic() - start:.0f} s"]
    print("\n".join(known), end="\n\n")
    print(text(results))
    if arguments.write:
        replace_between_markers(arguments.write, markdown(results, known))
    return 1 if any(result.is_ours and result.failed for result in results) else 0


def _wanted(name: str, group: str, only: list[str] | None) -> bool:
    return not only or name in only or group in only


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run every fault against headway and its peers, and print one table.")
    parser.add_argument("--only", metavar="NAME", action="append", help="one case or one group; may be given again")
    parser.add_argument("--library", metavar="NAME", action="append", choices=DRIVERS, help="; ".join(DRIVERS))
    parser.add_argument("--runs", metavar="N", type=int, default=1, help="run each case N times as often")
    parser.add_argument("--full", action="store_true", help="thousands of forks, hundreds of Ctrl-C: hours")
    parser.add_argument("--jobs", metavar="N", type=int, default=2, help="processes at once, by default 2")
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the table between the markers in a file, too")
    arguments = parser.parse_args()
    if arguments.write and (arguments.only or arguments.library):
        parser.error("--write takes the whole table: not with --only or --library")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
