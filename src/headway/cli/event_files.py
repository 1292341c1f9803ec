"""The commands about event files: `headway replay`, `headway watch`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from headway.choosing import selection
from headway.choosing.wishes import parse
from headway.cli import page
from headway.host.faults import warn_once

if TYPE_CHECKING:
    from headway.events.reader import Reader  # not for the other commands
    from headway.snapshot import State

__all__ = ["register"]

FAILED, UNREADABLE, INTERRUPTED = 1, 2, 130
PATIENCE = 300.0
SLOWEST = 0.001
"""Times as fast as the run, at least."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the command line."""
    replay = commands.add_parser("replay", help="show a recorded run again")
    replay.add_argument("file", metavar="FILE", help="its event file; rotated ones beside it belong to it")
    replay.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="times as fast, or max; default: 1")
    _add_backend(replay)
    replay.set_defaults(run=_replay)

    watch = commands.add_parser(
        "watch",
        help="show a run that is going on elsewhere",
        description="Show a run from its event file until it is over. The exit status is 0 where it finished or was "
        f"stopped, {FAILED} where it failed or its process is gone, {INTERRUPTED} where it was interrupted.",
    )
    watch.add_argument("file", metavar="FILE", nargs="+", help="its event file, which need not be there yet")
    watch.add_argument("--wait", action="store_true", help="wait for a new run where the one in the file is over")
    watch.add_argument(
        "--patience",
        type=_positive,
        default=PATIENCE,
        metavar="SECONDS",
        help="give up after so long without an event, where the run is on another machine; default: %(default)g",
    )
    _add_backend(watch)
    page.add_options(watch)
    watch.set_defaults(run=_watch)


def _add_backend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backend", type=_backend, metavar="NAME", help="how to show it, whatever HEADWAY_BACKEND says"
    )


def _backend(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, not {text}")
    return value


def _speed(text: str) -> float:
    speed = float("inf") if text in ("max", "0") else _positive(text)
    if speed < SLOWEST:
        raise argparse.ArgumentTypeError(f"expected max or a number of at least {SLOWEST:g}, not {text}")
    return speed


def _replay(options: argparse.Namespace) -> int:
    from headway.replay.playback import replay  # not for the other commands

    def run(reader: Reader) -> int:
        if replay(options.file, options.speed, reader):
            return 0
        print(f"headway: there are no events in {options.file}", file=sys.stderr)
        return UNREADABLE

    return _with_reader(options, run)


def _watch(options: argparse.Namespace) -> int:
    if page.is_wanted(options):
        return _status(page.show(options))
    from headway.replay.watch import watch  # not for the other commands

    (options.file,) = options.file

    def run(reader: Reader) -> int:
        def tell_newer() -> None:
            if reader.newer:
                warn_once(_newer(options.file))

        if not os.path.exists(options.file):
            print(f"headway: waiting for {options.file}", file=sys.stderr, flush=True)
        try:
            states = watch(options.file, reader, patience=options.patience, wait=options.wait, on_look=tell_newer)
        except KeyboardInterrupt:
            print(f"headway: {options.file} is no longer watched; the run goes on", file=sys.stderr)
            raise
        return _status(states)

    return _with_reader(options, run)


def _with_reader(options: argparse.Namespace, run: Callable[[Reader], int]) -> int:
    """Run a command with the backend that was asked for, and tell what of the file could not be read."""
    from headway.events.reader import Reader  # not for the other commands

    if options.backend is not None:
        selection.check(parse(options.backend))
        os.environ["HEADWAY_BACKEND"] = options.backend
    reader = Reader()
    try:
        status = run(reader)
    except OSError as error:
        print(f"headway: cannot read {options.file}: {error.strerror or error}", file=sys.stderr)
        return UNREADABLE
    if reader.skipped:
        print(f"headway: {reader.skipped} lines of {options.file} are no whole events; skipped", file=sys.stderr)
    if reader.newer:
        print(f"headway: {_newer(options.file)}", file=sys.stderr)
    return status


def _newer(path: str) -> str:
    return f"{path} has events of a newer version. To see all of it: pip install --upgrade headway"


def _status(states: set[State]) -> int:
    if "failed" in states:
        return FAILED
    return INTERRUPTED if "interrupted" in states else 0
