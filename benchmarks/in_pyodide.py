"""What reporting costs in Pyodide, which has no threads, beside tqdm: run by `pyodide.mjs`.

Rounds are interleaved, and the fastest of each counts. Times are those of whole loops, opening and closing included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

import headway

BUDGET = 2.0
"""Times tqdm that a report may cost."""
ROUNDS = 7
INNER = 100
"""Loops that are nested in one."""

Act = Callable[[int], None]


def main(items: int, lead: Callable[[bool], None], drawn: Callable[[], int]) -> int:
    """Measure, print a table, and return 1 where the budget is missed.

    Args:
        items: How many each loop has.
        lead: Has standard error lead to a terminal, or not.
        drawn: Tells how many bytes have come there since.
    """
    met = True
    print(f"{'ns an item':<30}{'bare':>8}{'tqdm':>8}{'headway':>9}{'headway/tqdm':>14}")
    for terminal in (True, False):
        lead(terminal)
        for name, (bare, tqdms, ours) in SCENES.items():
            figures = _measured([bare, tqdms, ours], items)
            ratio = figures[2] / figures[1]
            met = met and ratio <= BUDGET
            where = f"{name}, {'terminal' if terminal else 'no terminal'}"
            print(f"{where:<30}{figures[0]:8.0f}{figures[1]:8.0f}{figures[2]:9.0f}{ratio:13.2f}x", flush=True)
        if not drawn():
            sys.exit("Nothing was drawn.")
    return 0 if met else 1


def _measured(acts: list[Act], items: int) -> list[float]:
    """Return the nanoseconds that an item takes in each, at its best."""
    best = [float("inf")] * len(acts)
    for _ in range(ROUNDS):
        for i, act in enumerate(acts):
            start = time.perf_counter()
            act(items)
            best[i] = min(best[i], (time.perf_counter() - start) / items * 1e9)
    return best


def _bare(items: int) -> None:
    for _ in range(items):
        pass


def _tqdm_range(items: int) -> None:
    for _ in tqdm(range(items)):
        pass


def _range(items: int) -> None:
    for _ in headway.track(range(items)):
        pass


def _tqdm_generator(items: int) -> None:
    for _ in tqdm((i for i in range(items)), total=items):
        pass


def _generator(items: int) -> None:
    for _ in headway.track((i for i in range(items)), total=items):
        pass


def _tqdm_update(items: int) -> None:
    with tqdm(total=items) as bar:
        for _ in range(items):
            bar.update(1)


def _update(items: int) -> None:
    with headway.get_bar(items) as bar:
        for _ in range(items):
            bar.update(1)


def _tqdm_nested(items: int) -> None:
    for _ in tqdm(range(INNER)):
        for _ in tqdm(range(items // INNER), leave=False):
            pass


def _nested(items: int) -> None:
    for _ in headway.track(range(INNER)):
        for _ in headway.track(range(items // INNER), leave=False):
            pass


SCENES: dict[str, tuple[Act, Act, Act]] = {
    "range": (_bare, _tqdm_range, _range),
    "generator": (_bare, _tqdm_generator, _generator),
    "`update(1)`": (_bare, _tqdm_update, _update),
    "nested": (_bare, _tqdm_nested, _nested),
}
