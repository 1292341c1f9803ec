"""The files of a distribution of one renderer, and the module and the tests of each kind of renderers."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from types import MappingProxyType

__all__ = ["COMMON", "KINDS", "MARKED"]

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

IMPORTS = """\
from __future__ import annotations

from typing import Any

from headway import format as fmt
from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot
"""
READER = '''\
def one_column(value: Any) -> str:
    """Read the option `mark`."""
    if fmt.width(str(value)) != 1:
        raise ValueError("expected a single character that takes one column")
    return str(value)
'''

ROWS = Template('''\
"""A renderer for headway: one row for each bar that is shown."""

$imports

class ${title}Sink(PerBar):
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


$reader

@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer: how a sink is made, where it draws, and its options."""
    return Renderer(${title}Sink, protocol=$protocol, draws="rows", max_bars=1, look={"mark": one_column})
''')

LINES = Template('''\
"""A renderer for headway: a line for each bar when it begins, and one when it ends."""

$imports
COLUMNS = 200


class ${title}Sink(PerBar):
    """Adds whole lines to the end of the stream, which may be a file."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream

    def open(self, snapshot: Snapshot) -> None:
        """Write the first line."""
        self._tell(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Write the last line."""
        self._tell(snapshot)

    def write(self, text: str) -> None:
        """Write a text of the program, without control characters."""
        self._put(fmt.written(text, colours=False))

    def _tell(self, snapshot: Snapshot) -> None:
        mark = snapshot.options.get("mark", "*")
        self._put(f"{mark} {layout.fit(snapshot, COLUMNS, bar=0)}")

    def _put(self, line: str) -> None:
        self._stream.write(f"{line}\\n")
        self._stream.flush()


$reader

@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer: how a sink is made, where it draws, and its options."""
    return Renderer(${title}Sink, protocol=$protocol, draws="lines", interval=1.0, look={"mark": one_column})
''')

CELL = Template('''\
"""A renderer for headway: a page for a browser, which loads it again each second."""

from __future__ import annotations

import os
from collections import deque
from html import escape
from itertools import count
from pathlib import Path

from headway import format as fmt
from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import Context, Frame, ProgressSink, Renderer
from headway.snapshot import Snapshot

COLUMNS = 100
NUMBERS = count(1)
PAGE = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><pre>{}</pre>'


class ${title}Sink(ProgressSink):
    """Shows the bars that are open, below what stays: bars that have ended, and texts of the program."""

    def __init__(self, context: Context) -> None:
        self._page = Path(context.options.get("folder", "."), f"$name-{os.getpid()}-{next(NUMBERS)}.html")
        self._stays: deque[str] = deque(maxlen=1000)
        self._rows: list[str] = []

    def frame(self, frame: Frame) -> None:
        """Show all bars anew."""
        self._stays.extend(row(snapshot) for snapshot in frame.ended if snapshot.leave)
        self._rows = [row(snapshot) for snapshot in frame.bars]
        self._put()

    def write(self, text: str) -> None:
        """Put a text above the bars."""
        self._stays.append(fmt.written(text, colours=False))
        self._put()

    def _put(self) -> None:
        """Put a new page in the place of the old one, so that nobody reads half a page."""
        part = self._page.with_suffix(".part")
        part.write_text(PAGE.format(escape("\\n".join([*self._stays, *self._rows]))), encoding="utf-8")
        part.replace(self._page)


def row(snapshot: Snapshot) -> str:
    """Return the row of a bar."""
    return "  " * snapshot.depth + str(layout.fit(snapshot, COLUMNS, bar=0))


@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer: how a sink is made, where it draws, and its options."""
    return Renderer(${title}Sink, protocol=$protocol, draws="cell", interval=0.5, options={"folder": str})
''')

NOTHING = Template('''\
"""A renderer for headway: a line of JSON in a file for each bar that ends."""

from __future__ import annotations

import json

from headway.hookspecs import hookimpl
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot


class ${title}Sink(PerBar):
    """Draws nothing; it has a thread of its own, so that the display does not wait for it."""

    def __init__(self, context: Context) -> None:
        self._path = context.options.get("path", "$name.jsonl")

    def close(self, snapshot: Snapshot) -> None:
        """Add a line. If this raises an `OSError`, headway calls again later."""
        told = {
            "bar": snapshot.desc or snapshot.name,
            "state": snapshot.state,
            "n": snapshot.n,
            "total": snapshot.total,
            "seconds": round(snapshot.elapsed, 3),
        }
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(f"{json.dumps(told)}\\n")

    def stop(self, within: float) -> None:
        """End. As there is this call, the ends of bars are told in a program that SIGTERM ends, too."""


@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer: how a sink is made, where it draws, and its options."""
    return Renderer(${title}Sink, protocol=$protocol, draws="nothing", interval=1.0, options={"path": str})
''')

TEST = '''\
"""The renderer is held to the promises of headway, on a real pseudo-terminal."""

from headway.testing import {kit}


class Test$title({kit}):
    """All tests of the kit."""

    backend = "$name"
'''
TEST_CELL = '''\
"""The renderer is held to the promises of headway, on a real pseudo-terminal."""

from headway.testing import CellConformance, Screen


class Test$title(CellConformance):
    """All tests of the kit."""

    backend = "$name"

    def delivered(self, screen: Screen) -> str:
        """Return the text of all pages."""
        return "\\n".join(page.read_text(encoding="utf-8") for page in self.folder.glob("*.html"))
'''

COMMON: Mapping[str, Template] = MappingProxyType({"pyproject.toml": PROJECT, "README.md": README})
"""The files that are the same for each kind, by their paths."""
MARKED: Mapping[str, str] = MappingProxyType({"imports": IMPORTS, "reader": READER})
"""The parts of modules whose renderer has the option `mark`, by their places."""
KINDS: Mapping[str, tuple[Template, Template]] = MappingProxyType(
    {
        "rows": (ROWS, Template(TEST.format(kit="RowsConformance"))),
        "lines": (LINES, Template(TEST.format(kit="LinesConformance"))),
        "cell": (CELL, Template(TEST_CELL)),
        "nothing": (NOTHING, Template(TEST.format(kit="NothingConformance"))),
    }
)
"""The module and its tests, by the kind of place that the renderer draws on."""
