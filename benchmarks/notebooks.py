"""A nested loop in a notebook under several bars: its messages, their bytes, and the output that is saved.

```console
$ pip install -e . -r tests/with_notebooks/requirements.txt tqdm==4.70.1 rich==15.0.0 fastprogress==1.1.6
$ python benchmarks/notebooks.py
```

A real kernel runs three epochs of 200 items, which take ten milliseconds each; nbclient reads its messages.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import nbformat
from nbclient import NotebookClient

LOOP = """
import time
{imports}
for epoch in {outer}:
    for item in {inner}:
        time.sleep(0.01)
"""
RICH = """
from rich.progress import Progress
import time
with Progress() as progress:
    epochs = progress.add_task("epochs", total=3)
    for epoch in range(3):
        items = progress.add_task("items", total=200)
        for item in range(200):
            time.sleep(0.01); progress.update(items, advance=1)
        progress.remove_task(items); progress.update(epochs, advance=1)
"""


def tqdms(module: str) -> str:
    """Return the loop with tqdm of a module."""
    imports = f"from {module} import tqdm"
    return LOOP.format(imports=imports, outer="tqdm(range(3))", inner="tqdm(range(200), leave=False)")


CONTENDERS = {
    "headway": (
        "headway",
        LOOP.format(imports="from headway import track", outer="track(range(3))", inner="track(range(200))"),
    ),
    "tqdm.auto": ("tqdm", tqdms("tqdm.auto")),
    "tqdm.notebook": ("tqdm", tqdms("tqdm.notebook")),
    "rich": ("rich", RICH),
    "fastprogress": (
        "fastprogress",
        LOOP.format(
            imports="from fastprogress.fastprogress import master_bar, progress_bar\nepochs = master_bar(range(3))",
            outer="epochs",
            inner="progress_bar(range(200), parent=epochs)",
        ),
    ),
}


class Client(NotebookClient):
    """Counts the messages that change what is shown."""

    messages = 0
    size = 0

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Count a message."""
        if msg["msg_type"] not in ("status", "execute_input"):
            self.messages += 1
            self.size += len(json.dumps(msg["content"], default=str))
        return super().process_message(msg, cell, cell_index)


def row(name: str, distribution: str, code: str) -> str:
    """Return the row of a contender."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code.strip())])
    client = Client(notebook, kernel_name="python3", allow_errors=True, timeout=120)
    client.execute()
    outputs = notebook.cells[0].outputs
    saved = len(json.dumps(outputs))
    widgets = len(json.dumps(notebook.metadata.get("widgets", {}))) if "widgets" in notebook.metadata else 0
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    raised = [output.ename for output in outputs if output.output_type == "error"]
    text = " / ".join(filter(None, (re.sub(r"\s+", " ", text.rsplit("\r", 1)[-1]).strip() for text in texts)))
    said = f"raised {raised[0]}" if raised else f"`{text[:60]}`"
    return (
        f"| {name} {installed(distribution)} | {client.messages} | {client.size / 1000:.1f} | {saved / 1000:.1f} "
        f"| {widgets / 1000:.1f} | {said} |"
    )


def installed(distribution: str) -> str:
    """Return the version of a distribution."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(missing)"


def main() -> None:
    """Print the table."""
    print(
        "| | messages | kB sent | kB saved | and for widgets | the text that is saved |\n|---|---:|---:|---:|---:|---|"
    )
    for name, (distribution, code) in CONTENDERS.items():
        print(row(name, distribution, code), flush=True)


if __name__ == "__main__":
    main()
