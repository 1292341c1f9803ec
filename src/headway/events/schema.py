"""A snapshot as plain data and back, in the schema of docs/events.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from headway.events.fields import read
from headway.snapshot import LARGEST, LOOK, SCHEMA, Reading, Snapshot

__all__ = ["from_event", "to_event"]

_FIELDS = Snapshot._fields[:-LOOK]
_ALWAYS = object()
_OF_A_METRIC = {name: Reading._field_defaults.get(name, _ALWAYS) for name in Reading._fields if name != "history"}
_DIGITS = "{:.6g}"
"""How a value of a metric's course is written: enough for a sparkline."""


def to_event(snapshot: Snapshot) -> dict[str, Any]:
    """Write a snapshot as plain data for JSON: the schema's version, then every field but the look.

    JSON has no number for NaN and infinity: they become the strings "nan", "inf" and "-inf".
    """
    event = {name: _plain(getattr(snapshot, name)) for name in _FIELDS}
    event["metrics"] = {name: _metric(reading) for name, reading in snapshot.metrics.items()}
    event["units"] = dict(snapshot.units)
    event["workers"] = None if snapshot.workers is None else snapshot.workers._asdict()
    return {"v": SCHEMA, **event}


def from_event(event: Mapping[str, Any]) -> Snapshot:
    """Read back the data that `to_event` wrote; unknown fields are ignored, and absent ones have their defaults.

    Texts are made safe for a row again (`headway.format.clean`), for an event may come from anywhere.

    Raises:
        ValueError: The event is of another schema version, lacks its id, or a field has a value that it cannot have.
            Nothing else is raised, whatever is given.
    """
    return Snapshot(**{"units": {}, "metrics": {}, **read(event)})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _metric(reading: Reading) -> dict[str, Any]:
    """Write the values that differ from the defaults.

    A metric that is a text has no value of its own, so that a text "nan" is told from the number.
    """
    event = {name: _plain(getattr(reading, name)) for name in _OF_A_METRIC}
    event = {name: value for name, value in event.items() if value != _OF_A_METRIC[name]}
    if isinstance(reading.value, str):
        del event["value"]
    if reading.history:
        event["history"] = [float(_DIGITS.format(max(-LARGEST, min(each, LARGEST)))) for each in reading.history]
    return event
