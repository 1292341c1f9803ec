"""What an estimate is worth: how wrong it was, and how restless."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log

from traces import Trace

__all__ = ["Score", "Shown", "gmean", "quantile", "score"]

CAP = 10.0
"""No error counts as more than this factor; nothing shown counts as this much."""
USEFUL = 1.5
"""An estimate is useful from when on it is wrong by less than this factor."""
FAR = 100.0
"""No remaining time counts as more than so many times the run: some grow beyond all bounds in a pause."""
JUMP = 0.1
"""A jump moves the predicted end by this share of what is left, from one look to the next."""

Shown = Sequence[tuple[float | None, tuple[float, float] | None]]
"""What the screen shows at the trace's `queries`: the remaining seconds, and their range."""


@dataclass
class Score:
    """One estimator over one trace."""

    ln: float
    jitter: float
    waver: float
    jumps: int
    useful: float
    relative: list[float] = field(repr=False)
    covered: float | None = None
    width: float | None = None


def score(trace: Trace, shown: Shown) -> Score:
    """Compare what was shown with what came."""
    end = trace.times[-1]
    true = [end - t for t in trace.queries]
    etas = [None if eta is None else min(eta, FAR * end) for eta, _ in shown]
    wrong = [log(CAP) if not e else min(log(CAP), abs(log(e / left))) for e, left in zip(etas, true, strict=True)]
    ends = [(t + e, left) for t, e, left in zip(trace.queries, etas, true, strict=True) if e is not None]
    moves = [b[0] - a[0] for a, b in pairwise(ends)]
    span = end - trace.times[0]
    movement, net = sum(map(abs, moves)), abs(sum(moves))
    useful = next((t for t, w in zip(trace.queries, wrong, strict=True) if w < log(USEFUL)), end)
    result = Score(
        ln=sum(wrong) / len(wrong),
        jitter=movement / span,
        waver=(movement - net) / span,
        jumps=sum(abs(m) > JUMP * left for m, (_, left) in zip(moves, ends, strict=False)),
        useful=useful / end,
        relative=[CAP if e is None else min(CAP, abs(e / left - 1)) for e, left in zip(etas, true, strict=True)],
    )
    ranges = [(r, left) for (_, r), left in zip(shown, true, strict=True) if r is not None]
    if ranges:
        result.covered = sum(low <= left <= high for (low, high), left in ranges) / len(true)
        result.width = quantile([log((high + 1e-9) / (low + 1e-9)) for (low, high), _ in ranges], 0.5)
    return result


def gmean(values: Iterable[float], least: float = 1e-3) -> float:
    """Geometric mean; what is smaller than `least` counts as that."""
    logs = [log(max(v, least)) for v in values]
    return exp(sum(logs) / len(logs))


def quantile(values: Iterable[float], q: float) -> float:
    """Quantile, by the nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(q * len(ranked)))]
