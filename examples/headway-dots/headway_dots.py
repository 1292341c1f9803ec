"""A whole renderer plugin: one row of dots. Install it, and `HEADWAY_BACKEND=dots` picks it."""

from typing import Any

from headway import format as fmt
from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import Context, PerBar, Renderer
from headway.snapshot import Snapshot


class DotsSink(PerBar):
    """Shows one bar; headway folds nested ones into its description."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._row = ""
        self._dot = "."

    def open(self, snapshot: Snapshot) -> None:
        self._dot = snapshot.options.get("dot", ".")
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        row = layout.fit(snapshot, self._stream.room)
        share = min(1.0, snapshot.fraction or 0.0)
        dots = self._dot * int(share * row.bar)
        self._row = fmt.crop(f"{row.left} {dots} {row.right}", self._stream.room)
        self._put(self._row)

    def close(self, snapshot: Snapshot) -> None:
        self.update(snapshot)
        self._put(f"{self._row}\n" if snapshot.leave else "")

    def write(self, text: str) -> None:
        self._put(f"{text}\n{self._row}")

    def _put(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()


def one_column(value: Any) -> str:
    """Read the option `dot`: from a query (`dots?dot=*`) or from code."""
    if fmt.width(str(value)) != 1:
        raise ValueError("expected a single character that takes one column")
    return str(value)


@hookimpl
def headway_renderer() -> Renderer:
    return Renderer(DotsSink, protocol=2, max_bars=1, look={"dot": one_column})
