"""The way of the program's bytes to the terminal: above the rows, or straight there while no rows stand.

While rows stand, whole lines go above them, and the line that is being written stands above them as a row of its own.
A program that moves the cursor to other lines, or fills the whole screen, has the terminal to itself meanwhile.

All of it is for the thread that draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic

from headway.cli.pty.glass import Glass
from headway.cli.pty.line import Line
from headway.drawing.hub import Hub
from headway.drawing.view import View
from headway.host.environment import terminal_of
from headway.host.stream import SafeStream
from headway.notation import TextIO, cast

__all__ = ["Passage", "marked"]

MARK = re.compile(rb"\x1b\]777;headway;(\d{1,10});(\d{1,10})\x07")
_SCREEN = rb"\x1b\[\?(?:\d+;)*(?:1049|1047|47)(?:;\d+)*"
ENTERS, LEAVES = re.compile(_SCREEN + b"h"), re.compile(_SCREEN + b"l")
"""The screen that programs such as vim have beside the one with the lines."""
PAINTS = re.compile(
    rb"\x1b\[[\d;]*[ABEFHfJLMSTdre]"  # to other lines, or erasing them
    rb"|\x1b\[[su]|\x1b[78DEMc]|\x1b\[6n"  # places that are kept, and the question for the place
    rb"|\x1b[PX^_]"  # pictures
    rb"|" + _SCREEN + b"h"
)
CURSOR = re.compile(rb"\x1b\[\?25[hl]")
HELD_BACK = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,4096}\x1b?|[ -/]*)?\Z")
"""The beginning of a sequence whose end has not come."""
HELD_MARK = re.compile(rb"\x1b(?:\](?:7(?:7(?:7(?:;[^\x07\x1b]{0,40})?)?)?)?)?\Z")
COLOURS = re.compile(rb"\x1b\[([\d;:]*)m")
LONGEST = 8192
"""Columns of a line that are kept; a longer one goes above the rows in pieces."""
CALM = 0.1
"""Seconds without output after which bytes that are held back are let go."""
CALM_AFTER_PAINTING = 0.5
"""Seconds without output after which rows come back that have made way for a program that paints lines."""


def marked(data: bytes) -> Iterator[tuple[bytes, tuple[int, int] | None]]:
    """Yield the pieces of some bytes, each with the mark behind it: a process and a number."""
    at = 0
    for mark in MARK.finditer(data):
        yield data[at : mark.start()], (int(mark[1]), int(mark[2]))
        at = mark.end()
    if at < len(data):
        yield data[at:], None


class Passage:
    """Takes the program's bytes.

    Args:
        hub: The display.
        glass: The terminal.
        line: The line that is being written.
    """

    def __init__(self, hub: Hub, glass: Glass, line: Line) -> None:
        self.calm_at: float | None = None
        """The monotonic time at which `be_calm` is due, if nothing comes before."""
        self._hub = hub
        self._glass = glass
        self._line = line
        self._terminal = terminal_of(glass)
        self._held = b""
        self._screen = False
        """Whether the program fills the screen."""
        self._painted_at: float | None = None
        """When it painted other lines last, if rows have made way for that."""
        self._building = False
        """Whether rows have made way for a line that their renderer cannot show above them."""
        self._away = False
        line.on_aside = self._aside

    def put(self, data: bytes) -> None:
        """Take bytes; those that cannot be judged yet are held back."""
        data = self._held + data
        end = self._complete(data)
        data, self._held = data[:end], data[end:]
        self._pass(data)

    def _pass(self, data: bytes) -> None:
        while data:
            data = self._step(data)
        painting = self._painted_at is not None
        wait = CALM if self._held or self._lags else CALM_AFTER_PAINTING if painting else None
        self.calm_at = None if wait is None else monotonic() + wait

    def be_calm(self) -> None:
        """Let go of bytes that are held back, and have rows come back that have made way for painting."""
        held, self._held = self._held, b""
        if held:
            self._pass(held)
            return
        if self._lags:
            self._building = True
        else:
            self._painted_at = None
        self._make_way()
        self.calm_at = None

    def end(self) -> None:
        """Let go of bytes that are held back, at the end."""
        held, self._held = self._held, b""
        self._pass(held)
        self._screen, self._building, self._painted_at = False, False, None
        self._make_way()

    def _complete(self, data: bytes) -> int:
        """Return where the bytes end that can be judged: not in a sequence, nor in a character."""
        found = HELD_BACK.search(data, max(0, len(data) - 5000))
        if found is not None:
            return found.start()
        for back in range(1, min(4, len(data) + 1)):
            byte = data[-back]
            if byte & 0xC0 == 0xC0:
                whole = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
                return len(data) - back if whole > back and self._glass.encoding == "utf-8" else len(data)
            if byte < 0x80:
                break
        return len(data)

    def _step(self, data: bytes) -> bytes:
        """Pass bytes on up to where something changes, and return the rest."""
        if self._screen:
            found = LEAVES.search(data)
            end = len(data) if found is None else found.end()
            self._straight(data[:end])
            self._screen = found is None
            self._make_way()
            return data[end:]
        paints = PAINTS.search(data)
        view = self._rows()
        if view is None:
            enters = None if paints is None else ENTERS.search(data)
            end = len(data) if enters is None else enters.end()
            self._straight(data[:end])
            self._follow(data[:end])
            self._screen = enters is not None
            self._see_to_painting(paints is not None)
            self._make_way()
            return data[end:]
        start = len(data) if paints is None else paints.start()
        if start:
            self._above(data[:start], view)
        self._see_to_painting(paints is not None)
        self._make_way()
        return data[start:]

    def _see_to_painting(self, paints: bool) -> None:
        """See whether rows have to be away: they come back where a line begins."""
        if paints:
            self._painted_at = monotonic()
        elif not self._line:
            self._building = False
            if self._painted_at is not None and monotonic() - self._painted_at > CALM_AFTER_PAINTING:
                self._painted_at = None

    # ── straight to the terminal ─────────────────────────────────────────────────────────────────────────────────────

    def _straight(self, data: bytes) -> None:
        self._glass.pass_on(data)
        cursor = CURSOR.findall(data)
        if cursor:
            self._glass.hides_cursor = cursor[-1].endswith(b"l")

    def _follow(self, data: bytes) -> None:
        """Follow the line on the terminal, and the colours that the program writes in."""
        before, end, rest = data.rpartition(b"\n")
        if end:
            for parameters in COLOURS.findall(before):
                self._line.pen.take(parameters.decode())
            self._line.clear()
        self._line.on_aside = _pass_over
        self._line.feed(self._text(rest))
        self._line.on_aside = self._aside
        if len(self._line) > LONGEST:
            self._line.taken(len(self._line) // self._columns * self._columns)

    def _text(self, data: bytes) -> str:
        return data.decode(self._glass.encoding, "surrogateescape")

    @property
    def _columns(self) -> int:
        return SafeStream(cast("TextIO", self._glass)).size.columns

    # ── above the rows ───────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self) -> View | None:
        """Return the view whose rows stand on the terminal now."""
        if self._away:
            return None
        views = (view for view in self._hub.outlets if isinstance(view, View) and view.terminal == self._terminal)
        return next((view for view in views if view.busy and view.state == "live"), None)

    def _above(self, data: bytes, view: View) -> None:
        *whole, rest = self._text(data).replace("\r\n", "\n").split("\n")
        lines = [self._line.ended(text) for text in whole]
        self._line.feed(rest)
        if len(self._line) > LONGEST:
            lines.append(self._line.taken(len(self._line) // self._columns * self._columns))
        with self._hub.outlets.driving(view):
            if lines:
                view.put("\n".join(lines))
            elif rest and self._glass.begun.paint is not None:
                self._glass.begun.paint()

    def _aside(self, sequence: str) -> None:
        """Let a sequence through that is no text; the cursor and frames are the rows' while they stand."""
        if sequence in ("\x1b[?25h", "\x1b[?25l"):
            self._glass.hides_cursor = sequence.endswith("l")
        elif sequence not in ("\x1b[?2026h", "\x1b[?2026l"):
            self._glass.aside(sequence)

    @property
    def _lags(self) -> bool:
        """Whether there is a line that the renderer does not know how to show above its rows."""
        return bool(self._line) and self._glass.begun.paint is None and self._rows() is not None

    def _make_way(self) -> None:
        """Take the rows away, or show them again."""
        away = self._screen or self._building or self._painted_at is not None
        if away is self._away:
            return
        self._away = away
        if not away:
            self._hub.display.resume(self)
            return
        self._hub.display.suspend(self)
        self._glass.pass_on(b"")


def _pass_over(_sequence: str) -> None:
    """Do nothing with a sequence that has passed already."""
