"""The progressbar2 renderer for headway: the numbers are headway's, the widgets and their layout are progressbar2's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO, cast

import progressbar
from progressbar.terminal.stream import LastLineStream

from headway import format as fmt
from headway import widgets
from headway.hookspecs import hookimpl
from headway.sink import Frame, PerBar, Renderer
from headway.text.row import Field, Row
from headway_progressbar2.look import layout_of, widest_of
from headway_progressbar2.native import SnapshotBar
from headway_progressbar2.rows import Rows

if TYPE_CHECKING:
    from headway.points import Point
    from headway.sink import Context, Stream
    from headway.snapshot import Snapshot

__all__ = ["ProgressBar2Sink", "headway_renderer"]


class _Row:
    """One bar of progressbar2's that shows a snapshot, as a line of text."""

    def __init__(self, snapshot: Snapshot, stream: Stream) -> None:
        self._stream = stream
        self._snapshot = snapshot
        self._text: tuple[Snapshot, int, str] | None = None
        self._values: list[tuple[str, Any]] = []
        self._native = _chosen(snapshot.options, snapshot.layout)
        self._widest = widest_of(snapshot)
        self._row = self._fitted(stream.room)
        self._dressed = self._shape
        self._line = LastLineStream(cast("TextIO", stream))
        self._bar = SnapshotBar(
            snapshot,
            widgets=self._widgets(),
            fd=self._line,
            term_width=stream.room,
            custom_len=_width,
            enable_colors=False if os.environ.get("NO_COLOR") else None,
        )

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer picture, without drawing."""
        if snapshot.total != self._snapshot.total:
            self._widest = widest_of(snapshot)
        self._snapshot = snapshot

    def value(self, name: str, value: float) -> None:
        """Take a value of a metric as it was reported, for the next drawing."""
        self._values.append((name, value))

    def text(self, room: int) -> str:
        """The row as progressbar2 lays it out; laid out once for a picture and width."""
        text = self._text
        if text is None or text[0] is not self._snapshot or text[1] != room:
            text = self._text = self._snapshot, room, self._laid_out(room)
        return text[2]

    def _laid_out(self, room: int) -> str:
        self._row = self._fitted(room)
        beside = self._beside(room)
        columns = room - fmt.width(beside)
        self._bar.term_width = max(1, columns)
        if self._native is None and self._dressed != self._shape:
            self._dressed = self._shape
            self._bar.dress(self._widgets())
        values, self._values = self._values, []
        self._bar.show(self._snapshot, values)
        line = self._line.line.strip("\r\n").rstrip()
        return beside + (line if _width(line) <= columns else fmt.crop(fmt.printable(line), columns))

    def finish(self) -> None:
        """Let progressbar2 forget the bar, without its jump to 100 %."""
        self._bar.finish(dirty=True)

    def _fitted(self, room: int) -> Row:
        s = self._snapshot
        widest = self._widest if s.state == "running" else None
        return (s.layout or layout_of(s)).fit(s, room, None, len("||"), widest)

    @property
    def _shape(self) -> tuple[bool, bool]:
        """What decides which widgets of progressbar2's the row is made of."""
        return self._snapshot.total is None, bool(self._row.bar)

    def _beside(self, room: int) -> str:
        """What must be said beside native widgets, which know nothing of how a bar ended."""
        if self._native is None or not widgets.ending(self._snapshot):
            return ""
        return f"{widgets.title(self._snapshot, room // 3)} "

    def _widgets(self) -> list[Any]:
        if self._native is not None:
            return [self._native_widget(item) for item in self._native]
        if not self._row.bar:
            return [lambda _bar, _data: str(self._row)]
        new: Any = progressbar.BouncingBar if self._snapshot.total is None else progressbar.Bar
        return [lambda _bar, _data: self._left(), new(), lambda _bar, _data: self._right()]

    def _left(self) -> str:
        """What is left of the bar, with progressbar2's colours for percentage and count, if it draws any."""
        left, s = self._row.left, self._snapshot
        label, share, count = left.rpartition(widgets.percentage(s) or " ")
        if s.layout is None and share.strip():
            shade = {"percentage": min(100.0, 100.0 * (s.fraction or 0.0))}
            left = label + progressbar.Percentage()._apply_colors(share + count, shade)
        return f"{left} " if left else ""

    def _right(self) -> str:
        return f" {self._row.right}" if self._row.right else ""

    def _native_widget(self, item: Any) -> Any:
        """What an item of a native list is to progressbar2: functions are shown as they are, braces mean nothing."""
        if not isinstance(item, Field):
            return item
        if item.widget is None:
            native_bar: Any = progressbar.Bar
            return native_bar()
        return lambda _bar, _data: item.joined(item.cells(self._snapshot, frozenset()))


def _width(text: str) -> int:
    return fmt.width(fmt.printable(text))


class ProgressBar2Sink(PerBar):
    """Shows each bar as a row laid out by progressbar2, in a block at the bottom of the terminal."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._rows = Rows(context.stream)
        self._bars: dict[int, _Row] = {}
        self._above: list[str] = []
        self._more = 0

    def open(self, snapshot: Snapshot) -> None:
        """Add a row."""
        self._bars[snapshot.id] = _Row(snapshot, self._stream)

    def update(self, snapshot: Snapshot) -> None:
        """Take a newer picture of a row."""
        self._bars[snapshot.id].take(snapshot)

    def points(self, points: tuple[Point, ...]) -> None:
        """Tell the rows the values that were reported: some of progressbar2's widgets show each of them."""
        for point in points:
            if point.bar in self._bars:
                self._bars[point.bar].value(point.name, point.value)

    def close(self, snapshot: Snapshot) -> None:
        """Take the row out of the block; what it leaves stands above those that go on."""
        row = self._bars.pop(snapshot.id)
        if snapshot.leave:
            row.take(snapshot)
            self._above.append(row.text(self._stream.room))
        row.finish()

    def frame(self, frame: Frame) -> None:
        """Redraw the block once, with the number of bars that it has no room for."""
        super().frame(frame.lasting)
        self._draw(frame)

    def hide(self) -> None:
        """Take the block off the terminal."""
        super().hide()
        self._draw(Frame(()))

    def show(self, frame: Frame) -> None:
        """Draw the block anew."""
        super().show(frame)
        self._draw(frame)

    def write(self, text: str) -> None:
        """Put lines above the block."""
        self._rows.show(self._texts(), above=text.split("\n"))

    def _draw(self, frame: Frame) -> None:
        self._bars = {s.id: self._bars[s.id] for s in frame.bars}
        self._more = frame.more if self._stream.size.lines > len(frame.bars) + 1 else 0
        above, self._above = self._above, []
        self._rows.show(self._texts(), above)

    def _texts(self) -> list[str]:
        """The rows as they are in the terminal's width now, which may have changed for all of them."""
        room = self._stream.room
        texts = [row.text(room) for row in self._bars.values()]
        return [*texts, f"... {self._more} more"[:room]] if self._more else texts


def _widget_list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError("expected a list, as for progressbar.ProgressBar(widgets=[...])")
    return list(value)


def _is_widget(value: Any) -> bool:
    """Tell a widget of progressbar2's: an object of its classes, or a function of the bar and its data."""
    return callable(value)


def _shows_jobs(options: Mapping[str, Any], layout: Any) -> bool:
    """Tell whether a bar has a widget that shows each value that is reported."""
    return any(isinstance(widget, progressbar.JobStatusBar) for widget in _chosen(options, layout) or ())


def _chosen(options: Mapping[str, Any], layout: Any) -> Any:
    """Return the widgets of the person at the run, else those of the program, else `None`."""
    return options.get("widgets", None if layout is None else layout.native)


@hookimpl
def headway_renderer() -> Renderer:
    """Offer progressbar2's own look: `widgets` is a list as `progressbar.ProgressBar` takes it."""
    look = {"widgets": _widget_list}
    return Renderer(
        ProgressBar2Sink,
        protocol=2,
        max_bars="lines",
        look=look,
        every=_shows_jobs,
        library="progressbar2",
        native=_is_widget,
    )
