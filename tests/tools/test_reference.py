"""The reference for renderers is as the code has it, and says something of each field and call."""

import ast

import pytest
from tools import reference

from headway import sink, snapshot
from headway.points import Point
from headway.sink import Context, Frame, Renderer
from headway.snapshot import Reading, Snapshot, Workers
from headway.text.row import Row


def test_the_page_is_up_to_date() -> None:
    """If this fails, run python tools/reference.py, and commit the page."""
    assert reference.page() == reference.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [Context, Frame, Point, Reading, Renderer, Row, Snapshot, Workers])
def test_each_field_has_a_row(kind: type) -> None:
    """A row has the field's type, and its meaning."""
    _, _, section = reference.page().partition(f"\n## {kind.__name__}\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]

    assert [line.split("`")[1] for line in rows] == list(kind._fields)
    assert all(len(line.replace(r"\|", "").split("|")[4].strip()) > 10 for line in rows)


def test_all_of_the_contract_has_a_section() -> None:
    """No public name of the contract is left out, but for constants of the snapshot's own."""
    names = {part.path.rpartition(".")[2] for part in reference.PARTS}

    assert set(sink.__all__) <= names
    assert set(snapshot.__all__) - names == {"BROKEN_OFF", "LARGEST", "SCHEMA", "STATES"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("class A:\n    '''A.'''\n    n: int\n    m: int\n    '''M.'''", "A.n"),
        ("class A:\n    '''A.'''\n    def f(self): pass", "A.f"),
        ("class A:\n    n: int\n    '''N.'''", "A"),
    ],
)
def test_a_name_without_words_is_an_error(code: str, name: str) -> None:
    """The message names it."""
    (node,) = ast.parse(code).body
    assert isinstance(node, ast.ClassDef)

    with pytest.raises(reference.LackingError, match=f"^{name} has no docstring"):
        list(reference.of_class(node))
