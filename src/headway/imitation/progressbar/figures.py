"""The figures of a bar as progressbar2 states them, which its widgets show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from headway.imitation.progressbar.base import UnknownLength

__all__ = ["Figures", "now", "percentage"]


def now() -> datetime:
    """Return the time as progressbar2 has it, without a time zone."""
    return datetime.now()  # noqa: DTZ005


def percentage(value: float, min_value: float, max_value: Any) -> float | None:
    """Return how much is done in percent, `None` if the length is not known."""
    if max_value is None or max_value is UnknownLength:
        return None
    return 100.0 * (value - min_value) / (max_value - min_value) if max_value else 100.0


class Figures:
    """Has the figures; the bar counts."""

    min_value: float
    max_value: Any
    value: Any
    previous_value: Any
    start_time: datetime | None
    end_time: datetime | None
    updates: int
    unit: str
    unit_scale: bool
    variables: Any

    @property
    def percentage(self) -> float | None:
        """How much is done in percent, `None` if the length is not known."""
        return percentage(self.value, self.min_value, self.max_value)

    @property
    def last_update_time(self) -> datetime | None:
        """When it was looked at last: now, and in the end its end."""
        return self.end_time or (None if self.start_time is None else now())

    def data(self) -> dict[str, Any]:
        """Return what widgets show, by progressbar2's names."""
        moment = now()
        elapsed = (self.end_time or moment) - (self.start_time or moment)
        seconds = elapsed / timedelta(seconds=1)
        return {
            "max_value": self.max_value,
            "start_time": self.start_time,
            "last_update_time": moment,
            "end_time": self.end_time,
            "value": self.value,
            "previous_value": self.previous_value,
            "updates": self.updates,
            "total_seconds_elapsed": seconds,
            "seconds_elapsed": seconds % 60,
            "minutes_elapsed": seconds / 60 % 60,
            "hours_elapsed": seconds / 3600 % 24,
            "days_elapsed": seconds / 86400,
            "time_elapsed": elapsed,
            "percentage": self.percentage,
            "unit": self.unit,
            "unit_scale": self.unit_scale,
            "variables": self.variables,
            "dynamic_messages": self.variables,
        }
