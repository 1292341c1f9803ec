"""Pages in Debian's Chromium, driven by Playwright: that of `headway watch --web`, JupyterLab's and Gradio's.

`HEADWAY_TEST_BROWSER=1` runs these tests, with the packages of `requirements.txt`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WANTED = os.environ.get("HEADWAY_TEST_BROWSER") == "1"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Skip where nobody asks for a browser."""
    return None if WANTED or collection_path.suffix != ".py" else True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()
