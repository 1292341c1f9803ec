"""Run the lanes, or record which were green: `python -m tools.lanes run [everything]`, then `record`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from types import FrameType

from tools.lanes import ledger, plan, results, slots
from tools.lanes.environments import find_python, install
from tools.lanes.results import Result
from tools.lanes.table import ROOT, STORE, Table, load

LIMIT, SHORTEST_LIMIT = 3.0, 180.0
"""A lane that takes so many times its budget is ended, and red; but it has so many seconds."""
TAIL = 80
"""So many lines of a red lane's output are printed."""
LOGS = STORE / "outputs"

_processes: set[subprocess.Popen[bytes]] = set()
"""Those of the lanes that run now."""


class Run:
    """One run: its plan, its results, and the output of each lane in a file."""

    def __init__(self, table: Table, *, everything: bool) -> None:
        self.table = table
        lanes = table.lanes
        self.hashes = {name: ledger.fingerprint(table, lane) for name, lane in lanes.items() if lane.skippable}
        self.entries = {} if everything else ledger.read()
        self.plan = plan.make(lanes, self.entries, self.hashes)
        self.results: dict[str, Result] = {}
        self._printing = threading.Lock()
        LOGS.mkdir(parents=True, exist_ok=True)

    def go(self) -> list[Result]:
        """Run all that has to run, and return the rows of the table."""
        missing = {e.name: e.python for e in self.table.environments.values() if find_python(e.python) is None}
        jobs: dict[str, slots.Job] = {}
        for lane in (self.table.lanes[name] for name in self.plan.running):
            if absent := [missing[name] for name in lane.environments if name in missing]:
                text = f"not run: there is no Python {absent[0]} here"
                self.results[lane.name] = Result(lane.name, text, 0, lane.seconds)
                continue
            for name in lane.environments:
                jobs[f"install {name}"] = slots.Job(f"install {name}", quiet=False, after=())
            first = tuple(f"install {name}" for name in lane.environments)
            jobs[lane.name] = slots.Job(lane.name, lane.slot == "quiet", first + lane.after)
        slots.run(jobs, self._work, self._give_up)
        for name in self.plan.unchanged:
            entry = self.entries[name]
            text = f"unchanged since {entry.commit[:10]} ({entry.tests} tests)"
            self.results[name] = Result(name, text, 0, self.table.lanes[name].seconds)
        order = [*(name for name in jobs if name.startswith("install ")), *self.table.lanes]
        return [self.results[name] for name in order]

    def _work(self, job: slots.Job) -> bool:
        kind, _, name = job.name.rpartition(" ")
        if kind:
            budget, command = (
                self.table.environments[name].seconds,
                [sys.executable, "-m", "tools.lanes", "install", name],
            )
        else:
            command = [sys.executable, "-m", "nox", "-s", name]
            budget = self.table.lanes[name].seconds
        self._say(f"--- {job.name} starts")
        began = time.monotonic()
        status, output = execute(command, job.name.replace(" ", "-"), max(LIMIT * budget, SHORTEST_LIMIT))
        outcome = "green" if status == 0 else "red"
        result = Result(job.name, outcome, time.monotonic() - began, budget, results.tests_in(output))
        result.inputs = self.hashes.get(job.name, "")
        self.results[job.name] = result
        shown = results.summaries(output) if status == 0 else [*output.splitlines()[-TAIL:], f"exit status {status}"]
        self._say(f"=== {job.name} is {outcome} after {result.seconds:.0f} s (budget {budget})", *shown)
        return status == 0

    def _give_up(self, job: slots.Job, failed: str) -> None:
        lane = self.table.lanes[job.name]
        self.results[job.name] = Result(job.name, f"not run: {failed} is red", 0, lane.seconds)
        self._say(f"=== {job.name} is not run: {failed} is red")

    def _say(self, *lines: str) -> None:
        with self._printing:
            print(*lines, sep="\n", flush=True)


def execute(command: list[str], name: str, seconds: float) -> tuple[int, str]:
    """Run a command with its output in a file, and end it with its children after so many seconds."""
    file = LOGS / f"{name}.txt"
    with file.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        _processes.add(process)
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            out.write(f"\nIt was ended after {seconds:.0f} seconds.\n".encode())
        finally:
            _processes.remove(process)
    return status, file.read_text(encoding="utf-8", errors="replace")


def stop(number: int, frame: FrameType | None) -> None:
    """End the lanes that run now, and this program with them."""
    del frame
    for process in list(_processes):
        os.killpg(process.pid, signal.SIGKILL)
    os._exit(128 + number)


def run(*, everything: bool) -> int:
    """Run the lanes, print their table, and return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    began = time.monotonic()
    commit = _git("rev-parse", "HEAD") if not _git("status", "--porcelain") else ""
    rows = Run(load(), everything=everything).go()
    results.keep(rows, commit, datetime.now(timezone.utc).isoformat(timespec="seconds"))
    print("", *results.rows(rows), sep="\n")
    for row in rows:
        if row.seconds > results.OVERRUN * row.budget:
            print(f"warning: {row.name} took {row.seconds:.0f} s, its budget is {row.budget} s")
    failed = [row.name for row in rows if row.outcome == "red" or row.outcome.endswith(" is red")]
    tests, seconds = sum(row.tests for row in rows), time.monotonic() - began
    print(f"{tests} tests passed, {seconds / 60:.1f} minutes; red: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def record() -> int:
    """Write the green lanes of the last run that may be skipped into the ledger."""
    rows, commit, date = results.kept()
    if not commit:
        raise SystemExit("The last run was not of a commit, but of changes to one. Commit them, then run it again.")
    entries = ledger.read()
    lanes = load().lanes
    green = [row for row in rows if row.inputs and row.outcome == "green"]
    for row in green:
        entries[row.name] = ledger.Entry(row.inputs, commit, row.tests, date)
    ledger.write({name: entry for name, entry in entries.items() if name in lanes and lanes[name].skippable})
    print(f"recorded: {', '.join(row.name for row in green) or 'nothing'}")
    return 0


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tools.lanes", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="run the lanes that have to run")
    runs.add_argument("everything", nargs="?", choices=["everything"], help="run all lanes, unchanged ones, too")
    commands.add_parser("record", help="write the last run's green lanes into the ledger")
    installs = commands.add_parser("install", help="install an environment")
    installs.add_argument("environment")
    given = parser.parse_args()
    if given.command == "install":
        install(load().environments[given.environment])
        return 0
    return record() if given.command == "record" else run(everything=given.everything is not None)


if __name__ == "__main__":
    sys.exit(main())
