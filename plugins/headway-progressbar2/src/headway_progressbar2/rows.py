"""A block of rows at the bottom of a terminal, redrawn in place.

progressbar2's own `MultiBar` leaves a gap where a bar was taken out, and stale rows below printed text (4.6.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.sink import Stream

__all__ = ["Rows"]


class Rows:
    """Keeps the cursor at the end of the last row; every frame is one write."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._height = 0

    def show(self, rows: Sequence[str], above: Sequence[str] = ()) -> None:
        """Draw the rows in the place of those before, and lines that stay above them.

        Of more rows than the terminal has lines the last ones are shown. After the last row has gone the cursor stands
        at the start of the line below.
        """
        shown = list(rows[-(self._stream.size.lines - 1) :])
        home = "\r" + (f"\x1b[{self._height - 1}A" if self._height > 1 else "") + "\x1b[J"
        self._height = len(shown)
        self._stream.write(home + "".join(f"{line}\n" for line in above) + "\n".join(shown))
        self._stream.flush()
