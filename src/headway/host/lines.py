"""The line that a program is writing: which text goes above the rows, and which straight to the terminal.

Pure: it is given texts, and knows neither streams nor threads.
"""

from __future__ import annotations

__all__ = ["Line"]

_PAINTS = r"\r(?!\n)|\x08|\x1b(?:[78M]|\[[0-?]*[ -/]*[@-ln-~])"
"""What moves the cursor or erases; colours do not."""
_ANSI = r"\x1b\[[0-?]*[ -/]*[@-~]"


class Line:
    """The line that one thread is writing."""

    __slots__ = ("begun", "blank", "kept", "painting", "row")

    def __init__(self) -> None:
        self.kept = ""
        """What there is of it."""
        self.blank = ""
        """Line ends of which it is not known yet whether they are blank lines, or move the cursor to a row below."""
        self.painting = False
        """Whether what follows belongs to what has just been painted."""
        self.begun = ""
        """The pieces of a frame that is not yet flushed, if it began with a `\\r` alone."""
        self.row = ""
        """What was painted last, if the cursor is behind it: a line end leaves it there."""

    def feed(self, text: str) -> tuple[str | None, str | None]:
        """Take a text in, and return what goes straight to the terminal, and the whole lines that go above the rows.

        One of the two is `None` at least. The last line end of what goes above is left out.
        """
        if self.painting or (("\x1b" in text or "\r" in text or "\x08" in text) and _paints(text)):
            return self._painted(text), None
        if not text.strip("\n") and not self.kept:
            if not self.row:
                self.blank += text
                return None, None
            whole, self.row = self.row + text[:-1], ""
            return None, whole
        whole, end, self.kept = (self.blank + self.kept + text).rpartition("\n")
        self.blank, self.row = "", ""
        return None, whole if end else None

    def _painted(self, text: str) -> str:
        """Let what another library draws pass, and see where it leaves the cursor."""
        import re  # renderers of rows have loaded it; a program without rows need not

        through, self.blank, self.kept = self.blank + self.kept + text, "", ""
        _, end, rest = text.rpartition("\n")
        self.painting = bool(rest) or not end
        _, anew, row = rest.rpartition("\r")
        row = re.sub(_PAINTS, "", row if anew or end else self.row + row)
        self.row = row if re.sub(_ANSI, "", row).strip() and not rest.endswith("\x1b[A") else ""
        return through


def _paints(text: str) -> bool:
    """Tell whether a text moves the cursor or erases."""
    import re  # as above

    return re.search(_PAINTS, text) is not None
