"""The alive-progress renderer for headway: the numbers are headway's, the bar, the spinner and the life are alive's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import alive_progress.styles  # noqa: F401  # else at the first bar, where an import may spoil a Ctrl-C: see relay/role.py
from alive_progress import alive_bar, config_handler
from alive_progress.core import progress as internals
from alive_progress.core.hook_manager import passthrough_hook_manager

from headway import layout
from headway.format import width
from headway.hookspecs import hookimpl
from headway.sink import PerBar, Renderer

if TYPE_CHECKING:
    from headway.sink import Context, Stream
    from headway.snapshot import Snapshot

__all__ = ["AliveSink", "headway_renderer"]

FRAME = 0.03
"""Seconds between the frames that alive's own thread draws; leaving waits for one."""


_alive: Any = internals
_no_hooks: Any = passthrough_hook_manager
BESIDE = 4
"""Columns that headway counts for the edges of a bar and the blanks around them."""
SPINNER = 4
"""Columns that alive's default spinner and its blank take."""


class _Display:
    """One run of `alive_bar`, from entering it to leaving it.

    alive's own hooks of the streams and log handlers stay out: headway has the program's lines go above the bar, and
    alive's hooks would hang children of a fork that print, and refuse bars that the program opens with alive itself.
    """

    def __init__(self, stream: Stream, known: bool, columns: int, options: dict[str, Any], *, moves: bool) -> None:
        self._stream = stream
        self._moves = moves
        self.known = known
        self.columns = columns
        self._length = 0 if options.get("bar", "") is None else options["length"]
        self._spinner = 0 if options.get("spinner", "") is None else SPINNER
        self._dual = bool(options.get("dual_line"))
        self._count = 0
        self._drawn = threading.Lock()
        """Is held from when a picture is given until a frame has been drawn."""
        # alive draws a total that changes, and a bar that stands for another, only as a share set by hand
        self._manager = alive_bar(
            None,
            manual=known,
            file=stream,
            force_tty=moves,
            refresh_secs=FRAME,
            enrich_print=False,
            receipt_text=True,
            **{"monitor": False, "elapsed": False, "stats": False, **options},
        )
        hooks = _alive.buffered_hook_manager
        _alive.buffered_hook_manager = self._no_hooks
        try:
            self._bar = self._manager.__enter__()
        finally:
            _alive.buffered_hook_manager = hooks

    def _no_hooks(self, _header: Any, _position: Any, _offset: Any, refresh: threading.Condition, term: Any) -> Any:
        """Take the place of alive's maker of hooks, which is given what it takes to write above the bar."""
        self._refresh, self._term, self._flush = refresh, term, term.flush
        term.flush = self._flushed
        term.cols = lambda: self._stream.size.columns  # alive shows nothing where there are said to be 0
        return _no_hooks()

    def _flushed(self) -> None:
        """Take note that alive's thread has drawn a frame, which it ends with a flush."""
        self._flush()
        with suppress(RuntimeError):  # nobody waits for one
            self._drawn.release()

    def show(self, snapshot: Snapshot) -> None:
        """Have alive's thread draw a picture now, and wait for it, if that thread comes to run."""
        row = self._fitted(snapshot)
        with self._refresh:
            self._bar.title = row.left
            self._bar.text = row.right
            if self.known:
                self._bar(snapshot.fraction)
            else:
                self._bar(int(snapshot.n) - self._count)
                self._count = int(snapshot.n)
            self._drawn.acquire(blocking=False)
            self._refresh.notify()
        if self._moves:
            self._drawn.acquire(timeout=FRAME)

    def _fitted(self, snapshot: Snapshot) -> Any:
        """Make a row fit: with two lines all that is right of the bar has the second one to itself."""
        columns = self.columns - self._spinner
        row = layout.fit(snapshot, columns, self._length)
        if self._dual:
            first = width(row.left) + self._length + BESIDE
            row = layout.fit(snapshot, self.columns + first, self._length)
        return row._replace(turn="")

    def write(self, text: str) -> None:
        with self._refresh:
            self._term.clear_line()
            self._term.clear_end_screen()
            self._stream.write(f"{text}\n")
            self._stream.flush()
            self._refresh.notify()

    def leave(self) -> None:
        self._manager.__exit__(None, None, None)


class AliveSink(PerBar):
    """Shows one bar, which is all that alive can; headway folds the others into its title."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._display: _Display | None = None
        self._options: Mapping[str, Any] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Start alive's bar."""
        self._options = snapshot.options
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Show a newer picture; another width, or a total that is no longer unknown, takes a new bar of alive's."""
        columns, known = self._stream.room, snapshot.total is not None
        if self._display is not None and (self._display.known, self._display.columns) != (known, columns):
            self._leave(receipt=False)
        if self._display is None:
            options = {**self._fitting(columns), **_wanted(snapshot.layout), **self._options}
            moves = snapshot.state == "running"  # else all that alive is to draw is its receipt
            self._display = _Display(self._stream, known, columns, options, moves=moves)
        self._display.show(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Leave alive's bar, which draws its receipt."""
        self.update(snapshot)
        self._leave(receipt=snapshot.leave)

    def write(self, text: str) -> None:
        """Write in the bar's place, and have alive draw it below."""
        if self._display is not None:
            self._display.write(text)

    def stop(self, within: float) -> None:  # noqa: ARG002  # it takes no time
        """End alive's bar, which has a thread, if it is still there: the display was given up."""
        if self._display is not None:
            self._leave(receipt=False)

    def _leave(self, receipt: bool) -> None:
        """End alive's bar. Whether it draws its receipt is settled at its start, so an unwanted one is wiped."""
        display, self._display = self._display, None
        if display is not None:
            display.leave()
        if not receipt:
            self._stream.write("\x1b[A\r\x1b[J")
            self._stream.flush()

    def _fitting(self, columns: int) -> dict[str, Any]:
        """Options for this terminal, which the layout and the options that were asked for overrule."""
        fitting: dict[str, Any] = {"length": max(8, min(40, columns // 8))}
        if columns < 60:
            fitting["spinner"] = None
        if not self._stream.encodes("█▉⚠"):
            fitting["theme"] = "classic"
        return fitting


def _wanted(wanted: layout.Layout | None) -> dict[str, Any]:
    """Options for a layout that was asked for: alive's own bar and spinner, where it has them."""
    if wanted is None:
        return {}
    return {part: None for part in ("bar", "spinner") if not wanted.has(part)}


def _checked(option: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        value = read(value) if isinstance(value, str) else value
        config_handler(**{option: value})  # raises ValueError with alive's own explanation
        return value

    return check


def _switch(text: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)


OPTIONS: dict[str, Callable[[str], Any]] = {
    "bar": str,
    "dual_line": _switch,
    "elapsed": _switch,
    "length": int,
    "monitor": _switch,
    "spinner": lambda text: text or None,
    "spinner_length": int,
    "stats": _switch,
    "theme": str,
    "title_length": int,
    "unknown": str,
}


@hookimpl
def headway_renderer() -> Renderer:
    """Offer alive's own look; each option means what it means to `alive_progress.alive_bar`."""
    look = {option: _checked(option, read) for option, read in OPTIONS.items()}
    return Renderer(AliveSink, protocol=2, max_bars=1, look=look, library="alive-progress")
