"""`headway doctor`: what would be chosen here and why; `headway doctor NAME`: one backend, tried in a sandbox."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import headway
from headway.choosing import selection
from headway.cli import checkup, installed, sandbox
from headway.cli.diary import LOAD_WITHIN, Diary
from headway.format import discreet, printable, written
from headway.host import environment, faults, notebook
from headway.host.stream import SafeStream
from headway.processes.relay import describe
from headway.reporting.tally import COUNTING

__all__ = ["inside", "register"]

VARIABLES = (
    "HEADWAY_BACKEND",
    "HEADWAY_CAPTURE",
    "HEADWAY_SILENCE",
    "HEADWAY_INTERACTIVE",
    "HEADWAY_THREADS",
    "HEADWAY_WORKERS",
    "HEADWAY_RELAY",
    "HEADWAY_USE",
    "HEADWAY_PTY",
    "HEADWAY_RUN",
    "HEADWAY_SPEEDUPS",
    "HEADWAY_DEBUG",
)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        help="tell what would be chosen here, and why; or try one backend",
        description="Without NAME: tell what would be chosen here, and why. With it: load that backend, make its sink "
        "and show bars with it, in a process and a terminal of its own. The exit status is 1 if something is wrong.",
    )
    doctor.add_argument("backend", metavar="NAME", nargs="?", help="a backend, with options as in HEADWAY_BACKEND")
    doctor.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.backend is not None:
        return checkup.run(options.backend)
    for line in _report():
        print(written(discreet(line), colours=False))
    return 0


def _report() -> Iterator[str]:
    yield f"headway {headway.__version__}, {platform.python_implementation()} {platform.python_version()}"
    yield "\nA bar made here and now:"
    yield from (f"  {line}" for line in _decision())
    yield "\nHere:"
    yield from (f"  {line}" for line in _surroundings())
    yield "\nInstalled:"
    yield from installed.lines()
    yield "\nTo try one of them: headway doctor NAME"
    yield from _faults()


def _surroundings() -> Iterator[str]:
    for name, stream in (("stderr", sys.stderr), ("stdout", sys.stdout)):
        yield f"{name}: {_kind(stream)}"
    for variable in (*VARIABLES, "TERM", "NO_COLOR"):
        if variable in os.environ:
            yield printable(f"{variable}={os.environ[variable]}")
    yield from describe()
    yield f"bars count {COUNTING}"


def _decision() -> Iterator[str]:
    if sys.stderr is None:
        yield "would not be shown: there is no standard error"
        return
    outcome = sandbox.run(__name__, terminal=False)
    yield from (entry["line"] for entry in outcome.entries if "line" in entry)
    if outcome.flaw:
        yield f"would end the program, or wait for ever: the backend that is asked for {outcome.flaw}"
    yield "Another one: HEADWAY_BACKEND=NAME in the environment, or headway.use(NAME)"


def inside(diary: Diary, _argument: str) -> None:
    """Decide what would show a bar."""
    with diary.step("decide", LOAD_WITHIN):
        decision = selection.decide(sys.stderr)
    if not decision.choices:
        diary.tell(line=f"would not be shown: {decision.reason}")
    for choice in decision.choices:
        instead = "" if choice.fits(sys.stderr) else ", as plain lines, for this is no terminal"
        diary.tell(line=f"would be shown by {choice.name}{instead}: {decision.reason}")
    if decision.source == "detection" and find_spec("pytest") is not None:
        diary.tell(line="would not be shown in a test of pytest, which keeps what is written")


def _faults() -> Iterator[str]:
    found = faults.kept(3)
    if found:
        yield f"\nWhat went wrong while drawing in this project, the latest last (in all projects: {faults.path()}):"
        yield from (f"  {line}" for entry in found for line in entry.split("\n"))


def _kind(stream: object) -> str:
    if stream is None:
        return "missing"
    if environment.is_terminal(stream):
        size = SafeStream(stream).size  # type: ignore[arg-type]
        return f"a terminal of {size.columns} columns and {size.lines} lines"
    return "a notebook" if notebook.in_notebook() else "no terminal"
