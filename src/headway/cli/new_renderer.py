"""`headway new-renderer NAME`: a distribution of one renderer, with tests that pass, to start from."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from string import Template

from headway.choosing.discovery import names
from headway.errors import HeadwayError
from headway.sink import PROTOCOL

__all__ = ["register", "write"]

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

PROJECT = Template("""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "headway-$name"
version = "0.1.0"
description = "A renderer for headway."
readme = "README.md"
requires-python = ">=3.10"
dependencies = ["headway"]

[project.optional-dependencies]
test = ["headway[testing]", "pytest"]

[project.entry-points.headway]
$name = "$package"

[tool.hatch.build.targets.wheel]
packages = ["src/$package"]
""")

README = Template("""\
# headway-$name

A renderer for [headway](https://pypi.org/project/headway/).

```console
$$ pip install -e ".[test]"
$$ HEADWAY_BACKEND=$name python train.py
$$ python -m pytest
```
""")

MODULE = Template('''\
"""A renderer for headway: one row for each bar that is shown."""

from __future__ import annotations

from typing import Any

from headway import format as fmt
from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot


class ${kind}Sink(PerBar):
    """Shows one bar; headway folds the others into it."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._row = ""
        self._mark = "#"

    def open(self, snapshot: Snapshot) -> None:
        """Draw the first row."""
        self._mark = snapshot.options.get("mark", "#")
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Draw the row anew."""
        row = layout.fit(snapshot, self._stream.room)
        done = self._mark * int(min(1.0, snapshot.fraction or 0.0) * row.bar)
        self._row = fmt.crop(f"{row.left} {done:<{row.bar}} {row.right}", self._stream.room)
        self._put(self._row)

    def close(self, snapshot: Snapshot) -> None:
        """Draw the last row, and leave it if it is to stay."""
        self.update(snapshot)
        self._put(f"{self._row}\\n" if snapshot.leave else "")

    def write(self, text: str) -> None:
        """Put a text above the row."""
        self._put(f"{text}\\n{self._row}")

    def _put(self, text: str) -> None:
        self._stream.write(f"\\r\\x1b[K{text}")
        self._stream.flush()


def one_column(value: Any) -> str:
    """Read the option `mark`."""
    if fmt.width(str(value)) != 1:
        raise ValueError("expected a single character that takes one column")
    return str(value)


@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer: how a sink is made, where it draws, and its options."""
    return Renderer(${kind}Sink, protocol=$protocol, draws="rows", max_bars=1, look={"mark": one_column})
''')

TEST = Template('''\
"""The renderer is held to the promises of headway, on a real pseudo-terminal."""

from headway.testing import RowsConformance


class Test$kind(RowsConformance):
    """All tests of the kit."""

    backend = "$name"
''')

FILES = {
    "pyproject.toml": PROJECT,
    "README.md": README,
    "src/{package}/__init__.py": MODULE,
    "tests/test_{package}.py": TEST,
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser("new-renderer", help="write a distribution of one renderer, to start from")
    command.add_argument("name", metavar="NAME", help="the name of the backend: small letters, digits, hyphens")
    command.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where it goes; default: here")
    command.set_defaults(run=_run)


def write(name: str, folder: Path) -> Path:
    """Write a distribution of one renderer, and return its folder.

    Args:
        name: The backend's name.
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
    kind = "".join(part.capitalize() for part in name.split("-"))
    try:
        for path, text in FILES.items():
            file = place / path.format(package=package)
            file.parent.mkdir(parents=True, exist_ok=True)
            filled = text.substitute(name=name, package=package, kind=kind, protocol=PROTOCOL)
            file.write_text(filled, encoding="utf-8")
    except OSError as error:
        raise HeadwayError(f"{place} cannot be written: {error.strerror}.") from error
    return place


def _run(options: argparse.Namespace) -> int:
    place = write(options.name, options.into)
    print(f"{place} is a renderer named {options.name}. Install it and try it:\n")
    print(f"  pip install -e '{place}[test]'")
    print(f"  HEADWAY_BACKEND={options.name} headway demo")
    print(f"  python -m pytest {place}")
    return 0
