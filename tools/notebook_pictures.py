"""Make the pictures of docs/notebooks.md: a notebook is executed, exported in JupyterLab's look, and photographed.

```console
$ pip install -e . -r tests/with_notebooks/requirements.txt
$ python tools/notebook_pictures.py     # it takes Chromium
```
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
CELLS = [
    """
import time, headway
from math import exp

loop = headway.loop(list(range(40)), epochs=3)
for epoch in loop:
    for batch in loop.train():
        time.sleep(0.02)
        loop.metrics(loss=exp(-loop.step / 40))
""",
    """
epochs = headway.get_bar(20, desc="epochs")
batches = headway.get_bar(200, desc="batches", parent=epochs)
epochs.update(7)
for i in range(110):
    time.sleep(0.02)
    batches.update()
    batches.metrics(loss=exp(-i / 40), lr=0.001)
""",
    """
with headway.get_bar(40, desc="search") as bar:
    bar.update(17)
    bar.stop("it is good")
with headway.get_bar(40, desc="copy") as bar:
    bar.update(23)
    bar.fail("no space left")
try:
    with headway.get_bar(40, desc="sync") as bar:
        bar.update(9)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
""",
]
WIDTH, HEIGHT = 760, 1030


def main() -> None:
    """Write a picture for each of the two themes."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    with tempfile.TemporaryDirectory() as folder:
        for theme in ("light", "dark"):
            page = Path(folder, f"{theme}.html")
            page.write_text(HTMLExporter(theme=theme).from_notebook_node(notebook)[0], encoding="utf-8")
            picture = PICTURES / f"notebook-{theme}.png"
            options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WIDTH},{HEIGHT}"]
            subprocess.run(["chromium", *options, f"--screenshot={picture}", page.as_uri()], check=True)


if __name__ == "__main__":
    main()
