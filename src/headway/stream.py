"""The output stream as sinks see it: text that cannot be encoded is replaced, and the size is always known."""

from __future__ import annotations

import os
from typing import Any, TextIO

__all__ = ["Stream"]


class Stream:
    """A text stream whose `write` never fails for want of a character.

    Everything else, attributes included, is the wrapped stream's. A full disk or a closed stream still raises: that
    is the hub's to contain.
    """

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.muted = False
        """Whether what is written vanishes: in the child of a fork, where a renderer's finalisers may still draw."""

    def write(self, text: str) -> int:
        """Write the text, with `?` for characters that the stream's encoding lacks."""
        if self.muted:
            return len(text)
        try:
            return self.file.write(text)
        except UnicodeEncodeError:
            encoding = self.file.encoding or "ascii"
            return self.file.write(text.encode(encoding, "replace").decode(encoding))

    def flush(self) -> None:
        """Flush the wrapped stream."""
        if not self.muted:
            self.file.flush()

    def encodes(self, text: str) -> bool:
        """Tell whether the stream's encoding has all characters of the text."""
        try:
            text.encode(getattr(self.file, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines of the terminal now; 80 x 24 where they cannot be told."""
        try:
            size = os.get_terminal_size(self.file.fileno())
        except (OSError, ValueError, AttributeError):
            size = os.terminal_size((0, 0))
        return os.terminal_size((size.columns or 80, size.lines or 24))

    @property
    def room(self) -> int:
        """Columns that a row should keep to: two less than the terminal has, for the `^C` that it echoes after the row.

        Without them the echo wraps, and the next frame is drawn a row too low.
        """
        return max(1, self.size.columns - 2)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)
