"""Notebooks are told from other programs. `tests/with_notebooks` has real kernels."""

from __future__ import annotations

import os
import sys
import types

import pytest

from headway.host.notebook import here, in_notebook


def shell(name: str, monkeypatch: pytest.MonkeyPatch, **attributes: object) -> None:
    """Be a program with a shell of that class, or of one derived from it."""
    ipython = types.ModuleType("IPython")
    found = type("Derived", (type(name, (), {}),), attributes)()
    ipython.get_ipython = lambda: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)


@pytest.mark.parametrize(
    ("name", "known"), [("ZMQInteractiveShell", True), ("Interpreter", True), ("TerminalInteractiveShell", False)]
)
def test_a_notebook_is_known_by_its_shell(name: str, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Jupyter kernel is a notebook, Colab's and Pyodide's too; IPython in a terminal is none."""
    shell(name, monkeypatch)

    assert in_notebook() is known


def test_a_program_without_ipython_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython is not imported to find out."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)

    assert not in_notebook()
    assert here() is None
    assert "IPython" not in sys.modules


def test_a_child_of_a_kernel_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the kernel's shell, which publishes nothing in it."""
    session = types.SimpleNamespace(pid=os.getpid() - 1)
    shell("ZMQInteractiveShell", monkeypatch, display_pub=types.SimpleNamespace(session=session))

    assert not in_notebook()
