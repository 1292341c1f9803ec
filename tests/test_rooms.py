"""The rooms keep their private names to themselves: a name with a leading underscore is used in its own room only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import headway

SOURCE = Path(headway.__file__).parent
FILES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")
}
FOREIGN = {
    "capturing/alive_progress.py": {"_pause", "_receipt"},
    "capturing/progressbar2.py": {"_buffer", "_iterable"},
    "capturing/rich.py": {"_started", "_tasks"},
    "capturing/tqdm_places.py": {"_instances"},
}
"""Names that a file asks a foreign library's objects for, and that happen to be given in headway, too."""
OF_TUPLES = {"_asdict", "_field_defaults", "_fields", "_replace"}
"""Names that every named tuple has for its users."""


def room(file: str) -> str:
    """Return the room of a file: its folder, or itself where it stands at the top."""
    return file.split("/", 1)[0].removesuffix(".py")


def is_private(name: str) -> bool:
    """Tell whether a name has a leading underscore, and is none of Python's own."""
    return name.startswith("_") and not name.startswith("__") and name not in OF_TUPLES


def given(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a file gives to its functions, classes, variables, slots and attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names = [node.name]
            case ast.Name(ctx=ast.Store()):
                names = [node.id]
            case ast.Attribute(ctx=ast.Store(), value=ast.Name(id="self" | "cls")):
                names = [node.attr]
            case ast.Assign(targets=[ast.Name(id="__slots__")]):
                names = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
            case _:
                continue
        yield from filter(is_private, names)


def taken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the private names that a file asks other modules and objects for, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("headway"):
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from ((node.lineno, part) for part in parts if is_private(part))


def test_private_names_stay_in_their_rooms() -> None:
    """A file asks for no private name that only other rooms give; names of foreign libraries are no matter of this."""
    rooms: dict[str, set[str]] = {}
    for file, tree in FILES.items():
        modules = filter(is_private, [Path(file).stem])
        rooms.setdefault(room(file), set()).update(given(tree), modules)
    everywhere = set().union(*rooms.values())
    trespassing = {
        f"{file}:{line} {name}"
        for file, tree in FILES.items()
        for line, name in taken(tree)
        if name in everywhere - rooms[room(file)] - FOREIGN.get(file, set())
    }

    assert trespassing == set()
