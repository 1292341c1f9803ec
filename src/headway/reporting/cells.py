"""The cells of a notebook: the one that a bar was opened in, and its bars' end if it raises."""

from __future__ import annotations

from _weakref import ref  # of `weakref`, whose dictionaries no bar needs
from collections.abc import Callable

from headway.host import endings, notebook
from headway.notation import Protocol
from headway.snapshot import State

__all__ = ["opened", "runs"]


class Shown(Protocol):
    """**Protocol:** a bar that a cell may have opened."""

    cell: notebook.Cell | None
    """The cell that it was opened in."""

    @property
    def id(self) -> int:
        """A number that no other bar of the process has."""

    def end(self, state: State, reason: str = "") -> None:
        """End it in a state, unless it has ended."""

    def refresh(self) -> None:
        """Draw it as it is now, unless it has ended."""


class Cells:
    """Sees to the bars that are open when a cell ends."""

    def __init__(self) -> None:
        self._bars: dict[int, Callable[[], Shown | None]] = {}

    def opened(self, bar: Shown) -> None:
        """Take note of a bar that is opened now, if a cell does that."""
        bar.cell = notebook.here()
        if bar.cell is not None:
            notebook.at_end_of_cells(self._end)
            bar_id = bar.id
            self._bars[bar_id] = ref(bar, lambda _gone: self._bars.pop(bar_id, None))

    def _end(self, error: BaseException | None) -> None:
        """End the bars of a cell that has raised, and show those that stay open as they are now."""
        for bar in [shown for each in list(self._bars.values())[::-1] if (shown := each()) is not None]:
            if error is not None and runs(bar.cell):
                bar.end(*endings.explained(error))
            else:
                bar.refresh()


opened = Cells().opened


def runs(cell: notebook.Cell | None) -> bool:
    """Tell whether a cell is the one that this thread belongs to; outside of notebooks all is one cell."""
    return cell is None or cell == notebook.here()
