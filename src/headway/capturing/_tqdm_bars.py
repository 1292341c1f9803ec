"""What a bar of tqdm's says, a loop over it included, and the headway bar that shows it."""

from __future__ import annotations

import re
import threading
from typing import Any, Literal

from headway.capturing.mirror import Look, Mirror
from headway.reporting import counter
from headway.snapshot import Number

__all__ = ["CapturedLoop", "count", "is_captured", "look", "mirror_of"]

_PAIRS = re.compile(r"[^=,]+=[^,=]*(?:, [^=,]+=[^,=]*)*")


def mirror_of(bar: Any) -> Mirror | None:
    """Return the headway bar of a bar of tqdm's, `None` where that draws for itself."""
    mirror = bar.__dict__.get("_headway")
    return mirror if isinstance(mirror, Mirror) else None


def is_captured(bar: Any) -> bool:
    """Tell whether a bar of tqdm's is to draw nothing."""
    return "_headway" in bar.__dict__


def _factor(bar: Any) -> Number:
    """What a unit counts for: tqdm's `unit_scale` may be a number."""
    scale = bar.unit_scale
    return 1 if not scale or scale is True else scale


def count(bar: Any) -> Number:
    """Read what is done."""
    loop = bar.__dict__.get("_headway_loop")
    if loop is not None:
        loop.look(bar)
    n: Number = bar.n * _factor(bar)
    return n


def look(bar: Any) -> Look:
    """Read all that it says."""
    factor, postfix = _factor(bar), "" if bar.postfix is None else str(bar.postfix)
    scale: Literal["", "si", "iec"] = ("iec" if bar.unit_divisor == 1024 else "si") if bar.unit_scale is True else ""
    pairs = _pairs(postfix)
    return Look(
        n=count(bar),
        total=None if bar.total is None else bar.total * factor,
        desc=str(bar.desc or "").strip(" :"),
        unit=str(bar.unit or "it").strip(" /") or "it",
        unit_scale=scale,
        leave=bar.leave,
        message="" if pairs else postfix,
        metrics=pairs,
    )


def _pairs(postfix: str) -> dict[str, float | str]:
    """Read `loss=0.1, lr=3e-4`, which is what `set_postfix` makes."""
    if not _PAIRS.fullmatch(postfix):
        return {}
    return {name.strip(): _value(text) for name, _, text in (pair.partition("=") for pair in postfix.split(", "))}


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


class CapturedLoop:
    """A loop over a bar, which counts by `counting`: the bar's own count is brought up to date when it is looked at."""

    def __init__(self, bar: Any, course: counter.Course) -> None:
        self._begun: Number = bar.n
        self._course = course
        self._over = False
        self._lock = threading.RLock()

    def look(self, bar: Any) -> None:
        """Bring the bar's count up to date, unless the loop is over: from then on it is the library's."""
        with self._lock:
            if not self._over:
                bar.n = self._begun + self._course.completed

    def end(self, bar: Any) -> None:
        """Bring the bar's count up to date for the last time."""
        with self._lock:
            self.look(bar)
            self._over = True
