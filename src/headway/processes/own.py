"""The bars of a process that this one shows as that one would: each has a row of its own, and nothing is added up."""

from __future__ import annotations

from headway.notation import TYPE_CHECKING
from headway.processes.own_bar import OwnBar
from headway.processes.wire import Look

if TYPE_CHECKING:
    from headway.choosing.selection import Choice
    from headway.processes.rows import Rows, Worker
    from headway.processes.wire import Report
    from headway.snapshot import State

__all__ = ["OwnBars", "told"]

MOST = 1000
"""Bars that one process may have open; further ones are not shown."""


def told(choice: Choice) -> Look:
    """Tell the look of a bar, as far as that can be told as text."""
    scalars = {name: value for name, value in choice.options.items() if isinstance(value, str | int | float)}
    return Look(choice.name, scalars, getattr(choice.layout, "asked", None))


class OwnBars:
    """The bars of such processes.

    Args:
        rows: Shows them.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._bars: dict[int, dict[int, OwnBar]] = {}
        """Those that are open, by the number of the process and their ids there."""

    def ends_with(self, worker: Worker, report: Report) -> bool:
        """Tell whether no bar is open any more once a report is taken in."""
        open_ones = {(number, bar_id) for number, bars in self._bars.items() for bar_id in bars}
        return report.kind == "close" and open_ones <= {(worker.number, report.snapshot.id)}

    def take(self, worker: Worker, report: Report) -> None:
        """Take a snapshot in."""
        snapshot = report.snapshot
        bars = self._bars.setdefault(worker.number, {})
        bar = bars.get(snapshot.id)
        if bar is None:
            if len(bars) >= MOST:
                return
            around = bars.get(snapshot.parent or 0)
            bar = OwnBar(self._rows.new_id(), None if around is None else around.id, snapshot, self._end)
            bars[snapshot.id] = bar
            bar.take(snapshot._replace(state="running", reason=""))
            self._rows.show(bar, report.look)
        bar.take(snapshot)
        if report.kind == "close":
            del bars[snapshot.id]
            self._rows.finish(bar.snapshot())

    def lose(self, worker: Worker) -> None:
        """Fail the open bars of a process that is gone."""
        for bar in reversed(self._bars.pop(worker.number, {}).values()):
            self._finish(bar, "failed", f"lost {worker.label}")

    def end_all(self, state: State) -> None:
        """End all that are open, the inner ones first."""
        for bars in list(self._bars.values()):
            for bar in reversed(list(bars.values())):
                self._end(bar, state)

    def _end(self, bar: OwnBar, state: State) -> None:
        for bars in self._bars.values():
            for bar_id in [bar_id for bar_id, each in bars.items() if each is bar]:
                del bars[bar_id]
        self._finish(bar, state, "")

    def _finish(self, bar: OwnBar, state: State, reason: str) -> None:
        last = bar.snapshot()._replace(state=state, reason=reason, paused=False, stalled=None, blocked="")
        self._rows.finish(last._replace(eta=None, eta_low=None, eta_high=None))
