"""The part that bars of other processes have in common: their processes do what the hub asks of a bar of its own."""

from __future__ import annotations

__all__ = ["Reported"]


class Reported:
    """A bar, or several as one, that is known by what was reported of it."""

    def look(self) -> bool:
        """Do nothing: it is estimated where it is counted."""
        return False

    def stop_reading(self) -> None:
        """Do nothing: what is reported is read already."""

    def slow_down(self) -> None:
        """Do nothing: its process reports for itself."""
