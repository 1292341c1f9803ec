"""`headway new-renderer NAME`: a distribution of one renderer, with tests that pass, to start from."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from headway.choosing.discovery import names
from headway.cli.templates import COMMON, KINDS, MARKED
from headway.errors import HeadwayError
from headway.sink import PROTOCOL

__all__ = ["register", "write"]

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser("new-renderer", help="write a distribution of one renderer, to start from")
    command.add_argument("name", metavar="NAME", help="the name of the backend: small letters, digits, hyphens")
    command.add_argument("--kind", choices=tuple(KINDS), default="rows", help="where it draws; default: %(default)s")
    command.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where it goes; default: here")
    command.set_defaults(run=_run)


def write(name: str, kind: str, folder: Path) -> Path:
    """Write a distribution of one renderer, and return its folder.

    Args:
        name: The backend's name.
        kind: The kind of place that it draws on, of `KINDS`.
        folder: The folder in which that of the distribution is made.

    Raises:
        HeadwayError: The name cannot be one, or is taken, there is such a folder, or it cannot be written.
    """
    if not NAME.fullmatch(name):
        raise HeadwayError(f"{name!r} cannot be a backend's name: expected small letters, digits and hyphens.")
    if name in names():
        raise HeadwayError(f"There is a backend named {name!r} already. Choose another name.")
    place = folder / f"headway-{name}"
    if place.exists():
        raise HeadwayError(f"{place} is there already. Choose another name, or another folder with --into.")
    package = f"headway_{name.replace('-', '_')}"
    words = {**MARKED, "name": name, "package": package, "protocol": PROTOCOL}
    words["title"] = "".join(part.capitalize() for part in name.split("-"))
    module, test = KINDS[kind]
    files = {**COMMON, f"src/{package}/__init__.py": module, f"tests/test_{package}.py": test}
    try:
        for path, text in files.items():
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.substitute(words), encoding="utf-8")
    except OSError as error:
        raise HeadwayError(f"{place} cannot be written: {error.strerror}.") from error
    return place


def _run(options: argparse.Namespace) -> int:
    place = write(options.name, options.kind, options.into)
    print(f"{place} is a renderer named {options.name}. Install it and try it:\n")
    print(f"  pip install -e '{place}[test]'")
    print(f"  HEADWAY_BACKEND={options.name} headway demo")
    print(f"  python -m pytest {place}")
    return 0
