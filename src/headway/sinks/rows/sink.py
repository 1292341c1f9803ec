"""The sink: what a frame, a text and the end of the display become on the stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from types import MappingProxyType

from headway.host.environment import in_foreground
from headway.notation import TYPE_CHECKING, Any
from headway.sink import Renderer
from headway.sinks.rows.look import BLOCKS, Line, Look, beginning, is_coloured
from headway.sinks.rows.order import NONE, Arrangement, Order, Place
from headway.sinks.rows.screen import Screen
from headway.sinks.rows.taskbar import Status, Taskbar
from headway.sinks.rows.terminals import features

if TYPE_CHECKING:
    from headway.sink import Context, Frame
    from headway.snapshot import Snapshot

__all__ = ["OPTIONS", "RENDERER", "RowsSink"]

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Around a frame of a terminal that holds its picture back until the frame is whole."""


class RowsSink:
    """Shows each bar as a row, bars inside others indented, and paints a frame by one write.

    Args:
        context: The stream and the options, see `OPTIONS`.
    """

    def __init__(self, context: Context) -> None:
        stream, options, env = context.stream, context.options, os.environ
        known = features(env)
        self._stream = stream
        self._look = Look(
            blocks=not options.get("ascii", not stream.encodes(BLOCKS)),
            coloured=is_coloured(env, options.get("colour")),
            bar=options.get("width"),
        )
        wish = options.get("taskbar", "auto")
        shown = known.taskbar if wish == "auto" else wish == "on"
        self._taskbar = Taskbar(pauses=known.pauses, forgets=known.forgets) if shown else None
        self._status = Status() if options.get("status") and known.direct else None
        self._synchronized = known.synchronized
        self._order = Order()
        self._screen = Screen()
        self._standing = NONE
        self._room = 0
        self._start = 0
        """The column in which bars begin. It only grows while rows stand, so that an inner bar that comes and goes does
        not have the others jump."""
        self._left = 0
        """The column in which the bars begin that stay above them."""
        self._lines: dict[int, tuple[Place, Line]] = {}
        self._begun = getattr(stream, "begun", None)
        """The line that the program is writing, where this process reads it: see `headway.cli.pty`."""
        if self._begun is not None:
            self._begun.paint = lambda: self._put(self._painted(self._standing))

    def frame(self, frame: Frame) -> None:
        """Paint the rows that have changed."""
        arranged = self._order.arrange(frame, (frame.size or self._stream.size).lines)
        painted = self._painted(arranged, anew=frame.resized)
        self._standing = arranged.later
        self._put(painted + self._reported(frame.bars[0] if frame.bars else None))

    def write(self, text: str) -> None:
        """Put one or more lines above the rows."""
        self._put(self._painted(self._standing, text.split("\n")))

    def hide(self) -> None:
        """Take the rows away, and show the cursor; what ended and stays visible is left as lines."""
        kept = tuple(Place(s, 0) for s in self._order.let_go())
        painted = self._painted(Arrangement((), kept, len(kept), 0))
        self._standing = NONE
        self._put(painted + self._reported(None))

    def show(self, frame: Frame) -> None:
        """Paint all rows again after they were taken away."""
        self.frame(frame)

    def stop(self, within: float) -> None:  # noqa: ARG002  # nothing is waited for
        """Leave the terminal as it was."""
        self.hide()

    def _painted(self, arranged: Arrangement, texts: Sequence[str] = (), *, anew: bool = False) -> str:
        room = self._stream.room
        if room != self._room:
            self._room, self._lines, self._start, anew = room, {}, 0, True
        lines = [self._line(place, room) for place in arranged.places]
        self._lines = {place.snapshot.id: (place, line) for place, line in zip(arranged.places, lines, strict=True)}
        if not self._standing.places:
            self._start = self._left = 0
        ends = arranged.settled == len(lines)  # what is left on the screen goes by what is there already
        self._start = max(self._left if ends else self._start, beginning(lines))
        rows = [self._look.row(line, self._start) for line in lines]
        if arranged.more:
            rows.append(self._look.more(arranged.more, room))
        ended = [self._look.row(self._look.line(s, room), self._start) for s in arranged.above]
        if ended or arranged.settled:
            self._left = self._start
        begun = None if self._begun is None else self._begun.shown(room)
        return self._screen.paint(rows, arranged.settled, [*texts, *ended], anew=anew, begun=begun)

    def _line(self, place: Place, room: int) -> Line:
        """Lay a row out, unless it stands as it is."""
        before = self._lines.get(place.snapshot.id)
        if before is not None and before[0].snapshot is place.snapshot and before[0].depth == place.depth:
            return before[1]
        return self._look.line(place.snapshot, room, place.depth)

    def _reported(self, s: Snapshot | None) -> str:
        failed = any(place.snapshot.state == "failed" for place in self._standing.places)
        taskbar = "" if self._taskbar is None else self._taskbar.report(s, failed=failed, now=monotonic())
        if self._status is None:
            return taskbar
        return taskbar + self._status.report(s if in_foreground(self._stream) else None, failed=failed)

    def _put(self, text: str) -> None:
        if text:
            self._stream.write(f"{BEGIN}{text}{END}" if self._synchronized else text)
            self._stream.flush()


def _columns(value: Any) -> int:
    columns = int(value)
    if columns < 1:
        raise ValueError("expected a number of columns")
    return columns


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
    if str(value).lower() not in known:
        raise ValueError("expected on or off")
    return known[str(value).lower()]


def _taskbar(value: Any) -> str:
    if value not in ("auto", "on", "off"):
        raise ValueError("expected auto, on or off")
    return str(value)


OPTIONS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"width": _columns, "colour": _switch, "ascii": _switch, "taskbar": _taskbar, "status": _switch}
)
"""The options, each with the function that reads and checks its value; see `headway.sink.Renderer.options`.

`width` is the columns of each bar. `colour` and `ascii` overrule the environment and the stream's encoding. `taskbar`
is `auto` for the terminals that are known to show a share (OSC 9;4), `on` for any and `off` for none. `status` reports
to status panels by OSC 7501, while the program is in the foreground. The terminal is not asked whether it reads them:
its answer would come among the keys that the user types, which are the program's.
"""
RENDERER = Renderer(RowsSink, protocol=2, max_bars="lines", options=OPTIONS, cosmetic=OPTIONS)
