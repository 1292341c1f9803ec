"""Checks what callers give, at the call, with messages that say what was wrong and what to do."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper

from headway import format as fmt
from headway.format import in_words, shown
from headway.host.handlers import of_handler
from headway.host.stream import beneath
from headway.notation import Any, Literal
from headway.snapshot import LARGEST, Number

__all__ = [
    "count",
    "flag",
    "loop_state",
    "metrics",
    "number",
    "positive",
    "scale",
    "seconds",
    "state",
    "state_metrics",
    "state_rate",
    "stream",
    "text",
    "total",
    "units",
    "words",
]


def number(what: str, value: Any) -> Number:
    """Return a finite number as `int` or `float`; anything with `__index__` or `__float__` will do, but no text.

    Raises:
        TypeError: It is no number, or raises when it is asked.
        ValueError: It is not finite.
    """
    read = value if type(value) is int else _number(what, value)
    return _finite(what, read, value)


def _number(what: str, value: Any) -> Number:
    try:
        return _read(value)
    except OverflowError:  # a fraction, say, that no float can hold
        return math.nan
    except Exception as error:  # the user's __index__ or __float__ may raise anything
        if of_handler(error):
            raise
        own = "" if isinstance(error, TypeError | ValueError) else f", which raised {in_words(error)}"
        raise TypeError(
            f"{what} must be a number of units, not {shown(value)}{own}. "
            f"To show text use bar.message(...), to show values use bar.metrics(name=value)."
        ) from error


def _read(value: Any) -> Number:
    """Return a whole number where it is one: NumPy's float arrays have `__index__` too, and raise there."""
    if isinstance(value, str | bytes | bytearray):
        raise TypeError("text is no number")
    try:
        return operator.index(value)
    except TypeError:
        if "complex" in str(getattr(value, "dtype", "")):  # NumPy would drop the imaginary part with a warning
            raise
        return float(value)


def _finite(what: str, read: Number, value: Any) -> Number:
    if not abs(read) <= LARGEST:
        raise ValueError(f"{what} must be a finite number of units, at most {LARGEST:.0e}, not {shown(value)}.")
    return read


def count(what: str, value: Any) -> Number:
    """Return a number that is not negative.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative or not finite.
    """
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    return _not_negative(what, number(what, value))


def _not_negative(what: str, read: Number) -> Number:
    if read < 0:
        raise ValueError(f"{what} must not be negative, got {read}.")
    return read


def positive(what: str, value: Any) -> int | None:
    """Return a whole number of at least 1, or `None` for `None`.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is less than 1.
    """
    if value is None:
        return None
    read = number(what, value)
    if not isinstance(read, int):
        raise TypeError(f"{what} must be a whole number, not {shown(value)}.")
    if read < 1:
        raise ValueError(f"{what} must be at least 1, got {read}.")
    return read


def seconds(what: str, value: Any) -> float | None:
    """Return a positive number of seconds, or `None` for `None`.

    Raises:
        TypeError: It is no number.
        ValueError: It is not positive, or not finite.
    """
    if value is None:
        return None
    read = float(count(what, value))
    if not read:
        raise ValueError(f"{what} must be more than 0 seconds.")
    return read


def total(value: Any) -> Number | None:
    """Return a total: a count, or `None` for unknown, which infinity means too.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative or NaN.
    """
    if value is None or (type(value) is int and 0 <= value <= LARGEST):
        return value
    if (read := _number("total", value)) == math.inf:
        return None
    return _not_negative("total", _finite("total", read, value))


def text(what: str, value: Any) -> str:
    """Return a text as a plain `str`, whatever methods a class of its own has.

    Raises:
        TypeError: It is no text.
    """
    if not issubclass(type(value), str):
        raise TypeError(f"{what} must be text, not {shown(value)}.")
    return str.__str__(value)


def words(what: str, value: Any) -> str:
    """Return a text that is safe for one row.

    Raises:
        TypeError: It is no text.
    """
    return fmt.clean(value if type(value) is str else text(what, value))


def flag(what: str, value: Any) -> bool:
    """Return whether something is true.

    Raises:
        TypeError: It does not say, as an array of several values does not.
    """
    try:
        return bool(value)
    except Exception as error:  # the user's __bool__ or __len__ may raise anything
        if of_handler(error):
            raise
        raise TypeError(f"{what} must be True or False, not {shown(value)}: {in_words(error)}") from error


def scale(value: Any) -> Literal["", "si", "iec"]:
    """Return a unit scale; `True` stands for SI.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, bool):
        return "si" if value else ""
    if issubclass(type(value), str) and (read := str.__str__(value)) in ("si", "iec", ""):
        return read  # type: ignore[return-value]
    raise ValueError(
        f"unit_scale must be 'si' (1k = 1000), 'iec' (1Ki = 1024), True (for 'si') or False, not {shown(value)}."
    )


def stream(value: Any) -> Any:
    """Return what can be written to as a text stream, by default `sys.stderr`; `None` where the program has none.

    A stand-in for a stream, as renderers and other libraries have them, stands for that stream.

    Raises:
        TypeError: It has no `write`.
    """
    file: Any = sys.stderr if value is None else value
    if type(file) is TextIOWrapper:
        return file
    with suppress(Exception):  # the stream may be of a class of its own
        file = beneath(file)
    with suppress(Exception):
        if callable(file.write):
            return file
    if value is not None:
        raise TypeError(f"file must be a text stream such as sys.stderr or open(...), not {shown(value)}.")
    return None


def state(value: Any) -> tuple[Number, Number | None, float]:
    """Return count, total and elapsed seconds from a bar's `state_dict()`.

    Raises:
        TypeError: A value in it is of the wrong type.
        ValueError: It is no such state, or a value in it cannot be.
    """
    if not isinstance(value, Mapping) or value.get("version") != 1 or not {"n", "total", "elapsed"} <= value.keys():
        raise ValueError(f"This is no state of a headway bar, version 1: {shown(value)}.")
    return count("n", value["n"]), total(value["total"]), float(count("elapsed", value["elapsed"]))


def state_rate(value: Mapping[str, Any]) -> float | None:
    """Return the rate from a bar's `state_dict()`, `None` where it has none.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative or not finite.
    """
    rate = value.get("rate")
    return None if rate is None else float(count("rate", rate))


_COURSE = {"first", "best", "best_at", "mean", "at"}


def state_metrics(value: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the metrics' summaries from a `state_dict()`, empty where it has none.

    Raises:
        ValueError: They are no summaries.
    """
    metrics = value.get("metrics", {})
    wanted = isinstance(metrics, Mapping) and all(
        isinstance(name, str)
        and isinstance(course, Mapping)
        and course.keys() >= _COURSE
        and all(course[key] is None or _fits_float(course[key]) for key in _COURSE)
        for name, course in metrics.items()
    )
    if not wanted:
        raise ValueError(f"metrics must be the metrics of a headway state, version 1, not {shown(metrics)}.")
    return metrics  # type: ignore[no-any-return]


def _fits_float(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= sys.float_info.max


def units(value: Any) -> dict[str, float]:
    """Return other units, with how many of them one unit is.

    Raises:
        TypeError: It is no mapping of names to numbers.
        ValueError: A number is not positive and finite.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"units must map names to numbers, as in {{'sample': 64}}, not {shown(value)}.")
    read = {fmt.clean(name): float(count(f"units[{name!r}]", share)) for name, share in value.items()}
    if not all(read.values()):
        raise ValueError(f"units must be positive: how many of them one unit is, not {shown(value)}.")
    return read


def metrics(values: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics that one call reports: those of a mapping, and those that are given by keywords, which win.

    Raises:
        TypeError: It is no mapping of names to values.
    """
    if not isinstance(values, Mapping):
        raise TypeError(
            f"metrics() takes a mapping of names to values, as in {{'val/loss': 0.5}}, or keywords, as in loss=0.5, "
            f"not {shown(values)}."
        )
    given = dict(values)
    if not all(isinstance(name, str) for name in given):
        wrong = next(name for name in given if not isinstance(name, str))
        raise TypeError(f"metrics() takes names that are texts, as in {{'val/loss': 0.5}}, not {shown(wrong)}.")
    return given | named


def loop_state(value: Any) -> None:
    """Check the state of a loop from its `state_dict()`.

    Raises:
        TypeError: A value in it is of the wrong type.
        ValueError: It is no such state, or a value in it cannot be.
    """
    counts = ("epoch", "batches", "steps", "rest")
    wanted = {*counts, "elapsed", "phases", "metrics"}
    if not isinstance(value, Mapping) or value.get("version") != 1 or not wanted <= value.keys():
        raise ValueError(f"This is no state of a headway loop, version 1: {shown(value)}.")
    for name in (*counts, "elapsed"):
        if name in counts and not isinstance(value[name], int):
            raise TypeError(f"{name} must be a whole number, not {value[name]!r}.")
        count(name, value[name])
    state_metrics(value)
    phases = value["phases"]
    if not isinstance(phases, Mapping) or not all(_is_phase(name, phase) for name, phase in phases.items()):
        raise ValueError(f"phases must be the phases of a headway state, version 1, not {shown(phases)}.")


def _is_phase(name: Any, phase: Any) -> bool:
    if not isinstance(name, str) or not isinstance(phase, Mapping) or not {"pace", "usual"} <= phase.keys():
        return False
    return all(seconds is None or (isinstance(seconds, int | float) and seconds >= 0) for seconds in phase.values())
