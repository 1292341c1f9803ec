"""The section on short bars: opened, ten items, closed, one after another, on a quiet machine and on a busy one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from contenders import CONTENDERS, Contender
from measure import Answer, stage
from table import Row, Table, verdict

__all__ = ["short_bars"]

BARS = 400
SLOW_BARS = 30
"""Bars of a library that takes a long time for each."""
BUSY = 2
"""Processes that compute beside it."""
SPIN = "while True: pass"
GONE, LEFT = "no row left", "a row left"
LIMITS = {GONE: 0.5, LEFT: 1.0}
DOOR_LIMIT = 1.2
NAMES = (
    "headway [rows]",
    "headway [tqdm]",
    "headway [progressbar2]",
    "headway [alive]",
    "headway.tqdm [tqdm]",
    "barflow",
)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Have so many processes compute in the block."""
    running = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def short_bars(rounds: int) -> Table:
    """Time that a short bar takes, over that of tqdm in the same round.

    Args:
        rounds: Pairs for each cell, of a contender and tqdm, one right after the other.
    """
    places = {"quiet": 0, "busy": BUSY}
    columns = [f"{kept}, {place}" for kept in LIMITS for place in places]
    table = Table(
        "a short bar, times tqdm",
        f"`for _ in track(range(10), leave=...)`, a bar after another. Time of the clock / of the processor, each over "
        f"tqdm's with the same `leave`: medians of {rounds} pairs. Busy: {BUSY} processes compute beside it.",
        columns,
    )
    cells: dict[str, list[str]] = {name: [] for name in NAMES}
    said: dict[str, list[str]] = {name: [] for name in NAMES}
    for kept, usual in LIMITS.items():
        for place, beside in places.items():
            with busy(beside):
                for name in NAMES:
                    found = _over_tqdm(CONTENDERS[name], rounds, leave=kept == LEFT)
                    if isinstance(found, str):
                        cells[name].append(found)
                        continue
                    wall, cpu = found
                    cells[name].append(f"{wall:.2f}x / {cpu:.2f}x")
                    limit = DOOR_LIMIT if name.startswith("headway.tqdm") else usual
                    if name.startswith("headway"):
                        said[name].append(f"{kept}, {place} {verdict(max(wall, cpu), limit, 'x', digits=2)}")
    table.rows = [Row(name, cells[name], "; ".join(said[name])) for name in NAMES]
    return table


def _over_tqdm(contender: Contender, rounds: int, *, leave: bool) -> tuple[float, float] | str:
    """Return the time of the clock and of the processor over tqdm's, or the words of what went wrong."""
    pairs = [(_measured(contender, leave=leave), _measured(CONTENDERS["tqdm"], leave=leave)) for _ in range(rounds)]
    for answer in (answer for pair in pairs for answer in pair):
        if "error" in answer:
            return f"ERROR {answer['error']}"
    wall, cpu = (median(mine[key] / theirs[key] for mine, theirs in pairs) for key in ("wall", "cpu"))
    return wall, cpu


def _measured(contender: Contender, *, leave: bool) -> Answer:
    count = SLOW_BARS if contender.in_a_row < 1000 else BARS
    return stage("short", contender, {"leave": leave, "count": count})
