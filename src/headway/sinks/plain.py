"""Plain lines: sparse, one event a line, no control characters, each line parseable by `LINE`."""

from __future__ import annotations

import json
import re
from typing import Any

from headway import format as fmt
from headway import widgets
from headway.sink import Capabilities, Renderer
from headway.snapshot import Snapshot
from headway.stream import Stream

__all__ = ["LINE", "RENDERER", "PlainSink", "line"]

LINE = re.compile(
    r"headway (?P<label>\"(?:[^\"\\]|\\.)*\"|[^\s\"]+) n=(?P<n>\S+)(?: total=(?P<total>\S+) (?P<percent>\d+)%)?"
    r" unit=(?P<unit>\S+) elapsed=(?P<elapsed>[\d.]+)(?: eta=(?P<eta>[\d.]+))?(?: rate=(?P<rate>\S+))?"
    r" state=(?P<state>running|paused|finished|stopped|failed|interrupted)"
    r"(?: reason=(?P<reason>\"(?:[^\"\\]|\\.)*\"))?"
    r"(?P<metrics>(?: [^\s=\"]+=[^\s\"]+)*)(?: (?P<message>\"(?:[^\"\\]|\\.)*\"))?"
)
"""Matches every line that is about a bar, whole (`LINE.fullmatch`).

`n`, `total` and `rate` are plain numbers in units and units a second, `elapsed` and `eta` are seconds. `label`,
`reason` and `message` are JSON strings where they are quoted. `metrics` is a run of ` name=value`.
"""


def line(s: Snapshot) -> str:
    """Write a picture as one line."""
    total = "" if s.total is None else f" total={_number(s.total)} {widgets.percentage(s)}"
    eta = "" if s.eta is None or s.state != "running" else f" eta={s.eta:.1f}"
    rate = "" if s.rate is None else f" rate={s.rate:.4g}"
    reason = f" reason={_quoted(s.reason)}" if s.reason else ""
    metrics = "".join(f" {_word(name)}={_word(metric.text)}" for name, metric in s.metrics.items())
    message = f" {_quoted(s.message)}" if s.message else ""
    label = widgets.label(s) or s.name or f"bar{s.id}"
    state = "paused" if s.paused and s.state == "running" else s.state
    return (
        f"headway {label if _is_word(label) else _quoted(label)} n={_number(s.n)}{total} unit={_word(s.unit)}"
        f" elapsed={s.elapsed:.1f}{eta}{rate} state={state}{reason}{metrics}{message}"
    )


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_word(text: str) -> bool:
    return bool(text) and not re.search(r"[\s\"=]", text)


def _word(text: str) -> str:
    return re.sub(r"[\s\"=]", "_", text) or "_"


class PlainSink:
    """Writes a bar's first and last line, and in between one when enough time and enough work have passed."""

    capabilities = Capabilities(needs_terminal=False, interval=1.0)

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._told: dict[int, tuple[Snapshot, float, float]] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Write the first line."""
        _hint(self._stream, snapshot.options.get("hint", ""))
        interval = snapshot.options.get("interval", 30.0)
        self._tell(snapshot, interval, snapshot.options.get("percent", 5.0))

    def update(self, snapshot: Snapshot) -> None:
        """Write a line if the interval has passed and, where there is a total, the share has grown by `percent`."""
        last, interval, percent = self._told[snapshot.id]
        if snapshot.elapsed - last.elapsed < interval and snapshot.elapsed >= last.elapsed:
            return
        if snapshot.total and abs(snapshot.n - last.n) * 100 < percent * snapshot.total:
            return
        self._tell(snapshot, interval, percent)

    def close(self, snapshot: Snapshot) -> None:
        """Write the last line."""
        self._tell(snapshot, 0.0, 0.0)
        del self._told[snapshot.id]

    def write(self, text: str) -> None:
        """Write the text as it is, but for control characters."""
        self._put("\n".join(map(fmt.printable, text.split("\n"))))

    def _tell(self, snapshot: Snapshot, interval: float, percent: float) -> None:
        self._told[snapshot.id] = (snapshot, interval, percent)
        self._put(line(snapshot))

    def _put(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


_hinted: set[str] = set()


def _hint(stream: Stream, hint: str) -> None:
    """Say once in a process what would make the display better."""
    if hint and hint not in _hinted:
        _hinted.add(hint)
        stream.write(hint)


def _at_least_zero(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise ValueError("expected a number that is not negative")
    return value


OPTIONS: dict[str, Any] = {"interval": _at_least_zero, "percent": _at_least_zero}
RENDERER = Renderer(sink=PlainSink, options=OPTIONS)
