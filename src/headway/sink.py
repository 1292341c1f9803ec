"""The contract between headway and its sinks: their calls, the stream they draw on, and the objects of plugins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from headway.notation import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    import os

    from headway.points import Point
    from headway.snapshot import Snapshot

__all__ = [
    "PROTOCOL",
    "Context",
    "Draws",
    "Frame",
    "GoneError",
    "PerBar",
    "ProgressSink",
    "Renderer",
    "Stream",
    "Widget",
]

PROTOCOL = 2
"""The version of this contract. A plugin that was written for another one is refused with a message."""

Draws = Literal["rows", "cell", "lines", "nothing"]
"""The place that a sink draws on.

`rows` move the cursor on a terminal. They make way for output of the program, and are not used if the stream is no
terminal. A `cell` is a place of its own, in a notebook or a page. It has four frames a second at most, besides those in
which an outermost bar ends. `lines` are added to the end of a stream. A sink that draws `nothing` on the
stream writes files, sends messages or logs.
"""


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


class Context(NamedTuple):
    """The surroundings that a sink is made for."""

    stream: Stream
    """The stream that the bars are for."""
    options: Mapping[str, Any] = MappingProxyType({})
    """Those of `Renderer.options` that were given, read and checked."""


class Frame(NamedTuple):
    """All bars of a sink at one moment, and the changes since the frame before."""

    bars: tuple[Snapshot, ...]
    """The bars that are open and that there is room for, in the order of a tree: the bars inside a bar follow it, those
    beside each other come in the order in which they were opened."""
    opened: tuple[Snapshot, ...] = ()
    """The bars that are shown for the first time, or again after there was no room for them."""
    changed: tuple[Snapshot, ...] = ()
    """The bars that were shown before, and look different now."""
    ended: tuple[Snapshot, ...] = ()
    """The last snapshots of the bars that are not open any more. `state` says how a bar ended, `leave` whether it is to
    stay visible. A bar that lived shorter than a frame is in `opened`, too."""
    size: os.terminal_size | None = None
    """Columns and lines of the stream's terminal; `None` if it is no terminal."""
    resized: bool = False
    """Whether the size has changed."""
    lost: int = 0
    """The number of openings, ends, texts and values left out before it, as a sink that draws nothing was too slow."""
    points: tuple[Point, ...] = ()
    """The values of metrics that were reported since the frame before, in their order, if the renderer asks for them:
    see `Renderer.points`."""
    more: int = 0
    """How many bars are open that there is no room for; see `Renderer.max_bars`."""

    @property
    def lasting(self) -> Frame:
        """The frame without the bars that have come and gone in it and leave nothing behind."""
        brief = {s.id for s in self.opened}.intersection(s.id for s in self.ended if not s.leave)
        if not brief:
            return self
        opened, ended = ([s for s in snapshots if s.id not in brief] for snapshots in (self.opened, self.ended))
        return self._replace(opened=tuple(opened), ended=tuple(ended))

    @property
    def last(self) -> bool:
        """Whether no bar is open."""
        return not self.bars


class ProgressSink(Protocol):
    """**Protocol:** shows bars, or passes them on.

    A sink is made once, and shows all bars of the process for which its backend, options and stream are chosen. It is
    called by one thread at a time. `PerBar` is for a sink that would rather be called for each bar.

    All of a bar is told: it is in the `opened` of one frame, and in the `ended` of that one or of a later one, unless
    the sink is hidden meanwhile. While rows make way, for `input()` say, a sink that draws rows is called for nothing
    but `show` and `stop`.

    An error that a sink raises is contained and reported once. A few faults (`view.FAULTS`), or one in a frame in which
    a bar opens or ends, switch it off, and plain lines take over. `GoneError` says instead that nobody is left to show
    anything to.

    A call that blocks delays the display. The program waits for a first frame, a last one and a text; if no other
    call is done meanwhile, it goes on after `throttle.ANSWER_WITHIN` seconds. A call that has not come back after
    `throttle.HANGS_AFTER` seconds is given up with the sink; if it comes back after all its thread ends there, and the
    sink is never called again.

    Text that the program prints while a sink draws rows comes through `write`, colours included; see
    `headway.host.stand_in`. The sink itself leaves `sys.stdout` and `sys.stderr` alone: it draws on the stream it was
    made with.

    Each snapshot carries its bar's look: `options`, see `Renderer.look`, and `layout`, see `headway.layout.fit`.
    """

    def frame(self, frame: Frame) -> None:
        """Show the bars as they are now."""

    def write(self, text: str) -> None:
        """Put a text of one or more lines above the bars."""
        return

    def hide(self) -> None:
        """Take all rows off the terminal. Only a sink that draws rows is asked to."""
        return

    def show(self, frame: Frame) -> None:
        """Draw all rows anew after `hide`.

        Args:
            frame: Its `opened` are the bars that came meanwhile, its `ended` those that ended meanwhile.
        """
        return

    def stop(self, within: float) -> None:
        """End, after the last call: flush, close, say goodbye.

        Args:
            within: Seconds after which the process goes on without it.
        """
        return


class PerBar:
    """A sink that is called for each bar: `open` once, `update` any number of times, `close` once.

    Derive a class with these calls and `write` from it. While rows make way, or while there is no room for a bar, the
    bars that are open are closed with `leave=False` while their state is `running`, and opened again afterwards with
    the same ids. The bars that have ended meanwhile are opened with their last snapshot, and closed at once.
    """

    __bars: tuple[Snapshot, ...] = ()
    """The bars of the last frame."""
    __open: frozenset[int] = frozenset()
    """The bars that are open here. A frame that comes a second time, as the first call has raised, opens none again."""
    __told: int = 0
    """The points of a frame that were told before its call has raised; they are the first when it comes again."""

    def open(self, snapshot: Snapshot) -> None:
        """Show a bar: for the first time, or again after the rows made way."""

    def update(self, snapshot: Snapshot) -> None:
        """Show a newer snapshot of an open bar: anything but the id may have changed, the total too."""

    def close(self, snapshot: Snapshot) -> None:
        """Show the last snapshot of a bar; its `state` says how it ended, and `leave` whether it stays visible.

        A state of `running`, with `leave=False`, means that the row makes way for a while.
        """

    def points(self, points: tuple[Point, ...]) -> None:
        """Take the values of metrics that were reported since the last call, see `Renderer.points`."""

    def write(self, text: str) -> None:
        """Put a text of one or more lines above the bars."""

    def frame(self, frame: Frame) -> None:
        """Call for each bar that has changed. A bar that has ended makes room first, unless one opens inside of it."""
        if frame.more:
            stay = {snapshot.id for snapshot in (*frame.bars, *frame.ended)}
            self.__close(snapshot._replace(leave=False) for snapshot in self.__bars[::-1] if snapshot.id not in stay)
        self.__bars = frame.bars
        if not frame.points:  # which come before the ends of their bars
            around = {snapshot.parent for snapshot in frame.opened}
            self.__close(snapshot for snapshot in frame.ended if snapshot.id not in around)
        for snapshot in frame.opened:
            if snapshot.id not in self.__open:
                self.open(snapshot)
                self.__open |= {snapshot.id}
        for snapshot in frame.changed:
            self.update(snapshot)
        if len(frame.points) > self.__told:
            self.points(frame.points[self.__told :])
            self.__told = len(frame.points)
        self.__close(frame.ended)
        self.__told = 0

    def __close(self, snapshots: Iterable[Snapshot]) -> None:
        """Close those that are open."""
        for snapshot in snapshots:
            if snapshot.id in self.__open:
                self.close(snapshot)
                self.__open -= {snapshot.id}

    def hide(self) -> None:
        """Close all bars, the innermost first."""
        bars, self.__bars, self.__open = self.__bars, (), frozenset()
        for snapshot in reversed(bars):
            self.close(snapshot._replace(leave=False))

    def show(self, frame: Frame) -> None:
        """Open all bars again."""
        self.__bars = frame.bars
        for snapshot in frame.ended:
            self.open(snapshot)
            self.close(snapshot)
        for snapshot in frame.bars:
            self.open(snapshot)
            self.__open |= {snapshot.id}

    def stop(self, within: float) -> None:
        """End. There is nothing to be done unless a class says so."""


def _nothing(_widget: Any) -> bool:
    return False


class Renderer(NamedTuple):
    """A kind of sinks: how one is made, where it draws, and its options. A plugin's hook returns it."""

    make: Callable[[Context], ProgressSink]
    """Makes a sink; the class of the sink will do."""
    protocol: int = 0
    """The version of this contract that the plugin was written for, as a literal: `protocol=2`."""
    draws: Draws | Callable[[Mapping[str, Any]], Draws] = "rows"
    """The place that it draws on, or a function of the sink's options that returns it."""
    max_bars: int | Literal["lines"] | None = None
    """How many bars it shows at once, if not any number. With more open than that, the others are folded into the last
    one. `lines` is for bars that take a line of the terminal each: frames have the outermost bars, as many as there are
    lines for, and `Frame.more` says how many others there are, for which a line is left."""
    interval: float = 0.1
    """Seconds between two frames at least. The option `interval` changes it, unless `options` or `look` have one."""
    options: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})
    """The options of a sink, each with the function that reads and checks its value. They are in `Context.options`.

    The function gets the text of a query (`events?path=run.jsonl`) or the object that code gave, and raises
    `ValueError` or `TypeError` for a value that cannot be. Two bars with different options have different sinks.
    Texts are made safe for a row before, unless the sink draws nothing: then they may be paths.
    """
    look: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})
    """The options of a bar, such as its colour, read in the same way. They are in `Snapshot.options`."""
    points: bool = False
    """Whether it asks for each value of a metric that is reported, in `Frame.points`.

    Numbers of Python and NumPy are told exactly. Of tensors and callables those are told that are read for a frame, or
    all tensors of a metric that says `every=True`. Values of bars in worker processes, and of bars that share a place
    (`max_bars`), are not told.
    """
    library: str | None = None
    """The distribution that does the drawing, whose version `headway doctor` shows; `None` if the plugin does it."""
    native: Callable[[Any], bool] = _nothing
    """Tells whether a part of `widgets=` belongs to this library: one of its own widgets, or a template of its own.

    A list or template with such gets to the sink in `snapshot.layout.native`: as it is, but for texts, which are safe
    for a row.
    """
    cosmetic: Collection[str] = ()
    """Those of `options` that are looks, and choose neither a file nor an address that is written to.

    A project's `pyproject.toml`, which may come from anybody, gives these, `look` and `interval`, and no others.
    """
    every: Callable[[Mapping[str, Any], Any], bool] | None = None
    """Tells from a bar's options and its layout, which are in its snapshots, whether it asks for each value of that bar
    though `points` is not true: that costs the program something with each report, and few looks show it."""
    line: Callable[[Snapshot, Stream], str] | None = None
    """Writes the last snapshot of a bar as a line of text, in at most `Stream.room` columns: a bar that has ended while
    it shared its place, see `max_bars`, leaves one. By default the common row without a bar."""


class Widget(Protocol):
    """**Protocol:** a column of one's own. A plain function of the snapshot will do.

    An object may also have `width`, the columns that its text is padded or cut to so that the row does not jump;
    `priority`, by default 5: the lower, the sooner it gives way in a narrow place (`headway.widgets.KNOWN` has those of
    the built-in ones); and `name`, for messages and plain lines, by default that of the function or class. A widget
    that comes from a plugin has `protocol`, the version of this contract that it was written for, as a literal.

    It is called in the drawing thread once for each frame that shows it. An error that it raises is contained.
    """

    def __call__(self, snapshot: Snapshot, /) -> str:
        """Return the text for a snapshot, empty for none."""
