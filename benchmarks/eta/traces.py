"""The traces that the estimators are judged by: made jobs by family, from a seed, and recorded runs.

A trace is what a program reports: a total, and the count at each advance. Families are those of the literature and of
what people complain about; each draws its parameters at random, so that none is a favourite of any estimator.
"""

from __future__ import annotations

import heapq
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import exp, log
from pathlib import Path
from random import Random

__all__ = ["FAMILIES", "Trace", "telling", "traces"]

SEED = 2026
EACH = 40
"""Traces of each made family, half of them to tune on."""
MIXED = 80
"""The same of composite jobs."""
MOST = 3000
"""Advances of a trace at most."""


@dataclass(frozen=True)
class Trace:
    """One run: `times` and `counts` are those of the advances, the run begins at 0 seconds with `initial`."""

    family: str
    name: str
    total: float
    times: Sequence[float]
    counts: Sequence[float]
    initial: float = 0.0

    @cached_property
    def queries(self) -> list[float]:
        """200 even times between the first advance and the end."""
        first, end = self.times[0], self.times[-1]
        return [first + (end - first) * (i + 0.5) / 200 for i in range(200)]

    def count(self, t: float) -> float:
        """The count at a time."""
        i = bisect_right(self.times, t)
        return self.counts[i - 1] if i else self.initial


Steps = list[float]
"""Seconds of each step."""


def log_uniform(dice: Random, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform."""
    return exp(dice.uniform(log(low), log(high)))


def noisy(dice: Random, many: int, spread: float) -> Steps:
    """Steps of length 1 on average, with a gamma's noise."""
    if not spread:
        return [1.0] * many
    return [dice.gammavariate(spread**-2, spread**2) for _ in range(many)]


def length(dice: Random) -> int:
    """Draw a number of steps."""
    return round(log_uniform(dice, 25, MOST))


def steady(dice: Random) -> Steps:
    """The same all the time, with more noise or less."""
    return noisy(dice, length(dice), dice.choice([0.0, 0.05, 0.2, 0.5, 1.0]))


def plain(dice: Random, least: int = 25) -> Steps:
    """Noisy steps for the families to build on."""
    return noisy(dice, max(least, length(dice)), dice.choice([0.05, 0.2, 0.5]))


def warm_up(dice: Random, steps: Steps | None = None) -> Steps:
    """A slow start: one step that compiles, several that fill caches, or a slow phase."""
    steps = steps or plain(dice)
    kind = dice.randrange(3)
    if kind == 0:
        steps[0] *= log_uniform(dice, 5, max(10, len(steps) / 2))
    elif kind == 1:
        lag, factor = dice.uniform(1, 5), log_uniform(dice, 4, 40)
        steps = [dt * (1 + factor * exp(-i / lag)) for i, dt in enumerate(steps)]
    else:
        slow, factor = 1 + round(len(steps) * dice.uniform(0.01, 0.05)), log_uniform(dice, 2, 8)
        steps = [dt * (factor if i < slow else 1) for i, dt in enumerate(steps)]
    return steps


def shifts(dice: Random, steps: Steps | None = None) -> Steps:
    """One or two abrupt and lasting changes of the pace."""
    steps = steps or plain(dice)
    for _ in range(dice.choice([1, 1, 2])):
        at, factor = len(steps) * dice.uniform(0.15, 0.8), log_uniform(dice, 1.5, 5) ** dice.choice([-1, 1])
        steps = [dt * (factor if i >= at else 1) for i, dt in enumerate(steps)]
    return steps


def drift(dice: Random, steps: Steps | None = None) -> Steps:
    """A pace that grows or falls all along: a straight line, a power, an exponential."""
    steps = steps or plain(dice)
    many, kind, k = len(steps), dice.randrange(3), log_uniform(dice, 1.5, 10)
    if kind == 0:
        shape = [1 + (k - 1) * i / many for i in range(many)]
    elif kind == 1:
        shape = [((i + 1) / many) ** dice.choice([0.5, 1, 2]) + 0.01 for i in range(many)]
    else:
        shape = [k ** (i / many) for i in range(many)]
    if dice.random() < 0.3:
        shape.reverse()
    return [dt * s for dt, s in zip(steps, shape, strict=True)]


def pauses(dice: Random, steps: Steps | None = None) -> Steps:
    """Validation after each epoch, and checkpoints now and then."""
    steps = steps or plain(dice, 60)
    for _ in range(dice.choice([1, 1, 2])):
        every = max(3, round(len(steps) / log_uniform(dice, 3, 40)))
        cost, spread = every * log_uniform(dice, 0.05, 0.5), dice.choice([0.02, 0.1])
        late = dice.choice([0, 1])
        for i in range(every - 1 + late, len(steps), every):
            steps[i] += cost * dice.gammavariate(spread**-2, spread**2)
    return steps


def tails(dice: Random, steps: Steps | None = None) -> Steps:
    """Heavy-tailed steps, or rare stalls."""
    many, kind = len(steps) if steps else length(dice), dice.randrange(3)
    if kind == 0:
        sigma = dice.uniform(0.8, 1.8)
        return [exp(dice.gauss(0, sigma)) for _ in range(many)]
    if kind == 1:
        return [min(dice.paretovariate(dice.uniform(1.2, 2)), many) for _ in range(many)]
    steps, share, size = steps or plain(dice), log_uniform(dice, 0.003, 0.03), log_uniform(dice, 10, 100)
    return [dt + (dice.expovariate(1 / size) if dice.random() < share else 0) for dt in steps]


def pool(dice: Random) -> tuple[Steps, list[float]]:
    """Several workers, whose results come as they are done, in order, or in chunks."""
    jobs, workers, kind = length(dice), dice.choice([2, 4, 8, 16]), dice.randrange(3)
    chunk = dice.choice([2, 5, 10]) if kind == 2 and jobs > 100 else 1
    sigma = dice.choice([0.1, 0.3, 0.8])
    free, ends = [0.0] * workers, []
    for _ in range(max(3, jobs // chunk)):
        end = heapq.heappop(free) + sum(exp(dice.gauss(0, sigma)) for _ in range(chunk))
        heapq.heappush(free, end)
        ends.append(end)
    ends = list(accumulate(ends, max)) if kind == 1 else sorted(ends)
    return differences([0.0, *ends]), [float(chunk)] * len(ends)


def ordered(dice: Random) -> Steps:
    """Items sorted by size, or stages of different cost."""
    many = length(dice)
    if dice.random() < 0.5:
        sigma = dice.uniform(0.3, 1.5)
        sizes = sorted(exp(dice.gauss(0, sigma)) + 0.05 for _ in range(many))
        return sizes if dice.random() < 0.5 else sizes[::-1]
    stages = [log_uniform(dice, 0.5, 3) for _ in range(dice.randrange(2, 6))]
    return [dt * stages[i * len(stages) // many] for i, dt in enumerate(noisy(dice, many, 0.1))]


def few(dice: Random) -> Steps:
    """A bar of epochs: few steps, the first often slower."""
    steps = noisy(dice, dice.randrange(4, 30), dice.choice([0.02, 0.1, 0.3]))
    if dice.random() < 0.5:
        steps[0] *= dice.uniform(1.2, 4)
    return steps


def network(dice: Random, steps: Steps | None = None) -> Steps:
    """A pace that toggles between two levels, or wanders."""
    steps = steps or plain(dice, 60)
    stay, factor, slow, level = len(steps) * log_uniform(dice, 0.02, 0.15), log_uniform(dice, 1.5, 5), False, 0.0
    wanders = dice.random() < 0.5
    out = []
    for dt in steps:
        slow = slow != (dice.random() < 1 / stay)
        level += -level / stay + dice.gauss(0, 0.5 * (2 / stay) ** 0.5)
        out.append(dt * (exp(level) if wanders else factor if slow else 1.0))
    return out


def mixed(dice: Random) -> Steps:
    """A job in which several things happen at once."""
    steps = plain(dice, 30)
    for change in dice.sample([warm_up, shifts, drift, pauses, tails, network], dice.choice([1, 2, 2, 3])):
        steps = change(dice, steps)
    return steps


FAMILIES: dict[str, Callable[[Random], Steps | tuple[Steps, list[float]]]] = {
    "constant, noise": steady,
    "slow start": warm_up,
    "rate shifts": shifts,
    "drift, growth": drift,
    "periodic pauses": pauses,
    "heavy tails, stalls": tails,
    "pools": pool,
    "sorted, stages": ordered,
    "epoch bars, short": few,
    "network, toggles": network,
    "composite": mixed,
}
"""What makes the steps of each family."""
RECORDED = "recorded"


def differences(values: Sequence[float]) -> list[float]:
    """The steps between values."""
    return [b - a for a, b in pairwise(values)]


def made(family: str, i: int) -> Trace:
    """Make one job: the family's steps, of 0.02 to 20 s each; a run of a second at least and ten hours at most."""
    dice = Random(f"{SEED} {family} {i}")
    steps = FAMILIES[family](dice)
    dt, dn = steps if isinstance(steps, tuple) else (steps, [1.0] * len(steps))
    seconds = min(36_000.0, max(1.0, len(dt) * log_uniform(dice, 0.02, 20)))
    initial = 0.0
    if dice.random() < 0.15:  # a resume: what was done before is neither time nor pace
        initial = float(round(sum(dn) * log_uniform(dice, 0.25, 3)))
    return trace(family, f"{family} {i}", dt, dn, scale=seconds / sum(dt), initial=initial)


def trace(
    family: str, name: str, dt: Iterable[float], dn: Iterable[float], *, scale: float = 1.0, initial: float = 0.0
) -> Trace:
    """Put a trace together from its steps."""
    times, counts = [], []
    t, n = 0.0, initial
    for seconds, units in zip(dt, dn, strict=True):
        t, n = t + seconds * scale, n + units
        if times and t <= times[-1] + 1e-9:
            counts[-1] = n
        else:
            times.append(t)
            counts.append(n)
    return Trace(family, name, n, times, counts, initial)


def recorded() -> list[Trace]:
    """Read the runs that `record.py` recorded."""
    runs = json.loads((Path(__file__).parent / "real.json").read_text(encoding="utf-8"))
    return [trace(RECORDED, name, run["dt"], run["dn"], scale=1e-3) for name, run in runs.items()]


def traces(half: int | None = None) -> list[Trace]:
    """All traces; or those of one half: 0 is tuned on, 1 is reported."""
    out: list[Trace] = []
    for family in FAMILIES:
        out += (made(family, i) for i in range(MIXED if family == "composite" else EACH) if half in (None, i % 2))
    return out + [t for i, t in enumerate(recorded()) if half in (None, i % 2)]


def telling() -> dict[str, Trace]:
    """Four runs that tell estimators apart, for the pictures."""
    dice = Random(7)

    def steps(many: int, seconds: float) -> Steps:
        return [dt * seconds for dt in noisy(dice, many, 0.15)]

    compiled = [60.0, *steps(299, 1.0)]
    validated = [dt + (30.0 if i % 100 == 99 else 0.0) for i, dt in enumerate(steps(600, 1.0))]
    slower = [dt * (2 if i >= 200 else 1) for i, dt in enumerate(steps(500, 1.0))]
    runs = {
        "compile": ("The first step compiles for a minute", compiled, 0.0),
        "validation": ("Thirty seconds of validation after every hundredth step", validated, 0.0),
        "resume": ("Resumed at 60 %", steps(200, 1.5), 300.0),
        "shift": ("At 40 % the machine becomes half as fast", slower, 0.0),
    }
    return {
        key: trace("telling", name, dt, [1.0] * len(dt), initial=initial) for key, (name, dt, initial) in runs.items()
    }
