"""Bars in the output of a cell of marimo: `marimo edit examples/marimo_page.py`.

marimo shows the output of the thread in which a cell runs, so that frames have to be drawn there. It runs a notebook in
a process that its server has started, which has no bars to share with the server.
"""

import marimo

app = marimo.App()


@app.cell
def _():
    import os
    import time

    import marimo as mo

    os.environ |= {"HEADWAY_THREADS": "0", "HEADWAY_RELAY": "off"}
    import headway
    from headway.layout import fit
    from headway.sink import ProgressSink, Renderer

    class Cell(ProgressSink):
        """Shows the bars in the output of the cell that runs."""

        def frame(self, frame):
            snapshots = [*frame.bars, *(snapshot for snapshot in frame.ended if snapshot.leave)]
            rows = [fit(snapshot, 100) for snapshot in snapshots]
            mo.output.replace(mo.plain_text("\n".join(f"{row.left.strip()} {row.right.strip()}" for row in rows)))

        def write(self, text):
            print(text)

    headway.use(Renderer(lambda _context: Cell(), protocol=2, draws="cell", interval=0.2))
    return headway, time


@app.cell
def _(headway, time):
    for epoch in headway.track(range(3), desc="epochs"):
        for _ in headway.track(range(50), desc=f"epoch {epoch}", unit="batch"):
            time.sleep(0.01)
    return


if __name__ == "__main__":
    app.run()
