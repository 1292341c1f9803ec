"""A program that uses bars in an order drawn by lot, and knows the counts that have to come of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import headway
from headway.reporting.bar import Bar

__all__ = ["wander"]

TEXTS = (
    "",
    "plain",
    "two\nlines",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m\x9d52;c;eA==\x9c",
    "\u202eright",
    "\u8bad\u7ec3",
    "e\u0301" * 40,
)


def wander(seed: int, steps: int = 200, rest: float = 0.0) -> dict[str, float]:
    """Open, nest, change and close bars in an order drawn by lot.

    Args:
        seed: The same seed draws the same program.
        steps: Operations, at the end of which all bars are closed.
        rest: Seconds between two of them.

    Returns:
        The count that each bar ended with, by the word that its description begins with.
    """
    return _Walk(random.Random(seed)).run(steps, rest)  # noqa: S311  # a program to be repeated, no secret


class _Walk:
    def __init__(self, lot: random.Random) -> None:
        self._lot = lot
        self._bars: list[Bar] = []
        self._labels: dict[int, str] = {}
        self._counts: dict[str, float] = {}

    def run(self, steps: int, rest: float) -> dict[str, float]:
        for _ in range(steps):
            time.sleep(rest)
            if not self._bars or (len(self._bars) < 5 and self._lot.random() < 0.15):
                self._open()
            else:
                self._lot.choice(self._operations())(self._lot.choice(self._bars))
        while self._bars:
            self._close(self._bars[-1])
        return self._counts

    def _operations(self) -> list[Callable[[Bar], None]]:
        return [*[self._update] * 6, self._set, self._total, self._say, self._pause, self._write, self._close]

    def _open(self) -> None:
        label = f"w{len(self._labels)}x"
        total = self._lot.choice((None, 0, 7, 100, 0.5))
        bar = headway.get_bar(total, desc=f"{label} {self._lot.choice(TEXTS)}", leave=self._lot.random() < 0.5)
        self._bars.append(bar)
        self._labels[bar.id] = label
        self._counts[label] = 0

    def _update(self, bar: Bar) -> None:
        n = self._lot.choice((1, 1, 1, 5, 0.25, 0))
        bar.update(n)
        self._counts[self._labels[bar.id]] += n

    def _set(self, bar: Bar) -> None:
        n = self._lot.choice((0, 3, 50, 1000))
        bar.set(n)
        self._counts[self._labels[bar.id]] = n

    def _total(self, bar: Bar) -> None:
        bar.total = self._lot.choice((None, 0, 10, 1e6))

    def _say(self, bar: Bar) -> None:
        text = self._lot.choice(TEXTS)
        bar.message(text)
        bar.metrics(**{self._lot.choice(("loss", "a b", "\x1b[1m")): self._lot.choice((0.5, float("nan"), 3, text))})

    def _pause(self, bar: Bar) -> None:
        with bar.pause():
            bar.message("paused")

    def _write(self, bar: Bar) -> None:
        bar.write(f"written {self._lot.choice(TEXTS)}")

    def _close(self, bar: Bar) -> None:
        self._bars.remove(bar)
        self._lot.choice((bar.close, bar.stop, bar.fail, lambda: bar.stop("a\nreason")))()
