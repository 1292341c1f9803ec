"""The examples for Streamlit and marimo, run by their own tools."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_page_of_streamlit_shows_bars() -> None:
    """The outer bar is there at the end, and nothing is left of the inner ones."""
    page = AppTest.from_file(str(EXAMPLES / "streamlit_page.py"), default_timeout=60).run()

    assert not page.exception
    (progress,) = [element.proto for element in page.get("progress")]
    assert progress.value == 100
    assert progress.text.startswith("epochs: 100% 3/3")


def test_a_cell_of_marimo_shows_bars(tmp_path: Path) -> None:
    """The notebook that is exported has the last picture."""
    command = ["export", "html", str(EXAMPLES / "marimo_page.py"), "-o", str(tmp_path / "page.html")]
    subprocess.run([sys.executable, "-m", "marimo", *command], check=True, timeout=100)

    assert re.search("epochs: 100% 3/3", (tmp_path / "page.html").read_text(encoding="utf-8"))
