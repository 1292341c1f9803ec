"""The places of tqdm's rows: a captured bar has none on the screen, and takes none from a row that is drawn.

The tqdm renderer draws with rows of the same class, which look for their places among all bars that are open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headway.capturing.mirror import is_captured

__all__ = ["free_place", "leaving", "return_to_places"]


def free_place(cls: Any, bar: Any = None) -> int:
    """Return a place that no bar of the same kind has, drawn or captured.

    That of a captured bar is negative, as one that a program asks for: tqdm moves no bar up that has such a place.
    """
    captured = bar is not None and is_captured(bar)
    others = [other for other in cls._instances if other is not bar and hasattr(other, "pos")]
    taken = {abs(other.pos) for other in others if is_captured(other) == captured}
    place = next(place for place in range(len(taken) + 1) if place not in taken)
    return -place if captured else place


def leaving(own: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Return what takes a bar out of those that are open: for one that is drawn, tqdm's own way."""

    def leave(cls: Any, bar: Any) -> None:
        if is_captured(bar):
            with cls.get_lock():
                cls._instances.discard(bar)
        else:
            own(cls, bar)

    return leave


def return_to_places(bars: list[Any]) -> None:
    """Give bars that are captured no more places among those that are drawn, in the same order."""
    bars = sorted(bars, key=lambda bar: abs(bar.pos))
    for bar in bars:
        del bar.pos
    for bar in bars:
        bar.pos = bar._get_free_pos(bar)
