"""What bars have done that have ended, row by row: told again to another process that begins to draw.

The process that draws adds up what each worker has done in a row. When it is gone, each worker tells the next one what
it has done itself. As soon as a row has ended for good, its past is forgotten.
"""

from __future__ import annotations

from headway.host.clock import monotonic
from headway.processes.group import WORST, apart, whole
from headway.snapshot import Snapshot

__all__ = ["Past"]

ROWS = 128
"""Rows that are remembered at most."""

Name = tuple[str, str, str]


class Past:
    """The past of one process."""

    def __init__(self) -> None:
        self._rows: dict[Name, tuple[Snapshot, float]] = {}

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._rows)

    def add(self, last: Snapshot) -> None:
        """Remember a bar that has ended. Those inside of others are shown as long as these are."""
        name = last.name, last.desc, last.unit
        if last.parent is not None or apart() or (name not in self._rows and len(self._rows) >= ROWS):
            return
        before, start = self._rows.get(name, (None, monotonic() - last.elapsed))
        self._rows[name] = last if before is None else _together(before, last), start

    def forget(self, name: Name) -> None:
        """Forget a row, by the name, description and unit of its bars: it has ended, and a new one begins anew."""
        self._rows.pop(name, None)

    def all(self) -> list[Snapshot]:
        """Return a last snapshot for each row, of all that was done there."""
        now = monotonic()
        return [last._replace(elapsed=max(0.0, now - start)) for last, start in self._rows.values()]


def _together(before: Snapshot, last: Snapshot) -> Snapshot:
    worst = max(before, last, key=lambda bar: WORST[bar.state])
    return last._replace(
        n=before.n + last.n,
        position=None,
        total=whole(before) + whole(last),
        initial=before.initial + last.initial,
        state=worst.state,
        reason=worst.reason,
        leave=before.leave or last.leave,
    )
