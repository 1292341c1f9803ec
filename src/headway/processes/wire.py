"""What travels after the handshake: messages of a length and a JSON object in the schema of events.

The reading side trusts nobody: no length is believed above `LIMIT`, and each field is checked as in event files, and
for size and range besides. It is pure, and raises `MessageError` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from headway.events import fields
from headway.events.fields import at_most, count, names, optional, taken, text, whole
from headway.events.schema import to_event
from headway.snapshot import SCHEMA, Snapshot

__all__ = [
    "LIMIT",
    "Decoder",
    "Ended",
    "Event",
    "Hello",
    "Look",
    "MessageError",
    "Report",
    "Seen",
    "Text",
    "ended",
    "pieces",
    "printed",
    "report",
    "seen",
]

LIMIT = 65536
"""Bytes of a message at most."""
MOST_METRICS = 32
MOST_UNITS = 16
LONGEST = 1000
"""Characters of a text in a snapshot, as everywhere; what is written above the bars goes in pieces of `PIECE`."""
SHORT = 100
"""Characters of a metric's name and text."""
PIECE = 8000
_HEAD = 4


class MessageError(ValueError):
    """Raised when a peer sends what is no event."""


class Hello(NamedTuple):
    """Who reports."""

    pid: int
    rank: int | None
    run: str = ""
    """The id of the run that it belongs to."""
    host: str = ""
    """The machine that it is on."""
    own: bool = False
    """Whether each of its bars has a row of its own, as in the process itself: see `headway.host.pty`."""
    prints: bool = False
    """Whether it passes on printed lines alone: see `bystander.py`."""


class Look(NamedTuple):
    """The look of a bar, as far as it can be told as text."""

    backend: str
    options: Mapping[str, str | float] = MappingProxyType({})
    widgets: str | list[str] | None = None


class Report(NamedTuple):
    """A bar was opened, changed or ended."""

    kind: str
    """`open`, `update` or `close`."""
    snapshot: Snapshot
    of: str
    """The bar of the drawing process that it counts for, see `copies.py`; empty for a bar of its own."""
    mark: int = 0
    """The number of the mark in the text of the terminal behind which it comes; 0 if there is none."""
    look: Look | None = None
    """Of a bar that opens, and that is shown as its process would show it."""


class Text(NamedTuple):
    """A text is to stand above the bars."""

    text: str
    terminal: int | None = None
    """The terminal that it was printed on, see `environment.terminal_of`; `None` for what `write` was given."""
    mark: int = 0
    """As of a report; of printed lines a number that is told back once they are on the terminal, 0 for none."""


class Ended(NamedTuple):
    """A row has ended for good: said to the workers, by the process that draws."""

    name: str
    desc: str
    unit: str


class Seen(NamedTuple):
    """The end of a bar, or a line, is seen on the screen: said to its worker."""

    id: int
    """The bar, or the mark of the line."""


Event = Hello | Report | Text | Ended | Seen


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def hello(me: Hello) -> bytes:
    """Write who reports."""
    return _message({"v": SCHEMA, "event": "hello", **me._asdict()})


def report(kind: str, snapshot: Snapshot, of: str = "", mark: int = 0, look: Look | None = None) -> bytes:
    """Write a snapshot; what a message cannot hold is left out of it."""
    event = to_event(snapshot)
    event = {name: value for name, value in event.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}
    event["event"] = kind
    if of:
        event["of"] = of
    if mark:
        event["mark"] = mark
    if look is not None:
        event["look"] = look._asdict()
    if "metrics" in event:
        event["metrics"] = dict(_shortened(event["metrics"]))
    if "units" in event:
        event["units"] = dict(list(event["units"].items())[:MOST_UNITS])
    message = _message(event)
    if len(message) > LIMIT:
        event.pop("metrics", None)
        event.pop("look", None)
        message = _message({name: value[:SHORT] if isinstance(value, str) else value for name, value in event.items()})
    return message


def _shortened(metrics: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    shown = list(metrics.items())[:MOST_METRICS]
    return [
        (name[:SHORT], {key: value[:SHORT] if isinstance(value, str) else value for key, value in reading.items()})
        for name, reading in shown
    ]


def pieces(written: str, mark: int = 0) -> list[bytes]:
    """Write a text, in several messages where it is long."""
    cut = [written[i : i + PIECE] for i in range(0, len(written), PIECE)] or [""]
    return [_message({"v": SCHEMA, "event": "write", "text": piece, "mark": mark}) for piece in cut]


def printed(text: str, terminal: int, mark: int = 0) -> list[bytes]:
    """Write lines that were printed on a terminal; nothing, where one of them is too long for a message."""
    lines = text.split("\n")
    if max(map(len, lines)) > PIECE:
        return []
    cut = lines if len(text) > PIECE else [text]
    about = {"v": SCHEMA, "event": "print", "terminal": terminal}
    last = len(cut)
    return [_message({**about, "text": piece, "mark": mark if i == last else 0}) for i, piece in enumerate(cut, 1)]


def ended(row: Ended) -> bytes:
    """Write that a row has ended for good."""
    return _message({"v": SCHEMA, "event": "ended", **row._asdict()})


def seen(what: Seen) -> bytes:
    """Write that the end of a bar, or a line, is seen."""
    return _message({"v": SCHEMA, "event": "seen", **what._asdict()})


def _message(event: Mapping[str, Any]) -> bytes:
    body = json.dumps(event, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return len(body).to_bytes(_HEAD, "big") + body


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Decoder:
    """Makes events of bytes as they come."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes in, and return the events that are complete.

        A picture of a bar that a later one supersedes is passed over: it takes its time and says nothing.

        Raises:
            MessageError: The peer sends what is no event. It is not to be fed again.
        """
        self._buffer += data
        bodies: list[bytes] = []
        start = 0
        while len(self._buffer) - start >= _HEAD:
            length = int.from_bytes(self._buffer[start : start + _HEAD], "big")
            if length > LIMIT:
                raise MessageError(f"a message of {length} bytes, where {LIMIT} are the most")
            end = start + _HEAD + length
            if end > len(self._buffer):
                break
            bodies.append(bytes(self._buffer[start + _HEAD : end]))
            start = end
        del self._buffer[:start]
        return [_event(body) for body in (bodies if len(bodies) < 2 else _newest(bodies))]


def _newest(bodies: list[bytes]) -> list[bytes]:
    """Leave out the pictures of a bar, as `report` writes them, that are not the last one."""
    newest: list[bytes] = []
    bars: set[bytes] = set()
    for body in reversed(bodies):
        if body.startswith(_BEGINNING) and body.endswith(_END_OF_UPDATE):
            bar = body[: body.find(b",", len(_BEGINNING))]
            if bar in bars:
                continue
            bars.add(bar)
        newest.append(body)
    newest.reverse()
    return newest


_BEGINNING = b'{"v":%d,"id":' % SCHEMA
_END_OF_UPDATE = b'"event":"update"}'


def _event(body: bytes) -> Event:
    try:
        event = _JSON.decode(str(body, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise MessageError(f"what is no JSON: {type(error).__name__}") from None
    if not isinstance(event, dict) or event.get("v") != SCHEMA:
        raise MessageError(f"what is no event of schema {SCHEMA}")
    try:
        return _checked(event, event.get("event"))
    except ValueError as error:
        raise MessageError(str(error)) from None


def _no_number(name: str) -> float:
    raise ValueError(name)


_JSON = json.JSONDecoder(parse_constant=_no_number)


def _checked(event: Mapping[str, Any], kind: Any) -> Event:
    if kind in ("open", "update", "close"):
        about = {} if _ABOUT.keys().isdisjoint(event) else taken(event, _ABOUT)
        return Report(kind, Snapshot(**fields.read(event, _FIELDS)), **{"of": "", **about})
    if kind == "write":
        return Text(**taken({"text": event.get("text"), "mark": event.get("mark", 0)}, _TEXT))
    if kind == "print":
        about = {"text": event.get("text"), "terminal": event.get("terminal"), "mark": event.get("mark", 0)}
        return Text(**taken(about, _PRINTED))
    if kind == "hello":
        return Hello(**taken({"pid": None, "rank": None, **event}, _HELLO))
    if kind == "ended":
        return Ended(**taken({"name": "", "desc": "", "unit": "", **event}, _ENDED))
    if kind == "seen":
        return Seen(**taken({"id": event.get("id")}, _SEEN))
    raise MessageError("an event of no known kind")


def _estimate(value: Any) -> float | None:
    """Read a rate or a remaining time, which is added to others; what is no finite number says nothing."""
    if value is None or value in fields.NOT_FINITE:
        return None
    return float(count(value))


def _columns(value: Any) -> int:
    return min(whole(value), SHORT)


def _priority(value: Any) -> int:
    if value.__class__ is int and abs(value) <= LONGEST:
        return value
    raise fields.WrongError(f"a whole number of at most {LONGEST}")


def _spec(value: Any) -> str:
    """Read a format spec, which the mean of several is written by; one that is none, or asks for much, says nothing."""
    spec: str = _short(value)
    if not _SPEC.fullmatch(spec):
        return ""
    try:
        format(0.5, spec)
    except ValueError:
        return ""
    return spec


_SPEC = re.compile(r"(?:.?[<>=^])?[ +-]?z?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?[eEfFgGn%]?")
_long, _short = at_most(LONGEST, text), at_most(SHORT, text)
_METRIC: fields.Fields = {
    **fields.METRIC,
    "text": _short,
    "mark": _short,
    "columns": _columns,
    "priority": _priority,
    "best_at": optional(count),
    "since": optional(count),
    "format": _spec,
}
_FIELDS: fields.Fields = {
    **fields.FIELDS,
    **dict.fromkeys(("name", "desc", "phase", "unit", "message", "reason", "blocked"), _long),
    "units": at_most(MOST_UNITS, names(fields.share, _short)),
    "n": count,
    "position": optional(count),
    "initial": count,
    **dict.fromkeys(("rate", "eta", "eta_low", "eta_high"), _estimate),
    "metrics": at_most(MOST_METRICS, names(fields.reading(_METRIC), _short)),
}


def _scalar(value: Any) -> str | float:
    if value.__class__ in (bool, int, float):
        return value
    return _long(value)  # type: ignore[no-any-return]


def _widgets(value: Any) -> str | list[str]:
    if value.__class__ is list and len(value) <= MOST_METRICS:
        return [_long(item) for item in value]
    return _long(value)  # type: ignore[no-any-return]


def _look(value: Any) -> Look:
    if not isinstance(value, dict):
        raise fields.WrongError("a mapping")
    return Look(**taken({"backend": None, **value}, _LOOK))


_LOOK: fields.Fields = {
    "backend": _short,
    "options": at_most(MOST_METRICS, names(_scalar, _short)),
    "widgets": optional(_widgets),
}
_ABOUT: fields.Fields = {"of": _short, "mark": whole, "look": optional(_look)}
_TEXT = {"text": at_most(PIECE, fields.lines), "mark": whole}
_PRINTED = {"text": at_most(PIECE, fields.coloured), "terminal": whole, "mark": whole}
_HELLO = {
    "pid": whole,
    "rank": optional(whole),
    "run": _short,
    "host": _long,
    **dict.fromkeys(("own", "prints"), fields.flag),
}
_SEEN = {"id": whole}
_ENDED = dict.fromkeys(Ended._fields, _long)
_DEFAULTS = {name: value for name, value in to_event(Snapshot(0)).items() if name not in ("v", "id")}
