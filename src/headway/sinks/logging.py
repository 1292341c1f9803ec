"""Records of the program's own `logging`: of a bar's first and last report, at intervals, and at news."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from headway import format as fmt
from headway.events.schema import to_event
from headway.format import in_words
from headway.host.faults import tell
from headway.news import News, PerNews, is_in_trouble
from headway.sink import Context, Renderer
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
    about, over = "~" if s.estimated else "", " (over)" if s.over else ""
    share = f"{fmt.count(s.n, s.unit_scale)}/{about}{fmt.count(s.total, s.unit_scale)}"
    return f"{widgets.percentage(s)} {share} {english.plural(s.unit)}{over}"


class LoggingSink(PerNews):
    """Logs news of bars, and each bar once an interval.

    Trouble (a failure, a stall, a metric that is no finite number) has a level one higher. Bars inside others that
    leave no row behind may be thousands: a first record is due when nothing else was told for as long as the interval.
    """

    def __init__(self, context: Context) -> None:
        self._logger = logging.getLogger(context.options.get("logger", "headway"))
        self._level: int = context.options.get("level", logging.INFO)
        self._interval: float = context.options.get("interval", INTERVAL)

    def patience(self, snapshot: Snapshot) -> float:  # noqa: ARG002  # it is the same for all bars
        """Return the seconds between two records of a bar, unless there is urgent news."""
        return self._interval

    def is_due(self, snapshot: Snapshot, told: Snapshot | None, news: tuple[News, ...]) -> bool:
        """Tell of news, and of a bar that was not told of for the interval."""
        if told is None or snapshot.state != "running":
            return bool(news) or self.quiet >= self._interval
        return bool(news) or snapshot.elapsed - told.elapsed >= self._interval

    def tell(self, snapshot: Snapshot, _news: tuple[News, ...]) -> None:
        """Log a bar."""
        level = self._level
        if is_in_trouble(snapshot) and level < logging.CRITICAL:
            level += logging.WARNING - logging.INFO
        if self._logger.isEnabledFor(level):
            self._log(level, message(snapshot), {"headway": to_event(snapshot)})

    def write(self, text: str) -> None:
        """Log the text."""
        if self._logger.isEnabledFor(self._level):
            self._log(self._level, fmt.written(text, colours=False), {})

    def _log(self, level: int, text: str, extra: dict[str, Any]) -> None:
        record = self._logger.makeRecord(self._logger.name, level, WHERE, 0, text, (), None, None, extra)
        try:
            self._logger.handle(record)
        except Exception as error:  # most handlers contain their own; those of strangers may not
            name = self._logger.name
            tell(f"logging {name} {type(error)}", f"A handler of the logger {name!r} raised {in_words(error)}.")


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
RENDERER = Renderer(LoggingSink, protocol=2, draws="nothing", interval=1.0, options=OPTIONS, cosmetic=OPTIONS)
