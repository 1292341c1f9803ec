"""Checks what callers give, at the call, with messages that say what was wrong and what to do."""

from __future__ import annotations

import math
import operator
from typing import Any, Literal

from headway.snapshot import Number

__all__ = ["count", "number", "scale", "text", "total"]


def number(what: str, value: Any) -> Number:
    """Return a finite number as `int` or `float`; anything with `__index__` or `__float__` will do, but no text.

    Raises:
        TypeError: It is no number.
        ValueError: It is not finite.
    """
    if isinstance(value, int):
        return int(value)
    is_text = isinstance(value, str | bytes | bytearray)
    try:
        read: Number = operator.index(value) if is_text or hasattr(value, "__index__") else float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{what} must be a number of units, not {value!r} ({type(value).__name__}). "
            f"To show text use bar.message(...), to show values use bar.metrics(name=value)."
        ) from error
    if not math.isfinite(read):
        raise ValueError(f"{what} must be a finite number of units, not {read}.")
    return read


def count(what: str, value: Any) -> Number:
    """Return a number that is not negative.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative or not finite.
    """
    read = number(what, value)
    if read < 0:
        raise ValueError(f"{what} must not be negative, got {read}.")
    return read


def total(value: Any) -> Number | None:
    """Return a total: a count, or `None` for unknown, which infinity means too.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative or NaN.
    """
    if value is None or (isinstance(value, float) and value == math.inf):
        return None
    return count("total", value)


def text(what: str, value: Any) -> str:
    """Return a text.

    Raises:
        TypeError: It is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{what} must be text, not {value!r} ({type(value).__name__}).")
    return value


def scale(value: Any) -> Literal["", "si", "iec"]:
    """Return a unit scale; `True` stands for SI.

    Raises:
        ValueError: It is none.
    """
    if value in ("si", "iec", ""):
        return value  # type: ignore[no-any-return]
    if isinstance(value, bool):
        return "si" if value else ""
    raise ValueError(
        f"unit_scale must be 'si' (1k = 1000), 'iec' (1Ki = 1024), True (for 'si') or False, not {value!r}."
    )
