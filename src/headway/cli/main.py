"""The command line: `headway demo`, `run`, `replay`, `watch`, `backends` and so on; with no command the pipe meter."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import headway
from headway.cli import doctor, installed, new_renderer, pipe
from headway.cli import event_files as event_commands
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.cli.program import Command, Program  # they load the captures

__all__ = ["main"]

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells report it: 128 + SIGINT."""
UNREAD = 141
"""The exit status of a program whose output nobody reads any more, as shells report it: 128 + SIGPIPE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser()
    try:
        if _is_meter(arguments, commands):
            return _meter(arguments)
        options = parser.parse_args(arguments or ["--help"])
        if options.run is not _program:
            done = int(options.run(options))
            sys.stdout.flush()  # or a reader that has gone is met at the exit, where nobody can catch it
            return done
        program = _program(options)
        status = _own_terminal() if options.pty else None
    except KeyboardInterrupt:
        return INTERRUPTED
    except HeadwayError as error:
        print(f"headway: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is flushed at the exit
        return UNREAD
    if status is None:
        program.run()  # what it raises is its own affair
    return status or 0


def _parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """Return the parser of all commands, and their names."""
    parser = argparse.ArgumentParser(
        prog="headway",
        description="Report progress once; whoever runs the code picks how it is shown. "
        "Without a command: copy stdin, or files, to stdout and show how much is through.",
        usage=f"headway COMMAND ...\n       {pipe.USAGE}",
        parents=[pipe.options()],
    )
    parser.add_argument("--version", action="version", version=f"headway {headway.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", prog="headway")

    demo = commands.add_parser("demo", help="train a small network on real data, with progress")
    demo.add_argument("--backend", metavar="NAME", help="how to show it: tqdm, alive, rich, plain, off, ...")
    demo.add_argument("--epochs", type=_positive, default=10, metavar="N", help="default: %(default)s")
    demo.add_argument("--batch-size", type=_positive, default=32, metavar="N", help="default: %(default)s")
    demo.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="wait after each batch")
    demo.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    demo.set_defaults(run=_demo)

    event_commands.register(commands)
    running = commands.add_parser("run", help="run a program with the bars of its libraries shown by headway")
    running.add_argument("--backend", metavar="NAME", help="how to show them")
    running.add_argument("--capture", metavar="NAMES", help="whose bars, tqdm,alive_progress; default: all")
    running.add_argument("--pty", action="store_true", help="keep rows whole whoever writes: C code, child processes")
    running.add_argument("-m", dest="module", action="store_true", help="PROGRAM is the name of a module")
    running.add_argument("program", metavar="PROGRAM", help="a script, or the name of a module; with --pty any command")
    running.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="the program's arguments")
    running.set_defaults(run=_program)

    installed.register(commands)
    new_renderer.register(commands)
    doctor.register(commands)
    return parser, commands.choices


def _is_meter(arguments: Sequence[str], commands: Collection[str]) -> bool:
    """Tell whether the meter is meant: a command is the first word, and wins over a file of that name.

    Raises:
        HeadwayError: The first word is neither.
    """
    if not arguments:
        return sys.stdin is not None and not sys.stdin.isatty()
    first = arguments[0]
    if first in commands or first in ("-h", "--help", "--version"):
        return False
    if first.isidentifier() and not os.path.exists(first):
        raise HeadwayError(f"there is no command and no file named {first!r}. Commands: {', '.join(commands)}.")
    return True


def _meter(arguments: Sequence[str]) -> int:
    options = pipe.parse(arguments)
    _insist(options.backend)
    return pipe.meter(options)


def _insist(backend: str | None) -> None:
    """Have a backend that was named on the command line used, whatever the environment and the program say."""
    if backend is not None:
        headway.use(backend)  # raises what is wrong with it
        os.environ["HEADWAY_BACKEND"] = backend


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, not {text}")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds, not {text}")
    return value


def _demo(options: argparse.Namespace) -> int:
    from headway.cli.demo import Settings, train  # not for the other commands

    _insist(options.backend)
    settings = Settings(options.epochs, options.batch_size, options.delay, options.seed)
    try:
        accuracy = train(settings)
    except ImportError as error:
        print(f"headway: the demo needs NumPy and scikit-learn ({error}): pip install 'headway[demo]'", file=sys.stderr)
        return 1
    print(f"validation accuracy: {accuracy:.4f}")
    return 0


def _program(options: argparse.Namespace) -> Program | Command:
    from headway.cli.program import Command, Program, is_python  # they load the captures

    _insist(options.backend)
    if options.pty and not options.module and not is_python(options.program):
        return Command(options.program, options.arguments, libraries=options.capture)
    return Program(options.program, options.arguments, is_module=options.module, libraries=options.capture)


def _own_terminal() -> int | None:
    """Put the program on a pseudo-terminal; return its exit status, or `None` where it is to be run."""
    from headway.cli.pty import run  # not for programs without one

    flaw = run.flaw()
    if flaw:
        print(f"headway: --pty changes nothing: {flaw}.", file=sys.stderr)
        return None
    return run.own()
