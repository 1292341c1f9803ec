"""Real notebooks, executed by nbclient with real kernels.

Where nbclient is not installed these tests are skipped, unless `HEADWAY_TEST_NOTEBOOKS=1` says that they have to run.
`HEADWAY_KERNEL_6` is the Python of an environment that has ipykernel 6.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebooks import Executed

REQUIRED = os.environ.get("HEADWAY_TEST_NOTEBOOKS") == "1"
KERNELS = {"7": sys.executable, "6": os.environ.get("HEADWAY_KERNEL_6", "")}
LIBRARIES = ("nbclient", "ipykernel", "streamlit", "marimo")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Skip where a library is missing."""
    if REQUIRED or collection_path.suffix != ".py":
        return None
    return any(find_spec(library) is None for library in LIBRARIES) or None


@pytest.fixture(params=list(KERNELS))
def execute(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Executed]:
    """Execute cells with a kernel, for each kernel."""
    from notebooks import executing  # it needs nbclient

    python = KERNELS[request.param]
    if not python:
        if REQUIRED:
            pytest.fail("HEADWAY_KERNEL_6 names no Python.")
        pytest.skip("HEADWAY_KERNEL_6 names no Python.")
    return executing(python, tmp_path, monkeypatch)
