"""Rows in headway's own layout, with a bar of rich's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headway import format as fmt
from headway import layout
from headway_rich.block import Row
from headway_rich.columns import COLOURS, bar_of
from headway_rich.ink import Ink

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["Lines"]


class Lines:
    """Draws bars whose `widgets=` are headway's; each is laid out by itself."""

    def __init__(self, ink: Ink) -> None:
        self._ink = ink

    def rows(self, bars: Sequence[Snapshot], room: int) -> list[Row]:
        """Draw bars below one another."""
        return [self.row(s, room) for s in bars]

    def row(self, s: Snapshot, room: int) -> Row:
        """Draw a bar."""
        row = layout.fit(s, room)
        style = COLOURS.get(s.state, "none")
        left, right = row.left, row.right
        if not row.bar:
            return Row(self._ink.styled(left, style), fmt.width(left))
        bar = bar_of(s)
        spare = room - sum(fmt.width(text) + 1 for text in (left, right) if text)
        columns = max(1, spare if bar.width is None else min(spare, bar.width))
        drawn, filled = self._ink.bar(bar, columns)
        pieces = [(self._ink.styled(left, style), fmt.width(left)), (drawn + " " * (columns - filled), columns)]
        pieces = [piece for piece in [*pieces, (right, fmt.width(right))] if piece[1]]
        return Row(" ".join(text for text, _ in pieces), sum(width + 1 for _, width in pieces) - 1)
