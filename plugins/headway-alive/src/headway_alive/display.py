"""One run of `alive_bar`: alive draws what headway has laid out."""

from __future__ import annotations

import functools
import inspect
import io
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from alive_progress import config_handler
from alive_progress.core import hook_manager
from alive_progress.core import progress as internals
from alive_progress.utils import cells, terminal

from headway.format import width
from headway.host.notebook import in_notebook
from headway_alive.look import look_of, widest_of

if TYPE_CHECKING:
    from headway.sink import Stream
    from headway.snapshot import Snapshot
    from headway.text.row import Row

__all__ = ["Display", "receipt"]

FRAME = 0.03
"""Seconds between the frames that alive's own thread draws; leaving waits for one."""

EDGES = 4
"""Columns for the edges of a bar and the blanks around them."""
SHORT = 10
"""Columns of a bar that is made to be measured."""

_alive_bar: Any = inspect.unwrap(vars(internals)["__alive_bar"])
"""alive's own code; `alive_bar` is this with its options read, and with headway's capture around it if that is on."""
_no_hooks: Any = hook_manager.passthrough_hook_manager
_to_cells: Any = cells.to_cells
_get_term = FunctionType(terminal.get_term.__code__, {**vars(terminal), "_is_notebook": in_notebook})
_terminal = SimpleNamespace(get_term=_get_term, get_void=terminal.get_void)
"""alive's makers of terminals. alive itself takes any terminal for a notebook's as soon as IPython is loaded, if it
runs or not: progressbar2 loads it."""


def _run(config: Any, *, known: bool, parts: Mapping[str, Any]) -> Any:
    """Return a context of alive's own code, with headway's parts in the places of those of alive's module.

    The module itself stays as it is: the program may open bars of alive's at the same time.
    """
    code = FunctionType(_alive_bar.__code__, {**vars(internals), **parts})
    code.__kwdefaults__ = _alive_bar.__kwdefaults__
    # alive draws a total that changes, and a bar that stands for another, only as a share set by hand
    return contextmanager(code)(config._replace(manual=known, title_length=0), None)


class Display:
    """One run of alive's bar, from entering it to leaving it.

    alive's own hooks of the streams and log handlers stay out: headway has the program's lines go above the bar, and
    alive's hooks would hang children of a fork that print, and refuse bars that the program opens with alive itself.

    Args:
        stream: The stream.
        columns: Columns that the row may take.
        options: Options of `alive_bar`.
        known: Whether there is a total.
        moves: Whether it is to be drawn before its receipt.
    """

    def __init__(self, stream: Stream, columns: int, options: Mapping[str, Any], *, known: bool, moves: bool) -> None:
        self._stream = stream
        self._moves = moves
        self.known = known
        self.columns = columns
        self._config: Any = config_handler(
            file=stream, force_tty=moves, refresh_secs=FRAME, enrich_print=False, receipt_text=True, **options
        )
        self._fixed: int | None = options.get("length") if self._config.bar is not None else 0
        """Columns of the bar if they were asked for; 0 for none."""
        self._look = look_of(self._config)
        self._figures: tuple[str, ...] = ()
        """The cells right of the bar."""
        self._widest: dict[str, int] | None = None
        """Columns of the figures at their widest so far, one by one."""
        self._right = 0
        """The same of all that is right of the bar, which keeps off it, so that its end does not jump."""
        self._spinner = _spinner_columns(self._config)
        self._length = self._edges = 0
        """Columns of the bar, and of its edges."""
        self._count = 0
        self._drawn = threading.Lock()
        """Is held from when a picture is given until a frame has been drawn."""
        makers = {"_create_bars": self._bars, "_Widget": self._widget}
        parts = {"buffered_hook_manager": self._no_hooks, "terminal": _terminal, **makers}
        self._manager = _run(self._config, known=known, parts=parts)
        self._bar = self._manager.__enter__()

    def _no_hooks(self, _header: Any, _position: Any, _offset: Any, refresh: threading.Condition, term: Any) -> Any:
        """Take the place of alive's maker of hooks, which is given what it takes to write above the bar."""
        self._refresh, self._term, self._flush = refresh, term, term.flush
        term.flush = self._flushed
        term.cols = lambda: self._stream.size.columns  # alive shows nothing where there are said to be 0
        return _no_hooks()

    def _bars(self, config: Any) -> tuple[Any, str]:
        """Take the place of alive's maker of bars, whose bars are of one length: this one's follows the row."""
        if config.bar is None:
            return _Part(lambda _share: ()), ""
        made = functools.cache(lambda length: config.bar(length, None if self.known else config.unknown))
        self._edges = len(config.bar(SHORT, None).end(1.0)) - SHORT

        def draw(share: float | None, *, end: bool = False) -> tuple[str, ...]:
            if not self._length:
                return ()
            bar = made(self._length)
            bar = bar if self.known else bar.unknown
            return *(bar.end if end else bar)(share), " "

        return _Part(draw, functools.partial(draw, end=True)), ""

    def _widget(self, said: Any, _template: Any, _default: Any) -> Any:
        """Take the place of alive's makers of figures: the first of the three says all of them."""
        return _Part(lambda: self._figures if said.__name__.startswith("monitor") else ())

    def _flushed(self) -> None:
        """Take note that alive's thread has drawn a frame, which it ends with a flush."""
        self._flush()
        with suppress(RuntimeError):  # nobody waits for one
            self._drawn.release()

    def show(self, snapshot: Snapshot) -> None:
        """Have alive's thread draw a picture now, and wait for it, if that thread comes to run."""
        title, figures, text = self._laid_out(snapshot)
        with self._refresh:
            self._bar.title, self._figures, self._bar.text = title, _to_cells(figures), text
            if self.known:
                self._bar(snapshot.fraction)
            else:
                self._bar(int(snapshot.n) - self._count)
                self._count = int(snapshot.n)
            self._drawn.acquire(blocking=False)
            self._refresh.notify()
        if self._moves:
            self._drawn.acquire(timeout=FRAME)

    def _laid_out(self, s: Snapshot) -> tuple[str, str, str]:
        """Return the texts left and right of the bar, and the second line; the bar takes the room between."""
        running = s.state == "running"
        columns = self.columns - (self._spinner if running else 0)
        below, length = self._look.below, self._config.length
        if below is not None and s.layout is not None:  # the second line has all that is right of the bar
            row = s.layout.fit(s, columns, length)
            row = s.layout.fit(s, self.columns + width(row.left) + length + EDGES, length)
            self._length = self._room_for_bar(row, columns - width(row.left))
            return row.left, "", row.right
        if self._widest is None:
            self._widest = widest_of(s)
        widest = self._widest if running else None
        row = (s.layout or self._look.row).fit(s, columns, self._fixed, self._edges, widest)
        right = width(row.right)
        if running:
            right = self._right = max(self._right, right)
        self._length = self._room_for_bar(row, columns - width(row.left) - right)
        return row.left, row.right, "" if below is None else below.fit(s, self.columns).left

    def _room_for_bar(self, row: Row, room: int) -> int:
        """Return the columns of the bar: those that were asked for, or alive's own number as far as there is room."""
        if self._fixed is not None or not row.bar:
            return row.bar
        longest: int = self._config.length
        return max(row.bar, min(longest, room - self._edges - len("  ")))

    def write(self, text: str) -> None:
        """Write in the bar's place, and have alive draw it below."""
        with self._refresh:
            self._term.clear_line()
            self._term.clear_end_screen()
            self._stream.write(f"{text}\n")
            self._stream.flush()
            self._refresh.notify()

    def leave(self) -> None:
        """End alive's bar, which draws its receipt."""
        self._manager.__exit__(None, None, None)


class _Paper(io.StringIO):
    """Something to draw a receipt on that is no terminal."""

    def __init__(self, size: os.terminal_size) -> None:
        super().__init__()
        self.size = size


def receipt(snapshot: Snapshot, stream: Stream, options: Mapping[str, Any]) -> str:
    """Return alive's receipt of a bar, for a terminal that it is not drawn on now.

    Args:
        snapshot: The last one of the bar.
        stream: The stream.
        options: Options of `alive_bar`.
    """
    paper: Any = _Paper(stream.size)
    display = Display(paper, stream.room, options, known=snapshot.total is not None, moves=False)
    display.show(snapshot)
    display.leave()
    return str(paper.getvalue()).strip()


class _Part:
    """Something that alive calls, with the attributes that it looks for."""

    f = ""

    def __init__(self, call: Callable[..., Any], end: Callable[..., Any] | None = None) -> None:
        self._call = call
        self.end = end or call
        self.unknown = self

    def __call__(self, *args: Any) -> Any:
        return self._call(*args)


def _spinner_columns(config: Any) -> int:
    """Return the columns of alive's spinner and the blank behind it."""
    return 0 if config.spinner is None else int(config.spinner_length or config.spinner.natural) + 1
