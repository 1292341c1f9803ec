"""The contents of cells: words of headway's, what a column of rich's renders, and bars. Each can be made narrower."""

from __future__ import annotations

from collections.abc import Callable

from rich.progress_bar import ProgressBar
from rich.style import StyleType

from headway import format as fmt
from headway import widgets
from headway.widgets import Cell
from headway_rich.ink import Ink, Run

__all__ = ["Bar", "Runs", "Words"]


class Words:
    """Pieces of text that give way by their priorities, the soft ones bit by bit, in one style."""

    def __init__(self, pieces: list[Cell], style: StyleType, joined: Callable[[list[Cell]], str]) -> None:
        self._pieces = pieces
        self._style = style
        self._joined = joined
        self._text = joined(pieces)
        self.width = fmt.width(self._text)
        self.least = sum(fmt.width(piece.text) for piece in pieces if piece.priority >= widgets.ALWAYS)
        """Columns of what cannot give way."""

    def within(self, columns: int) -> Words:
        """Return what is left in so many columns."""
        if self.width <= columns:
            return self
        pieces = list(self._pieces)
        for i in sorted(range(len(pieces)), key=lambda i: (pieces[i].priority, -i)):
            piece, excess = pieces[i], fmt.width(self._joined(pieces)) - columns
            if excess > 0 and piece.priority < widgets.ALWAYS:
                left = fmt.width(piece.text) - excess
                pieces[i] = piece._replace(text=fmt.crop(piece.text, left) if piece.soft and left > 1 else "")
        if fmt.width(self._joined(pieces)) > columns:
            return Words([Cell(fmt.crop(self._joined(pieces), columns), widgets.ALWAYS)], self._style, _text)
        return Words(pieces, self._style, self._joined)

    def drawn(self, ink: Ink) -> str:
        """Write it."""
        return ink.styled(self._text, self._style)


def _text(pieces: list[Cell]) -> str:
    return pieces[0].text


class Runs:
    """A text in the styles of rich's own column."""

    least = 0

    def __init__(self, runs: tuple[Run, ...]) -> None:
        self._runs = runs
        self.width = sum(fmt.width(run.text) for run in runs)

    def within(self, columns: int) -> Runs:
        """Return what is left in so many columns."""
        if self.width <= columns:
            return self
        left, kept = columns, []
        for run in self._runs:
            text = fmt.crop(run.text, left)
            kept.append(run._replace(text=text))
            left -= fmt.width(text)
            if text != run.text:
                break
        return Runs(tuple(kept))

    def drawn(self, ink: Ink) -> str:
        """Write it."""
        return "".join(ink.styled(run.text, run.style) for run in self._runs)


class Bar:
    """A bar of rich's, which takes the columns that are left."""

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar
        self.most = bar.width
        """Columns that it takes at most; `None` for as many as there are."""

    def drawn(self, ink: Ink, columns: int) -> tuple[str, int]:
        """Write it, and tell how many columns it has filled."""
        return ink.bar(self._bar, columns)
