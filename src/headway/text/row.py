"""One row of text around a bar: its fields, and the pieces that these are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

from headway import format as fmt
from headway.format import in_words
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING, NamedTuple
from headway.text import widgets
from headway.text.widgets import Cell

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["AS_IT_IS", "BAR", "Field", "Group", "Row", "Words", "fields", "foremost"]

MARK = "?"
"""Stands in the place of a widget that raised."""

REMAINING = "<"
"""The sign in front of a remaining time."""
BAR, _SPINNER = "\x00", "\x01"
"""Characters that stand in a row's text for the parts that renderers draw; cleaned text has no such characters."""
_BAR_CELL = Cell(BAR, widgets.FIRM)


class Row(NamedTuple):
    """One row around its bar, made to fit."""

    text: str
    """The whole row, with control characters in the places of bar and spinner: `left` and `right` are without them."""
    bar: int
    """Columns that are left for the bar; 0 if the row has none."""
    turn: str
    """The character that the spinner shows now, for renderers that have none of their own."""
    kept: int = 0
    """Columns that its numbers may come to take. A bar that leaves them free does not move with each digit."""

    @property
    def left(self) -> str:
        """The text left of the bar: `train:  40%`. The whole text if there is no bar."""
        return self.text.partition(BAR)[0].replace(_SPINNER, self.turn).rstrip()

    @property
    def right(self) -> str:
        """The text right of the bar: `40/100 [00:03<00:04, 13.2it/s] loss=0.1234`."""
        return self.text.partition(BAR)[2].replace(_SPINNER, self.turn).strip()

    def __str__(self) -> str:
        return f"{self.left} {self.right}".strip()


class Words(NamedTuple):
    """A library's own way to write a widget, such as `in 3s` for `elapsed`; what is `None` stays as it is."""

    text: Callable[[Snapshot], str] | None = None
    """Gives the text, which is safe for a row; empty for none."""
    short: Callable[[Snapshot], str] | None = None
    """Gives a text that takes its place before it is left out."""
    priority: int | None = None
    """A number that tells how soon it gives way."""
    after: str | None = None
    """Text behind, shown with it."""
    between: str | None = None
    """The mark between its pieces, such as a comma."""


AS_IT_IS = Words()


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
        words: A library's way to write it.
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
        words: Words = AS_IT_IS,
    ) -> None:
        self.name = name
        self.widget = widget
        self.built_in = built_in
        self.priority = priority if words.priority is None else words.priority
        self.width = width
        self.spec = spec
        self.before = ""
        """Text in front, shown with it unless everything before it in its brackets is absent."""
        self.after = after if words.after is None else words.after
        self._sign = ""
        """Text in front that is always shown with it."""
        self._words = words
        self._pieces = widgets.IN_PIECES.get(name) if built_in else None
        self._soft = built_in and name in widgets.SOFT
        self._between = "," if built_in and name in ("rate", "count", "notes") else ""
        if words.between is not None:
            self._between = words.between
        self.keeps = built_in and name in widgets.KEEPING
        """Whether columns are kept free for it."""
        self.has_label = self._soft and priority == widgets.LABEL
        """Whether the label is one of its pieces."""

    def behind(self, text: str) -> Field:
        """Put a text in front, and return it. The sign of a remaining time belongs to it, as in `[<00:04]`."""
        signed = self.built_in and self.name == "eta" and text.endswith(REMAINING)
        self._sign = REMAINING if signed else ""
        self.before = text.removesuffix(self._sign)
        return self

    def cells(self, s: Snapshot, apart: frozenset[str]) -> list[Cell]:
        """Ask the widget for its text, of which there may be none; what it raises is told once and shows as a mark."""
        if self._pieces is not None:
            pieces = self._pieces(s, apart)
            if self._words.text is not None:
                pieces[0] = self._worded(self._words.text(s), s)
            return [cell for cell in pieces if cell.text or cell.kept]
        if self._words.text is not None:
            cell = self._worded(self._words.text(s), s)
            return [cell] if cell.text else []
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

    def _worded(self, text: str, s: Snapshot) -> Cell:
        return Cell(text, self.priority, short="" if self._words.short is None else self._words.short(s))

    def joined(self, cells: Sequence[Cell]) -> str:
        """Write what is left of the pieces."""
        text = cells[0].text if len(cells) == 1 and cells[0].text else self._together(cells)
        if not text:
            return ""
        return self._sign + (format(text, self.spec) if self.spec else text) + self.after

    def _together(self, cells: Sequence[Cell]) -> str:
        """Write pieces beside one another, and how many have been left out."""
        text = ""
        kept = [cell for cell in cells if cell.text]
        if left_out := sum(cell.counted and not cell.text for cell in cells):
            kept.append(Cell(f"+{left_out}", self.priority))
        for cell in kept:
            if text:
                end = text.rstrip()
                text = f"{end}{'' if cell.aside else self._between}{' ' * (len(text) - len(end) + 1)}"
            text += cell.text
        return text


class Group:
    """Fields and the brackets around them, which are shown if any of the fields is."""

    def __init__(
        self, items: tuple[Field | Group, ...], opening: str = "", closing: str = "", before: str = ""
    ) -> None:
        self.items = items
        self.opening = opening
        self.closing = closing
        self.before = before
        self.keeping: tuple[Field, ...] = tuple(field for field in fields(self) if field.keeps)
        """The fields that columns are kept free for."""


def fields(group: Group) -> Iterator[Field]:
    """Yield the fields of a group and of those in it."""
    for item in group.items:
        if isinstance(item, Group):
            yield from fields(item)
        else:
            yield item


def foremost(s: Snapshot, most: int, apart: Collection[str] = ()) -> Snapshot:
    """Leave out metrics that cannot have a place, each of which takes a column at least: the last to be shown.

    Args:
        s: The snapshot.
        most: Columns that there are.
        apart: Widgets that have a place of their own, such as `metric.loss`.
    """
    ranks = {reading.priority for reading in s.metrics.values()}
    names = s.metrics if len(ranks) == 1 else sorted(s.metrics, key=lambda name: -s.metrics[name].priority)
    first = {*islice(names, most)}
    named = {name.partition(".")[2] for name in apart if name.startswith(("metric.", "sparkline."))}
    return s._replace(metrics={name: s.metrics[name] for name in s.metrics if name in first or name in named})
