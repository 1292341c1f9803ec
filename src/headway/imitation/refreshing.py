"""A bar that another library draws: as often as that asks for it, and a person can see it."""

from __future__ import annotations

from time import monotonic
from typing import Any

from headway.drawing.hub import hub
from headway.drawing.pacing import Storm
from headway.reporting.bar import Bar

__all__ = ["Refreshing"]


class Refreshing(Bar):
    """A bar that is drawn if its library asks for it, but not each time in a storm of such calls.

    A program that changes the text before a long call thus has the text on the screen during that call. If it asks at
    each step of a loop, all but a few frames a second come as they are due.
    """

    __slots__ = ("_storm",)

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, **about)
        self._storm: Storm | None = None

    def refresh(self) -> None:
        """Draw the bar as it is now, unless that was asked for too often within the last second, or by a renderer."""
        if hub.in_a_frame:
            return
        if self._storm is None:
            self._storm = Storm()
        if self._storm.takes(monotonic()):
            hub.throttle.tick()
        else:
            super().refresh()
