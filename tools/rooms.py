"""Draws the rooms of the core from their contract and their code, for CONTRIBUTING.md.

`python tools/rooms.py` writes the picture of the floors and the list of public names anew; `--check` only tells whether
they are as the code has them, by its exit status.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
CORE = ROOT / "src" / "headway"
PAGE = ROOT / "CONTRIBUTING.md"
PICTURE = ROOT / "docs" / "pictures" / "floors.svg"
BEGIN, END = "<!-- names: written by tools/rooms.py -->\n", "<!-- end of names -->\n"

WIDE, HIGH, GAP = 900, 46, 8
STYLE = """
  rect { fill: #f6f8fa; stroke: #8c959f }
  text { font: 14px ui-monospace, monospace; fill: #1f2328; text-anchor: middle }
  .says { font: 11px system-ui, sans-serif; fill: #57606a }
  @media (prefers-color-scheme: dark) {
    rect { fill: #161b22; stroke: #6e7681 } text { fill: #e6edf3 } .says { fill: #9198a1 }
  }
"""


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the uppermost first, from the contract that CI holds them to."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "floors")
    return [layer.split(" | ") for layer in layers]


def says(name: str) -> str:
    """Return the first sentence of a room or module."""
    path = CORE / name / "__init__.py"
    tree = ast.parse((path if path.exists() else CORE / f"{name}.py").read_text())
    return (ast.get_docstring(tree) or "").split("\n")[0]


def picture() -> str:
    """Draw the floors, one row each."""
    rows = []
    for at, floor in enumerate(floors()):
        wide = (WIDE - GAP * (len(floor) + 1)) / len(floor)
        for i, name in enumerate(floor):
            x, y = GAP + i * (wide + GAP), GAP + at * (HIGH + GAP)
            words, room = says(name), int(wide / 6.4)
            words = words if len(words) <= room else words.split(":")[0]
            words = words if len(words) <= room else words[: room - 1].rsplit(" ", 1)[0] + " …"
            rows.append(
                f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{HIGH}" rx="5"/>'
                f'<text x="{x + wide / 2:.0f}" y="{y + 19}">{name}</text>'
                f'<text class="says" x="{x + wide / 2:.0f}" y="{y + 36}">{escape(words)}</text>'
            )
    high = GAP + len(floors()) * (HIGH + GAP)
    body = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" role="img">\n'
        f"<title>The floors of the core: each room imports only from the floors below it</title>\n"
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def module_of(path: Path) -> str:
    """Return the dotted name of a file below `headway`."""
    parts = path.relative_to(CORE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def used(path: Path, modules: set[str]) -> Iterator[tuple[str, str]]:
    """Yield module and name of each use of another module: a name that is imported, or an attribute of the module."""
    tree = ast.parse(path.read_text())
    local: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("headway"):
            base = (node.module or "").removeprefix("headway").lstrip(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}".lstrip(".")
                if whole in modules:
                    local[alias.asname or alias.name] = whole
                elif base in modules:
                    yield base, alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in local:
            yield local[node.value.id], node.attr


def names() -> str:
    """List, for each room, the names of its modules that other rooms use."""
    files = {module_of(path): path for path in sorted(CORE.rglob("*.py"))}
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, path in files.items():
        for module, attribute in used(path, set(files)):
            room = module.split(".")[0]
            other = room and room != name.split(".")[0] and (CORE / room).is_dir()
            if other and attribute not in ("*", "__all__"):  # the modules beside the rooms list all of them
                found[room][module.removeprefix(room).lstrip(".")].add(attribute)
    lines = []
    for room in (room for floor in floors() for room in floor if (CORE / room).is_dir()):
        each = (
            f"{f'`{module}`: ' if module else ''}{', '.join(sorted(names, key=lambda name: (name.lower(), name)))}"
            for module, names in sorted(found[room].items())
        )
        lines.append(f"- `{room}/` {says(room)}\n")
        lines.extend(f"  - {names}\n" for names in each)
    return "".join(lines)


def page() -> str:
    """Return CONTRIBUTING.md with the names of today."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{names()}{END}{after}"


def main() -> int:
    """Write or check both."""
    wanted = {PAGE: page(), PICTURE: picture()}
    if "--check" in sys.argv[1:]:
        old = [str(path.relative_to(ROOT)) for path, text in wanted.items() if path.read_text() != text]
        if old:
            print(f"{', '.join(old)}: not as the code has it. Run: python tools/rooms.py")
        return bool(old)
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
