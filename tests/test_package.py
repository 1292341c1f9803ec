"""The package from outside: what it exports, and what it does not import."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import headway

MODULES = sorted(m.name for m in walk_packages(headway.__path__, "headway.") if not m.name.endswith("__main__"))


@pytest.mark.parametrize("name", ["headway", *MODULES])
def test_all_is_true(name: str) -> None:
    """`__all__` names what a module has, each name once and in order; every module says what it is for."""
    if name.startswith(
        ("headway.integrations.", "headway.doors.pandas", "headway.imitation.dataframes", "headway.web.")
    ):
        pytest.importorskip(name, exc_type=ImportError)  # it imports the package that it is for
    module = import_module(name)
    exported = getattr(module, "__all__", [])

    assert [n for n in exported if not hasattr(module, n)] == []
    assert len(set(exported)) == len(exported)
    assert module.__doc__


def test_public_names_have_docstrings() -> None:
    """Everything that users import says what it means."""
    public = [getattr(headway, name) for name in headway.__all__]

    assert [thing for thing in public if not thing.__doc__] == []
    verbs = [name for name in dir(headway.Bar) if not name.startswith("_") and callable(getattr(headway.Bar, name))]
    assert [name for name in verbs if not getattr(headway.Bar, name).__doc__] == []


def test_the_package_is_typed() -> None:
    """Type checkers of users find the marker."""
    assert (Path(headway.__file__).parent / "py.typed").exists()


def test_importing_headway_imports_next_to_nothing(run: Any) -> None:
    """`import headway` brings in neither pluggy nor any renderer, nor what is slow in the standard library."""
    done = run(
        """
        import sys
        before = set(sys.modules)
        import headway
        print(sorted(set(sys.modules) - before))
        """
    )

    assert done.stdout == "['__future__', 'headway']\n"


LOADED = {
    "__future__", "_collections", "_xxsubinterpreters", "_contextvars", "_functools", "_operator", "_string",
    "_weakrefset", "atexit", "collections", "collections.abc", "contextlib", "errno", "functools", "gc", "itertools",
    "keyword", "math", "operator", "reprlib", "select", "threading", "types", "unicodedata", "warnings",
}  # fmt: skip
"""The modules of the standard library that a bar needs, with those that they load."""
ROOMS = {"choosing", "drawing", "host", "processes", "reporting"}


def test_a_bar_loads_little_of_the_standard_library(run: Any) -> None:
    """`from headway import get_bar` loads no `typing`, `re`, `dataclasses`: each takes as long as all of headway."""
    done = run(
        """
        import sys
        before = set(sys.modules)
        from headway import get_bar
        print(*set(sys.modules) - before)
        """
    )
    loaded = set(done.stdout.split())
    own = {name for name in loaded if name.partition(".")[0] == "headway"}

    assert loaded - own - LOADED == set(), done.stderr
    assert {name.split(".")[1] for name in own if name.count(".") > 1} == ROOMS


def test_plain_lines_need_no_plugin(run: Any) -> None:
    """A program in a pipe imports neither pluggy nor the list of what is installed."""
    done = run(
        """
        import sys
        before = set(sys.modules)
        import headway
        for i in headway.track(range(3)): pass
        unwanted = {"pluggy", "importlib.metadata", "tqdm", "alive_progress", "progressbar"}
        print(sorted(unwanted & (set(sys.modules) - before)))
        """,
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "[]\n", done.stderr


def test_a_wrong_name_is_explained() -> None:
    """A name that headway does not have raises with those that it has."""
    with pytest.raises(AttributeError, match="has no attribute 'trak'; it has .*track"):
        headway.trak  # type: ignore[attr-defined]


def test_dir_lists_the_public_names() -> None:
    """Names that are imported at first use are listed before."""
    assert set(headway.__all__) <= set(dir(headway))
