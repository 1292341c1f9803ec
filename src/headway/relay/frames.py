"""What travels: a token of fixed length, then frames of a length and a JSON object in the schema of events.

The reading side trusts nobody: nothing is parsed before the token, no length is believed above `LIMIT`, and each field
is checked for type, size and range. It is pure, and raises `FrameError` alone.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from headway import format as fmt
from headway.checking import LARGEST
from headway.snapshot import SCHEMA, STATES, Reading, Snapshot

__all__ = ["LIMIT", "Decoder", "Event", "FrameError", "Hello", "Picture", "Text", "picture", "pieces", "token"]

LIMIT = 65536
"""Bytes of a frame at most."""
MOST_METRICS = 32
MOST_UNITS = 16
LONGEST = 1000
"""Characters of a text in a picture, as everywhere; what is written above the bars goes in pieces of `PIECE`."""
SHORT = 100
"""Characters of a metric's name and text."""
PIECE = 8000
_MOST_ID = 2**63
_GREETING = b"headway-relay-1 "
_HEAD = 4


class FrameError(ValueError):
    """Raised when a peer is not who it should be, or sends what is no event."""


class Hello(NamedTuple):
    """Who reports."""

    pid: int
    rank: int | None


class Picture(NamedTuple):
    """A bar was opened, changed or ended."""

    kind: str
    """`open`, `update` or `close`."""
    snapshot: Snapshot
    of: str
    """The bar of the drawing process that it counts for, see `handles.py`; empty for a bar of its own."""


class Text(NamedTuple):
    """A text is to stand above the bars."""

    text: str


Event = Hello | Picture | Text


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def token(key: str) -> bytes:
    """Return the first bytes of a connection."""
    return _GREETING + key.encode("ascii")


def hello(pid: int, rank: int | None) -> bytes:
    """Write who reports."""
    return _frame({"v": SCHEMA, "event": "hello", "pid": pid, "rank": rank})


def picture(kind: str, snapshot: Snapshot, of: str = "") -> bytes:
    """Write a picture; what a frame cannot hold is left out of it."""
    event = snapshot.to_event()
    event = {name: value for name, value in event.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}
    event["event"] = kind
    if of:
        event["of"] = of
    if "metrics" in event:
        event["metrics"] = dict(_shortened(event["metrics"]))
    if "units" in event:
        event["units"] = dict(list(event["units"].items())[:MOST_UNITS])
    frame = _frame(event)
    if len(frame) > LIMIT:
        event.pop("metrics", None)
        frame = _frame({name: value[:SHORT] if isinstance(value, str) else value for name, value in event.items()})
    return frame


def _shortened(metrics: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    shown = list(metrics.items())[:MOST_METRICS]
    return [
        (name[:SHORT], {key: value[:SHORT] if isinstance(value, str) else value for key, value in reading.items()})
        for name, reading in shown
    ]


def pieces(text: str) -> list[bytes]:
    """Write a text, in several frames where it is long."""
    cut = [text[i : i + PIECE] for i in range(0, len(text), PIECE)] or [""]
    return [_frame({"v": SCHEMA, "event": "write", "text": piece}) for piece in cut]


def _frame(event: Mapping[str, Any]) -> bytes:
    body = json.dumps(event, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return len(body).to_bytes(_HEAD, "big") + body


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Decoder:
    """Makes events of bytes as they come.

    Args:
        key: The secret that the peer has to begin with.
    """

    def __init__(self, key: str) -> None:
        self._token = token(key)
        self._buffer = bytearray()
        self.trusted = False
        """Whether the peer has shown the secret."""

    @property
    def waiting(self) -> bool:
        """Whether a token or a frame has begun and not ended."""
        return bool(self._buffer) or not self.trusted

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes in, and return the events that are complete.

        Raises:
            FrameError: The peer has not shown the secret, or sends what is no event. It is not to be fed again.
        """
        self._buffer += data
        if not self.trusted and not self._read_token():
            return []
        events: list[Event] = []
        start = 0
        while len(self._buffer) - start >= _HEAD:
            length = int.from_bytes(self._buffer[start : start + _HEAD], "big")
            if length > LIMIT:
                raise FrameError(f"a frame of {length} bytes, where {LIMIT} are the most")
            end = start + _HEAD + length
            if end > len(self._buffer):
                break
            events.append(_event(bytes(self._buffer[start + _HEAD : end])))
            start = end
        del self._buffer[:start]
        return events

    def _read_token(self) -> bool:
        import hmac  # with the first worker, not with the first bar

        size = len(self._token)
        if len(self._buffer) < size:
            return False
        if not hmac.compare_digest(bytes(self._buffer[:size]), self._token):
            raise FrameError("the secret is missing or wrong")
        del self._buffer[:size]
        self.trusted = True
        return True


def _event(body: bytes) -> Event:
    try:
        event = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"what is no JSON: {type(error).__name__}") from None
    if not isinstance(event, dict) or event.get("v") != SCHEMA:
        raise FrameError(f"what is no event of schema {SCHEMA}")
    kind = event.get("event")
    if kind in ("open", "update", "close"):
        return Picture(kind, _snapshot(event), _text(event.get("of", ""), SHORT))
    if kind == "write":
        return Text(_written(event.get("text")))
    if kind == "hello":
        rank = event.get("rank")
        return Hello(_whole(event.get("pid")), None if rank is None else _whole(rank))
    raise FrameError("an event of no known kind")


def _no_number(name: str) -> float:
    raise ValueError(name)


def _snapshot(event: Mapping[str, Any]) -> Snapshot:
    if "id" not in event:
        raise FrameError("a picture of no bar")
    return Snapshot(**{name: check(event[name]) for name, check in _CHECKS.items() if name in event})


def _fail(what: str) -> FrameError:
    return FrameError(f"a field that cannot be: {what}")


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MOST_ID:
        raise _fail("a whole number")
    return value


def _whole_or_none(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _count(value: Any) -> int | float:
    if type(value) is not int and type(value) is not float:
        raise _fail("a count")
    if not 0 <= value <= LARGEST:
        raise _fail("a count within bounds")
    return value


def _count_or_none(value: Any) -> int | float | None:
    return None if value is None else _count(value)


def _estimate(value: Any) -> float | None:
    """Read a rate or a remaining time; what is no finite number says nothing."""
    if value is None or value in _NOT_FINITE:
        return None
    return float(_count(value))


_NOT_FINITE = ("nan", "inf", "-inf")


def _value(value: Any) -> float:
    if value in _NOT_FINITE:
        return float(value)
    if (type(value) is not int and type(value) is not float) or not abs(value) <= LARGEST:
        raise _fail("a metric's number")
    return value


def _value_or_none(value: Any) -> float | None:
    return None if value is None else _value(value)


def _flag(value: Any) -> bool:
    if value is not True and value is not False:
        raise _fail("yes or no")
    return value


_clean = functools.lru_cache(maxsize=1024)(fmt.clean)


def _text(value: Any, longest: int = LONGEST) -> str:
    if type(value) is not str or len(value) > longest:
        raise _fail("a text")
    return _clean(value)


def _written(value: Any) -> str:
    if type(value) is not str or len(value) > PIECE:
        raise _fail("a text to be written")
    return "\n".join(map(fmt.printable, value.split("\n")))


def _one_of(*allowed: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not str or value not in allowed:
            raise _fail("one of a few words")
        return value

    return check


def _mapping(value: Any, most: int) -> Mapping[str, Any]:
    if type(value) is not dict or len(value) > most:
        raise _fail("a mapping")
    return value


def _units(value: Any) -> dict[str, float]:
    read = {_text(name, SHORT): float(_count(share)) for name, share in _mapping(value, MOST_UNITS).items()}
    if not all(read.values()):
        raise _fail("a share of a unit")
    return read


def _metrics(value: Any) -> dict[str, Reading]:
    return {_text(name, SHORT): _reading(reading) for name, reading in _mapping(value, MOST_METRICS).items()}


def _reading(event: Any) -> Reading:
    fields = _mapping(event, 100)
    text = _text(fields.get("text"), SHORT)
    read = {name: check(fields[name]) for name, check in _READING_CHECKS.items() if name in fields}
    return Reading(value=_value(fields["value"]) if "value" in fields else text, text=text, **read)


def _columns(value: Any) -> int:
    return min(_whole(value), SHORT)


def _priority(value: Any) -> int:
    if type(value) is not int or abs(value) > LONGEST:
        raise _fail("a priority")
    return value


def _short(value: Any) -> str:
    return _text(value, SHORT)


def _spec(value: Any) -> str:
    """Read a format spec; one that is none, or asks for many columns, says nothing."""
    spec = _text(value, SHORT)
    if not _SPEC.fullmatch(spec):
        return ""
    try:
        format(0.5, spec)
    except ValueError:
        return ""
    return spec


_SPEC = re.compile(r"(?:.?[<>=^])?[ +-]?z?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?[eEfFgGn%]?")
_READING_CHECKS: dict[str, Callable[[Any], Any]] = {
    "mark": _short,
    "columns": _columns,
    "priority": _priority,
    "first": _value_or_none,
    "best": _value_or_none,
    "best_at": _count_or_none,
    "since": _count_or_none,
    "format": _spec,
}
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "id": _whole,
    "parent": _whole_or_none,
    "name": _text,
    "desc": _text,
    "phase": _text,
    "unit": _text,
    "unit_scale": _one_of("", "si", "iec"),
    "units": _units,
    "n": _count,
    "position": _count_or_none,
    "total": _count_or_none,
    "estimated": _flag,
    "initial": _count,
    "elapsed": _count,
    "rate": _estimate,
    "eta": _estimate,
    "eta_low": _estimate,
    "eta_high": _estimate,
    "metrics": _metrics,
    "message": _text,
    "state": _one_of(*STATES),
    "reason": _text,
    "paused": _flag,
    "stalled": _count_or_none,
    "leave": _flag,
}
_DEFAULTS = {name: value for name, value in Snapshot(0).to_event().items() if name not in ("v", "id")}
