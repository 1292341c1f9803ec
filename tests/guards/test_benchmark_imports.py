"""The benchmarks have no circle of imports and share no underscored names: not at run time, nor in functions or types."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FILES = {path.relative_to(BENCHMARKS): path for path in sorted(BENCHMARKS.rglob("*.py"))}


def module(name: str, importer: Path) -> Path | None:
    """Find a module of the benchmarks as Python does: beside the program in `eta/`, else in `benchmarks/`."""
    as_path = Path(*name.split("."))
    for folder in (importer.parts[0], "") if importer.parts[0] == "eta" else ("",):
        for path in (Path(folder) / as_path.with_suffix(".py"), Path(folder) / as_path / "__init__.py"):
            if path in FILES:
                return path
    return None


def imports(importer: Path) -> Iterator[tuple[str, str | None]]:
    """Yield the module and the name of each import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(FILES[importer].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer} imports relatively"
            yield from ((node.module or "", alias.name) for alias in node.names)


def imported(importer: Path) -> set[Path]:
    """Return the modules of the benchmarks that a file imports."""
    found = set()
    for name, member in imports(importer):
        found |= {module(name, importer), module(f"{name}.{member}", importer)}
    return found - {None, importer}


def test_no_circle() -> None:
    """Each module of the benchmarks can be read after those that it imports."""
    graph = {path: imported(path) for path in FILES}

    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(map(str, reversed(error.args[1])))}")

    assert order.index(Path("faulting/verdict.py")) < order.index(Path("faulting/case.py")) < len(FILES)


def test_no_underscored_name_is_imported() -> None:
    """A name that another module uses has no leading underscore, headway's or the benchmarks' own."""
    names = {f"{importer}: {name}.{member}" for importer in FILES for name, member in imports(importer)}

    assert {name for name in names if "._" in name} == set()


def test_no_long_file() -> None:
    """A file of more than 400 lines holds more than one idea."""
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}

    assert {str(name): length for name, length in lengths.items() if length > 400} == {}
