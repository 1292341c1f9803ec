"""Metrics as they were reported, and what they read as when a picture is taken.

Storing is all that a report costs. A value is converted (a tensor's `.item()`, a callable's call) only for a picture
that is drawn, once a picture.
"""

from __future__ import annotations

from typing import Any

from headway import format as fmt
from headway.errors import warn_once
from headway.snapshot import Metric

__all__ = ["detached", "resolve"]


def detached(value: Any) -> Any:
    """Let go of what a reported value drags along: a tensor's autograd graph."""
    detach = getattr(value, "detach", None)
    return value if detach is None else detach()


def resolve(name: str, value: Any) -> Metric:
    """Convert one reported value to a number (or a short text) now.

    Callables are called, scalars of NumPy, torch and the like give their `.item()`. Whatever raises reads as `?`, and
    is told once.
    """
    try:
        if callable(value):
            value = value()
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, str):
            text = fmt.clean(value)
            return Metric(text, text)
        if not isinstance(value, int):
            value = float(value)
        return Metric(value, fmt.number(value))
    except Exception as error:  # a metric is the user's code: whatever it raises must not reach the loop
        warn_once(f"The metric {name!r} could not be read and shows as '?': {type(error).__name__}: {error}")
        return Metric("?", "?")
