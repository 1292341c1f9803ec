"""What the fields of an event must be: each is read back as what a picture holds, or it is said what is wrong.

An event may come from a file that anybody wrote or from a socket, so nothing about it is taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from reprlib import repr as in_short
from typing import Any

from headway import format as fmt
from headway.checking import LARGEST
from headway.snapshot import SCHEMA, STATES, Number, Reading, Workers

__all__ = ["read", "read_header"]

Read = Callable[[Any], Any]

WIDEST = 1000
"""Columns that a value may ask for; as many characters as `fmt.clean` leaves of a text."""
LATEST = 1e11
"""Seconds since the epoch, some thousand years from now."""
NOT_FINITE = ("nan", "inf", "-inf")


def read(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a picture that an event has. Unknown fields are left out, texts are cleaned and cropped.

    Raises:
        ValueError: It is no event of this schema version, lacks its id, or a field cannot be what it is.
    """
    if not isinstance(event, Mapping):
        raise ValueError(f"An event must be an object with fields, not {in_short(event)}.")  # noqa: TRY004  # as for all that was read
    version = event.get("v")
    if type(version) is not int or version != SCHEMA:
        raise ValueError(f"This reads events of schema {SCHEMA}, but the event has v={in_short(version)}.")
    if "id" not in event:
        raise ValueError("The event has no 'id', so it is of no bar.")
    return _fields(event, FIELDS, "event")


def read_header(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says beside the picture.

    Raises:
        ValueError: A field cannot be what it is.
    """
    return _fields(event, HEADER, "event")


def _fields(given: Mapping[str, Any], known: Mapping[str, Read], whose: str) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        field = known.get(name)
        if field is not None:
            try:
                values[name] = field(value)
            except _Wrong as wrong:
                raise ValueError(f"The {whose}'s {name!r} must be {wrong}, not {in_short(value)}.") from None
    return values


class _Wrong(Exception):  # noqa: N818  # it never leaves this module
    """What was expected instead."""


def _id(value: Any) -> int:
    if value.__class__ is int and 0 <= value < 2**63:
        return value
    raise _Wrong("a whole number from 0 to 2**63 - 1")


def _text(value: Any) -> str:
    if value.__class__ is str:
        return fmt.clean(value)
    raise _Wrong("text")


def _flag(value: Any) -> bool:
    if value.__class__ is bool:
        return value
    raise _Wrong("true or false")


def _units(value: Any) -> Number:
    if value.__class__ in (int, float) and -LARGEST <= value <= LARGEST:
        return value
    raise _Wrong(f"a finite number, at most {LARGEST:.0e}")


def _not_negative(value: Any) -> Number:
    if value.__class__ in (int, float) and 0 <= value <= LARGEST:
        return value
    raise _Wrong(f"a finite number that is not negative, at most {LARGEST:.0e}")


def _number(value: Any) -> Number:
    if value.__class__ is float or (value.__class__ in (int, bool) and -LARGEST <= value <= LARGEST):
        return value
    if value.__class__ is str and value in NOT_FINITE:
        return float(value)
    raise _Wrong("a number, 'nan', 'inf' or '-inf'")


def _whole(value: Any) -> int:
    if value.__class__ in (int, bool):
        return int(value)
    raise _Wrong("a whole number")


def _one_of(words: tuple[str, ...]) -> Read:
    def one_of(value: Any) -> str:
        if value.__class__ is str and value in words:
            return value
        raise _Wrong(f"one of {', '.join(map(repr, words))}")

    return one_of


def _optional(field: Read) -> Read:
    return lambda value: None if value is None else field(value)


def _of_names(field: Read) -> Read:
    def of_names(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(name.__class__ is str for name in value):
            raise _Wrong("an object with names")
        return {fmt.clean(name): field(each) for name, each in value.items()}

    return of_names


def _share(value: Any) -> float:
    if value.__class__ in (int, float) and 0 < value <= LARGEST:
        return float(value)
    raise _Wrong("an object with positive numbers")


def _reading(value: Any) -> Reading:
    """A metric that is a text has no value of its own, so that a text "nan" is told from the number."""
    if not isinstance(value, Mapping) or "text" not in value:
        raise _Wrong("an object of metrics that have a 'text' each")
    known = _fields(value, METRIC, "metric")
    return Reading(**{"value": known["text"], **known})


def _workers(value: Any) -> Workers:
    if not isinstance(value, Mapping):
        raise _Wrong("an object")
    return Workers(**{"count": 0, **_fields(value, WORKERS, "worker processes")})


def _seconds(value: Any) -> float:
    if value.__class__ in (int, float) and 0 <= value < LATEST:
        return float(value)
    raise _Wrong("seconds since the epoch")


def _lines(value: Any) -> str:
    if value.__class__ is str:
        return "\n".join(map(fmt.printable, value.split("\n")))
    raise _Wrong("text")


METRIC: Mapping[str, Read] = {
    "value": _number,
    "text": _text,
    "mark": _text,
    "columns": lambda value: max(0, min(_whole(value), WIDEST)),
    "priority": _whole,
    "first": _optional(_number),
    "best": _optional(_number),
    "best_at": _optional(_units),
    "since": _optional(_units),
    "format": _text,
}
WORKERS: Mapping[str, Read] = {
    "count": _id,
    "slowest": _optional(_not_negative),
    "fastest": _optional(_not_negative),
}
FIELDS: Mapping[str, Read] = {
    "id": _id,
    "parent": _optional(_id),
    "name": _text,
    "desc": _text,
    "phase": _text,
    "unit": _text,
    "unit_scale": _one_of(("", "si", "iec")),
    "units": _of_names(_share),
    "n": _units,
    "position": _optional(_units),
    "total": _optional(_not_negative),
    "estimated": _flag,
    "initial": _units,
    "elapsed": _not_negative,
    "rate": _optional(_number),
    "eta": _optional(_number),
    "eta_low": _optional(_number),
    "eta_high": _optional(_number),
    "metrics": _of_names(_reading),
    "message": _text,
    "state": _one_of(STATES),
    "reason": _text,
    "paused": _flag,
    "stalled": _optional(_not_negative),
    "leave": _flag,
    "workers": _optional(_workers),
}
HEADER: Mapping[str, Read] = {
    "time": _seconds,
    "writer": _text,
    "pid": _id,
    "host": _text,
    "text": _lines,
    "lines": _id,
}
