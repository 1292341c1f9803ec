"""The way of what workers say into the process that draws: in order with their texts, then into the rows."""

from __future__ import annotations

from collections.abc import Callable

from headway.notation import TYPE_CHECKING
from headway.processes.order import Order
from headway.processes.wire import Report

if TYPE_CHECKING:
    from headway.processes.own import OwnBars
    from headway.processes.rows import Rows, Worker
    from headway.processes.wire import Event
    from headway.snapshot import State

__all__ = ["Intake"]


class Intake:
    """Takes events, in the thread that draws.

    Args:
        rows: Shows the bars that have a row of their own.
        take: Gets each other event when it is due.
        lose: Gets each worker that is gone, behind all that it has said.
        settle: Called when the last bar with a row of its own ends.
    """

    def __init__(
        self,
        rows: Rows,
        take: Callable[[Worker, Event], None],
        lose: Callable[[Worker], None],
        settle: Callable[[], None],
    ) -> None:
        self.order = Order(self._give)
        """Events that wait for the text of their process."""
        self._rows = rows
        self._take = take
        self._lose = lose
        self._settle = settle
        self._own: OwnBars | None = None

    def _give(self, worker: Worker, event: Event | None) -> None:
        if event is None:
            self._lose(worker)
            if self._own is not None:
                self._own.lose(worker)
        elif isinstance(event, Report) and worker.own and not event.of:
            own = self._bars_of_its_own()
            if own.ends_with(worker, event):
                self._settle()
            own.take(worker, event)
        else:
            self._take(worker, event)

    def _bars_of_its_own(self) -> OwnBars:
        if self._own is None:
            from headway.processes.own import OwnBars  # only under `headway run --pty`

            self._own = OwnBars(self._rows)
        return self._own

    def end_all(self, state: State) -> None:
        """End the bars that have a row of their own."""
        if self._own is not None:
            self._own.end_all(state)
