"""Looks at bars whose sinks seldom have a frame, so that their estimates learn from more than one advance a frame."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from time import monotonic

from headway.drawing.pacing import BUDGET, Cost
from headway.drawing.source import Shown

__all__ = ["LOOK", "Looks"]

LOOK = 0.1
"""Seconds from one look at a count to the next, at most, until the estimate knows the advances."""


class Looks:
    """The bars that are looked at.

    A frame takes a snapshot, and with it a look. Lines and files have a frame a second: ten steps within it would pass
    for one, of which nobody can tell whether the next is late.
    """

    def __init__(self) -> None:
        self._bars: set[int] = set()
        self.due = inf
        """The monotonic time of the next look."""

    def begin(self, bar_id: int) -> None:
        """Look at a bar from now on."""
        if not self._bars:
            self.due = monotonic() + LOOK
        self._bars.add(bar_id)

    def take(self, shown: Mapping[int, Shown]) -> None:
        """Look at the bars, and at those again soon that need it; looks are held to the budget as frames are.

        Args:
            shown: All bars that are open.
        """
        cost = Cost()
        self._bars = {bar_id for bar_id in self._bars if bar_id in shown and _is_needed(shown[bar_id])}
        self.due = monotonic() + max(LOOK, cost.seconds / BUDGET) if self._bars else inf


def _is_needed(shown: Shown) -> bool:
    bar = shown.bar()
    return bar is not None and not any(view.is_screen for view in shown.views) and bar.look()
