"""What is not there for tests in Pyodide."""

import sys
from typing import NoReturn

import pytest

IN_PYODIDE = sys.platform == "emscripten"
TOO_DEEP = pytest.mark.skipif(IN_PYODIDE, reason="JSON that goes too deep ends Pyodide.")
lacked: list[str] = []
"""What the test has asked for in vain."""


def lacking(what: str) -> NoReturn:
    """Skip the test that runs."""
    lacked.append(what)
    pytest.skip(f"There are no {what} in Pyodide.")
