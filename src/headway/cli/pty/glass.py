"""The real terminal, as two parties write on it in turn: the display its rows, and the program all that it writes.

While the program writes straight to it, the terminal is as the program has left it: bytes pass as they are, with its
colours. While rows stand there, colours are off, and the terminal makes a line end of a newline, as renderers expect.
"""

from __future__ import annotations

import io
import os
import select
import threading
from collections.abc import Callable

from headway.cli.pty.line import RESET, Line

__all__ = ["Begun", "Glass"]

HIDE_CURSOR = b"\x1b[?25l"
AT_ONCE = 65536
"""Bytes that are handed to the terminal at once."""


class Begun:
    """The line that the program is writing, as a sink of rows finds it at its stream, to paint it above them.

    Args:
        line: The line.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.paint: Callable[[], object] | None = None
        """Has the sink paint it; `None` as long as no sink does."""

    def shown(self, columns: int) -> tuple[str, int] | None:
        """Return as much of it as fits, with the column of the cursor in that; `None` if there is nothing of it."""
        return self._line.shown(columns) if self._line else None


class Glass(io.TextIOBase):
    """The stream that the display draws on, and the way straight to the terminal.

    Args:
        descriptor: The terminal.
        line: The line that the program is writing.
        process_output: Called with whether the terminal is to make line ends of newlines.
        encoding: The encoding of the terminal.
    """

    errors = "surrogateescape"
    name = "<terminal>"

    def __init__(self, descriptor: int, line: Line, process_output: Callable[[bool], object], encoding: str) -> None:
        super().__init__()
        self.begun = Begun(line)
        self.pending = b""
        """Bytes of the program that the terminal has had no room for."""
        self.hides_cursor = False
        """Whether the program wants no cursor."""
        self._descriptor = descriptor
        self._line = line
        self._process_output = process_output
        self._encoding = encoding
        self._straight = False
        self._lock = threading.RLock()
        """Some renderers have threads of their own."""

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the terminal."""
        return self._encoding

    def write(self, text: str, /) -> int:
        """Write a text of the display."""
        data = text.encode(self._encoding, self.errors)
        with self._lock:
            if self._straight:
                self._straight = False
                self._process_output(True)
                if str(self._line.pen):
                    data = RESET.encode() + data
            self._put_all(data)
        return len(text)

    def flush(self) -> None:
        """Do nothing: all is out."""

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Tell that it is a terminal."""
        return True

    def _put_all(self, data: bytes) -> None:
        self.pending += data
        while self.pending and not self.let_out():
            select.select([], [self._descriptor], [])

    # ── the program ──────────────────────────────────────────────────────────────────────────────────────────────────

    def pass_on(self, data: bytes) -> None:
        """Let bytes of the program through as they are, as far as there is room; the rest is `pending`."""
        with self._lock:
            if not self._straight:
                self._straight = True
                self._process_output(False)
                data = self._begun_line() + str(self._line.pen).encode() + HIDE_CURSOR * self.hides_cursor + data
            self.pending += data
            self.let_out()

    def _begun_line(self) -> bytes:
        """Return the line that the program is writing, if the sink has not painted it."""
        if self.begun.paint is not None or not self._line:
            return b""
        text, column = self._line.shown(len(self._line) + 1)
        return f"{text}\r\x1b[{column}C".encode(self._encoding, self.errors)

    def aside(self, sequence: str) -> None:
        """Let a sequence through that moves nothing, such as a title, whether or not rows stand."""
        with self._lock:
            self._put_all(sequence.encode(self._encoding, self.errors))

    def let_out(self) -> bool:
        """Write the pending bytes, as far as there is room, and tell whether all are out."""
        with self._lock:
            try:
                while self.pending:
                    self.pending = self.pending[os.write(self._descriptor, self.pending[:AT_ONCE]) :]
            except BlockingIOError:
                return False
            except OSError:  # the terminal is gone: the text is lost, and the program goes on
                self.pending = b""
            return True
