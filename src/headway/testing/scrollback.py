"""A terminal emulator that keeps the rows that scroll out of its screen. It needs pyte, an extra."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import pyte
from wcwidth import wcwidth

__all__ = ["Scrollback"]


class Scrollback(pyte.Screen):
    """A screen with the rows that have scrolled out at its top.

    pyte's own class for that can be paged. It therefore looks at each attribute before pyte gets it, and takes twice as
    long for a character.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self.gone: deque[Any] = deque(maxlen=100_000)
        super().__init__(columns, lines)

    @property
    def display(self) -> list[str]:
        """The texts of the rows of the screen, each as wide as the screen."""
        return [self.text(self.buffer[y]) for y in range(self.lines)]

    def text(self, row: Mapping[int, Any]) -> str:
        """Return the text of a row. If half of a wide character has been overwritten, the other half is blank.

        pyte's own function raises at such a row.
        """
        cells = [row[x].data for x in range(self.columns)]
        text = "".join(cells)
        if text.isascii() and len(text) == self.columns:
            return text
        characters: list[str] = []
        owed = 0
        for character in cells:
            columns = wcwidth(character[0]) if character else 0
            if owed and columns > 0:
                characters[-1] = " "
            elif not owed and columns == 0:
                character = " "  # noqa: PLW2901
            characters.append(character)
            owed = max(0, columns - 1)
        return "".join(characters)

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor is hidden."""
        return pyte.modes.DECTCEM not in self.mode

    def reset(self) -> None:
        """Begin with an empty screen, and nothing that has scrolled out."""
        super().reset()
        self.gone.clear()

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        """Erase a part of the screen, or what has scrolled out, too."""
        super().erase_in_display(how, *args, **kwargs)
        if how == 3:  # the sequence's own number
            self.gone.clear()

    def index(self) -> None:
        """Go down a line; on the last one the rows move up."""
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom:
            self.gone.append(self.buffer[top])
        super().index()
