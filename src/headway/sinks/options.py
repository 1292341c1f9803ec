"""Options that several sinks have."""

from __future__ import annotations

from typing import Any

__all__ = ["at_least_zero"]


def at_least_zero(value: Any) -> float:
    """Read a number that is not negative.

    Raises:
        ValueError: It is none.
    """
    number = float(value)
    if not number >= 0:
        raise ValueError("expected a number that is not negative")
    return number
