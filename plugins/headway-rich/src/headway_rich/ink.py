"""rich's styles and renderables as text for one stream."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TextIO, cast

from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.spinner import Spinner
from rich.style import StyleType
from rich.text import Text

from headway import format as fmt

if TYPE_CHECKING:
    from headway.sink import Stream

__all__ = ["Ink", "Run"]

KNOWN = 1000
"""Styles that are kept with their codes."""
WIDEST = 1000
"""Columns that a renderable may ask for."""


class Run(NamedTuple):
    """A piece of text in one style."""

    text: str
    style: StyleType


class Ink:
    """Asks rich for the look of a stream; rich itself writes nothing, and does not look for the terminal's size."""

    def __init__(self, stream: Stream) -> None:
        file = cast("TextIO", stream)  # it has of a stream what rich asks for
        self._console = Console(file=file, force_terminal=True, force_jupyter=False, width=80, height=24)
        self._colours = COLOR_SYSTEMS.get(self._console.color_system or "")
        self._codes = functools.lru_cache(KNOWN)(self._codes_of)
        self.spinner = Spinner("dots" if stream.encodes("⠋") else "line")
        """A spinner of rich's that the stream can show."""

    def styled(self, text: str, style: StyleType) -> str:
        """Write a text in a style."""
        before, after = self._codes(style)
        return f"{before}{text}{after}"

    def _codes_of(self, style: StyleType) -> tuple[str, str]:
        """The sequences before and after a text in a style."""
        found = self._console.get_style(style, default="none")
        if self._console.no_color:
            found = found.without_color
        before, _, after = found.render("\0", color_system=self._colours).partition("\0")
        return before, after

    def runs(self, renderable: RenderableType) -> tuple[Run, ...]:
        """Render what stands on the first line, in as many columns as it asks for."""
        console = self._console
        if isinstance(renderable, str):
            renderable = console.render_str(renderable)
        if isinstance(renderable, Text):
            return _first_line(renderable.render(console))
        options = console.options.update(max_width=WIDEST, no_wrap=True)
        wanted = Measurement.get(console, options, renderable).maximum
        return _first_line(console.render(renderable, options.update(width=min(wanted, WIDEST))))

    def bar(self, bar: ProgressBar, columns: int) -> tuple[str, int]:
        """Draw a bar of so many columns, and tell how many of them it has filled: without colours not all."""
        bar.width = columns
        options = self._console.options.update(max_width=columns)
        runs = _first_line(cast("Iterable[Segment]", bar.__rich_console__(self._console, options)))
        return "".join(self.styled(run.text, run.style) for run in runs), sum(len(run.text) for run in runs)


def _first_line(segments: Iterable[Segment]) -> tuple[Run, ...]:
    runs = []
    for text, style, control in segments:
        if control:
            continue
        line, _, rest = text.partition("\n")
        if line:
            runs.append(Run(fmt.clean(line), style or ""))
        if rest or line != text:
            break
    return tuple(runs)
