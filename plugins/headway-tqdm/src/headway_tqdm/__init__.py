"""The tqdm renderer for headway: the numbers are headway's, the rows, the bar and the look are tqdm's."""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tqdm.std import Bar, tqdm  # type: ignore[attr-defined]  # its stubs leave Bar out

from headway import format as fmt
from headway import layout, widgets
from headway.hookspecs import hookimpl
from headway.host.environment import terminal_of
from headway.host.notebook import in_notebook
from headway.sink import Draws, Frame, PerBar, Renderer
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.sink import Context, Stream

__all__ = ["TqdmSink", "headway_renderer"]

COLOURS = {"failed": "red", "interrupted": "yellow"}


class _Pen:
    """Gathers what tqdm writes in pieces, so that it goes out as one: no Ctrl-C and no other output comes between."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pieces: list[str] = []
        self.look()

    def look(self) -> None:
        """See how large the terminal is; once for all rows that are drawn together."""
        self.lines, self.room = self._stream.size.lines, self._stream.room

    def write(self, text: str) -> int:
        self._pieces.append(text)
        return len(text)

    def flush(self) -> None:
        """Wait for the rest."""

    def put(self) -> None:
        """Write what there is."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if text:
            self._stream.write(text)
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Row(tqdm):  # type: ignore[type-arg]
    """One bar of tqdm's that shows a snapshot, and draws only when told to."""

    monitor_interval = 0

    def __init__(self, snapshot: Snapshot, stream: Stream, pen: _Pen, position: int | None = None) -> None:
        self._stream = stream
        self._pen = pen
        self._snapshot = snapshot
        self._text: tuple[Snapshot, int, str] | None = None
        self._dress(snapshot)
        super().__init__(
            total=snapshot.total,
            initial=snapshot.initial,
            file=pen,  # it has of a stream what tqdm asks for
            unit=snapshot.unit,
            unit_scale=bool(snapshot.unit_scale),
            unit_divisor=1024 if snapshot.unit_scale == "iec" else 1000,
            mininterval=math.inf,
            maxinterval=math.inf,
            miniters=math.inf,
            delay=0,
            disable=False,
            ascii=self.ascii,
            colour=self._colour,
            bar_format=self._bar_format,
            position=position,
        )

    def _dress(self, snapshot: Snapshot) -> None:
        """Take over the look that was asked for."""
        look, wanted = snapshot.options, snapshot.layout
        self._bar_format = look.get("bar_format", None if wanted is None else wanted.native)
        self._colour = look.get("colour")
        self._columns: int | None = look.get("ncols")
        self.ascii = look.get("ascii", not self._stream.encodes("█"))

    @property
    def nrows(self) -> int:
        """Lines of the terminal, which may change; tqdm leaves out rows that have no place."""
        return self._pen.lines

    @nrows.setter
    def nrows(self, _given: int | None) -> None:
        """Let what tqdm was given at first go."""

    @property
    def _room(self) -> int:
        """Columns that the row may take."""
        return self._pen.room if self._columns is None else min(self._columns, self._pen.room)

    @staticmethod
    def status_printer(file: Any) -> Callable[[str], None]:
        """Write a row and erase the rest of its line; tqdm pads with blanks, which wrap in a terminal made narrower."""

        def show(text: str) -> None:
            file.write(f"\r{text}\x1b[K")
            file.flush()

        return show

    def is_on(self, stream: Stream) -> bool:
        """Tell whether it is drawn on a stream, and not just being made."""
        return self._stream is stream and hasattr(self, "start_t")

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer picture, without drawing."""
        if snapshot.options is not self._snapshot.options:
            self._dress(snapshot)
        self._snapshot = snapshot
        self.n, self.total = snapshot.n, snapshot.total

    def __str__(self) -> str:
        """The row; laid out once for a picture and width, however much text is printed above it."""
        room, text = self._room, self._text
        if text is None or text[0] is not self._snapshot or text[1] != room:
            text = self._text = self._snapshot, room, self._written(room)
        return text[2]

    def _written(self, room: int) -> str:
        """The row in the format that was asked for; headway's where that cannot be filled, as with a rate of `None`."""
        if self._bar_format is not None:
            with suppress(TypeError, ValueError):
                return str(super().__str__())
        return self._own_row(room)

    def _own_row(self, room: int) -> str:
        """Headway's row around tqdm's bar, which is driven by the share."""
        share = self._snapshot.fraction
        row = layout.fit(self._snapshot, room, 0 if share is None else None)
        left, right = row.left, row.right
        if not row.bar or share is None:
            return f"{left} {right}"
        columns = max(1, room - fmt.width(left) - fmt.width(right) - len("|| ") - row.kept)
        charset = Bar.ASCII if self.ascii is True else self.ascii or Bar.UTF
        return f"{left}|{Bar(min(share, 1.0), columns, charset, self._colour_now)}| {right}"

    @property
    def _colour_now(self) -> str | None:
        by_state = COLOURS.get(self._snapshot.state)
        return self._colour or (by_state if by_state and "NO_COLOR" not in os.environ else None)

    @property
    def format_dict(self) -> dict[str, Any]:
        """What a format of tqdm's own is filled with: headway's numbers in the place of tqdm's."""
        own, s = dict(super().format_dict), self._snapshot
        own.update(elapsed=s.elapsed, rate=s.rate, colour=self._colour_now, ncols=self._room)
        if self._bar_format is not None:
            own.update(self._native_row(self._bar_format))
        return own

    def _native_row(self, bar_format: str) -> dict[str, Any]:
        """A row in a format of tqdm's own, with headway's texts for its fields."""
        s = self._snapshot
        left = 0.0 if s.state == "finished" else s.eta
        eta = "?" if left is None else self.format_interval(left)
        return {
            "prefix": widgets.title(s, self._room // 3),
            "postfix": ", ".join(filter(None, (widgets.metrics(s), widgets.notes(s)))),
            "bar_format": bar_format.replace("{remaining}", eta),
        }


class _More(_Row):
    """The row that says how many bars have none, in words like tqdm's own."""

    def __init__(self, more: int, stream: Stream, pen: _Pen, position: int) -> None:
        self._count = more
        super().__init__(Snapshot(0), stream, pen, position)

    def tell(self, more: int) -> None:
        """Draw another number."""
        if more != self._count:
            self._count = more
            self.refresh()

    def __str__(self) -> str:
        return f" ... ({self._count} more hidden) ..."[: self._room]


_Row.set_lock(threading.RLock())
"""tqdm's own default lock is shared with child processes: one that is forked while it is held hangs both."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _Row.set_lock(threading.RLock()))


class TqdmSink(PerBar):
    """Shows each bar as a row of tqdm's; rows of the program's own tqdm bars stand beside them."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._pen = _Pen(context.stream)
        self._rows: dict[int, _Row] = {}
        self._more: _More | None = None

    def frame(self, frame: Frame) -> None:
        """Draw the rows that have changed by one write."""
        self._pen.look()
        super().frame(frame.lasting)
        self._arrange(frame)
        self._count(frame)

    def show(self, frame: Frame) -> None:
        """Draw all rows anew by one write."""
        self._pen.look()
        super().show(frame)
        self._arrange(frame)
        self._count(frame)

    def hide(self) -> None:
        """Take all rows away."""
        self._pen.look()
        super().hide()
        self._count(Frame(()))

    def _arrange(self, frame: Frame) -> None:
        """Have rows stand below one another in the order of the bars; tqdm would leave the places of others empty."""
        if not (frame.opened or frame.ended):
            return
        rows: list[_Row] = [self._rows[s.id] for s in frame.bars if s.id in self._rows]
        if self._more is not None:
            rows.append(self._more)
        with _Row.get_lock():  # type: ignore[no-untyped-call]
            before = [row.pos for row in rows]
            for row in rows:
                del row.pos  # it keeps no place from the others
            for row in rows:
                row.pos = row._get_free_pos(row)  # type: ignore[attr-defined]  # its stubs leave it out
            filled = {row.pos for row in rows}
            moved = [(row, row.pos, was) for row, was in zip(rows, before, strict=True) if abs(was) != row.pos]
            for row, _, row.pos in moved:
                if abs(row.pos) not in filled:  # the others are drawn over
                    row.clear(nolock=True)
            for row, row.pos, _ in moved:
                row.refresh(nolock=True)

    def _count(self, frame: Frame) -> None:
        """Say in a row below the others how many bars have none."""
        below = 1 + max((abs(row.pos) for row in self._rows.values()), default=0)
        if self._more is not None and not (frame.more and below == abs(self._more.pos)):
            self._more.leave = False
            self._more.close()
            self._more = None
        if self._more is not None:
            self._more.tell(frame.more)
        elif frame.more:
            self._more = _More(frame.more, self._stream, self._pen, below)
        self._pen.put()

    def open(self, snapshot: Snapshot) -> None:
        """Open a row, which tqdm draws."""
        self._rows[snapshot.id] = _Row(snapshot, self._stream, self._pen)

    def update(self, snapshot: Snapshot) -> None:
        """Redraw the row."""
        row = self._rows[snapshot.id]
        row.take(snapshot)
        row.refresh()

    def close(self, snapshot: Snapshot) -> None:
        """Take the row away; what it leaves is printed above those that go on.

        tqdm's own `leave` prints stale copies of other rows when an outer row is closed before an inner one.
        """
        row = self._rows.pop(snapshot.id)
        row.take(snapshot)
        text = str(row) if snapshot.leave else None
        row.leave = False
        row.close()
        if text is not None:
            self.write(text)

    def write(self, text: str) -> None:
        """Print above all rows, those of the program's own bars on this terminal included."""
        self._pen.look()
        with _Row.get_lock():  # type: ignore[no-untyped-call]
            rows = [row for row in list(_Row._instances) if self._is_beside(row)]  # type: ignore[attr-defined]
            for row in rows:
                row.clear(nolock=True)
            self._pen.write(f"{text}\n")
            if any(not isinstance(row, _Row) for row in rows):
                self._pen.put()  # the program's own rows are drawn past the pen, and below the text
            for row in rows:
                row.refresh(nolock=True)
        self._pen.put()

    def _is_beside(self, row: Any) -> bool:
        """Tell whether a row of tqdm's, which may be the program's own, is drawn where ours are."""
        if isinstance(row, _Row) and row.is_on(self._stream):
            return True
        if "_headway" in vars(row):  # it is captured, and draws nothing
            return False
        terminal = terminal_of(row.fp) if hasattr(row, "start_t") else None
        return terminal is not None and terminal == terminal_of(self._stream)


def _ascii(value: Any) -> bool | str:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), str(value))


def _columns(value: Any) -> int:
    columns = int(value)
    if columns < 1:
        raise ValueError("expected a number of columns")
    return columns


def _bar_format(value: Any) -> str:
    try:
        tqdm.format_meter(1, 2, 1.0, bar_format=value, nrows=24)  # type: ignore[call-arg]  # its stubs leave nrows out
    except KeyError as error:
        raise ValueError(f"tqdm has no field {error}") from error
    except AttributeError as error:
        raise TypeError("expected a text with tqdm's fields") from error
    except IndexError as error:
        raise ValueError("tqdm has no field without a name") from error
    return str(value)


def _colour(value: Any) -> str:
    if str(value).upper() in Bar.COLOURS or re.fullmatch("#[0-9a-fA-F]{6}", str(value)):
        return str(value)
    raise ValueError(f"expected #rrggbb or one of {', '.join(Bar.COLOURS).lower()}")


def _is_bar_format(value: Any) -> bool:
    try:
        _bar_format(value)
    except (ValueError, TypeError):
        return False
    return True


def _has_widgets() -> bool:
    """Tell whether tqdm's widgets show the bars: in a notebook, if it has ipywidgets."""
    if not in_notebook():
        return False
    from importlib.util import find_spec  # only there

    return find_spec("ipywidgets") is not None


def _make(context: Context) -> PerBar:
    if not _has_widgets():
        return TqdmSink(context)
    from headway_tqdm.notebook import NotebookSink  # it takes tqdm's notebook, which imports IPython

    return NotebookSink(context)


def _draws(_options: Mapping[str, Any]) -> Draws:
    return "cell" if _has_widgets() else "rows"


@hookimpl
def headway_renderer() -> Renderer:
    """Offer tqdm's own look; each option means what it means to `tqdm.tqdm`. `widgets=` may be a `bar_format`."""
    look = {"ascii": _ascii, "bar_format": _bar_format, "colour": _colour, "ncols": _columns}
    return Renderer(_make, protocol=2, draws=_draws, max_bars="lines", look=look, library="tqdm", native=_is_bar_format)
