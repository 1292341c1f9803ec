"""How thoroughly the sections measure, in which order, and one number for all rounds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from contenders import Contender
from measure import Answer
from table import Value

__all__ = ["QUICK", "Plan", "Rounds", "interleaved", "value_of"]

Rounds = dict[str, list[Answer]]
Collect = Callable[[Iterable[float]], float]


@dataclass(frozen=True)
class Plan:
    """How thoroughly to measure."""

    rounds: int = 4
    """Of loops and updates, and of what grows with how many there are."""
    seconds: float = 0.08
    """That one timing of a loop takes at least."""
    starts: int = 12
    """Rounds of what is measured over whole processes."""
    idle_rounds: int = 2
    idle_seconds: float = 2.0
    share: float = 1.0
    """How much of the ten thousand bars."""
    pairs: int = 5
    """Of short bars and of compiled code."""
    crowd_seconds: float = 8.0
    """That 200 bars are watched, after as long a time."""


QUICK = Plan(rounds=1, seconds=0.05, starts=4, idle_rounds=1, idle_seconds=1.0, share=0.1, pairs=1, crowd_seconds=3.0)


def interleaved(contenders: list[Contender], rounds: int, act: Callable[[Contender], Answer]) -> Rounds:
    """Measure A B C A B C …, so that a slow minute of the machine hits all alike."""
    answers: Rounds = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        for contender in contenders:
            _tell(f"  round {turn + 1} of {rounds}: {contender.name}")
            answers[contender.name].append(act(contender))
    _tell("")
    return answers


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)


def value_of(answers: list[Answer], key: str, collect: Collect = median) -> Value:
    """One number for all rounds; if any of them failed, what went wrong."""
    for answer in answers:
        if "error" in answer:
            return f"ERROR {answer['error']}"
    return collect(answer[key] for answer in answers)
