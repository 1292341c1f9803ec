"""Writes docs/reference-for-renderers.md: each field and call of the contract for renderers, from its docstrings.

`python tools/reference.py` writes the page anew; `--check` only tells whether it is as the code has it, by its exit
status. A field or call without a docstring is an error.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
CORE = ROOT / "src" / "headway"
PAGE = ROOT / "docs" / "reference-for-renderers.md"

HEAD = """\
# Reference for renderers

All fields and calls of the contract between headway and its sinks. [Writing a renderer](writing-a-renderer.md) shows
how they are used. `python tools/reference.py` writes this page from the docstrings of the code.

`view` and `throttle` are modules of `headway.drawing`.
"""


class Part(NamedTuple):
    """A name that has a section."""

    path: str
    """The path by which a plugin imports it."""
    file: str
    """The file that defines it, below the package."""


PARTS = (
    Part("headway.sink.Renderer", "sink.py"),
    Part("headway.sink.Draws", "sink.py"),
    Part("headway.sink.PROTOCOL", "sink.py"),
    Part("headway.sink.Context", "sink.py"),
    Part("headway.sink.Stream", "sink.py"),
    Part("headway.sink.ProgressSink", "sink.py"),
    Part("headway.sink.PerBar", "sink.py"),
    Part("headway.news.PerNews", "news.py"),
    Part("headway.news.News", "news.py"),
    Part("headway.sink.GoneError", "sink.py"),
    Part("headway.sink.Frame", "sink.py"),
    Part("headway.snapshot.Snapshot", "snapshot.py"),
    Part("headway.snapshot.Reading", "snapshot.py"),
    Part("headway.snapshot.Workers", "snapshot.py"),
    Part("headway.points.Point", "points.py"),
    Part("headway.snapshot.Number", "snapshot.py"),
    Part("headway.snapshot.State", "snapshot.py"),
    Part("headway.snapshot.in_tree", "snapshot.py"),
    Part("headway.snapshot.COURSE", "snapshot.py"),
    Part("headway.layout.fit", "text/layout.py"),
    Part("headway.layout.Layout", "text/layout.py"),
    Part("headway.layout.of_library", "text/layout.py"),
    Part("headway.layout.Words", "text/row.py"),
    Part("headway.format.crop", "format.py"),
    Part("headway.format.width", "format.py"),
    Part("headway.text.row.Row", "text/row.py"),
    Part("headway.widgets.Cell", "text/widgets.py"),
    Part("headway.sink.Widget", "sink.py"),
    Part("headway.hookspecs.headway_renderer", "hookspecs.py"),
    Part("headway.hookspecs.headway_widget", "hookspecs.py"),
)


class LackingError(Exception):
    """Raised for a name that has no docstring."""


Function = ast.FunctionDef
Statements = list[ast.stmt]


def section(part: Part) -> str:
    """Write the section of a name.

    Raises:
        LackingError: Something in it has no docstring.
    """
    body = ast.parse((CORE / part.file).read_text(encoding="utf-8")).body
    name = part.path.rpartition(".")[2]
    node = next(each for each in body if named(each) == name)
    head = f"\n## {name}\n\n"
    if isinstance(node, ast.ClassDef):
        return f"{head}`{part.path}`\n\n{''.join(of_class(node))}"
    if isinstance(node, Function):
        return f"{head}`{part.path}{signature(node)}`\n\n{prose(documented(node, name))}\n"
    return f"{head}`{part.path} = {value(node)}`\n\n{prose(behind(body, node, name))}\n"


def named(node: ast.stmt) -> str:
    """Return the name that a statement gives, empty if it gives none."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def of_class(node: ast.ClassDef) -> Iterator[str]:
    """Write the docstring of a class, a table of its fields, and a list of its calls."""
    yield prose(documented(node, node.name)) + "\n"
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and not named(each).startswith("_")]
    calls = [each for each in node.body if isinstance(each, Function) and not each.name.startswith("_")]
    if fields:
        yield "\n| field | type | default | meaning |\n|---|---|---|---|\n"
    for field in fields:
        default = f"`{value(field)}`" if field.value is not None else ""
        meaning = row(behind(node.body, field, f"{node.name}.{named(field)}"))
        yield f"| `{named(field)}` | {code(ast.unparse(field.annotation))} | {default} | {meaning} |\n"
    if calls:
        yield "\n"
    for call in calls:
        is_property = any(ast.unparse(each) == "property" for each in call.decorator_list)
        returns = f": {ast.unparse(call.returns)}" if call.returns is not None else ""
        shape = returns if is_property else signature(call)
        yield f"- `{call.name}{shape}`: {row(documented(call, f'{node.name}.{call.name}'))}\n"


def documented(node: ast.ClassDef | Function, name: str) -> str:
    """Return a docstring.

    Raises:
        LackingError: There is none.
    """
    text = ast.get_docstring(node)
    if not text:
        raise LackingError(f"{name} has no docstring: say what it means, its unit if it has one, and when it is None.")
    return text


def behind(body: Statements, node: ast.stmt, name: str) -> str:
    """Return the docstring that stands behind a field.

    Raises:
        LackingError: There is none.
    """
    at = body.index(node) + 1
    match body[at : at + 1]:
        case [ast.Expr(value=ast.Constant(value=str() as text))]:
            return textwrap.dedent(f"    {text}")
    raise LackingError(f"{name} has no docstring: say what it means, its unit if it has one, and when it is None.")


def value(node: ast.stmt) -> str:
    """Return the value that a statement gives, as code."""
    given = getattr(node, "value", None)
    text = ast.unparse(given) if given is not None else ""
    return {"NOTHING": "{}", "MappingProxyType({})": "{}", "_nothing": "lambda widget: False"}.get(text, text)


def signature(node: Function) -> str:
    """Return the arguments of a call, and its result."""
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ").replace("=", " = ")
    return f"({arguments})" + (f" -> {ast.unparse(node.returns)}" if node.returns is not None else "")


def code(text: str) -> str:
    """Write a type into a cell of a table."""
    return f"`{text}`".replace("|", "\\|")


def prose(text: str) -> str:
    """Write a docstring as paragraphs; its arguments become a list."""
    paragraphs = []
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        found = re.fullmatch(r"(Args|Raises):\n(.*)", paragraph, re.DOTALL)
        paragraphs.append("\n".join(entries(found[2])) if found else " ".join(paragraph.split()))
    return "\n\n".join(paragraphs)


def entries(text: str) -> Iterator[str]:
    """Yield the arguments, or the errors, of a docstring's section as items of a list."""
    for entry in re.split(r"\n(?=\S)", textwrap.dedent(text)):
        name, _, says = entry.partition(": ")
        yield f"- `{name}`: {' '.join(says.split())}"


def row(text: str) -> str:
    """Write a docstring on one line."""
    lines = prose(text).split("\n")
    return " ".join(line.removeprefix("- ") for line in lines if line).replace("|", "\\|")


def page() -> str:
    """Write the page."""
    names = (part.path.rpartition(".")[2] for part in PARTS)
    contents = "\n".join(f"- [{name}](#{name.lower()})" for name in names)
    return f"{HEAD}\n{contents}\n{''.join(map(section, PARTS))}"


def main() -> int:
    """Write the page, or check it."""
    try:
        text = page()
    except LackingError as error:
        print(error)
        return 1
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.relative_to(ROOT)}: not as the code has it. Run: python tools/reference.py")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
