"""The pipe meter, `... | headway | ...` and `headway FILE`: copies input to output, and reports what is through."""

from __future__ import annotations

import argparse
import os
import re
import signal
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import FileIO
from typing import Literal

from headway import write
from headway.api import get_bar
from headway.cli.transfer import OutputError, pieces, widen
from headway.reporting.bar import Bar

__all__ = ["USAGE", "meter", "options", "parse", "size"]

USAGE = "... | headway [options] | ...\n       headway [options] FILE ... | ..."
STDIN, STDOUT = 0, 1
UNITS = (
    ("-b", "--bytes", "B", "count bytes; the default"),
    ("-l", "--lines", "line", "count lines"),
    ("-0", "--null", "item", "count what a null byte ends, as find -print0 writes it"),
)
SEPARATORS = {"B": None, "line": b"\n", "item": b"\0"}
"""What ends a unit."""
PREFIXES = "KMGTPE"


def options() -> argparse.ArgumentParser:
    """Return a parser of the meter's options, for use as a parent."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("options of the pipe meter")
    for letter, word, unit, what in UNITS:
        group.add_argument(letter, word, dest="unit", action="store_const", const=unit, default="B", help=what)
    group.add_argument(
        "-s", "--size", "--total", metavar="N", help="how much will come: 5000, 10G, 1.5GB; known of a file"
    )
    group.add_argument("-N", "--name", "--desc", dest="desc", metavar="TEXT", help="what it is, in front of the bar")
    group.add_argument("--backend", metavar="NAME", help="how to show it: tqdm, alive, rich, plain, off, ...")
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the meter's command line; a mistake in it is told, and ends the program with status 2."""
    parser = argparse.ArgumentParser(prog="headway", parents=[options()], usage=USAGE)
    parser.add_argument("files", metavar="FILE", nargs="*", help="what to copy to stdout; - is stdin, the default")
    asked = parser.parse_args(arguments)
    asked.files = asked.files or ["-"]
    try:
        asked.size = None if asked.size is None else size(asked.size, binary=asked.unit == "B")
    except ValueError as error:
        parser.error(f"argument -s/--size: {error}")
    return asked


def size(text: str, *, binary: bool = True) -> int:
    """Read a size as GNU's tools do: 1K, 1Ki and 1KiB are 1024, 1KB is 1000.

    Args:
        text: The size.
        binary: Whether it is of bytes; of anything else 1K is 1000.

    Raises:
        ValueError: It is none.
    """
    read = re.fullmatch(rf"(\d+(?:\.\d*)?|\.\d+)(?:([{PREFIXES}])(iB?|B)?|B)?", text.strip().replace("k", "K"))
    if read is None:
        raise ValueError(f"a size is a number such as 5000, 10G (times 1024³) or 1.5GB (times 1000³), not {text!r}")
    number, prefix, kind = read.groups()
    step: int = 1024 if binary and kind != "B" else 1000
    return round(float(number) * float(step) ** (PREFIXES.index(prefix) + 1 if prefix else 0))


@dataclass
class _Passage:
    """What passes through: the bar, and what has gone wrong."""

    bar: Bar
    unit: str
    size: int | None = None
    """The bytes of the input, where a total is to be estimated from them."""
    passed: int = 0
    """The bytes that are through."""
    problems: list[str] = field(default_factory=list)

    def took(self, size: int, units: int) -> None:
        """Report a piece."""
        self.bar.update(units)
        if self.size is not None:
            self.passed += size
            self.bar.total = max(self.bar.n, round(self.bar.n * self.size / self.passed)) or None

    def problem(self, words: str) -> None:
        """Say at once what goes wrong, and remember it for the end."""
        self.problems.append(words)
        write(f"headway: {words}")


def meter(asked: argparse.Namespace) -> int:
    """Copy files, or stdin, to stdout under a bar, and return the exit status: 1 where anything went wrong.

    A reader that has gone ends the process by `SIGPIPE`, and Ctrl-C by `SIGINT`, as they end `cat`.

    Args:
        asked: What `parse` returned.
    """
    passage = _begin(asked)
    try:
        with passage.bar as bar:
            _pass_all(asked.files, passage)
            if passage.problems:
                bar.fail(passage.problems[-1])
    except BrokenPipeError:
        return _end_by("SIGPIPE")
    except KeyboardInterrupt:
        return _end_by("SIGINT")
    return 1 if passage.problems else 0


def _begin(asked: argparse.Namespace) -> _Passage:
    there = _size_of_all(asked.files)
    in_bytes = asked.unit == "B"
    estimated = asked.size is None and there is not None and not in_bytes
    scale: Literal["si", "iec"] = "iec" if in_bytes else "si"
    bar = get_bar(
        there if asked.size is None and in_bytes else asked.size,
        desc=_name(asked.files) if asked.desc is None else asked.desc,
        unit=asked.unit,
        unit_scale=scale,
        estimated=estimated,
        name="pipe",
    )
    return _Passage(bar, asked.unit, there if estimated else None)


def _name(files: Sequence[str]) -> str:
    if len(files) > 1:
        return f"{len(files)} files"
    return "" if files[0] == "-" else os.path.basename(files[0])


# ── how much there is ────────────────────────────────────────────────────────────────────────────────────────────────


def _size_of_all(files: Sequence[str]) -> int | None:
    total = 0
    for file in files:
        there = _size_of(STDIN if file == "-" else file)
        if there is None:
            return None
        total += there
    return total


def _size_of(file: int | str) -> int | None:
    """Bytes that are left to read of a file or a disk; what claims to have none, as under /proc, is not believed."""
    try:
        about = os.stat(file)
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISBLK(about.st_mode):
            return None
        with open(file, "rb", buffering=0, closefd=not isinstance(file, int)) as opened:
            begun = opened.tell()
            end = opened.seek(0, os.SEEK_END)
            opened.seek(begun)
        return max(0, end - begun) or None
    except OSError:
        return None  # it is told when the file is copied


# ── copying ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pass_all(files: Sequence[str], passage: _Passage) -> None:
    for pipe in (STDIN, STDOUT):
        widen(pipe)
    try:
        with _target() as target:
            for file in files:
                _pass(file, target, passage)
    except OutputError as error:
        passage.problem(f"cannot write: {error}")
    except BrokenPipeError:
        passage.bar.stop("the reader has gone")
        raise


def _target() -> FileIO:
    try:
        return open(STDOUT, "wb", buffering=0, closefd=False)
    except OSError as error:  # it was closed when we were started
        raise OutputError(error.strerror) from error


def _pass(file: str, target: FileIO, passage: _Passage) -> None:
    name = "stdin" if file == "-" else file
    try:
        with open(STDIN if file == "-" else file, "rb", buffering=0, closefd=file != "-") as source:
            if _is_one_file(source.fileno(), target.fileno()):
                passage.problem(f"{name} is the output, too")
                return
            for piece in pieces(source, target, SEPARATORS[passage.unit]):
                passage.took(*piece)
    except BrokenPipeError:
        raise
    except OSError as error:
        passage.problem(f"{name}: {error.strerror}")


def _is_one_file(source: int, target: int) -> bool:
    """Tell whether a file that is being read is the one that is being written, which would never end."""
    here, there = os.fstat(source), os.fstat(target)
    return stat.S_ISREG(there.st_mode) and os.path.samestat(here, there)


def _end_by(name: str) -> int:
    """End the process by a signal, as whoever started it expects; return its exit status where that cannot be."""
    number = getattr(signal, name, None)
    if number is None or sys.platform == "win32":
        return 1
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + int(number)
