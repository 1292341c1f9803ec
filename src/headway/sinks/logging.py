"""Records of the program's own `logging`: of a bar's first and last report, at intervals, and at news."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from headway import format as fmt
from headway.events.schema import to_event
from headway.format import in_words
from headway.host.faults import tell
from headway.sink import Context, PerBar, Renderer
from headway.sinks.news import APART, troubles
from headway.sinks.options import at_least_zero
from headway.snapshot import Snapshot
from headway.text import english, widgets

__all__ = ["RENDERER", "LoggingSink", "message"]

WHERE = "(headway)"
"""The place in the code that records name."""
INTERVAL = 60.0


def message(s: Snapshot) -> str:
    """Write a snapshot as the message of a record: `train: 45% 450/1000 batches, 00:30 elapsed, 00:37 left`."""
    return f"{widgets.label(s) or s.name or f'bar {s.id}'}: {', '.join(filter(None, _parts(s)))}"


def _parts(s: Snapshot) -> Iterator[str]:
    yield widgets.ending(s) or ("" if s.state == "running" else s.state)
    yield _counts(s)
    yield widgets.workers(s)
    yield f"{widgets.elapsed(s)} elapsed"
    if s.eta is not None and s.state == "running":
        yield f"{fmt.duration(s.eta)} left"
    if s.rate is not None:
        unit = s.unit if 0 < s.rate < 1 else f" {english.plural(s.unit)}"
        yield fmt.rate(s.rate, unit, s.unit_scale)
    yield from (f"{name} {reading.text}{reading.mark}" for name, reading in s.metrics.items())
    yield s.reason
    yield s.message


def _counts(s: Snapshot) -> str:
    if s.total is None:
        count = fmt.count(s.n, s.unit_scale)
        return f"{count} {english.singular(s.unit) if s.n == 1 else english.plural(s.unit)}"
    about, over = "~" if s.estimated else "", " (over)" if s.n > s.total else ""
    share = f"{fmt.count(s.n, s.unit_scale)}/{about}{fmt.count(s.total, s.unit_scale)}"
    return f"{widgets.percentage(s)} {share} {english.plural(s.unit)}{over}"


class Told(NamedTuple):
    """The last report of a bar that was due, and whether any was told."""

    snapshot: Snapshot
    anything: bool = False


class LoggingSink(PerBar):
    """Logs bars.

    Trouble (a failure, a stall, a metric that is no finite number) has a level one higher. Bars inside others that
    leave no row behind may be thousands: a first record is due when nothing else was told for as long as the interval,
    and a last one where there was a first one, or where the bar failed.
    """

    def __init__(self, context: Context) -> None:
        self._logger = logging.getLogger(context.options.get("logger", "headway"))
        self._level: int = context.options.get("level", logging.INFO)
        self._interval: float = context.options.get("interval", INTERVAL)
        self._told: dict[int, Told] = {}
        self._last = -inf
        self._last_news = -inf

    def open(self, snapshot: Snapshot) -> None:
        """Log the first report."""
        self._told[snapshot.id] = Told(snapshot)
        if self._is_its_turn(snapshot):
            self._tell(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Log a report if the interval has passed, or if there is news."""
        last = self._told[snapshot.id]
        if _is_news(snapshot, last):
            if monotonic() - self._last_news >= APART:
                self._last_news = monotonic()
                self._tell(snapshot)
        elif snapshot.elapsed < last.snapshot.elapsed:  # it has started over
            self._told[snapshot.id] = last._replace(snapshot=snapshot)
        elif snapshot.elapsed - last.snapshot.elapsed >= self._interval:
            self._tell(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Log the last report."""
        if self._told[snapshot.id].anything or snapshot.state == "failed" or self._is_its_turn(snapshot):
            self._tell(snapshot)
        del self._told[snapshot.id]

    def write(self, text: str) -> None:
        """Log the text."""
        if self._logger.isEnabledFor(self._level):
            self._log(self._level, fmt.written(text, colours=False), {})

    def _is_its_turn(self, snapshot: Snapshot) -> bool:
        return snapshot.leave or snapshot.parent is None or monotonic() - self._last >= self._interval

    def _tell(self, snapshot: Snapshot) -> None:
        self._told[snapshot.id] = Told(snapshot, anything=True)
        self._last = monotonic()
        level = self._level
        if (snapshot.state == "failed" or troubles(snapshot)) and level < logging.CRITICAL:
            level += logging.WARNING - logging.INFO
        if self._logger.isEnabledFor(level):
            self._log(level, message(snapshot), {"headway": to_event(snapshot)})

    def _log(self, level: int, text: str, extra: dict[str, Any]) -> None:
        record = self._logger.makeRecord(self._logger.name, level, WHERE, 0, text, (), None, None, extra)
        try:
            self._logger.handle(record)
        except Exception as error:  # most handlers contain their own; those of strangers may not
            name = self._logger.name
            tell(f"logging {name} {type(error)}", f"A handler of the logger {name!r} raised {in_words(error)}.")


def _is_news(snapshot: Snapshot, last: Told) -> bool:
    turned = last.anything and snapshot.phase != last.snapshot.phase
    return turned or bool(troubles(snapshot) - troubles(last.snapshot))


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected the name of a logger")
    return value


def _level(value: Any) -> int:
    text = str(value).strip().upper()
    level = int(text) if text.isdecimal() else logging.getLevelName(text)
    if not isinstance(level, int) or level < 1:
        raise ValueError("expected a level of logging, such as INFO, or its number")
    return level


OPTIONS: dict[str, Any] = {"logger": _name, "level": _level, "interval": at_least_zero}
RENDERER = Renderer(LoggingSink, protocol=2, draws="nothing", interval=1.0, options=OPTIONS)
