"""A stream whose text is painted by a terminal emulator in this process, with a window that can be dragged."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pyte
import pytest

from headway.testing.scrollback import Scrollback

__all__ = ["Paper", "on_terminal"]

NAMES = (
    *("ALACRITTY_WINDOW_ID", "ConEmuANSI", "FORCE_COLOR", "INSIDE_EMACS", "KITTY_WINDOW_ID", "KONSOLE_VERSION"),
    *("NO_COLOR", "NVIM", "STY", "TERM", "TERMINAL_EMULATOR", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TMUX"),
    *("VIM_TERMINAL", "VTE_VERSION", "WT_SESSION", "XTERM_VERSION", "ZELLIJ"),
)
"""Variables that tell terminals and their colours."""


def on_terminal(env: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the environment tell one terminal only."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)


class Paper:
    """A terminal as a sink sees it.

    Args:
        columns: Columns of the terminal.
        lines: Lines of the terminal.
        encoding: The encoding of the stream.
    """

    def __init__(self, columns: int = 80, lines: int = 24, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        self.writes: list[str] = []
        self._open(columns, lines)

    def _open(self, columns: int, lines: int) -> None:
        self.size = os.terminal_size((columns, lines))
        self._screen = Scrollback(columns, lines)
        self._emulator = pyte.Stream(self._screen)

    @property
    def room(self) -> int:
        """Columns for a row."""
        return max(1, self.size.columns - 2)

    def encodes(self, text: str) -> bool:
        """Tell whether the encoding has the text."""
        return text.encode(self.encoding, "ignore").decode(self.encoding) == text

    def write(self, text: str) -> int:
        """Paint."""
        self.writes.append(text)
        self._emulator.feed(text)
        return len(text)

    def flush(self) -> None:
        """All is painted already."""

    @property
    def rows(self) -> list[str]:
        """The rows from the top of the scroll-back to the last one that is not blank."""
        return _without_blank_end([*self.history, *self.visible])

    @property
    def visible(self) -> list[str]:
        """The rows of the screen."""
        return [row.rstrip() for row in self._screen.display]

    @property
    def history(self) -> list[str]:
        """The rows of the scroll-back."""
        return [self._screen.text(line).rstrip() for line in self._screen.gone]

    @property
    def cursor(self) -> tuple[int, int]:
        """The column and the line of the cursor, from 0 on."""
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor is hidden."""
        return self._screen.cursor_hidden

    @property
    def wraps(self) -> bool:
        """Whether a text that reaches the edge goes on in the next line."""
        return pyte.modes.DECAWM in self._screen.mode

    def colours(self, row: int) -> set[str]:
        """The colours of the characters in a row of the screen."""
        return {self._screen.buffer[row][x].fg for x in range(self.size.columns)}

    def crop(self, columns: int) -> None:
        """Make the window narrower, in a terminal that cuts its rows, as xterm does."""
        self._screen.resize(columns=columns)
        self.size = os.terminal_size((columns, self.size.lines))

    def wrap(self, columns: int) -> None:
        """Make the window narrower, in a terminal that wraps its rows, as most do; the cursor goes with its row."""
        rows, at = _without_blank_end(self.visible), self._screen.cursor.y
        rows += [""] * (at + 1 - len(rows))
        wrapped = [[row[i : i + columns] for i in range(0, len(row), columns)] or [""] for row in rows]
        lines, hidden = self.size.lines, self.cursor_hidden
        self._open(columns, lines)
        whole = [part for parts in wrapped for part in parts]
        self._emulator.feed("\r\n".join(whole) + ("\x1b[?25l" if hidden else ""))
        below = sum(map(len, wrapped[at:])) - 1
        self._emulator.feed("\r" + (f"\x1b[{below}A" if below else ""))


def _without_blank_end(rows: list[str]) -> list[str]:
    while rows and not rows[-1]:
        rows = rows[:-1]
    return rows
