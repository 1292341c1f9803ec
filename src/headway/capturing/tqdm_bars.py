"""The facts that a bar of tqdm's states, a loop over it included, and the headway bar that shows it."""

from __future__ import annotations

import re
import threading
from typing import Any, Literal

from headway.capturing.figures import Told
from headway.capturing.mirror import Facts
from headway.imitation.bar import kept
from headway.imitation.meter import format_num
from headway.reporting import counter
from headway.snapshot import Number

__all__ = ["CapturedLoop", "count", "facts", "keep_postfix"]

_PAIR = r"[^=,()\[\]{}<>]+=[^=,()\[\]{}<>]*"
_PAIRS = re.compile(f"{_PAIR}(?:, {_PAIR})*")


def _factor(bar: Any) -> Number:
    """Return the number that a unit counts for: tqdm's `unit_scale` may be one."""
    scale = bar.unit_scale
    return 1 if not scale or scale is True else scale


def count(bar: Any) -> Number:
    """Read how much is done."""
    loop = bar.__dict__.get("_headway_loop")
    if loop is not None:
        loop.bring_up_to_date(bar)
    n: Number = bar.n * _factor(bar)
    return n


def facts(bar: Any) -> Facts:
    """Read all that it states."""
    factor = _factor(bar)
    scale: Literal["", "si", "iec"] = ("iec" if bar.unit_divisor == 1024 else "si") if bar.unit_scale is True else ""
    postfix, values = _postfix(bar)
    return Facts(
        n=count(bar),
        total=None if bar.total is None else bar.total * factor,
        desc=str(bar.desc or "").strip(" :"),
        unit=str(bar.unit or "it").strip(" /") or "it",
        unit_scale=scale,
        leave=bar.leave,
        message="" if values else postfix,
        metrics=values,
        write=format_num,
    )


def keep_postfix(bar: Any, values: dict[str, Any]) -> None:
    """Keep the values that the bar's postfix was made from just now: a text tells less of them."""
    for name, value in values.items():
        if value.__class__ not in _PLAIN:
            values[name] = kept(value)
    bar._headway_postfix = bar.postfix, values


_PLAIN = {float, int, str}
"""Types of most values: to ask what a number is costs more than all else."""


def _postfix(bar: Any) -> tuple[str, Told]:
    """Return the postfix as a text, and the values that it shows, none if it shows none."""
    postfix = bar.postfix
    text, values = bar.__dict__.get("_headway_postfix", ("", Told()))
    if postfix is None:
        return "", Told()
    if postfix is text:
        if not isinstance(values, Told):
            values = Told(values)
            bar._headway_postfix = text, values
        return text, values
    if not isinstance(postfix, str):  # it may be changed in place
        return str(postfix), Told()
    values = Told(_pairs(postfix))
    bar._headway_postfix = postfix, values
    return postfix, values


def _pairs(postfix: str) -> dict[str, str]:
    """Read a text like those that `set_postfix` makes: `loss=0.1, lr=3e-4`. One with brackets may be any."""
    if not _PAIRS.fullmatch(postfix):
        return {}
    return {name.strip(): text for name, _, text in (pair.partition("=") for pair in postfix.split(", "))}


class CapturedLoop:
    """A loop over a bar, which `reporting.counter` counts: the bar's own count is brought up to date if it is read."""

    def __init__(self, bar: Any, course: counter.Course) -> None:
        self._begun: Number = bar.n
        self._course = course
        self._over = False
        self._lock = threading.RLock()

    def bring_up_to_date(self, bar: Any) -> None:
        """Bring the bar's count up to date, unless the loop is over: from then on it is the library's."""
        with self._lock:
            if not self._over:
                bar.n = self._begun + self._course.completed

    def end(self, bar: Any) -> None:
        """Bring the bar's count up to date for the last time."""
        with self._lock:
            self.bring_up_to_date(bar)
            self._over = True
