"""The frozen picture of one bar that crosses from the reporting side to the sinks.

Knows what a picture holds and how it is written as a plain event; knows nothing of bars, clocks or drawing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

__all__ = ["SCHEMA", "Metric", "Number", "Snapshot", "State"]

SCHEMA = 1
"""Version of the event schema. A reader ignores fields that it does not know; a new meaning gets a new number."""

Number = int | float
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
"""What became of a bar. `stopped` is an early end on purpose: a success."""

STATES: tuple[State, ...] = ("running", "finished", "stopped", "failed", "interrupted")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric at one moment: the raw number (or text) and how it reads."""

    value: float | str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One bar at one moment. Numbers are final here: a sink shows them and computes none.

    Times are seconds, `rate` is units per second of this session's work, `n` and `total` are in units.
    Text holds no control characters. `options` are the look-and-feel options for the sink that gets this picture;
    they belong to this process, so they neither count in comparisons nor travel in events.
    """

    id: int
    parent: int | None = None
    name: str = ""
    desc: str = ""
    unit: str = "it"
    unit_scale: Literal["", "si", "iec"] = ""
    n: Number = 0
    total: Number | None = None
    initial: Number = 0
    elapsed: float = 0.0
    rate: float | None = None
    eta: float | None = None
    eta_low: float | None = None
    eta_high: float | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    message: str = ""
    state: State = "running"
    reason: str = ""
    paused: bool = False
    leave: bool = True
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def fraction(self) -> float | None:
        """How much of the total is done, 0 to 1 and above 1 on overshoot; `None` while the total is unknown.

        A total of zero is complete from the start.
        """
        if self.total is None:
            return None
        return self.n / self.total if self.total else 1.0 + self.n

    def to_event(self) -> dict[str, Any]:
        """Write the picture as plain data for JSON: schema version, then every field but `options`.

        NaN and infinity, which JSON has no number for, become the strings "nan", "inf" and "-inf".
        """
        event = {name: _plain(getattr(self, name)) for name in _EVENT_FIELDS}
        event["metrics"] = {name: _metric_event(metric) for name, metric in self.metrics.items()}
        return {"v": SCHEMA, **event}

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Snapshot:
        """Read back what `to_event` wrote; fields that this version does not know are ignored.

        Raises:
            ValueError: The event is of another schema version, or lacks its id.
        """
        if event.get("v") != SCHEMA:
            raise ValueError(f"This reads events of schema {SCHEMA}, but the event has v={event.get('v')!r}.")
        if "id" not in event:
            raise ValueError("The event has no 'id', so it is of no bar.")
        values = {name: event[name] for name in _EVENT_FIELDS if name in event}
        for name in _NUMBERS & values.keys():
            values[name] = _number(values[name])
        metrics = event.get("metrics", {})
        values["metrics"] = {
            k: Metric(_number(m["value"]) if "value" in m else m["text"], m["text"]) for k, m in metrics.items()
        }
        return cls(**values)


_EVENT_FIELDS = tuple(f.name for f in fields(Snapshot) if f.name != "options")
_NUMBERS = {"n", "total", "initial", "elapsed", "rate", "eta", "eta_low", "eta_high"}
_NOT_FINITE = ("nan", "inf", "-inf")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    return float(value) if value in _NOT_FINITE else value


def _metric_event(metric: Metric) -> dict[str, Any]:
    """A metric that is a text has no value of its own, so that a text "nan" is told from the number."""
    return (
        {"text": metric.text} if isinstance(metric.value, str) else {"value": _plain(metric.value), "text": metric.text}
    )
