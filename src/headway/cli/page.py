"""The page of `headway watch --web` and `--html`."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.snapshot import State  # not for the other commands
    from headway.web.run import Run

__all__ = ["add_options", "is_wanted", "show"]

LOOPBACK = "127.0.0.1"
DEFAULTS = {"port": 0, "host": LOOPBACK, "until_end": False}
"""The options of --web alone."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to those of `headway watch`."""
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--web", action="store_true", help="serve a page of the runs until Ctrl-C, and print its address")
    ways.add_argument("--html", metavar="PAGE", help="write a page of the runs into a file until they are over")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="the port of --web; default: any free one")
    parser.add_argument(
        "--host",
        default=LOOPBACK,
        metavar="ADDRESS",
        help="the address that --web listens on; default: %(default)s, which other machines do not reach",
    )
    parser.add_argument("--until-end", action="store_true", help="end --web when the runs are over")
    parser.add_argument(
        "--command", action="store_true", help="show the programs' command lines on the page; they may hold secrets"
    )


def is_wanted(options: argparse.Namespace) -> bool:
    """Tell whether a page is asked for.

    Raises:
        HeadwayError: Something is asked for that only a page has.
    """
    given = [name for name, default in DEFAULTS.items() if getattr(options, name) != default]
    if options.html and given:
        raise HeadwayError(f"--{given[0].replace('_', '-')} is for --web, and --html serves nothing.")
    if options.web or options.html:
        return True
    if options.command:
        given.append("command")
    if len(options.file) > 1:
        raise HeadwayError("several files are shown by a page only: add --web, or --html PAGE.")
    if given:
        raise HeadwayError(f"--{given[0].replace('_', '-')} is for a page: add --web.")
    return False


def show(options: argparse.Namespace) -> set[State]:
    """Show a page; return how the outermost bars have ended, a lost one as failed.

    Raises:
        HeadwayError: A library that the page takes is missing, or the address or file cannot be used.
        KeyboardInterrupt: The user has seen enough.
    """
    from headway.web.run import Run  # not for the other commands

    paths = [*dict.fromkeys(options.file)]
    names = [os.path.basename(path) for path in paths]
    runs = [
        Run(path, options.patience, name=path if names.count(name) > 1 else name, with_command=options.command)
        for path, name in zip(paths, names, strict=True)
    ]
    try:
        if options.html:
            from headway.web.file import write_until_over  # the page that is asked for

            write_until_over(runs, options.html)
        else:
            _serve(options, runs)
    except OSError as error:
        place = options.html or f"{options.host}:{options.port}"
        words = (error.strerror or str(error)).partition(" (while")[0]
        raise HeadwayError(f"the page cannot be put at {place}: {words}.") from None
    finally:
        for run in runs:
            run.close()
    return {state for run in runs for state in run.states}


def _serve(options: argparse.Namespace, runs: list[Run]) -> None:
    try:
        from headway.web.server import serve  # it takes libraries that need not be installed
    except ImportError as error:
        raise HeadwayError(f"--web needs more than headway ({error}): pip install 'headway[web]'.") from None

    def tell(address: str, port: int) -> None:
        print(address, flush=True)
        if options.host in (LOOPBACK, "localhost"):
            print(f"From another machine: ssh -L {port}:{LOOPBACK}:{port} {socket.gethostname()}", flush=True)

    def is_over(runs: Sequence[Run]) -> bool:
        return bool(options.until_end) and all(run.over for run in runs)

    serve(runs, options.host, options.port, over=is_over, on_ready=tell)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, not {text}")
    return port
