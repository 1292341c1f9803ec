"""Comparison of bars by their place, as tqdm does it; each is its own in sets and dictionaries."""

from __future__ import annotations

__all__ = ["Comparable"]


class Comparable:
    """Compares by `pos`."""

    pos: int
    """The place; negative where the program chose it."""

    def __eq__(self, other: object) -> bool:
        return abs(self.pos) == abs(other.pos) if isinstance(other, Comparable) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return abs(self.pos) < abs(other.pos) if isinstance(other, Comparable) else NotImplemented

    def __le__(self, other: object) -> bool:
        return abs(self.pos) <= abs(other.pos) if isinstance(other, Comparable) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return abs(self.pos) > abs(other.pos) if isinstance(other, Comparable) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return abs(self.pos) >= abs(other.pos) if isinstance(other, Comparable) else NotImplemented

    def __hash__(self) -> int:
        return id(self)
