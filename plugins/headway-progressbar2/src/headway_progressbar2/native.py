"""A bar of progressbar2's whose widgets are told headway's figures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import progressbar
import progressbar.widgets as parts  # else at the first bar, where an import may spoil a Ctrl-C: see relay/role.py
from progressbar import utils

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["SnapshotBar"]

_scale: Any = utils.scale_1024  # type: ignore[attr-defined]
JOBS = 1000
"""Jobs that a `JobStatusBar` remembers, of which it shows as many as there is room for."""


class SnapshotBar(progressbar.ProgressBar):
    """A bar that shows a snapshot.

    progressbar2's widgets take their figures from the bar's `data()`. The time that is left and the speed they estimate
    themselves: in the bar's copies of them these are headway's, too.
    """

    def __init__(self, snapshot: Snapshot, **options: Any) -> None:
        self._snapshot = snapshot
        self._statuses: dict[str, deque[Any]] = {}
        super().__init__(max_error=False, is_terminal=True, line_breaks=False, **options)
        self.dress(self.widgets)
        self.start()

    def dress(self, widgets: Sequence[Any]) -> None:
        """Take widgets, and have them tell headway's figures."""
        self.widgets = list(widgets)
        self._etas: list[tuple[Any, str, str]] = []
        for widget in self.widgets:
            estimate = getattr(type(widget), "_calculate_eta", None)
            if estimate in (parts.ETA._calculate_eta, parts.AbsoluteETA._calculate_eta):
                widget._calculate_eta = partial(self._left, isinstance(widget, parts.AbsoluteETA))
                self._etas.append((widget, widget.format_not_started, widget.format_zero))
            if getattr(type(widget), "_speed", None) is parts.FileTransferSpeed._speed:
                widget._speed = partial(self._scaled, len(widget.prefixes))
            if isinstance(widget, parts.JobStatusBar):
                self._statuses.setdefault(widget.name, deque(maxlen=JOBS))

    def show(self, snapshot: Snapshot, values: Iterable[tuple[str, Any]] = ()) -> None:
        """Draw a newer picture.

        Args:
            snapshot: The picture.
            values: Names and values of metrics as they were reported since the one before.
        """
        before, self._snapshot = self._snapshot, snapshot
        ended = snapshot.state != "running"
        self.end_time = datetime.now() if ended else None  # noqa: DTZ005  # as progressbar2 does
        for eta, not_started, zero in self._etas:
            eta.format_not_started = eta.format_finished if ended else not_started
            eta.format_zero = eta.format_NA if snapshot.eta is None else zero
        self._take(before, values)
        self.max_value = progressbar.UnknownLength if snapshot.total is None else snapshot.total or 1
        self.update(self._drawn, force=True)

    @property
    def _drawn(self) -> Any:
        """How far the bar is to be drawn, which is never more than its maximum."""
        s = self._snapshot
        if s.total is None:
            return s.n
        return min(s.n if s.position is None else s.position, s.total) if s.total else 1

    def _take(self, before: Snapshot, values: Iterable[tuple[str, Any]]) -> None:
        """Make variables of the metrics."""
        metrics = self._snapshot.metrics
        for name, value in values:
            if name in self._statuses:
                self._statuses[name].append(_status(value))
        for name in self._statuses.keys() & metrics.keys():  # texts are not told one by one, nor are workers' values
            value, old = metrics[name].value, before.metrics.get(name)
            if (old is None or value != old.value) and (isinstance(value, str) or self._snapshot.points is None):
                self._statuses[name].append(_status(value))
        self.variables["postfix"] = {name: f"{reading.text}{reading.mark}" for name, reading in metrics.items()}
        self.variables.update({name: reading.value for name, reading in metrics.items()})
        for widget in self.widgets:
            if isinstance(widget, parts.MultiRangeBar):
                family = [reading.value for name, reading in metrics.items() if name.startswith(f"{widget.name}/")]
                self.variables[widget.name] = [value for value in family if not isinstance(value, str)]
            elif isinstance(widget, parts.JobStatusBar):
                self._tell_jobs(widget)

    def _tell_jobs(self, widget: Any) -> None:
        """Have a widget, which adds a job whenever it is drawn, remember all but the last one."""
        widget.get_job_markers(self).clear()
        statuses = [*self._statuses[widget.name]][-max(1, self.term_width) :]
        for status in statuses[:-1]:
            self.variables[widget.name] = status
            widget(self, self.data(), self.term_width)
        self.variables[widget.name] = statuses[-1] if statuses else None

    def data(self) -> dict[str, Any]:
        """The figures for progressbar2's widgets."""
        s = self._snapshot
        self.start_time = self.last_update_time - timedelta(seconds=s.elapsed)
        own = super().data()
        own.update(value=s.n, max_value=progressbar.UnknownLength if s.total is None else s.total)
        return own

    @property
    def percentage(self) -> float | None:
        """The share that is done, in percent, above 100 on overshoot; `None` while the total is unknown."""
        s = self._snapshot
        if s.total is None:
            return None
        return 100.0 * (s.n if s.position is None else s.position) / s.total if s.total else 100.0

    def _left(self, absolute: bool, *_args: Any, **_kwargs: Any) -> Any:
        """Take the place of a widget's estimate of the time that is left, or of the time of the end."""
        left = self._snapshot.eta
        if left is None or not absolute:
            return left or 0
        try:
            return datetime.now() + timedelta(seconds=left)  # noqa: DTZ005  # as progressbar2 does
        except OverflowError:
            return datetime.max  # noqa: DTZ901

    def _scaled(self, prefixes: int, *_args: Any) -> Any:
        """Take the place of a widget's speed."""
        return _scale(self._snapshot.rate or 0.0, prefixes)


def _status(value: Any) -> Any:
    """A job's status as progressbar2 knows it: whether it went well, or a mark."""
    return bool(value) if value in (0, 1) else str(value)
