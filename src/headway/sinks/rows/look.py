"""One row as text: where its bar begins, how long the bar is, and its colours. Moves no cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headway.format import crop, width
from headway.notation import TYPE_CHECKING, NamedTuple
from headway.snapshot import BROKEN_OFF
from headway.text.layout import fit

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["BLOCKS", "Line", "Look", "beginning", "is_coloured"]

BLOCKS = "▏▎▍▌▋▊▉█"
"""Eighths of a column, from one to all of them."""
WIDEST = 40
"""Columns of a bar at most, unless a width was asked for."""
INDENT = 2
"""Columns that a bar stands to the right of the bar around it."""
FRAME = 4
"""Columns for the bar's edges and the blanks around them."""

_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_RED, _GREEN, _YELLOW, _CYAN = (f"\x1b[{30 + number}m" for number in (1, 2, 3, 6))
_BY_STATE = {"running": _CYAN, "finished": _GREEN, "stopped": _GREEN, "failed": _RED, "interrupted": _YELLOW}


def is_coloured(env: Mapping[str, str], wish: bool | None = None) -> bool:
    """Tell whether rows have colours: as asked for, else by `NO_COLOR`, else by `FORCE_COLOR`, else by `TERM`.

    Args:
        env: The environment.
        wish: What an option says; `None` if it says nothing.
    """
    if wish is not None:
        return wish
    if env.get("NO_COLOR"):
        return False
    forced = env.get("FORCE_COLOR", "")
    if forced:
        return forced.lower() not in ("0", "false")
    term = env.get("TERM", "")
    return term != "dumb" and not term.startswith("vt") and not term.endswith(("-m", "-mono"))


class Line(NamedTuple):
    """The words of a row, and the columns that they leave for a bar."""

    left: str
    right: str
    start: int
    """The columns left of the bar."""
    least: int
    """Columns that the bar has at least; 0 if the row has none."""
    rest: int
    """Columns that it may have."""
    share: float
    """How much of it is filled, 0 to 1."""
    colour: str
    """The sequence for its colour."""
    alert: bool
    """Whether the words left of it have that colour, too."""


def beginning(lines: Iterable[Line]) -> int:
    """Return the column in which the bars of several rows begin together."""
    return max((line.start for line in lines if line.least), default=0)


class Look:
    """How rows are written.

    Args:
        blocks: Whether bars are made of block characters; else they are ASCII.
        coloured: Whether there are colours.
        bar: Columns of each bar; by default they have as many as there is room for, up to `WIDEST`.
    """

    def __init__(self, *, blocks: bool, coloured: bool, bar: int | None = None) -> None:
        self._blocks = blocks
        self._coloured = coloured
        self._bar = bar

    def line(self, s: Snapshot, room: int, depth: int = 0) -> Line:
        """Make the words of a bar fit.

        Args:
            s: The bar.
            room: Columns of the row.
            depth: How many bars are around it; it is indented by as much, up to a quarter of the room.
        """
        indent = min(INDENT * depth, room // 4)
        share = s.fraction
        row = fit(s, room - indent, 0 if share is None else self._bar)
        left, right = " " * indent + row.left, row.right
        start = width(left)
        free = max(0, room - start - width(right) - FRAME)
        rest = max(min(row.bar, free), free - row.kept)
        halted = s.paused or s.stalled is not None or s.state in BROKEN_OFF
        colour = _YELLOW if halted and s.state == "running" else _BY_STATE[s.state]
        return Line(left, right, start, min(row.bar, rest), rest, min(share or 0.0, 1.0), colour, halted)

    def row(self, line: Line, start: int = 0) -> str:
        """Write a row, which is never empty.

        Args:
            line: Its words.
            start: The column in which its bar begins, as far as there is room.
        """
        left = self._in_colour(line.left, line.colour) if line.alert else line.left
        if not line.least:
            return f"{left} {line.right}".rstrip() or " "
        gap = min(max(0, start - line.start), line.rest - line.least)
        bar = self._drawn(line, min(WIDEST if self._bar is None else self._bar, line.rest - gap))
        return f"{left}{' ' * gap} |{bar}| {line.right}".rstrip()

    def more(self, bars: int, room: int) -> str:
        """Write the row that stands for bars without one."""
        return self._in_colour(crop(f"+ {bars} more bar{'s' if bars > 1 else ''}", room), _DIM)

    def _drawn(self, line: Line, columns: int) -> str:
        if self._blocks:
            whole, eighths = divmod(int(line.share * columns * len(BLOCKS)), len(BLOCKS))
            filled = BLOCKS[-1] * whole + (BLOCKS[eighths - 1] if eighths else "")
        else:
            filled = "#" * int(line.share * columns)
        return self._in_colour(filled, line.colour) + " " * (columns - len(filled))

    def _in_colour(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self._coloured and text else text
