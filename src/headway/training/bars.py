"""The rows of a training run: one for the run, one for the present epoch, which stays with the epoch's metrics.

Knows how they are shown; whose loop it is, ours or a framework's, is for the caller.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping
from time import time
from typing import TYPE_CHECKING, Any, TextIO

from headway import format as fmt
from headway.drawing.hub import hub
from headway.host.clock import monotonic
from headway.host.handlers import Finalising
from headway.points import Stretch
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.snapshot import Snapshot, State
from headway.text.layout import of
from headway.training.forecast import Forecast
from headway.training.phases import Phase
from headway.training.plan import Plan

if TYPE_CHECKING:
    from headway.choosing.selection import Choice

__all__ = ["Rows"]

TIMED = of("{title} {percentage:>4} {bar} {count} [{elapsed}<{eta}] {workers} {metrics} {notes}", lambda _widget: False)
"""The row of a run that is measured in seconds: seconds a second say nothing."""


class Rows:
    """Shows a run as its plan goes on.

    Args:
        plan: The plan; from now on it goes by the clock of the bar.
        bar: The bar of the whole run.
        metrics: What is shown beside each epoch, and at the end beside the run.
    """

    def __init__(self, plan: Plan, bar: Bar, metrics: Metrics) -> None:
        self.plan = plan
        self.bar = bar
        self.metrics = metrics
        self.epoch: EpochRow | None = None
        """The row of the present epoch; between epochs there is none."""
        self._message = ""
        self._phases = 0
        """How many phases had begun at the last report."""
        self._shown: tuple[tuple[Choice, ...], TextIO] | None = None
        self._train = plan.train.work
        plan.elapsed = _Clock(bar)
        bar.look_ahead(Forecast(plan))

    @property
    def name(self) -> str:
        """The dotted name of the run, for filters and events."""
        return self.bar.name

    def open(self, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show the run's row. The layout that was asked for is that of the epochs' rows."""
        layout = TIMED if self.plan.settings.by_time else None
        self.bar.open(tuple(choice._replace(layout=layout) for choice in choices), file)
        if self.bar.drawn:
            self._shown = choices, file
        self.metrics.unseen = not self.bar.drawn

    def begin_epoch(self) -> None:
        """Show the row of the epoch that has begun."""
        self._message = ""
        self.metrics.turn()
        self.epoch = EpochRow(self)
        choices, file = self._shown or ((), None)
        choices = () if file is None else hub.route(choices, file)
        if file is not None and (choices or hub.outlets.recorders):
            self.epoch.shown = True
            if hub.outlets.want_points(choices):
                self.epoch.values = self.metrics.keep()
            hub.open(self.epoch, choices, file)

    def end_epoch(self, state: State, reason: str = "") -> None:
        """Show the last snapshot of the epoch's row."""
        row, self.epoch = self.epoch, None
        if row is not None:
            self.metrics.settle()
            row.end(state, reason)

    def end(self, state: State, reason: str = "") -> None:
        """Show the last snapshot of the run's row, with the metrics' summaries."""
        self.plan.ended = True
        self.bar.show_metrics(self.metrics)
        self.bar.end(state, reason)

    def report(self, values: Mapping[str, Any]) -> None:
        """Store metrics, to be read when a frame is drawn. Those of the present phase stand before the others."""
        if self.plan.begun != self._phases:
            self._phases = self.plan.begun
            self.metrics.begin_phase()
        self.metrics.report(values, self._train.given)
        hub.throttle.tick()

    def message(self, text: str) -> None:
        """Show a short text beside the epoch; the next one, or the next epoch, replaces it."""
        self._message = text

    def dressed(self, numbers: Snapshot) -> Snapshot:
        """Add what is reported beside the numbers. Metrics are users' code, to be read outside of any lock."""
        return numbers._replace(
            name=self.bar.name, message=fmt.clean(self._message), metrics=self.metrics.read(fresh=True)
        )

    def stop_reading(self) -> None:
        """Read no metric any more: one of them hangs."""
        self.metrics.release()


class _Clock:
    """Tells the seconds of a run, and does not keep its bar alive."""

    def __init__(self, bar: Bar) -> None:
        self._bar = weakref.ref(bar)

    def __call__(self) -> float:
        bar = self._bar()
        return 0.0 if bar is None else bar.elapsed


class EpochRow:
    """The row of one epoch: the phase that the run is in, and at the end what the epoch came to."""

    def __init__(self, rows: Rows) -> None:
        self.id = hub.new_id()
        self.shown = False
        self.values: Stretch | None = None
        """The values that were reported before it began, if a sink asks for each."""
        self._rows = rows
        self._plan = rows.plan
        self._desc = f"epoch {rows.plan.epoch + 1}"
        self._began = monotonic()
        self._opened = round(time(), 3)
        self._state: State = "running"
        self._reason = ""

    def snapshot(self) -> Snapshot:
        """Take a snapshot of the present phase, or of the training when the epoch is over."""
        snapshot = self._rows.dressed(self._numbers())
        return snapshot if self.values is None else snapshot._replace(points=self.values.until_now())

    def look(self) -> bool:
        """Have the estimate of the present phase learn what is done by now, and tell whether it has to learn more."""
        with self._plan.lock:
            return self._plan.now.work.look()

    def stop_reading(self) -> None:
        """Read no metric any more: one of them hangs."""
        self._rows.stop_reading()

    def slow_down(self) -> None:
        """Do nothing: the run's loop counts, or whoever reports draws."""

    def _numbers(self) -> Snapshot:
        plan, over = self._plan, self._state != "running"
        with plan.lock:
            inside = plan.now
            phase = inside if inside.counts and not over else plan.train
            n, position, length = phase.n, phase.position, phase.length
            known = length is not None and not (over and length.estimated)
            total = length.items if length is not None and known else (n if self._state == "finished" else None)
            stalled = inside.stalled if not over else None
            return Snapshot(
                id=self.id,
                parent=self._rows.bar.id,
                desc=self._desc,
                phase="" if over else inside.name,
                unit="batch",
                units=self._units(phase) if over else phase.units,
                n=n,
                position=None if position == n or over else position,
                total=total,
                estimated=known and length is not None and length.estimated,
                elapsed=monotonic() - self._began,
                rate=phase.average if over else phase.work.recent_rate,
                eta=None if over or total is None or stalled else phase.work.seconds_for(max(0, total - position)),
                stalled=stalled,
                state=self._state,
                reason=self._reason,
                leave=bool(self._rows.bar.leave),
                began=self._opened,
                depth=self._rows.bar.depth + 1,
                share=1.0 if self._plan.settings.unit == "epoch" else None,
                step=self._plan.steps,
            )

    def _units(self, train: Phase) -> dict[str, float]:
        """The units of an epoch that is over: where its length was not known, the rest of it is no step."""
        units = dict(train.units)
        if "step" in units and train.exact is None and train.n:
            units["step"] = (self._plan.steps - self._plan.steps_before) / train.n
        return units

    def __repr__(self) -> str:
        return f"<{self._desc} of {self._rows.bar!r}>"

    def end(self, state: State, reason: str = "") -> None:
        """Show the last snapshot; the row stays."""
        if self._state == "running":
            self._state, self._reason = state, fmt.clean(reason)
        if self.shown:
            hub.close(self)
            self.shown = False

    def __del__(self) -> None:
        if getattr(self, "shown", False):  # still: Ctrl-C has struck in the middle of its end
            with Finalising(sys._getframe()):
                self.end("stopped")
