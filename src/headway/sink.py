"""The contract between headway and its sinks: their calls, the stream they draw on, and the objects of plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from headway.notation import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import os

    from headway.snapshot import Snapshot

__all__ = ["PROTOCOL", "Capabilities", "GoneError", "ProgressSink", "Renderer", "Stream", "Widget"]

PROTOCOL = 1
"""The version of this contract. A plugin that asks for a newer one is refused with a message."""


class GoneError(Exception):
    """Raised by a sink that has nobody left to show anything to: it is not called again, and nobody is told."""


class Stream(Protocol):
    """**Protocol:** the output stream that a sink draws on. Its `write` and `flush` never raise.

    Further attributes are those of the program's stream.
    """

    def write(self, text: str) -> int:
        """Write a text, with `?` for each character that the encoding lacks, and return its length."""

    def flush(self) -> None:
        """Flush the program's stream."""

    def encodes(self, text: str) -> bool:
        """Tell whether the stream's encoding has all characters of the text."""

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines of the terminal now; 80 x 24 if it has no size."""

    @property
    def room(self) -> int:
        """Columns that a row may take: two fewer than the terminal has, for the `^C` that it echoes after the row."""

    @property
    def takes_more(self) -> bool:
        """Whether the stream can be written to now: a terminal that Ctrl-S has stopped cannot."""

    @property
    def encoding(self) -> str | None:
        """The stream's encoding, `None` if it has none."""

    def isatty(self) -> bool:
        """Tell whether the stream is a terminal."""

    def fileno(self) -> int:
        """Return the stream's descriptor.

        Raises:
            OSError: The stream has none.
        """


class Capabilities(NamedTuple):
    """What a sink can do, told once; the hub arranges the bars to fit."""

    max_bars: int | None = None
    """How many bars it shows at once. With more open than that, the hub folds the rest into the last one."""
    needs_terminal: bool = True
    """Whether it moves the cursor. Such a sink is not used where the stream is no terminal."""
    interval: float = 0.1
    """The shortest time between two updates that it wants, in seconds."""


class ProgressSink(Protocol):
    """**Protocol:** shows bars, or passes them on.

    The hub calls a sink from one thread at a time, in this order for each bar: `open` once, `update` any number of
    times, `close` once. When the rows make way, for `input()` say, the bars that are open are closed with
    `leave=False` while their state is `running`, and afterwards they are opened again with the same ids. Those that
    have ended meanwhile are opened with their last snapshot, and closed at once.

    What a sink raises is contained and reported once. A few faults (`view.FAULTS`), or one in `open` or `close`,
    switch it off, and plain lines take over: they open the bars that are shown, and close the one whose `close` has
    failed. `GoneError` says instead that nobody is left to show anything to.

    What a sink blocks delays the display, and the program for `throttle.ANSWER_WITHIN` seconds at most, when it waits
    for a first frame, a last one or a text. A call that has not come back after `throttle.HANGS_AFTER` seconds is
    given up with the sink; if it comes back after all its thread ends there, and the sink is never called again.

    What the program prints while a sink draws rows comes through `write`, colours included; see
    `headway.host.console`. The sink itself leaves `sys.stdout` and `sys.stderr` alone: what it is to draw on is the
    stream it was made with.

    Each snapshot carries its bar's look: `options`, see `Renderer.options`, and `layout`, see `headway.layout.fit`.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this sink can do; read once, after it is made."""

    def open(self, snapshot: Snapshot) -> None:
        """Show a bar: for the first time, or again after the rows made way."""

    def update(self, snapshot: Snapshot) -> None:
        """Show a newer snapshot of an open bar: anything but the id may have changed, the total too."""

    def close(self, snapshot: Snapshot) -> None:
        """Show the last snapshot of a bar; its `state` says how it ended, and `leave` whether it stays visible.

        A state of `running`, with `leave=False`, means that the row makes way for a while.
        """

    def write(self, text: str) -> None:
        """Put a text of one or more lines above whatever is being drawn."""


def _nothing(_widget: Any) -> bool:
    return False


class Renderer(NamedTuple):
    """What a plugin's `headway_renderer` hook returns: how to make its sink, and what can be asked of it."""

    sink: Callable[[Stream], ProgressSink]
    """Makes the sink for one output stream."""
    options: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})
    """The look-and-feel options, each with the function that reads and checks its value.

    It gets the text of a query (`tqdm?colour=green`) or the object that code gave, returns what the sink finds in
    `snapshot.options`, and raises `ValueError` or `TypeError` for a value that cannot be.
    """
    library: str | None = None
    """The distribution that does the drawing; `headway doctor` shows its version."""
    protocol: int = PROTOCOL
    """The version of this contract that the plugin was written for."""
    native: Callable[[Any], bool] = _nothing
    """Tells what of `widgets=` belongs to this library: one of its own widgets, or a template of its own.

    A list or template with such gets to the sink as it is, in `snapshot.layout.native`.
    """


class Widget(Protocol):
    """**Protocol:** a column of one's own. A plain function of the snapshot will do.

    An object may also have `width`, the columns that its text is padded or cut to so that the row does not jump;
    `priority`, by default 5: the lower, the sooner it gives way in a narrow place (`headway.widgets.KNOWN` has those of
    the built-in ones); and `name`, for messages and plain lines, by default that of the function or class.

    It is called in the drawing thread once for each frame that shows it. What it raises is contained.
    """

    def __call__(self, snapshot: Snapshot, /) -> str:
        """Return the text for a snapshot, empty for none."""
