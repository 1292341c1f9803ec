"""A row on its way into its place: the pieces that it loses if it is too narrow.

Notes are cut first, then the label, to a third of the row. Then widgets are left out by their priority (`KNOWN` in
`widgets.py`); if a metric can stay by that, a label that is cut gets shorter still, to a fifth. Then the bar shrinks,
the phase is left out, every label becomes shorter, the bar is left out, the reason of an end becomes shorter, and the
rest is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from headway import format as fmt
from headway.text import widgets
from headway.text.row import BAR, Field, Group, Row
from headway.text.widgets import Cell

__all__ = ["EDGES", "Fitting"]

WIDE = 10
"""Columns that a bar is left before what stands beside it gives way."""
LABEL = 8
"""Columns that a label is left before other widgets give way."""
EDGES = 4
"""Columns for what a renderer puts around its bar, if it does not say."""
NARROWEST = 3
"""Columns below which a bar says nothing."""


class Fitting:
    """One row on its way into its place."""

    def __init__(
        self,
        row: Group,
        found: dict[Field, list[Cell]],
        columns: int,
        bar: int | None,
        turn: str,
        *,
        edges: int,
        widest: dict[str, int] | None,
    ) -> None:
        self._row = row
        self._found = found
        self._kept = 0
        """Columns that are kept free for numbers beyond their texts."""
        self._awaited = 0
        """Those for numbers that are not known yet."""
        self._columns = columns
        self._fixed = bar is not None
        self._bar = min(WIDE, columns // 5) if bar is None else bar
        self._turn = turn
        self._edges = edges
        self._growth = {} if widest is None else self._kept_free(widest)
        self._full: dict[tuple[Field, int], str] = {}
        """The labels before they were cut."""
        self._notes: dict[tuple[Field, int], str] = {}
        """The notes before they were."""

    def _kept_free(self, widest: dict[str, int]) -> dict[Field, int]:
        """Find how many columns each widget lacks of its widest, and keep those up to date."""
        growth = {}
        for field, cells in self._found.items():
            if len(cells) == 1 and not cells[0].soft and cells[0].text != BAR:
                wide = fmt.width(field.joined(cells))
                widest[field.name] = max(wide, widest.get(field.name, 0))
                growth[field] = widest[field.name] - wide
        return growth

    def row(self) -> Row:
        """Take away until it fits."""
        self._text = self._write()
        if self._excess > 0:
            self._make_room()
            return Row(self._text, self._bar, self._turn, self._kept)
        return Row(self._text, self._bar, self._turn, self._kept + self._awaited)

    def _make_room(self) -> None:
        softly = self._crop_notes, self._crop_to_third, self._lend, self._leave_out_lowest, self._crop_to_fifth
        firmly = self._leave_out_low, self._narrow_bar, self._leave_out_phase, self._shorten_label
        lastly = self._leave_out_bar, self._shorten_reason, self._leave_out
        for step in (*softly, *firmly, *lastly):
            if self._excess <= 0:
                break
            step()
        self._give_back()
        if self._excess > 0:
            self._text = fmt.crop(self._text, self._columns)

    @property
    def _excess(self) -> int:
        marks = self._text.count(BAR)  # a mark takes no column of its own, and the spinner's one
        beside = self._bar + self._edges + self._kept if self._bar else 0
        if self._growth:
            beside += sum(columns for field, columns in self._growth.items() if self._found[field][0].text)
        return fmt.width(self._text) - marks + beside - self._columns

    def _write(self) -> str:
        self._kept = self._awaited = 0
        for field in () if self._growth else self._row.keeping:
            for cell in self._found[field]:
                if cell.text:
                    self._kept += cell.kept
                else:
                    self._awaited += cell.kept
        padded = _written(self._row, self._found)
        text = padded.rstrip(" ")
        self._kept += len(padded) - len(text)  # the last metric may have its star again
        return text

    def _crop_notes(self) -> None:
        for field, i, cell in self._cells(lambda cell: cell.soft and (cell.priority < widgets.LABEL or cell.least > 0)):
            wide = fmt.width(cell.text)
            if self._excess > 0 and wide > cell.least:
                self._notes[field, i] = cell.text
                left = max(cell.least, wide - self._excess)
                self._set(field, i, fmt.crop(cell.text, left) if left > 1 else "")

    def _crop_to_third(self) -> None:
        self._crop_label(max(self._columns // 3, LABEL))

    def _crop_to_fifth(self) -> None:
        """Cut a label that is cut as it is further, if a metric can stay by that."""
        if not any(fmt.width(full) > self._columns // 3 for full in self._full.values()):
            return
        before = {field: [*cells] for field, cells in self._found.items()}
        self._crop_label(max(self._columns // 5, LABEL))
        self._leave_out_low()
        if self._excess > 0 or not any(cell.counted and cell.text for cells in self._found.values() for cell in cells):
            self._found.update(before)
            self._text = self._write()

    def _lend(self) -> None:
        """Have the bar make room for what numbers take beyond the usual: nothing is to come and go with a digit."""
        if self._bar and not self._fixed:
            lent = sum(cell.lent for cells in self._found.values() for cell in cells)
            self._bar = max(min(NARROWEST, self._bar), self._bar - min(lent, self._excess))

    def _shorten_label(self) -> None:
        self._crop_label(LABEL)

    def _give_back(self) -> None:
        """Let the label have what was won by cutting it too short, or by leaving something out, and then the notes.

        If the label is whole with that, the bar lends it what it lacks.
        """
        spare, label = -self._excess, max(map(fmt.width, self._labels()), default=0)
        lacking = max(map(fmt.width, self._full.values()), default=0) - label - spare
        if label and 0 < lacking <= self._bar - NARROWEST and not self._fixed:
            self._bar -= lacking
            spare += lacking
        if spare > 0 and label:
            self._crop_label(label + spare)
        for (field, i), note in self._notes.items():
            if self._excess < 0 and (left := self._found[field][i].text):
                self._set(field, i, fmt.crop(note, fmt.width(left) - self._excess))

    def _labels(self) -> Iterator[str]:
        return (self._found[field][i].text for field, i in self._full)

    def _leave_out_lowest(self) -> None:
        self._leave_out_below(widgets.KNOWN["metrics"][1])

    def _leave_out_low(self) -> None:
        self._leave_out_below(widgets.KNOWN["phase"][1])

    def _leave_out_phase(self) -> None:
        self._leave_out_below(widgets.FIRM)

    def _leave_out_below(self, priority: int) -> None:
        low = self._cells(lambda cell: not cell.soft and cell.priority < priority)
        shorter = [(field, i, cell._replace(text=cell.short)) for field, i, cell in low if cell.text and cell.short]
        gone = [(f, i, c._replace(text="", kept=0, priority=c.priority + bool(c.short))) for f, i, c in low if c.text]
        before = {(field, i): cell for field, i, cell in low}
        self._leave_out_few(before, sorted([*shorter, *gone], key=lambda each: each[2].priority))

    def _leave_out_few(
        self, before: Mapping[tuple[Field, int], Cell], pieces: Sequence[tuple[Field, int, Cell]]
    ) -> None:
        """Put the first ones in their places, as few as will do, which is found by halving: there may be thousands."""
        fewest, most = 0, len(pieces)
        while fewest < most:
            half = (fewest + most) // 2
            self._leave_out_first(half, before, pieces)
            if self._excess > 0:
                fewest = half + 1
            else:
                most = half
        self._leave_out_first(most, before, pieces)

    def _leave_out_first(
        self, count: int, before: Mapping[tuple[Field, int], Cell], pieces: Sequence[tuple[Field, int, Cell]]
    ) -> None:
        for (field, i), cell in before.items():
            self._found[field][i] = cell
        for field, i, cell in pieces[:count]:
            self._found[field][i] = cell
        self._text = self._write()

    def _narrow_bar(self) -> None:
        if not self._fixed:
            self._bar = max(min(NARROWEST, self._bar), self._bar - self._excess)

    def _leave_out_bar(self) -> None:
        if not self._fixed:
            self._bar = 0

    def _shorten_reason(self) -> None:
        """Cut the reason of an end as far as a label is: the one says little without the other."""
        for field, i, cell in self._cells(lambda cell: cell.soft and cell.least > LABEL):
            if self._excess > 0:
                self._set(field, i, fmt.crop(cell.text, max(LABEL, fmt.width(cell.text) - self._excess)))

    def _leave_out(self) -> None:
        """Leave out the rest, the label after the other free texts: a reason says little without a name."""
        cells = self._cells(lambda cell: cell.soft or cell.priority >= widgets.FIRM)
        for field, i, cell in sorted(cells, key=lambda each: not each[2].soft or each[0].has_label):
            if self._excess > 0 and cell.text != BAR and cell.priority < widgets.ALWAYS:
                wide = fmt.width(cell.text)
                self._set(field, i, fmt.crop(cell.text, max(0, wide - self._excess)) if cell.soft else "")

    def _cells(self, wanted: Callable[[Cell], bool]) -> list[tuple[Field, int, Cell]]:
        """The pieces in the order in which they give way."""
        found = [(field, i, cell) for field, cells in self._found.items() for i, cell in enumerate(cells)]
        last_first = [each for each in found[::-1] if wanted(each[2])]
        return sorted(last_first, key=lambda each: each[2].priority)

    def _crop_label(self, columns: int) -> None:
        for field, cells in self._found.items():
            if not field.has_label:
                continue
            for i, cell in enumerate(cells):
                if cell.soft:
                    full = self._full.setdefault((field, i), cell.text)
                    if fmt.width(full) > columns or full is not cell.text:
                        cells[i] = cell._replace(text=fmt.crop(full, columns))
        self._text = self._write()

    def _set(self, field: Field, i: int, text: str) -> None:
        self._found[field][i] = self._found[field][i]._replace(text=text)
        self._text = self._write()


def _written(group: Group, found: dict[Field, list[Cell]]) -> str:
    out = ""
    for i, item in enumerate(group.items):
        if isinstance(item, Group):
            text = _written(item, found)
        else:
            text = item.joined(cells) if (cells := found[item]) else ""
        if text:
            out += (item.before if i == 0 or out else "") + text
    return f"{group.opening}{out}{group.closing}" if out else ""
