"""Bars in the real JupyterLab: while a cell runs, and in a notebook that is opened again without trust."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from notebooks import executing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.timeout(400)
PATIENCE = 180_000
"""Milliseconds that JupyterLab may take for a step: beside other work it begins slowly."""

ENDS = [
    "import headway, time\nfor i in headway.track(range(4), desc='done'): pass",
    "with headway.get_bar(4, desc='early') as bar: bar.update(1)",
    "with headway.get_bar(4, desc='broken') as bar: bar.update(2); bar.metrics(loss=0.5); raise ValueError('<b>no</b>')",
]
SLOW = "import headway, time\nfor i in headway.track(range(40), desc='slow'): time.sleep(0.1)"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run JupyterLab in a folder with two notebooks, and return its address."""
    execute = executing(sys.executable, tmp_path, monkeypatch)
    (tmp_path / "books").mkdir()
    executed = execute(*ENDS).notebook
    slow = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    for name, notebook in {"ends": executed, "slow": slow}.items():
        notebook.metadata["kernelspec"] = {"name": "tested", "display_name": "tested", "language": "python"}
        nbformat.write(notebook, tmp_path / "books" / f"{name}.ipynb")
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--LabApp.news_url="]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={tmp_path / 'books'}"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
        try:
            yield f"http://127.0.0.1:{port}/lab/tree"
        finally:
            server.kill()  # it has nothing to save, and its kernels end with it
            server.wait()


@pytest.fixture
def page(lab: str, browser: Browser) -> Iterator[Page]:
    """Return a page of JupyterLab."""
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.set_default_timeout(PATIENCE)
    deadline = monotonic() + PATIENCE / 1000
    while True:  # the server is on its way
        try:
            page.goto(lab)
            break
        except Error:
            assert monotonic() < deadline
            page.wait_for_timeout(100)
    yield page
    page.close()


def outputs(page: Page, address: str) -> Locator:
    """Open a notebook, and return its outputs."""
    page.goto(address, wait_until="domcontentloaded")
    return page.locator(".jp-OutputArea-output")


def bars(output: Any) -> list[tuple[str, int]]:
    """Return colour and per cent of the bars that are drawn in an output."""
    script = """output => [...output.querySelectorAll('div')]
        .filter(div => div.style.borderTopWidth === '0.45em' && div.getBoundingClientRect().height > 3)
        .map(div => [getComputedStyle(div).borderTopColor,
                     Math.round(100 * div.getBoundingClientRect().width / div.parentElement.clientWidth)])"""
    return [(colour, share) for colour, share in output.evaluate(script)]


def test_a_notebook_that_is_opened_again_shows_how_bars_ended(page: Page, lab: str) -> None:
    """JupyterLab cleans what it does not trust; the bars, their colours and their words are there."""
    shown = outputs(page, f"{lab}/ends.ipynb?reset")
    shown.nth(3).wait_for()

    assert [bars(shown.nth(i)) for i in range(3)] == [
        [("rgb(67, 160, 71)", 100)],
        [("rgb(0, 137, 123)", 25)],
        [("rgb(229, 57, 53)", 50)],
    ]
    read = [shown.nth(i).aria_snapshot() for i in range(3)]  # by a screen reader
    assert "done finished" in read[0]
    assert "100% 4/4" in read[0]
    assert "early stopped" in read[1]
    assert "25% 1/4" in read[1]
    assert "broken FAILED" in read[2]
    assert "ValueError: <b>no</b>" in read[2]
    assert "loss=0.5000" in read[2]


def test_a_cell_that_runs_moves_in_place(page: Page, lab: str) -> None:
    """One output grows from a running bar to a finished one; it tells the remaining time, and keeps its height."""
    shown = outputs(page, f"{lab}/slow.ipynb?reset")
    page.get_by_text("headway.track").first.wait_for()
    page.get_by_role("menuitem", name="Run").click()
    page.get_by_text("Run All Cells", exact=True).click()

    shown.get_by_text("left").wait_for()
    assert shown.count() == 1
    height, (moving,) = shown.evaluate("output => output.clientHeight"), bars(shown)
    assert moving[0] == "rgb(30, 136, 229)"
    page.wait_for_function("() => /[6-9][0-9]%/.test(document.querySelector('.jp-OutputArea-output').innerText)")
    assert shown.evaluate("output => output.clientHeight") == height
    shown.get_by_text("slow finished").wait_for()
    assert shown.count() == 1
    assert bars(shown) == [("rgb(67, 160, 71)", 100)]
