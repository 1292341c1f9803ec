"""Rows of bars that failed inside of others: each stands where it is, until it is clear how the bar around goes on."""

from __future__ import annotations

from headway.snapshot import BROKEN_OFF, Number, Snapshot

__all__ = ["Failures", "parent_of"]


def parent_of(snapshot: Snapshot) -> set[int]:
    """Return the bar around one that has failed, if there is one: it is to be seen beside that row as it stands now."""
    return set() if snapshot.parent is None or snapshot.state not in BROKEN_OFF else {snapshot.parent}


class Failures:
    """The last snapshots of such bars, in the order in which they ended.

    An error that ends a loop mostly ends the loops around it, too. The row of the inner one is then left under that of
    the outer one. If the outer bar counts on, or another one opens inside of it, the row is left above.
    """

    def __init__(self) -> None:
        self._inside: dict[int, list[Snapshot]] = {}
        self._counts: dict[int, Number] = {}

    def keep(self, snapshot: Snapshot, around: Snapshot) -> bool:
        """Keep the row of a bar that has ended, if it failed in a bar that goes on, and tell whether it is kept.

        Args:
            snapshot: Its last snapshot.
            around: That of the bar around.
        """
        if not snapshot.leave or snapshot.state not in BROKEN_OFF or around.state != "running":
            return False
        self._inside.setdefault(around.id, []).append(snapshot)
        self._counts.setdefault(around.id, around.n)
        return True

    def of(self, around: int | None) -> list[Snapshot]:
        """Return those inside of a bar, which are kept no more."""
        if around is None or around not in self._inside:
            return []
        del self._counts[around]
        return self._inside.pop(around)

    def all(self) -> list[Snapshot]:
        """Return all of them, which are kept no more."""
        return [snapshot for around in list(self._inside) for snapshot in self.of(around)]

    def past(self, snapshot: Snapshot) -> list[Snapshot]:
        """Return those inside of a bar that has counted on since, which are kept no more."""
        return self.of(snapshot.id) if self._counts.get(snapshot.id, snapshot.n) != snapshot.n else []
