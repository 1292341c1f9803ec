"""One row of text around a bar, and the pieces that it loses if it is too narrow.

Notes are cut first, then the label, to a third of the row; then widgets are left out by their priority (`KNOWN` in
`widgets.py`), then the label becomes shorter still and the bar shrinks, then the rest is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from headway import format as fmt
from headway.format import in_words
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING, NamedTuple
from headway.text import widgets
from headway.text.widgets import Cell

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["BAR", "LABEL", "Field", "Fitting", "Group", "Row", "fields"]

BAR = 10
"""Columns that a bar is left before what stands beside it gives way."""
LABEL = 8
"""Columns that a label is left before other widgets give way."""
MARGIN = 4
"""Columns for what a renderer puts around its bar."""
NARROWEST = 3
"""Columns below which a bar says nothing."""
MARK = "?"
"""Stands in the place of a widget that raised."""

_BAR, _SPINNER = "\x00", "\x01"  # stand in a row's text for what renderers draw; cleaned text has no such characters
_BAR_CELL = Cell(_BAR, widgets.FIRM)


class Row(NamedTuple):
    """One row around its bar, made to fit."""

    text: str
    """The whole row, with control characters in the places of bar and spinner: `left` and `right` are without them."""
    bar: int
    """Columns that are left for the bar; 0 if the row has none."""
    turn: str
    """The character that the spinner shows now, for renderers that have none of their own."""

    @property
    def left(self) -> str:
        """The text left of the bar: `train:  40%`. The whole text if there is no bar."""
        return self.text.partition(_BAR)[0].replace(_SPINNER, self.turn).rstrip()

    @property
    def right(self) -> str:
        """The text right of the bar: `40/100 [00:03<00:04, 13.2it/s] loss=0.1234`."""
        return self.text.partition(_BAR)[2].replace(_SPINNER, self.turn).strip()

    def __str__(self) -> str:
        return f"{self.left} {self.right}".strip()


class Field:
    """A widget's place in a row.

    Args:
        name: The widget's name.
        widget: Gives the text; `None` for the bar, which the renderer draws.
        built_in: Whether it is headway's own: a widget of the user's may have any name.
        priority: How soon it gives way.
        width: Columns that the text is padded or cut to; 0 for as many as it takes.
        spec: A format spec for the text, such as `>4`.
        after: Text behind, shown with it.
    """

    def __init__(
        self,
        name: str,
        widget: Callable[[Snapshot], str] | None,
        *,
        built_in: bool = False,
        priority: int = 5,
        width: int = 0,
        spec: str = "",
        after: str = "",
    ) -> None:
        self.name = name
        self.widget = widget
        self.built_in = built_in
        self.priority = priority
        self.width = width
        self.spec = spec
        self.before = ""
        """Text in front, shown with it unless everything before it in its brackets is absent."""
        self.after = after
        self._pieces = widgets.IN_PIECES.get(name) if built_in else None
        self._soft = built_in and name in widgets.SOFT
        self._between = ", " if built_in and name in ("rate", "count", "notes") else " "
        self.has_label = self._soft and priority == widgets.LABEL
        """Whether the label is one of its pieces."""

    def behind(self, text: str) -> Field:
        """Put a text in front, and return it."""
        self.before = text
        return self

    def cells(self, s: Snapshot, apart: frozenset[str]) -> list[Cell]:
        """Ask the widget for its text, of which there may be none; what it raises is told once and shows as a mark."""
        if self._pieces is not None:
            return [cell for cell in self._pieces(s, apart) if cell.text]
        if self.widget is None:
            return [_BAR_CELL]
        try:
            text = self.widget(s) if self.built_in else fmt.clean(str(self.widget(s)))
        except (Exception, SystemExit, GeneratorExit) as error:  # the user's code: a fault is shown, not raised
            what = f"The widget {self.name!r} raised {type(error).__name__}"
            tell(what, f"{what} and shows as {MARK!r}: {in_words(error)}")
            text = MARK
        if not text and not self.width:
            return []
        if self.built_in and self.name == "spinner":
            text = _SPINNER
        if self.width:
            text = fmt.crop(text, self.width)
            text += " " * (self.width - fmt.width(text))
        return [Cell(text, self.priority, self._soft)]

    def joined(self, cells: Sequence[Cell]) -> str:
        """Write what is left of the pieces."""
        texts = [cell.text for cell in cells if cell.text]
        if len(texts) < len(cells) and (left_out := sum(cell.counted and not cell.text for cell in cells)):
            texts.append(f"+{left_out}")
        text = self._between.join(texts)
        if not text:
            return ""
        return (format(text, self.spec) if self.spec else text) + self.after


class Group:
    """Fields and the brackets around them, which are shown if any of the fields is."""

    def __init__(
        self, items: tuple[Field | Group, ...], opening: str = "", closing: str = "", before: str = ""
    ) -> None:
        self.items = items
        self.opening = opening
        self.closing = closing
        self.before = before


class Fitting:
    """One row on its way into its place."""

    def __init__(self, row: Group, found: dict[Field, list[Cell]], columns: int, bar: int | None, turn: str) -> None:
        self._row = row
        self._found = found
        self._columns = columns
        self._fixed = bar is not None
        self._bar = min(BAR, columns // 5) if bar is None else bar
        self._turn = turn
        self._full: dict[tuple[Field, int], str] = {}

    def row(self) -> Row:
        """Take away until it fits."""
        self._text = self._write()
        if self._excess > 0:
            self._make_room()
        return Row(self._text, self._bar, self._turn)

    def _make_room(self) -> None:
        softly = self._crop_notes, self._crop_to_third, self._leave_out_low
        for step in (*softly, self._shorten_label, self._shrink_bar, self._leave_out):
            if self._excess <= 0:
                break
            step()
        self._give_back()
        if self._excess > 0:
            self._text = fmt.crop(self._text, self._columns)

    @property
    def _excess(self) -> int:
        marks = self._text.count(_BAR)  # a mark takes no column of its own, and the spinner's one
        beside = self._bar + MARGIN if self._bar else 0
        return fmt.width(self._text) - marks + beside - self._columns

    def _write(self) -> str:
        return _written(self._row, self._found).strip(" ")

    def _crop_notes(self) -> None:
        for field, i, cell in self._cells(lambda cell: cell.soft and (cell.priority < widgets.LABEL or cell.least > 0)):
            wide = fmt.width(cell.text)
            if self._excess > 0 and wide > cell.least:
                left = max(cell.least, wide - self._excess)
                self._set(field, i, fmt.crop(cell.text, left) if left > 1 else "")

    def _crop_to_third(self) -> None:
        self._crop_label(max(self._columns // 3, LABEL))
        self._text = self._write()

    def _shorten_label(self) -> None:
        self._crop_label(LABEL)
        self._text = self._write()

    def _give_back(self) -> None:
        """Let the label have what was won by cutting it too short, or by leaving something out."""
        spare, label = -self._excess, max(map(fmt.width, self._labels()), default=0)
        if spare > 0 and label:
            self._crop_label(label + spare)
            self._text = self._write()

    def _labels(self) -> Iterator[str]:
        return (self._found[field][i].text for field, i in self._full)

    def _leave_out_low(self) -> None:
        low = self._cells(lambda cell: not cell.soft and cell.priority < widgets.FIRM)
        shorter = [(field, i, cell._replace(text=cell.short)) for field, i, cell in low if cell.text and cell.short]
        gone = [(f, i, c._replace(text="", priority=c.priority + bool(c.short))) for f, i, c in low if c.text]
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

    def _shrink_bar(self) -> None:
        if self._fixed or not self._bar:
            return
        self._bar = max(NARROWEST, self._bar - self._excess)
        if self._excess > 0:
            self._bar = 0

    def _leave_out(self) -> None:
        for field, i, cell in self._cells(lambda cell: cell.soft or cell.priority >= widgets.FIRM):
            if self._excess > 0 and cell.text != _BAR and cell.priority < widgets.ALWAYS:
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


def fields(group: Group) -> Iterator[Field]:
    """Yield the fields of a group and of those in it."""
    for item in group.items:
        if isinstance(item, Group):
            yield from fields(item)
        else:
            yield item
