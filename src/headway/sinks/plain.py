"""Plain lines: sparse, one event a line, no control characters, each line parseable by `LINE`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from headway import format as fmt
from headway.news import News, PerNews
from headway.sink import Context, Renderer
from headway.sinks.options import at_least_zero
from headway.snapshot import Snapshot, Workers
from headway.text import widgets

__all__ = ["LINE", "RENDERER", "PlainSink", "line"]

_QUOTED = r"\"(?:[^\"\\]|\\.)*\""
LINE = re.compile(
    r"(?:(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d(?::\d\d)?) )?"
    rf"headway (?P<label>{_QUOTED}|[^\s\"]+) n=(?P<n>\S+)(?: total=(?P<about>~?)(?P<total>\S+) (?P<percent>\d+)%)?"
    rf" unit=(?P<unit>\S+)(?: phase=(?P<phase>\S+))? elapsed=(?P<elapsed>[\d.]+)(?: eta=(?P<eta>[\d.]+))?"
    rf"(?: stalled=(?P<stalled>[\d.]+))?(?: rate=(?P<rate>\S+))?"
    rf" state=(?P<state>running|paused|finished|stopped|failed|interrupted)(?: blocked=(?P<blocked>{_QUOTED}))?"
    rf"(?: reason=(?P<reason>{_QUOTED}))?(?P<metrics>(?: [^\s=\"]+=[^\s\"]+)*)(?: (?P<message>{_QUOTED}))?"
)
"""Matches every line that is about a bar, whole (`LINE.fullmatch`).

`n` and `total` are units, `rate` is units a second. They are plain numbers or, if the bar has a `unit_scale`, numbers
with its prefixes (`1.20k`, `1.20Ki`). `elapsed`, `eta` and `stalled` are seconds. `time` is there if it was asked for.
`about` is `~` before a total that is an estimate. `label`, `blocked`, `reason` and `message` are JSON strings where
they are quoted. `metrics` is a run of ` name=value`: the metrics with their summaries (`loss.best=0.1`), counts and
rates in other units (`step=10/25`, `sample/s=845`), and widgets that say what is nowhere else in the line.
"""
PERCENT = 5.0
SAID = {"title", "desc", "state", "phase", "percentage", "count", "elapsed", "eta", "rate", "metrics", "notes"}
SAID |= {"message", "reason", "spinner", "workers"}
"""Widgets whose information is in every line."""


def line(s: Snapshot) -> str:
    """Write a snapshot as one line."""
    about = "~" if s.estimated else ""
    total = "" if s.total is None else f" total={about}{_count(s.total, s)} {widgets.percentage(s)}"
    phase = f" phase={_word(s.phase)}" if s.phase else ""
    eta = "" if s.eta is None or s.eta == inf or s.state != "running" else f" eta={_seconds(s.eta)}"
    stalled = "" if s.stalled is None else f" stalled={_seconds(s.stalled)}"
    rate = "" if s.rate is None else f" rate={_rate(s.rate, s)}"
    reason = f" reason={_quoted(s.reason)}" if s.reason else ""
    blocked = f" blocked={_quoted(s.blocked)}" if s.blocked else ""
    values = "".join(f" {_word(name)}={_word(value)}" for name, value in _values(s))
    message = f" {_quoted(s.message)}" if s.message else ""
    label = s.desc or s.name or f"bar{s.id}"
    state = "paused" if s.paused and s.state == "running" else s.state
    return (
        f"headway {label if _is_word(label) else _quoted(label)} n={_count(s.n, s)}{total} unit={_word(s.unit)}{phase}"
        f" elapsed={_seconds(s.elapsed)}{eta}{stalled}{rate} state={state}{blocked}{reason}{values}{message}"
    )


def _workers(workers: Workers) -> Iterator[tuple[str, str]]:
    yield "workers", str(workers.count)
    if workers.ranks is not None:
        yield "ranks", str(workers.ranks)
    if workers.slowest is not None:
        yield "slowest", f"{int(workers.slowest * 100)}%"


def _values(s: Snapshot) -> Iterator[tuple[str, str]]:
    for unit, share in s.units.items():
        if share < 1:
            yield unit, widgets.counted(s, unit).removeprefix(f"{unit} ")
        elif s.rate is not None:
            yield f"{unit}/s", f"{s.rate * share:.4g}"
    if s.workers is not None:
        yield from _workers(s.workers)
    for name, reading in s.metrics.items():
        yield name, reading.text
        summary = {"first": reading.first, "best": reading.best, "best_at": reading.best_at}
        yield from ((f"{name}.{what}", _number(value)) for what, value in summary.items() if value is not None)
        if reading.since is not None:
            yield f"{name}.since", _number(reading.since)
    if s.layout is not None:
        said = {*SAID, *(f"metric.{name}" for name in s.metrics)}
        said |= {f"{what}.{unit}" for unit in s.units for what in ("rate", "count")}
        yield from s.layout.beyond(s, said)


def _count(n: float, s: Snapshot) -> str:
    return fmt.count(n, s.unit_scale) if s.unit_scale else _number(n)


def _rate(rate: float, s: Snapshot) -> str:
    return fmt.count(rate, s.unit_scale) if s.unit_scale and rate >= 1000 else f"{rate:.4g}"


def _seconds(seconds: float) -> str:
    return f"{max(0.0, seconds):.1f}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_word(text: str) -> bool:
    return bool(text) and not re.search(r"[\s\"=]", text)


def _word(text: str) -> str:
    return re.sub(r"[\s\"=]", "_", text) or "_"


class PlainSink(PerNews):
    """Writes a line for each piece of news, and one when enough time and enough work have passed.

    Bars inside others that leave no row behind may be thousands: a first line is due when nothing else was told for as
    long as the interval.
    """

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._looks: dict[int, Mapping[str, Any]] = {}
        """The options of each bar that is open."""

    def open(self, snapshot: Snapshot) -> None:
        """Keep the options, which hold until the bar ends."""
        self._looks[snapshot.id] = snapshot.options
        super().open(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Let go of the options."""
        super().close(snapshot)
        del self._looks[snapshot.id]

    def patience(self, snapshot: Snapshot) -> float:
        """Return the seconds between two lines of a bar, unless there is urgent news."""
        return float(self._looks[snapshot.id].get("interval", super().patience(snapshot)))

    def is_due(self, snapshot: Snapshot, told: Snapshot | None, news: tuple[News, ...]) -> bool:
        """Tell of news, and if both `interval` has passed and the share, if there is one, has grown by `percent`."""
        interval = self.patience(snapshot)
        if news:
            return True
        if told is None or snapshot.state != "running":
            return self.quiet >= interval
        percent = self._looks[snapshot.id].get("percent", PERCENT)
        grown = not snapshot.total or abs(snapshot.n - told.n) * 100 >= percent * snapshot.total
        return grown and snapshot.elapsed - told.elapsed >= interval

    def tell(self, snapshot: Snapshot, _news: tuple[News, ...]) -> None:
        """Write a line."""
        time = f"{_now()} " if self._looks[snapshot.id].get("time") == "iso" else ""
        self._put(f"{time}{line(snapshot)}")

    def write(self, text: str) -> None:
        """Write the text as it is, but for control characters."""
        self._put(fmt.written(text, colours=False))

    def _put(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


def _now() -> str:
    """Return the local time in ISO 8601, with the offset from UTC: `2026-03-14T09:26:53+01:00`."""
    from datetime import datetime  # few programs ask for the time

    return datetime.now().astimezone().isoformat(timespec="seconds")


def _time(value: Any) -> str:
    if value != "iso":
        raise ValueError("expected iso")
    return "iso"


OPTIONS: dict[str, Any] = {"interval": at_least_zero, "percent": at_least_zero, "time": _time}
RENDERER = Renderer(PlainSink, protocol=2, draws="lines", interval=1.0, look=OPTIONS)
