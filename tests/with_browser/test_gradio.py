"""The example for Gradio, run by its own server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "gradio_page.py"
pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def address() -> Iterator[str]:
    env = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, str(EXAMPLE)], text=True, env=env, **pipes)
    assert server.stdout is not None
    said = next(line for line in server.stdout if "http://" in line)
    yield re.findall(r"http://\S+", said)[0]
    server.kill()
    server.communicate()


def test_a_page_of_gradio_shows_bars(browser: Browser, address: str) -> None:
    """The bar moves on the page while the function runs."""
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.get_by_role("button", name="Train").click()
    page.get_by_text(re.compile(r"\d+/20 epoch")).wait_for()
    page.get_by_text(re.compile(r"epochs - [5-9]\d\.0%")).wait_for()
    page.wait_for_function("() => document.querySelector('label:nth-of-type(1) textarea')?.value === 'trained'")
    page.close()
