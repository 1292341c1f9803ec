"""The command line: `headway demo`, `headway backends`, `headway doctor`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence

import headway
from headway import choosing, environment
from headway.errors import HeadwayError
from headway.relay.role import describe
from headway.stream import Stream

__all__ = ["main"]

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells report it: 128 + SIGINT."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except HeadwayError as error:
        print(f"headway: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="headway", description="Report progress once; whoever runs the code picks how it is shown."
    )
    parser.add_argument("--version", action="version", version=f"headway {headway.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="train a small network on real data, with progress")
    demo.add_argument("--backend", metavar="NAME", help="how to show it: tqdm, alive, progressbar2, plain, off, ...")
    demo.add_argument("--epochs", type=_positive, default=10, metavar="N", help="default: %(default)s")
    demo.add_argument("--batch-size", type=_positive, default=32, metavar="N", help="default: %(default)s")
    demo.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="wait after each batch")
    demo.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    demo.set_defaults(run=_demo)

    listing = commands.add_parser("backends", help="list what is installed")
    listing.set_defaults(run=_backends)
    doctor = commands.add_parser("doctor", help="tell what would be chosen here, and why")
    doctor.set_defaults(run=_doctor)
    return parser


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
    from headway.demo import Settings, train

    if options.backend is not None:
        headway.use(options.backend)
    settings = Settings(options.epochs, options.batch_size, options.delay, options.seed)
    try:
        accuracy = train(settings)
    except ImportError as error:
        print(f"headway: the demo needs NumPy and scikit-learn ({error}): pip install 'headway[demo]'", file=sys.stderr)
        return 1
    print(f"validation accuracy: {accuracy:.4f}")
    return 0


def _backends(_options: argparse.Namespace) -> int:
    for backend in headway.backends():
        brings = f"{backend.distribution}{f', drawn by {backend.library}' if backend.library else ''}"
        print(f"{backend.name:<14} {brings}")
        if backend.problem:
            print(f"{'':<14} cannot be used: {backend.problem}")
    for name in _missing():
        print(f"{name:<14} not installed: pip install 'headway[{name}]'")
    return 0


def _missing() -> list[str]:
    installed = {backend.name for backend in headway.backends()}
    return [name for name in choosing.PREFERENCE if name not in installed]


def _doctor(_options: argparse.Namespace) -> int:
    print(f"headway {headway.__version__}, {platform.python_implementation()} {platform.python_version()}")
    print("\nHere:")
    for name, stream in (("stderr", sys.stderr), ("stdout", sys.stdout)):
        print(f"  {name}: {_kind(stream)}")
    for variable in (
        "HEADWAY_BACKEND",
        "HEADWAY_INTERACTIVE",
        "HEADWAY_THREADS",
        "HEADWAY_WORKERS",
        "TERM",
        "NO_COLOR",
    ):
        if variable in os.environ:
            print(f"  {variable}={os.environ[variable]}")
    for line in describe():
        print(f"  {line}")
    print("\nInstalled:")
    _backends(_options)
    print("\nA bar made here and now:")
    if sys.stderr is None:
        print("  would not be shown: there is no standard error")
        return 0
    decision = choosing.decide(sys.stderr)
    if not decision.choices:
        print(f"  would not be shown: {decision.reason}")
    for choice in decision.choices:
        used, _ = choosing.make_sink(choice, Stream(sys.stderr))
        instead = "" if used == choice.name else f", as {used} lines, for this is no terminal"
        print(f"  would be shown by {choice.name}{instead}: {decision.reason}")
    print("  Another one: HEADWAY_BACKEND=NAME in the environment, or headway.use(NAME)")
    return 0


def _kind(stream: object) -> str:
    if stream is None:
        return "missing"
    if environment.is_terminal(stream):
        size = Stream(stream).size  # type: ignore[arg-type]
        return f"a terminal of {size.columns} columns and {size.lines} lines"
    return "a notebook" if environment.in_notebook() else "no terminal"
