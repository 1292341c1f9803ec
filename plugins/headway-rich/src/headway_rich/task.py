"""A task as rich's own columns know it, with headway's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import ProgressColumn, Task, TaskID

from headway import widgets

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["SnapshotTask"]


class _Unreported:
    """The value of a metric that has not been reported yet: empty, in whatever format."""

    def __format__(self, _spec: str) -> str:
        return ""


class _Fields(dict[str, Any]):
    def __missing__(self, _name: str) -> _Unreported:
        return _Unreported()


class SnapshotTask(Task):
    """A snapshot of headway's, for a column of rich's."""

    def __init__(self, s: Snapshot, column: ProgressColumn) -> None:
        label, ended = widgets.label(s), s.state != "running"
        super().__init__(
            id=TaskID(s.id),
            description=escape(label) if getattr(column, "markup", False) else label,
            total=s.total,
            completed=s.n if s.position is None else s.position,
            _get_time=lambda: s.elapsed,
            finished_time=s.elapsed if ended else None,
            fields=_Fields({name: reading.value for name, reading in s.metrics.items()}, message=s.message),
        )
        self.start_time = 0.0
        self._snapshot = s

    @property
    def speed(self) -> float | None:
        """Headway's rate."""
        return self._snapshot.rate

    @property
    def time_remaining(self) -> float | None:
        """The remaining time by headway."""
        return 0.0 if self.finished else self._snapshot.eta
