"""Notebooks, executed by nbclient with a kernel, and what their cells show."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient

FIGURES = re.compile(r"[\d.]+(?:e[+-]\d+)?[kMG]?\w+/(?:s|it)\b|\b\d\d:\d\d\b|\d+(?= workers?\b)")
"""Rates, times and the number of workers that had anything to do, which differ from run to run."""


class Message(NamedTuple):
    """A message of the kernel that changes what is shown."""

    cell: int
    kind: str
    size: int
    """Bytes of its content."""
    content: dict[str, Any]


class Client(NotebookClient):
    """Executes a notebook, and keeps the messages."""

    messages: list[Message]

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take note of a message."""
        kind, content = msg["msg_type"], msg["content"]
        if kind not in ("status", "execute_input"):
            size = len(json.dumps(content, default=str))
            self.messages.append(Message(cell_index, kind, size, content))
        return super().process_message(msg, cell, cell_index)


class Executed(NamedTuple):
    """A notebook that was executed."""

    notebook: Any
    messages: Sequence[Message]

    def outputs(self, cell: int) -> list[str]:
        """Return what a cell shows, as text with `#` for each rate and time; a display that was emptied shows nothing."""
        return [FIGURES.sub("#", text) for output in self.notebook.cells[cell].outputs if (text := _shown(output))]

    def html(self, cell: int) -> str:
        """Return the HTML in the output of a cell."""
        outputs = self.notebook.cells[cell].outputs
        html = "".join(output.data.get("text/html", "") for output in outputs if "data" in output)
        return html.replace("\N{NO-BREAK SPACE}", " ")


def _shown(output: Any) -> str:
    if output.output_type == "stream":
        return f"{output.name}: {output.text.rstrip()}"
    if output.output_type == "error":
        return f"error: {output.ename}: {output.evalue}"
    return str(output.data.get("text/plain", ""))


def executing(python: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Executed]:
    """Return a function that executes cells with the kernel of a Python."""
    spec = folder / "share" / "kernels" / "tested"
    spec.mkdir(parents=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "tested", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "share"))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("HEADWAY_RELAY", "")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path.endswith("src")))
    monkeypatch.delenv("HEADWAY_BACKEND", raising=False)

    def execute(*cells: str) -> Executed:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(dedent(cell).strip()) for cell in cells])
        client = Client(notebook, kernel_name="tested", allow_errors=True, timeout=60, resources={})
        client.messages = []
        client.execute()
        return Executed(notebook, client.messages)

    return execute
