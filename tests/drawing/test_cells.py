"""Streams that go by the thread that writes: in notebooks a cell has the output of the threads that it has started."""

import threading
from typing import Any

import pytest

import headway


class Cells:
    """The outputs of cells: a thread writes into that of the cell that started it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.now = 0
        self.outputs: dict[int, str] = {}

    def write(self, text: str) -> int:
        """Write into the output of the thread's cell."""
        cell = getattr(threading.current_thread(), "cell", self.now)
        self.outputs[cell] = self.outputs.get(cell, "") + text
        return len(text)

    def flush(self) -> None:
        """Have nothing to flush."""


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> Cells:
    """Cells that note which of them starts a thread."""
    cells, init = Cells(), threading.Thread.__init__

    def made(self: Any, *args: Any, **named: Any) -> None:
        init(self, *args, **named)
        self.cell = cells.now

    monkeypatch.setattr(threading.Thread, "__init__", made)
    return cells


def test_the_lines_of_a_bar_are_in_the_output_of_its_cell(cells: Cells) -> None:
    """Each cell's bars are told there, however soon one cell follows the other."""
    out: Any = cells
    for cells.now in range(5):
        list(headway.track(range(3), desc=f"bar {cells.now}", backend="plain", file=out))
        with headway.get_bar(2, desc=f"block {cells.now}", backend="plain", file=out) as bar:
            headway.write(f"written {cells.now}")
            bar.update(2)

    for cell in range(5):
        text = cells.outputs[cell]
        assert text.count(f'headway "bar {cell}"') == text.count(f'headway "block {cell}"') == 2
        assert text.count(f"written {cell}") == 1
        assert text.count("\n") == 5
