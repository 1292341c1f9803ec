"""The progressbar2 renderer for headway: the numbers are headway's, the widgets and their layout are progressbar2's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO, cast

import progressbar
import progressbar.widgets  # else at the first bar, where an import may spoil a Ctrl-C: see relay/role.py
from progressbar.terminal.stream import LastLineStream

from headway import format as fmt
from headway import layout, widgets
from headway.hookspecs import hookimpl
from headway.sink import Frame, PerBar, Renderer
from headway.text.row import Field, Row
from headway_progressbar2.rows import Rows

if TYPE_CHECKING:
    from headway.sink import Context, Stream
    from headway.snapshot import Snapshot

__all__ = ["ProgressBar2Sink", "headway_renderer"]


class _Row:
    """One bar of progressbar2's that shows a snapshot, as a line of text."""

    def __init__(self, snapshot: Snapshot, stream: Stream) -> None:
        self._stream = stream
        self._snapshot = snapshot
        native = None if snapshot.layout is None else snapshot.layout.native
        self._native = snapshot.options.get("widgets", native)
        self._row = self._fitted()
        self._line = LastLineStream(cast("TextIO", stream))
        self._bar = progressbar.ProgressBar(
            max_value=_maximum(snapshot),
            max_error=False,
            widgets=self._widgets(),
            fd=self._line,
            is_terminal=True,
            line_breaks=False,
            term_width=stream.room,
            custom_len=_width,
        )
        self._bar.start()

    def text(self, snapshot: Snapshot) -> str:
        """The row as progressbar2 lays it out now."""
        bar, before = self._bar, self._shape()
        self._snapshot = snapshot
        self._row = self._fitted()
        beside = self._beside()
        columns = self._stream.room - fmt.width(beside)
        bar.term_width = max(1, columns)
        bar.max_value = maximum = _maximum(snapshot)
        if self._native is None and before != self._shape():
            bar.widgets = self._widgets()
        bar.update(_value(snapshot, maximum), force=True)
        line = self._line.line.strip("\r\n").rstrip()
        return beside + (line if _width(line) <= columns else fmt.crop(fmt.clean(line), columns))

    def finish(self) -> None:
        """Let progressbar2 forget the bar, without its jump to 100 %."""
        self._bar.finish(dirty=True)

    def _fitted(self) -> Row:
        return layout.fit(self._snapshot, self._stream.room)

    def _shape(self) -> tuple[bool, bool]:
        """What decides which widgets of progressbar2's the row is made of."""
        return self._snapshot.total is None, bool(self._row.bar)

    def _beside(self) -> str:
        """What must be said beside native widgets, which know nothing of how a bar ended."""
        if self._native is None or not widgets.ending(self._snapshot):
            return ""
        return f"{widgets.title(self._snapshot, self._stream.room // 3)} "

    def _widgets(self) -> list[Any]:
        if self._native is not None:
            return [self._native_widget(item) for item in self._native]
        if not self._row.bar:
            return [lambda _bar, _data: str(self._row)]
        new: Any = progressbar.AnimatedMarker if self._snapshot.total is None else progressbar.Bar
        return [lambda _bar, _data: self._row.left, " ", new(), " ", lambda _bar, _data: self._row.right]

    def _native_widget(self, item: Any) -> Any:
        """What an item of a native list is to progressbar2: functions are shown as they are, braces mean nothing."""
        if not isinstance(item, Field):
            return item
        if item.widget is None:
            native_bar: Any = progressbar.Bar
            return native_bar()
        return lambda _bar, _data: item.joined(item.cells(self._snapshot, frozenset()))


def _maximum(snapshot: Snapshot) -> Any:
    return progressbar.UnknownLength if snapshot.total is None else snapshot.total


def _value(snapshot: Snapshot, maximum: Any) -> Any:
    """How far progressbar2 is to draw its bar; it refuses more than the maximum."""
    if snapshot.total is None:
        return snapshot.n
    return min(snapshot.n if snapshot.position is None else snapshot.position, maximum)


def _width(text: str) -> int:
    return fmt.width(fmt.clean(text))


class ProgressBar2Sink(PerBar):
    """Shows each bar as a row laid out by progressbar2, in a block at the bottom of the terminal."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._rows = Rows(context.stream)
        self._bars: dict[int, _Row] = {}
        self._texts: dict[int, str] = {}
        self._above: list[str] = []
        self._more: list[str] = []

    def open(self, snapshot: Snapshot) -> None:
        """Add a row."""
        self._bars[snapshot.id] = _Row(snapshot, self._stream)
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Lay the row out anew."""
        self._texts[snapshot.id] = self._bars[snapshot.id].text(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Take the row out of the block; what it leaves stands above those that go on."""
        row = self._bars.pop(snapshot.id)
        if snapshot.leave:
            self._above.append(row.text(snapshot))
        row.finish()
        del self._texts[snapshot.id]

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
        self._rows.show([*self._texts.values(), *self._more], above=text.split("\n"))

    def _draw(self, frame: Frame) -> None:
        self._texts = {s.id: self._texts[s.id] for s in frame.bars}
        more = f"... {frame.more} more"[: self._stream.room] if frame.more else ""
        self._more = [more] if more and self._stream.size.lines > len(frame.bars) + 1 else []
        above, self._above = self._above, []
        self._rows.show([*self._texts.values(), *self._more], above)


def _widget_list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError("expected a list, as for progressbar.ProgressBar(widgets=[...])")
    return list(value)


def _is_widget(value: Any) -> bool:
    """Tell a widget of progressbar2's: an object of its classes, or a function of the bar and its data."""
    return callable(value)


@hookimpl
def headway_renderer() -> Renderer:
    """Offer progressbar2's own look: `widgets` is a list as `progressbar.ProgressBar` takes it."""
    look = {"widgets": _widget_list}
    return Renderer(
        ProgressBar2Sink, protocol=2, max_bars="lines", look=look, library="progressbar2", native=_is_widget
    )
