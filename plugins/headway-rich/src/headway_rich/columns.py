"""The columns of a grid, by name or of rich's own: each tells its content for a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.progress import ProgressColumn, TextColumn
from rich.progress_bar import ProgressBar

from headway import layout, widgets
from headway.format import in_words, shown
from headway.host.faults import tell
from headway.text.row import foremost
from headway_rich.contents import Bar, Runs, Words
from headway_rich.ink import Ink, Run
from headway_rich.task import SnapshotTask

if TYPE_CHECKING:
    from headway.snapshot import Snapshot
    from headway.text.row import Field

__all__ = ["COLOURS", "DEFAULT", "Column", "Columns", "Content", "bar_of", "columns_of"]

Content = Words | Runs | Bar
COLOURS = {"failed": "red", "interrupted": "yellow"}
"""The colours of ends that are no success."""
BAR = 40
"""Columns that a bar takes at most, as rich's own does."""
NAMES = {
    "description": ("title", "progress.description"),
    "percentage": ("percentage", "progress.percentage"),
    "count": ("count", "progress.download"),
    "elapsed": ("elapsed", "progress.elapsed"),
    "remaining": ("eta", "progress.remaining"),
    "speed": ("rate", "progress.filesize"),  # rich's own style for it is red, which says here that a bar has failed
}
"""The columns whose names and styles are rich's, with headway's widgets for them."""
FREE = {"message", "notes", "reason"}
"""Widgets with free texts, which need not stand below one another."""
WIDEST = 1000
"""Columns that metrics take at most."""
SAYING = {"title", "state"}
"""Widgets that say how it ended."""


class Column:
    """A column: its place among those that give way, and what it shows.

    Args:
        priority: How soon it gives way, see `headway.widgets.KNOWN`.
        right: Whether its texts stand at its right edge.
        stays: Whether it is as wide as it has ever been, so that the columns after it do not jump.
        counts: Whether it has all metrics, and says how many of them are left out.
    """

    def __init__(self, priority: int, *, right: bool = False, stays: bool = True, counts: bool = False) -> None:
        self.priority = priority
        self.right = right
        self.stays = stays
        self.counts = counts

    def content(self, s: Snapshot, ink: Ink) -> Content:
        """Return what it shows for a snapshot."""
        raise NotImplementedError


class _Words(Column):
    """A widget of headway's in a style of rich's."""

    def __init__(self, field: Field, style: str) -> None:
        name = field.name if field.built_in else ""
        right = name in ("percentage", "count", "elapsed", "eta", "rate")
        super().__init__(field.priority, right=right, stays=name not in FREE, counts=name == "metrics")
        self._field = field
        self._style = style
        self._before = "eta " if name == "eta" else ""
        self._is_title = name in SAYING
        self._is_share = name == "percentage"
        field.after = ""

    def content(self, s: Snapshot, ink: Ink) -> Words:  # noqa: ARG002
        style = COLOURS.get(s.state, self._style) if self._is_title else self._style
        fewer = foremost(s, WIDEST) if self.counts and len(s.metrics) > WIDEST else s
        cells = self._field.cells(fewer, frozenset())
        if self._is_share and s.state == "running":
            cells = [cell._replace(kept=max(0, len("100%") - len(cell.text))) for cell in cells]
        return Words(cells, style, self._joined)

    def _joined(self, pieces: list[widgets.Cell]) -> str:
        text = self._field.joined(pieces)
        return f"{self._before}{text}" if text else ""


class _Spinner(Column):
    """rich's spinner."""

    def content(self, s: Snapshot, ink: Ink) -> Runs:
        if s.state != "running":
            return Runs((Run(" ", ""),))
        spinner = ink.spinner
        frame = spinner.frames[int(s.elapsed * 1000 / spinner.interval) % len(spinner.frames)]
        return Runs((Run(frame, "progress.spinner"),))


class _Bar(Column):
    """rich's bar."""

    def content(self, s: Snapshot, ink: Ink) -> Bar:  # noqa: ARG002
        return Bar(bar_of(s))


class _Native(Column):
    """A column of rich's own."""

    def __init__(self, column: ProgressColumn) -> None:
        justify = getattr(column, "justify", None) or column.get_table_column().justify
        super().__init__(widgets.KNOWN["elapsed"][1], right=justify == "right")
        self._column = column

    def content(self, s: Snapshot, ink: Ink) -> Runs | Bar:
        try:
            found = self._column.render(SnapshotTask(s, self._column))  # calling it keeps each task for good
            if isinstance(found, ProgressBar):
                return Bar(_as_it_ended(found, s))
            return Runs(ink.runs(found))
        except Exception as error:  # a column of the user's
            what = f"The column {type(self._column).__name__} raised {type(error).__name__}"
            tell(what, f"{what} and shows as '?': {in_words(error)}")
            return Runs((Run("?", ""),))


def bar_of(s: Snapshot) -> ProgressBar:
    """Return rich's bar for a snapshot, in the look that was asked for."""
    share = s.fraction if s.total is not None or s.state == "running" else 1.0
    bar = ProgressBar(
        total=None if share is None else 1.0,
        completed=share or 0.0,
        width=s.options.get("bar_width", BAR),
        complete_style=s.options.get("complete_style", "bar.complete"),
        animation_time=s.elapsed,
    )
    return _as_it_ended(bar, s)


def _as_it_ended(bar: ProgressBar, s: Snapshot) -> ProgressBar:
    colour = COLOURS.get(s.state)
    if colour is not None:
        bar.complete_style = bar.finished_style = bar.pulse_style = colour
    return bar


Columns = tuple[Column, ...]


# ── reading what was asked for ───────────────────────────────────────────────────────────────────────────────────────


def columns_of(items: Sequence[Any]) -> Columns:
    """Make columns of names, columns of rich's, texts in its markup, and functions of the snapshot.

    Raises:
        TypeError: Something cannot be a column.
        ValueError: There is no column of a name.
    """
    columns = tuple(_columns(items))
    if any(map(_says_ending, items)):
        return columns
    return _column("state"), *columns


def _columns(items: Sequence[Any]) -> Iterator[Column]:
    for item in items:
        if not isinstance(item, str):
            yield _column(item)
        elif item.strip():
            is_name = all(part.isidentifier() for part in item.split("."))
            yield _column(item) if is_name else _Native(TextColumn(item))


def _column(item: Any) -> Column:
    if isinstance(item, ProgressColumn):
        return _Native(item)
    name, style = NAMES.get(item, (item, "none")) if isinstance(item, str) else (item, "none")
    if not (isinstance(name, str) or callable(name)):
        raise TypeError(f"expected names, columns of rich's and functions of the snapshot, not {shown(name)}")
    field = layout.of([name], lambda _: False).fields[0]
    if field.widget is None:
        return _Bar(field.priority)
    if field.built_in and field.name == "spinner":
        return _Spinner(field.priority)
    return _Words(field, style)


def _says_ending(item: Any) -> bool:
    return isinstance(item, str) and NAMES.get(item, (item,))[0] in SAYING


DEFAULT = columns_of(
    [
        *("description", "bar", "percentage", "count", "elapsed", "remaining", "speed"),
        *("workers", "metrics", "notes"),
    ]
)
