"""Plain lines: sparse, one event a line, no control characters, each line parseable by `LINE`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from headway import format as fmt
from headway.sink import Context, PerBar, Renderer
from headway.sinks import news
from headway.sinks.options import at_least_zero
from headway.snapshot import Snapshot
from headway.text import widgets

__all__ = ["LINE", "RENDERER", "PlainSink", "line"]

_QUOTED = r"\"(?:[^\"\\]|\\.)*\""
LINE = re.compile(
    rf"headway (?P<label>{_QUOTED}|[^\s\"]+) n=(?P<n>\S+)(?: total=(?P<about>~?)(?P<total>\S+) (?P<percent>\d+)%)?"
    rf" unit=(?P<unit>\S+)(?: phase=(?P<phase>\S+))? elapsed=(?P<elapsed>[\d.]+)(?: eta=(?P<eta>[\d.]+))?"
    rf"(?: stalled=(?P<stalled>[\d.]+))?(?: rate=(?P<rate>\S+))?"
    rf" state=(?P<state>running|paused|finished|stopped|failed|interrupted)(?: blocked=(?P<blocked>{_QUOTED}))?"
    rf"(?: reason=(?P<reason>{_QUOTED}))?(?P<metrics>(?: [^\s=\"]+=[^\s\"]+)*)(?: (?P<message>{_QUOTED}))?"
)
"""Matches every line that is about a bar, whole (`LINE.fullmatch`).

`n`, `total` and `rate` are plain numbers in units and units a second, `elapsed`, `eta` and `stalled` are seconds;
`about` is `~` before a total that is an estimate. `label`, `blocked`, `reason` and `message` are JSON strings where
they are quoted. `metrics` is a run of ` name=value`: the metrics with their summaries (`loss.best=0.1`), counts and
rates in other units (`step=10/25`, `sample/s=845`), and widgets that say what is nowhere else in the line.
"""
SAID = {"title", "desc", "state", "phase", "percentage", "count", "elapsed", "eta", "rate", "metrics", "notes"}
SAID |= {"message", "reason", "spinner", "workers"}
"""Widgets whose information is in every line."""


def line(s: Snapshot) -> str:
    """Write a snapshot as one line."""
    about = "~" if s.estimated else ""
    total = "" if s.total is None else f" total={about}{_number(s.total)} {widgets.percentage(s)}"
    phase = f" phase={_word(s.phase)}" if s.phase else ""
    eta = "" if s.eta is None or s.state != "running" else f" eta={s.eta:.1f}"
    stalled = "" if s.stalled is None else f" stalled={s.stalled:.1f}"
    rate = "" if s.rate is None else f" rate={s.rate:.4g}"
    reason = f" reason={_quoted(s.reason)}" if s.reason else ""
    blocked = f" blocked={_quoted(s.blocked)}" if s.blocked else ""
    values = "".join(f" {_word(name)}={_word(value)}" for name, value in _values(s))
    message = f" {_quoted(s.message)}" if s.message else ""
    label = s.desc or s.name or f"bar{s.id}"
    state = "paused" if s.paused and s.state == "running" else s.state
    return (
        f"headway {label if _is_word(label) else _quoted(label)} n={_number(s.n)}{total} unit={_word(s.unit)}{phase}"
        f" elapsed={s.elapsed:.1f}{eta}{stalled}{rate} state={state}{blocked}{reason}{values}{message}"
    )


def _values(s: Snapshot) -> Iterator[tuple[str, str]]:
    for unit, share in s.units.items():
        if share < 1:
            yield unit, widgets.counted(s, unit).removeprefix(f"{unit} ")
        elif s.rate is not None:
            yield f"{unit}/s", f"{s.rate * share:.4g}"
    if s.workers is not None:
        yield "workers", str(s.workers.count)
        if s.workers.slowest is not None:
            yield "slowest", f"{int(s.workers.slowest * 100)}%"
    for name, reading in s.metrics.items():
        yield name, reading.text
        if reading.first is not None:
            summary = {"first": reading.first, "best": reading.best, "best_at": reading.best_at}
            yield from ((f"{name}.{what}", _number(value)) for what, value in summary.items() if value is not None)
        if reading.since is not None:
            yield f"{name}.since", _number(reading.since)
    if s.layout is not None:
        said = {*SAID, *(f"metric.{name}" for name in s.metrics)}
        said |= {f"{what}.{unit}" for unit in s.units for what in ("rate", "count")}
        yield from s.layout.beyond(s, said)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_word(text: str) -> bool:
    return bool(text) and not re.search(r"[\s\"=]", text)


def _word(text: str) -> str:
    return re.sub(r"[\s\"=]", "_", text) or "_"


FAULTS = ("failed", "interrupted")
"""The ends that are told of each bar."""


class Told(NamedTuple):
    """What was told of a bar last, if anything was, and how often it is to be told of."""

    snapshot: Snapshot
    interval: float
    percent: float
    anything: bool = False


class PlainSink(PerBar):
    """Writes a bar's first and last line, and in between one when enough time and enough work have passed.

    Bars inside others that leave no row behind may be thousands: a first line is due when nothing else was told for as
    long as the interval, and a last one where there was a first one, or where something went wrong.
    """

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._told: dict[int, Told] = {}
        self._wrote = self._urgent = -inf

    def open(self, snapshot: Snapshot) -> None:
        """Write the first line."""
        told = Told(snapshot, snapshot.options.get("interval", 30.0), snapshot.options.get("percent", 5.0))
        self._told[snapshot.id] = told
        if snapshot.state == "running" and self._is_its_turn(snapshot, told.interval):
            self._tell(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Write a line if the interval has passed and, where there is a total, the share has grown by `percent`.

        Other news is told after the interval, too, and trouble at once.
        """
        last, interval, percent, _ = self._told[snapshot.id]
        if news.troubles(snapshot) - news.troubles(last) and monotonic() - self._urgent >= news.APART:
            self._urgent = monotonic()
            self._tell(snapshot)
            return
        if snapshot.elapsed - last.elapsed < interval and snapshot.elapsed >= last.elapsed:
            return
        grown = not snapshot.total or abs(snapshot.n - last.n) * 100 >= percent * snapshot.total
        if grown or news.is_changed(snapshot, last) or news.is_sign_of_life(snapshot, last):
            self._tell(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Write the last line."""
        told = self._told[snapshot.id]
        if told.anything or snapshot.state in FAULTS or self._is_its_turn(snapshot, told.interval):
            self._tell(snapshot)
        del self._told[snapshot.id]

    def _is_its_turn(self, snapshot: Snapshot, interval: float) -> bool:
        return snapshot.leave or snapshot.parent is None or monotonic() - self._wrote >= interval

    def write(self, text: str) -> None:
        """Write the text as it is, but for control characters."""
        self._put(fmt.written(text, colours=False))

    def _tell(self, snapshot: Snapshot) -> None:
        self._told[snapshot.id] = self._told[snapshot.id]._replace(snapshot=snapshot, anything=True)
        self._wrote = monotonic()
        self._put(line(snapshot))

    def _put(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


OPTIONS: dict[str, Any] = {"interval": at_least_zero, "percent": at_least_zero}
RENDERER = Renderer(PlainSink, protocol=2, draws="lines", interval=1.0, look=OPTIONS)
