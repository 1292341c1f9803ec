"""The alive-progress renderer for headway: the numbers are headway's, the row, the bar and the life are alive's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import alive_progress.styles  # noqa: F401  # else at the first bar, where an import may spoil a Ctrl-C: see relay/role.py
from alive_progress import config_handler

from headway.hookspecs import hookimpl
from headway.sink import PerBar, Renderer
from headway_alive.display import Display, receipt
from headway_alive.look import check_template

if TYPE_CHECKING:
    from headway import layout
    from headway.sink import Context, Stream
    from headway.snapshot import Snapshot

__all__ = ["AliveSink", "headway_renderer"]

NARROW = 60
"""Columns below which there is no spinner, unless it is asked for."""


class AliveSink(PerBar):
    """Shows one bar, which is all that alive can; headway folds the others into its title."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._display: Display | None = None
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
            options = {**_fitting(self._stream), **_wanted(snapshot.layout), **self._options}
            moves = snapshot.state == "running"  # else all that alive is to draw is its receipt
            self._display = Display(self._stream, columns, options, known=known, moves=moves)
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


def _fitting(stream: Stream) -> dict[str, Any]:
    """Return options for a terminal, which the layout and the options that were asked for overrule."""
    fitting: dict[str, Any] = {}
    if stream.room < NARROW:
        fitting["spinner"] = None
    if not stream.encodes("█▉⚠"):
        fitting["theme"] = "classic"
    return fitting


def _wanted(wanted: layout.Layout | None) -> dict[str, Any]:
    """Options for a layout that was asked for: alive's own bar and spinner, where it has them."""
    if wanted is None:
        return {}
    return {part: None for part in ("bar", "spinner") if not wanted.has(part)}


def _receipt(snapshot: Snapshot, stream: Stream) -> str:
    """Write the receipt of a bar that another one has taken the place of."""
    return receipt(snapshot, stream, {**_fitting(stream), **snapshot.options})


def _checked(option: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        value = read(value) if isinstance(value, str) else value
        config_handler(**{option: value})  # raises ValueError with alive's own explanation
        if option in TEMPLATES and isinstance(value, str):
            check_template(option, value)
        return value

    return check


def _switch(text: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)


TEMPLATES = ("monitor", "elapsed", "stats")
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
    return Renderer(AliveSink, protocol=2, max_bars=1, look=look, library="alive-progress", line=_receipt)
