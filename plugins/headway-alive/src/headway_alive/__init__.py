"""The alive-progress renderer for headway: the numbers are headway's, the bar, the spinner and the life are alive's."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from alive_progress import alive_bar, config_handler

from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import Capabilities, Renderer

if TYPE_CHECKING:
    from headway.snapshot import Snapshot
    from headway.stream import Stream

__all__ = ["AliveSink", "headway_renderer"]

FRAME = 0.03
"""Seconds between the frames that alive's own thread draws; leaving waits for one."""


SPINNER = 4
"""Columns that alive's default spinner and its blank take."""


class _Unseen:
    """Stands before one of alive's hooked streams, so that alive does not take the program's own bar for nested.

    alive refuses a second bar where it finds its hook in `sys.stdout` or `sys.stderr`. Seen through this, prints still
    go above the bar. Once our bar is gone it leads to the stream itself, for a foreign bar may have kept it.
    """

    def __init__(self, hook: TextIO, stream: TextIO) -> None:
        self.__wrapped__ = stream
        self._target = hook

    def release(self) -> None:
        self._target = self.__wrapped__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


_displays: weakref.WeakSet[_Display] = weakref.WeakSet()


class _Display:
    """One run of `alive_bar`, from entering it to leaving it."""

    def __init__(self, stream: Stream, known: bool, columns: int, options: dict[str, Any]) -> None:
        self._stream = stream
        self.known = known
        self.columns = columns
        self._length = 0 if options.get("bar", "") is None else options["length"]
        self._spinner = 0 if options.get("spinner", "") is None else SPINNER
        self._count = 0
        streams = sys.stdout, sys.stderr
        # alive draws a total that changes, and a bar that stands for another, only as a share set by hand
        self._manager = alive_bar(
            None,
            manual=known,
            file=stream,
            force_tty=True,
            refresh_secs=FRAME,
            enrich_print=False,
            receipt_text=True,
            **{"monitor": False, "elapsed": False, "stats": False, **options},
        )
        self._bar = self._manager.__enter__()
        self._unseen = _Unseen(sys.stdout, streams[0]), _Unseen(sys.stderr, streams[1])
        sys.stdout, sys.stderr = self._unseen
        _displays.add(self)

    def show(self, snapshot: Snapshot) -> None:
        row = layout.fit(snapshot, self.columns - self._spinner, self._length)._replace(turn="")
        self._bar.title = row.left
        self._bar.text = row.right
        if self.known:
            self._bar(snapshot.fraction)
        else:
            self._bar(int(snapshot.n) - self._count)
            self._count = int(snapshot.n)

    def write(self, text: str) -> None:
        for unseen in self._unseen:
            if unseen.__wrapped__ is self._stream.file:
                print(text, file=unseen)
                return
        self._stream.write(f"\r\x1b[K{text}\n")
        self._stream.flush()

    def leave(self) -> None:
        now = sys.stdout, sys.stderr
        try:
            self._manager.__exit__(None, None, None)
        finally:
            self.unhook()
            sys.stdout, sys.stderr = (
                unseen.__wrapped__ if one is unseen else one for one, unseen in zip(now, self._unseen, strict=True)
            )

    def unhook(self) -> None:
        """Lead whoever kept our stand-ins to the streams themselves; in the child of a fork nothing else is safe."""
        for unseen in self._unseen:
            unseen.release()


class AliveSink:
    """Shows one bar, which is all that alive can; headway folds the others into its title."""

    capabilities = Capabilities(max_bars=1)

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
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
            self._display = _Display(self._stream, known, columns, options)
        self._display.show(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Leave alive's bar, which draws its receipt."""
        self.update(snapshot)
        self._leave(receipt=snapshot.leave)

    def write(self, text: str) -> None:
        """Print through alive's hook, which puts it above the bar."""
        if self._display is not None:
            self._display.write(text)

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


def _unhook_in_child() -> None:
    """Give the child of a fork its own streams back: alive's hooks take a lock, which may be held."""
    for display in list(_displays):
        display.unhook()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unhook_in_child)


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
    options = {option: _checked(option, read) for option, read in OPTIONS.items()}
    return Renderer(sink=AliveSink, options=options, library="alive-progress")
