"""What the fields of an event must be: each is read back as what a snapshot holds, or it is said what is wrong.

An event may come from a file that anybody wrote or from a socket, so nothing about it is taken for granted. Files are
held to the tables here; the relay, which adds up what strangers may have sent, makes stricter ones of the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from reprlib import repr as in_short
from typing import Any

from headway import format as fmt
from headway.snapshot import LARGEST, SCHEMA, STATES, Number, Reading, Workers

__all__ = [
    "FIELDS",
    "HEADER",
    "METRIC",
    "NOT_FINITE",
    "Fields",
    "Read",
    "WrongError",
    "at_most",
    "count",
    "flag",
    "lines",
    "names",
    "optional",
    "read",
    "read_header",
    "reading",
    "share",
    "taken",
    "text",
    "whole",
]

Read = Callable[[Any], Any]
"""Returns the value of a field as a snapshot holds it, or raises `WrongError`."""
Fields = Mapping[str, Read]

WIDEST = 1000
"""Columns that a value may ask for; as many characters as `fmt.clean` leaves of a text."""
LONGEST_COURSE = 64
"""Values that the course of a metric may have."""
LATEST = 1e11
"""Seconds since the epoch, some thousand years from now."""
NOT_FINITE = ("nan", "inf", "-inf")


class WrongError(Exception):
    """What was expected instead. It does not leave `taken`."""


def read(event: Mapping[str, Any], fields: Fields | None = None) -> dict[str, Any]:
    """Return the fields of a snapshot that an event has. Unknown fields are left out, texts are cleaned and cropped.

    Args:
        event: The event.
        fields: What they must be, by default `FIELDS`.

    Raises:
        ValueError: It is no event of this schema version, lacks its id, or a field cannot be what it is.
    """
    if not _is_object(event):
        raise ValueError(f"An event must be an object with fields, not {in_short(event)}.")
    version = event.get("v")
    if type(version) is not int or version != SCHEMA:
        raise ValueError(f"This reads events of schema {SCHEMA}, but the event has v={in_short(version)}.")
    if "id" not in event:
        raise ValueError("The event has no 'id', so it is of no bar.")
    return taken(event, FIELDS if fields is None else fields)


def read_header(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says beside the snapshot.

    Raises:
        ValueError: A field cannot be what it is.
    """
    return taken(event, HEADER)


def taken(given: Mapping[str, Any], known: Fields, whose: str = "event") -> dict[str, Any]:
    """Return the known ones of the fields that are given.

    Raises:
        ValueError: A field cannot be what it is.
    """
    values = {}
    find = known.get
    try:
        for name, value in given.items():
            field = find(name)
            if field is not None:
                values[name] = field(value)
    except WrongError as wrong:
        raise ValueError(f"The {whose}'s {name!r} must be {wrong}, not {in_short(value)}.") from None
    return values


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def whole(value: Any) -> int:
    """Read a whole number that is not negative: an id, a count of processes."""
    if value.__class__ is int and 0 <= value < 2**63:
        return value
    raise WrongError("a whole number from 0 to 2**63 - 1")


def text(value: Any) -> str:
    """Read a text for one row."""
    if value.__class__ is str:
        safe = len(value) <= WIDEST and value.isascii() and value.isprintable()
        return value if safe else fmt.clean(value)
    raise WrongError("text")


def flag(value: Any) -> bool:
    """Read a truth value."""
    if value.__class__ is bool:
        return value
    raise WrongError("true or false")


def _units(value: Any) -> Number:
    if value.__class__ in (int, float) and -LARGEST <= value <= LARGEST:
        return value
    raise WrongError(f"a finite number, at most {LARGEST:.0e}")


def count(value: Any) -> Number:
    """Read a number that is not negative."""
    if value.__class__ in (int, float) and 0 <= value <= LARGEST:
        return value
    raise WrongError(f"a finite number that is not negative, at most {LARGEST:.0e}")


def _number(value: Any) -> Number:
    if value.__class__ is float or (value.__class__ in (int, bool) and -LARGEST <= value <= LARGEST):
        return value
    if value.__class__ is str and value in NOT_FINITE:
        return float(value)
    raise WrongError("a number, 'nan', 'inf' or '-inf'")


def _integer(value: Any) -> int:
    if value.__class__ in (int, bool):
        return int(value)
    raise WrongError("a whole number")


def _one_of(words: tuple[str, ...]) -> Read:
    def one_of(value: Any) -> str:
        if value.__class__ is str and value in words:
            return value
        raise WrongError(f"one of {', '.join(map(repr, words))}")

    return one_of


def optional(field: Read) -> Read:
    """Let a field be null."""

    def given(value: Any) -> Any:
        return None if value is None else field(value)

    return given


def at_most(longest: int, field: Read) -> Read:
    """Let a text have so many characters at most, and an object so many names."""

    def bounded(value: Any) -> Any:
        known = field(value)
        if len(value) > longest:
            raise WrongError(f"at most {longest} long")
        return known

    def bounded_text(value: Any) -> Any:
        if value.__class__ is str and len(value) <= safe and value.isascii() and value.isprintable():
            return value
        return bounded(value)

    safe = min(longest, WIDEST)
    return bounded_text if field is text else bounded


def names(field: Read, name: Read = text) -> Read:
    """Read an object whose values are all of a kind, and so are its names."""

    def of_names(value: Any) -> dict[str, Any]:
        if not _is_object(value) or not {str}.issuperset(map(type, value)):
            raise WrongError("an object with names")
        return {name(each): field(given) for each, given in value.items()}

    return of_names


def _is_object(value: Any) -> bool:
    return value.__class__ is dict or isinstance(value, Mapping)


def share(value: Any) -> float:
    """Read how many of another unit one unit is, or how much of one."""
    if value.__class__ in (int, float) and 0 < value <= LARGEST:
        return float(value)
    raise WrongError(f"positive, at most {LARGEST:.0e}")


def reading(fields: Fields) -> Read:
    """Read a metric. One that is a text has no value of its own, so that a text "nan" is told from the number."""

    def a_reading(value: Any) -> Reading:
        if not _is_object(value) or "text" not in value:
            raise WrongError("an object of metrics that have a 'text' each")
        known = taken(value, fields, "metric")
        if "value" not in known:
            known["value"] = known["text"]
        return Reading(**known)

    return a_reading


def _course(value: Any) -> tuple[float, ...]:
    if isinstance(value, list) and len(value) <= LONGEST_COURSE:
        return tuple(float(_units(each)) for each in value)
    raise WrongError(f"a list of at most {LONGEST_COURSE} finite numbers")


def _workers(value: Any) -> Workers:
    if not isinstance(value, Mapping):
        raise WrongError("an object")
    return Workers(**{"count": 0, **taken(value, WORKERS, "worker processes")})


def _seconds(value: Any) -> float:
    if value.__class__ in (int, float) and 0 <= value < LATEST:
        return float(value)
    raise WrongError("seconds since the epoch")


def coloured(value: Any) -> str:
    """Read lines of which colours are kept."""
    if value.__class__ is str:
        return fmt.written(value, colours=True)
    raise WrongError("text")


def lines(value: Any) -> str:
    """Read a text that stands above the bars."""
    if value.__class__ is str:
        return "\n".join(map(fmt.printable, value.split("\n")))
    raise WrongError("text")


# ── the tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

METRIC: Fields = {
    "value": _number,
    "text": text,
    "mark": text,
    "columns": lambda value: max(0, min(_integer(value), WIDEST)),
    "priority": _integer,
    "first": optional(_number),
    "best": optional(_number),
    "best_at": optional(_units),
    "since": optional(_units),
    "format": text,
    "history": _course,
}
WORKERS: Fields = {
    "count": whole,
    "slowest": optional(count),
    "fastest": optional(count),
    "ranks": optional(whole),
}
FIELDS: Fields = {
    "id": whole,
    "parent": optional(whole),
    "name": text,
    "desc": text,
    "phase": text,
    "unit": text,
    "unit_scale": _one_of(("", "si", "iec")),
    "units": names(share),
    "n": _units,
    "position": optional(_units),
    "total": optional(count),
    "estimated": flag,
    "initial": _units,
    "elapsed": count,
    "rate": optional(_number),
    "eta": optional(_number),
    "eta_low": optional(_number),
    "eta_high": optional(_number),
    "metrics": names(reading(METRIC)),
    "message": text,
    "state": _one_of(STATES),
    "reason": text,
    "paused": flag,
    "stalled": optional(count),
    "leave": flag,
    "workers": optional(_workers),
    "began": optional(_seconds),
    "depth": whole,
    "share": optional(share),
    "step": optional(whole),
    "deadline": optional(_seconds),
    "blocked": text,
}
HEADER: Fields = {
    "time": _seconds,
    "writer": text,
    "seq": whole,
    "run": text,
    "program": text,
    "digest": text,
    "requests": flag,
    "pid": whole,
    "host": text,
    "text": lines,
    "lines": whole,
}
