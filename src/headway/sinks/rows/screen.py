"""The rows that stand on the screen, and the bytes that make others of them. Writes nothing itself.

Between two frames the cursor stands in the first column of the first row. If the terminal becomes narrower and wraps
the rows, the cursor goes with that row: all that is left of them is behind it, however many lines they take then.
While rows are painted the terminal does not wrap, so that a frame for a size that has just changed takes as many lines.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Screen"]

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
STRAIGHT, WRAPPED = "\x1b[?7l", "\x1b[?7h"
"""Whether a text that reaches the edge goes on in the next line."""
REST_OF_LINE, REST_OF_SCREEN = "\x1b[K", "\x1b[J"
ERASE = f"\r{REST_OF_LINE}\x1b[C{REST_OF_SCREEN}\r"
"""Erases from the first row on: from a column aside, for tmux keeps what is erased from the top left corner."""


class Screen:
    """The rows as they stand."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._hidden = False

    def paint(
        self,
        rows: Sequence[str],
        settled: int = 0,
        above: Sequence[str] = (),
        *,
        anew: bool = False,
        begun: tuple[str, int] | None = None,
    ) -> str:
        """Return what turns the rows that stand into others; empty if nothing is to be done.

        Args:
            rows: All rows from now on. None is empty, and none is wider than the terminal.
            settled: So many of them, from the first on, stay for good: later frames are painted below.
            above: Lines that are put above all rows for good; the terminal may wrap them.
            anew: Whether the rows that stand are to be erased first, for the size of the terminal has changed.
            begun: The line that the program is writing, and the column where it goes on: it stands above all rows, and
                the cursor between two frames in it. Without rows it is the program's.
        """
        if begun is not None:
            return self._paint_below(begun, rows[settled:], (*above, *rows[:settled]), anew=anew)
        head = ""
        if above or anew:
            head = (ERASE if self._rows else "") + "".join(f"{line}\r\n" for line in above)
            self._rows = []
        text = head + self._changes(rows, settled)
        return self._with_cursor(text, visible=settled == len(rows)) if text else ""

    def _paint_below(
        self, begun: tuple[str, int], rows: Sequence[str], above: Sequence[str], *, anew: bool = False
    ) -> str:
        """Do as `paint` with a line that the program is writing."""
        line, column = begun
        head = ""
        if above or anew:
            head, self._rows = ERASE + "".join(f"{each}\r\n" for each in above), []
        text = head + (self._changes([line, *rows], 0) or "\r") + (f"\x1b[{column}C" if column else "")
        if not rows:
            self._rows = []
        self._hidden = False
        return HIDE_CURSOR + text + SHOW_CURSOR

    def _changes(self, rows: Sequence[str], settled: int) -> str:
        old, last = self._rows, len(rows) - 1
        self._rows = list(rows[settled:])
        fewer = len(old) > len(rows)
        if not rows:
            return ERASE if old else ""
        changed = [i for i, row in enumerate(rows) if i >= len(old) or row != old[i] or (fewer and i == last)]
        if not changed and not settled:
            return ""
        text, at = "", 0
        for i in sorted({0, *changed}):  # Ctrl-C is echoed into the first row
            text += "\r\n" * (i - at) + rows[i] + (REST_OF_SCREEN if fewer and i == last else REST_OF_LINE)
            at = i
        return f"{STRAIGHT}\r{text}{_step(settled - at)}{WRAPPED}"

    def _with_cursor(self, text: str, *, visible: bool) -> str:
        if self._hidden is not visible:
            return text
        self._hidden = not visible
        return text + SHOW_CURSOR if visible else HIDE_CURSOR + text


def _step(lines: int) -> str:
    """Go to the first column so many lines below; a step down makes room by scrolling, if there is none."""
    return "\r\n" * lines if lines > 0 else f"\r\x1b[{-lines}A" if lines else "\r"
