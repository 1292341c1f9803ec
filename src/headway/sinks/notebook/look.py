"""The look of bars in a cell: HTML, and plain text for front ends and tools without it.

Each front end cleans HTML in its own way. JupyterLab drops style sheets, variables, roles and SVG, and keeps inline
styles; nbconvert can drop these, too. So the words alone tell everything, and the bar is a border in a literal colour,
which is printed where grounds are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from time import localtime, strftime

from headway import format as fmt
from headway.notation import NamedTuple
from headway.snapshot import COURSE, Snapshot
from headway.text import widgets

__all__ = ["Line", "Picture", "html", "line", "plain"]

COLOURS = {
    "running": "#1e88e5",
    "finished": "#43a047",
    "stopped": "#00897b",
    "failed": "#e53935",
    "interrupted": "#fb8c00",
}
"""The bar's colour by the state, legible on white and on black."""
HELD = "#9e9e9e"
"""The colour of a bar that is paused, blocked or stalled."""
METRICS = 12
"""So many metrics are shown; a number stands for the others."""
WIDE = 160
"""Columns of a row in a layout that was asked for."""
BREAKABLE = 40
"""Columns from which on a piece of the words may be broken."""
DIM = "opacity:.7"
TRACK = "border:1px solid rgba(128,128,128,.5)"


class Line(NamedTuple):
    """A bar in the picture, and how far it is indented."""

    snapshot: Snapshot
    depth: int
    widest: dict[int, int]
    """Columns of each piece of the words at its widest so far, which is kept up to date while the bar runs."""
    words: Sequence[str]
    """All that is told of the bar but the metrics, in pieces, beginning with its name."""
    metrics: Sequence[str]
    """Its metrics with their courses, which stand below."""

    @property
    def has_bar(self) -> bool:
        """Whether a bar is drawn below the words: not for one that has ended inside of another."""
        s = self.snapshot
        return s.state == "running" or (not self.depth and s.fraction is not None)

    @property
    def rows(self) -> int:
        """The lines of text that it takes in HTML; the bar itself is about half a line."""
        return 1 + bool(self.metrics)


class Picture(NamedTuple):
    """A block of bars at one moment."""

    lines: Sequence[Line]
    lacking: int = 0
    """Rows that are kept free, so that the height stays the same while inner bars come and go."""
    more: int = 0
    """How many bars there are that are not in it."""
    as_of: float | None = None
    """The time of the picture, in seconds since the epoch; `None` if it is the last one."""

    @property
    def tail(self) -> str:
        """The words below the bars."""
        others = f"… and {self.more} more" if self.more else ""
        time = "" if self.as_of is None else strftime("as of %H:%M", localtime(self.as_of))
        return " · ".join(filter(None, (others, time)))


def line(snapshot: Snapshot, depth: int, widest: dict[int, int]) -> Line:
    """Lay out a bar, once for all forms of the picture: functions of the user's may be among its widgets."""
    return Line(snapshot, depth, widest, _said(snapshot), _metrics(snapshot))


def html(picture: Picture) -> str:
    """Return a picture as HTML, empty if nothing is in it."""
    parts = [_html_of(line) for line in picture.lines]
    if not parts:
        return ""
    parts += ["<div>&nbsp;</div>"] * picture.lacking
    if picture.tail:
        parts.append(f'<div style="{DIM}">{picture.tail}</div>')
    return f'<div style="font-family:monospace;line-height:1.4">{"".join(parts)}</div>'


def plain(picture: Picture) -> str:
    """Return a picture as text."""
    said = [(line.depth, filter(None, (*line.words, *line.metrics))) for line in picture.lines]
    texts = ["  " * depth + " · ".join(map(str.strip, pieces)) for depth, pieces in said]
    return "\n".join(filter(None, (*texts, picture.tail)))


def _html_of(line: Line) -> str:
    s = line.snapshot
    colour = HELD if s.state == "running" and widgets.ending(s) else COLOURS[s.state]
    name, *said = line.words
    head = escape(name) and (
        f"<b>{escape(name)}</b> " if line.has_bar else f'<b style="color:{colour}">{escape(name)}</b> '
    )
    words = head + " · ".join(_kept(piece) for piece in _steady(said, line) if piece)
    share = s.fraction
    full = "opacity:.35" if share is None else f"width:{min(1.0, share) * 100:.4g}%"
    bar = (
        f'<div style="{TRACK}"><div style="{full};border-top:.45em solid {colour}"></div></div>' if line.has_bar else ""
    )
    metrics = " &emsp;".join(map(_kept, line.metrics))
    below = f'<div style="{DIM}">{metrics}</div>' if metrics else ""
    indent = f' style="margin-left:{1.5 * line.depth:g}em"' if line.depth else ""
    return f"<div{indent}><div>{words}</div>{bar}{below}</div>"


def _steady(pieces: Sequence[str], line: Line) -> list[str]:
    """Pad the pieces of a running bar, so that a front end which breaks the line does so at the same place."""
    if line.snapshot.state != "running":
        return [*pieces]
    for i, piece in enumerate(pieces):
        line.widest[i] = max(line.widest.get(i, 0), fmt.width(piece))
    return [piece + " " * (line.widest[i] - fmt.width(piece)) if piece else "" for i, piece in enumerate(pieces)]


def _kept(piece: str) -> str:
    """Escape a piece of the words, which is not to be broken if it is short."""
    if len(piece) > BREAKABLE:
        return escape(piece)
    return escape(piece).replace(" ", "\N{NO-BREAK SPACE}").replace("–", "–\N{WORD JOINER}")


def _said(s: Snapshot) -> list[str]:
    name = widgets.title(s)
    if s.state == "finished":
        name = f"{name} finished".strip()
    if s.layout is not None:
        row = s.layout.fit(s, WIDE)
        return [name, f"{row.left.strip()} {row.right.strip()}".strip()]
    how_far = f"{widgets.percentage(s):>4} {widgets.counts(s)}".strip() if s.total is not None else widgets.counts(s)
    return [name, how_far, widgets.rate(s), *_times(s), widgets.workers(s), widgets.notes(s)]


def _times(s: Snapshot) -> list[str]:
    elapsed = widgets.elapsed(s)
    if s.state != "running":
        return [f"in {elapsed}"]
    if s.eta is None:
        return [elapsed]
    near = ""
    if s.eta_low is not None and s.eta_high is not None:
        low, high = fmt.duration(s.eta_low), fmt.duration(s.eta_high)
        near = "" if low == high else f" ({low}–{high})"
    finish = widgets.finish(s)
    return [f"{elapsed}, {widgets.eta(s)} left{near}", f"ends {finish}" if finish else ""]


def _metrics(s: Snapshot) -> list[str]:
    if s.layout is not None:
        return []
    said = []
    for name in list(s.metrics)[:METRICS]:
        course = widgets.sparkline(s, name)
        said.append(f"{widgets.metric(s, name)} {course.ljust(COURSE) if s.state == 'running' else course}")
    left_out = len(s.metrics) - len(said)
    return [*said, f"+{left_out}"] if left_out > 0 else said
