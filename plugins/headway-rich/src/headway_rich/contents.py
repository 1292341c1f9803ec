"""The contents of cells: words of headway's, what a column of rich's renders, and bars. Each can be made narrower."""

from __future__ import annotations

from collections.abc import Callable

from rich.progress_bar import ProgressBar
from rich.style import StyleType

from headway import format as fmt
from headway import widgets
from headway.widgets import Cell
from headway_rich.ink import Ink, Run

__all__ = ["LABEL", "Bar", "Runs", "Words"]

LABEL = 8
"""Columns that a label is left before bars become narrower."""


class Words:
    """Pieces of text that give way by their priorities, the soft ones bit by bit, in one style."""

    def __init__(self, pieces: list[Cell], style: StyleType, joined: Callable[[list[Cell]], str]) -> None:
        self._pieces = pieces
        self._style = style
        self._joined = joined
        self._text = joined(pieces)
        self.wide = fmt.width(self._text)
        """Columns of its text."""
        self.width = self.wide + sum(piece.kept for piece in pieces if piece.text)
        """Columns that it takes, those among them that are kept free for further digits."""
        self.least = sum(fmt.width(piece.text) for piece in pieces if piece.priority >= widgets.ALWAYS)
        """Columns of what cannot give way."""
        self.beside = sum(fmt.width(piece.text) + 1 for piece in pieces if not piece.soft)
        """Columns beside its free texts."""
        counted = sum(piece.counted for piece in pieces)
        self.kept = sum(min(fmt.width(piece.text), piece.least) for piece in pieces) + len(f"+{counted}") * bool(
            counted
        )
        """Columns of the reason of an end, and of the number of metrics that are left out, before others give way."""

    def within(self, columns: int) -> Words:
        """Return what is left in so many columns."""
        if self.wide <= columns:
            return self
        in_turn = sorted(range(len(self._pieces)), key=lambda i: (self._turn(self._pieces[i], columns), -i))
        shorter = [i for i in in_turn if self._pieces[i].short]
        steps = [*shorter, *(i for i in in_turn if self._pieces[i].priority < widgets.ALWAYS)]
        fewest, most = max(0, len(steps) - len(shorter) - columns), len(steps)  # what is left takes a column at least
        while fewest < most:
            half = (fewest + most) // 2
            if fmt.width(self._joined(self._after(steps[:half], len(shorter)))) > columns:
                fewest = half + 1
            else:
                most = half
        pieces = self._after(steps[:most], len(shorter))
        if most > len(shorter) and self._pieces[steps[most - 1]].soft:
            self._crop(pieces, steps[most - 1], columns)
        if fmt.width(self._joined(pieces)) > columns:
            return Words([Cell(fmt.crop(self._joined(pieces), columns), widgets.ALWAYS)], self._style, _text)
        return Words(pieces, self._style, self._joined)

    def _turn(self, piece: Cell, columns: int) -> int:
        """Tell when a piece gives way; the label, if little would be left of it, after the other pieces."""
        wide = fmt.width(piece.text)
        is_short = piece.soft and piece.priority == widgets.LABEL and columns - (self.wide - wide) < min(wide, LABEL)
        return widgets.ALWAYS - 1 if is_short else piece.priority

    def _after(self, steps: list[int], shorter: int) -> list[Cell]:
        """Return the pieces after steps, the first ones of which take the short text of a piece, and the others all."""
        pieces = list(self._pieces)
        for at, i in enumerate(steps):
            pieces[i] = pieces[i]._replace(text=self._pieces[i].short if at < shorter else "", short="")
        return pieces

    def _crop(self, pieces: list[Cell], i: int, columns: int) -> None:
        """Leave of a piece as much as there is room for."""
        whole = self._pieces[i]
        excess = fmt.width(self._joined([*pieces[:i], whole, *pieces[i + 1 :]])) - columns
        left = fmt.width(whole.text) - excess
        pieces[i] = whole._replace(text=fmt.crop(whole.text, left) if left > 1 else "")

    def drawn(self, ink: Ink) -> str:
        """Write it."""
        return ink.styled(self._text, self._style)


def _text(pieces: list[Cell]) -> str:
    return pieces[0].text


class Runs:
    """A text in the styles of rich's own column."""

    least = kept = beside = 0

    def __init__(self, runs: tuple[Run, ...]) -> None:
        self._runs = runs
        self.width = self.wide = sum(fmt.width(run.text) for run in runs)

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
