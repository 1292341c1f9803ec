"""The course of a metric over a whole run, in a bounded number of points that leave no extreme out."""

from __future__ import annotations

import math

__all__ = ["Course"]

POINTS = 64
"""Points of a course at most: more than a curve of a few centimetres can show."""
DIGITS = "{:.5g}"


class Course:
    """A course: each point stands for as many values as every other one.

    If there is no room for one more point, each two become one: the time and the value are those of the later one, the
    lowest and the highest value those of both.
    """

    def __init__(self) -> None:
        self._points: list[tuple[float, float, float, float]] = []
        """Time, last, lowest and highest value of each."""
        self._values = 1
        """Values that a point stands for."""
        self._in_last = 1
        """Values that the last point stands for so far."""

    def take(self, time: float, value: float) -> None:
        """Add a value, unless it is no finite number.

        Args:
            time: Its time, in seconds since the epoch.
            value: The value.
        """
        if not math.isfinite(value):
            return
        if self._points and self._in_last < self._values:
            _, _, low, high = self._points[-1]
            self._points[-1] = (time, value, min(low, value), max(high, value))
            self._in_last += 1
            return
        if len(self._points) == POINTS:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [(b[0], b[1], min(a[2], b[2]), max(a[3], b[3])) for a, b in pairs]
            self._values *= 2
        self._points.append((time, value, value, value))
        self._in_last = 1

    def points(self, since: float) -> dict[str, list[float]]:
        """Return the points by their numbers: the time and the value of each, and its extremes if it has any.

        Args:
            since: The time that times are counted from, in seconds since the epoch.
        """
        return {str(i): self._written(point, since) for i, point in enumerate(self._points)}

    def _written(self, point: tuple[float, float, float, float], since: float) -> list[float]:
        time, value, low, high = point
        extremes = [] if low == high else [low, high]
        return [round(time - since, 1), *(float(DIGITS.format(each)) for each in (value, *extremes))]
