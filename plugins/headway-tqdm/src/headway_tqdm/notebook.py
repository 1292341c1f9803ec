"""tqdm's own widgets in a notebook: the words are headway's, the bar and its colours are tqdm's."""

from __future__ import annotations

import math
import threading
from typing import Any

from tqdm.notebook import tqdm_notebook

from headway import layout
from headway.sink import Context, PerBar
from headway.snapshot import Snapshot

__all__ = ["NotebookSink"]

COLUMNS = 120
"""Columns of the words beside a bar: the front end breaks lines that are longer than its cell."""
STYLES = {"finished": "success", "stopped": "success", "failed": "danger", "interrupted": "warning"}


class _Row(tqdm_notebook):  # type: ignore[type-arg]
    """A bar of tqdm's widgets that shows a snapshot, and draws only when told to."""

    monitor_interval = 0

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        never: dict[str, Any] = {"mininterval": math.inf, "maxinterval": math.inf, "miniters": math.inf}
        super().__init__(total=snapshot.total, colour=snapshot.options.get("colour"), delay=0, disable=False, **never)

    def show(self, snapshot: Snapshot) -> None:
        """Show a newer snapshot."""
        if snapshot.total != self.total:
            self.reset(snapshot.total)
        self._snapshot, self.n = snapshot, snapshot.n
        self.display()

    def display(self, msg: str | None = None, *args: Any, **signals: Any) -> None:
        """Show headway's words in the place of tqdm's."""
        row = layout.fit(self._snapshot, COLUMNS)
        super().display(msg or f"{row.left}<bar/>{row.right}", *args, **signals)

    def end(self, snapshot: Snapshot) -> None:
        """Show the last snapshot, or nothing if it leaves nothing."""
        self.show(snapshot)
        super(tqdm_notebook, self).close()
        if snapshot.leave:
            self.display(bar_style=STYLES.get(snapshot.state), check_delay=False)
        else:
            self.display(close=True, check_delay=False)


_Row.set_lock(threading.RLock())
"""tqdm's own default lock is shared with child processes: one that is forked while it is held hangs both."""


class NotebookSink(PerBar):
    """Shows each bar as a row of tqdm's widgets."""

    def __init__(self, context: Context) -> None:
        del context  # widgets are displayed in the cell
        self._rows: dict[int, _Row] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Display a row."""
        self._rows[snapshot.id] = _Row(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Change the row."""
        self._rows[snapshot.id].show(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Colour the row by its end, or hide it."""
        self._rows.pop(snapshot.id).end(snapshot)

    def write(self, text: str) -> None:
        """Write a text where the program's prints are."""
        print(text)
