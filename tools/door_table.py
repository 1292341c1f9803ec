"""The table of a page about a door to another library: every public name of that library, and what becomes of it.

A name of which nothing is known, or that is called the same and has another signature, is an error.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["MISSING", "NO_EFFECT", "OTHER", "Names", "Table", "accepts", "public_names"]

NO_EFFECT, OTHER, MISSING = "accepted, without effect", "other", "missing"
Names = dict[str, dict[str, Any]]
"""Names by section; each with the object, or `None` where it could not be imported."""
DOCS = Path(__file__).parent.parent / "docs"


@dataclass
class Table:
    """The table of one page.

    Args:
        library: The library, which the page and the script that writes it are named after.
        door: The module of the door.
        find: Returns all public names of the installed library.
        said: Returns for a section and a name the kind and the text of a verdict that is not "same"; `None`: no such.
        is_same: Tells from section, name and object whether the door has the same.
    """

    library: str
    door: str
    find: Callable[[], Names]
    said: Callable[[str, str], tuple[str, str] | None]
    is_same: Callable[[str, str, Any], bool]

    @property
    def page(self) -> Path:
        """The page."""
        return DOCS / f"coming-from-{self.library}.md"

    def text(self) -> str:
        """Return the whole table.

        Raises:
            SystemExit: It cannot be made; the message says of which names nothing is known.
        """
        unknown: list[str] = []
        out: list[str] = []
        for section, names in self.find().items():
            out += ["", f"**{section}**", "", f"| {self.library} | {self.door} |", "|---|---|"]
            for name, found in names.items():
                verdict = self._verdict(section, name, found)
                if verdict is None:
                    unknown.append(f"{section}: {name}")
                else:
                    out.append(f"| `{name}` | {verdict} |")
        if unknown:
            raise SystemExit(
                "Nothing is known of, or not the same although it is called so:\n  " + "\n  ".join(unknown)
            )
        return "\n".join(out).strip()

    def same(self) -> Iterator[str]:
        """Yield the names that the table calls the same, without their modules."""
        for section, names in self.find().items():
            for name, found in names.items():
                if self._verdict(section, name, found) == "same":
                    yield name.rpartition(".")[2]

    def _verdict(self, section: str, name: str, found: Any) -> str | None:
        """Tell what becomes of a name; `None` if nothing is known."""
        if (said := self.said(section, name)) is not None:
            return ": ".join(said)
        return "same" if self.is_same(section, name, found) else None

    def main(self) -> None:
        """Write the page, or compare it."""
        tool = f"{self.library.replace('-', '_')}_table.py"
        start, end = f"<!-- table: tools/{tool} -->", "<!-- end of table -->"
        text = self.page.read_text(encoding="utf-8")
        before, _, rest = text.partition(start)
        new = f"{before}{start}\n\n{self.text()}\n\n{end}{rest.partition(end)[2]}"
        if "--check" in sys.argv[1:]:
            if new != text:
                raise SystemExit(f"{self.page.name} is not what tools/{tool} writes; run it without --check.")
        else:
            self.page.write_text(new, encoding="utf-8")


def public_names(module: str) -> list[str]:
    """Return the names of a module: those that `__all__` says, and what else it defines without an underscore."""
    spec = importlib.util.find_spec(module)
    tree = ast.parse(inspect.cleandoc(spec.loader.get_source(module)))  # type: ignore[union-attr]  # files of a package
    said = next((ast.literal_eval(node.value) for node in tree.body if _assigns_all(node)), [])
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return list(dict.fromkeys([*said, *(name for name in defined if not name.startswith("_"))]))


def _assigns_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]


def accepts(mine: Any, found: Any) -> bool:
    """Tell whether ours can be called like theirs: the same names in the same order, with the same defaults."""
    return _signature(mine) == _signature(found) or _takes_anything(mine, found)


def _signature(function: Any) -> list[tuple[str, Any]]:
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return [(p.name, p.default.__name__ if isinstance(p.default, type) else p.default) for p in named]


def _takes_anything(mine: Any, found: Any) -> bool:
    """Names of positions do not matter to operators; what is swallowed by `**kwargs` may be named."""
    theirs_named, mine_named = dict(_signature(found)), dict(_signature(mine))
    if getattr(found, "__name__", "").startswith("__"):
        return len(theirs_named) == len(mine_named)
    swallows = any(p.kind == p.VAR_KEYWORD for p in inspect.signature(found).parameters.values())
    return swallows and all(mine_named.get(name, found) == default for name, default in theirs_named.items())
