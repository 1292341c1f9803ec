"""The arithmetic of rate and remaining time, with times made up here."""

import math
import random
from collections.abc import Iterable

import pytest

from headway.estimate import RATE_MEMORY, Estimator

Point = tuple[float, float]


def fed(points: Iterable[Point], total: float | None = None, initial: float = 0) -> Estimator:
    """Make an estimator that has observed some points of time and count."""
    estimator = Estimator(total, initial)
    for t, n in points:
        estimator.observe(t, n)
    return estimator


def test_nothing_is_known_before_the_first_advance() -> None:
    """Before anything is done there is no rate and no remaining time, and time alone tells nothing."""
    estimator = fed([(1.0, 0), (50.0, 0)], total=10)

    assert (
        estimator.rate(60.0), estimator.eta(60.0), estimator.interval(60.0), estimator.average(),
    ) == (None, None, None, None)  # fmt: skip


@pytest.mark.parametrize("step", [1, 4, 0.25])
@pytest.mark.parametrize("dt", [0.125, 1.0, 1000.0])
def test_a_constant_rate_is_told_exactly(step: float, dt: float) -> None:
    """When each step takes the same time, rate and remaining time are the truth from the start."""
    total = 200 * step
    estimator = Estimator(total)
    for i in range(1, 101):
        estimator.observe(i * dt, i * step)
        assert step / dt == pytest.approx(estimator.rate(i * dt))
        left = (200 - i) * dt
        assert left == pytest.approx(estimator.eta(i * dt))

    # the steep window weighs a step by its middle, which is coarse while the steps are few
    assert [100 * dt] * 2 == pytest.approx(estimator.interval(100 * dt), rel=1e-3)
    assert step / dt == pytest.approx(estimator.average())


def by_hand(points: list[Point], p: int) -> float:
    """The pace as the docstring defines it: sum((u/x)**p * dt) times (p + 1) / x."""
    x = points[-1][1]
    total = 0.0
    for (t0, n0), (t1, n1) in zip(points, points[1:], strict=False):
        total += ((n0 + n1) / 2 / x) ** p * (t1 - t0)
    return total * (p + 1) / x


def test_the_value_is_that_of_the_formula() -> None:
    """Remaining time and its range are what the formula gives when it is computed over all steps at once."""
    points = [(0.0, 0), (1.0, 2), (3.0, 5), (4.5, 6), (9.0, 11), (9.5, 13)]
    estimator = fed(points[1:], total=40)

    left = [(40 - 13) * by_hand(points, p) for p in (0, 1, 4)]
    assert left[1] == pytest.approx(estimator.eta(9.5))
    assert (min(left), max(left)) == pytest.approx(estimator.interval(9.5))


def test_the_rate_is_that_of_the_formula() -> None:
    """The rate is units over seconds, both faded by the same memory."""
    points = [(0.0, 0), (40.0, 80), (80.0, 100), (100.0, 200)]
    n = t = 0.0
    for (t0, n0), (t1, n1) in zip(points, points[1:], strict=False):
        fade = math.exp(-(t1 - t0) / min(RATE_MEMORY, t1 / 2))
        n, t = n * fade + (n1 - n0), t * fade + (t1 - t0)

    assert n / t == pytest.approx(fed(points[1:]).rate(100.0))


def test_a_first_step_that_was_slow_is_left_out() -> None:
    """A first step that took minutes to compile says nothing about the other ones."""
    estimator = fed([(60.0, 1), *((60.0 + i, 1 + i) for i in range(1, 10))], total=100)

    assert pytest.approx((estimator.rate(69.0), estimator.eta(69.0))) == (1.0, 90.0)


def test_a_first_step_that_was_not_slow_counts() -> None:
    """An ordinary first step is as good a measure as any."""
    estimator = fed([(2.0, 1), (3.0, 2)], total=10)

    assert 8 * by_hand([(0.0, 0), (2.0, 1), (3.0, 2)], 1) == pytest.approx(estimator.eta(3.0))


def test_a_slow_first_step_stays_in_the_average() -> None:
    """When it is over, the average is over all of the run."""
    assert pytest.approx(fed([(60.0, 1), *((60.0 + i, 1 + i) for i in range(1, 10))]).average()) == 10 / 69


def test_work_done_before_counts_towards_the_total_only() -> None:
    """After a resume the rate is of this session, and what is left is of the whole."""
    estimator = fed([(float(i), 900 + 2 * i) for i in range(1, 11)], total=1000, initial=900)

    assert pytest.approx((estimator.rate(10.0), estimator.eta(10.0), estimator.average())) == (2.0, 40.0, 2.0)


def test_a_drift_is_followed() -> None:
    """When steps get slower, the remaining time is nearer to the truth than the mean of the run would be."""
    t, points = 0.0, []
    for i in range(1, 501):
        t += 1.0 + i / 100
        points.append((t, i))
    estimator = fed(points, total=1000)
    truth = sum(1.0 + i / 100 for i in range(501, 1001))
    low, high = estimator.interval(t) or (0.0, 0.0)

    naive = 500 * t / 500
    eta = estimator.eta(t) or 0.0
    assert abs(eta - truth) < abs(naive - truth)
    assert naive == pytest.approx(low)
    assert low < eta < high <= truth * 1.01
    assert pytest.approx(estimator.rate(t), rel=0.05) == 1 / 6


def test_the_rate_sinks_while_nothing_comes() -> None:
    """A step that is overdue makes the rate sink, one that is not does not."""
    estimator = fed([(float(i), i) for i in range(1, 11)])

    assert pytest.approx([estimator.rate(10.0), estimator.rate(11.0)]) == [1.0, 1.0]
    assert [(estimator.rate(a) or 0) > (estimator.rate(b) or 0) for a, b in ((11, 12), (12, 500))] == [True, True]


def test_remaining_time_counts_down_to_the_next_step() -> None:
    """Between two steps the remaining time goes down with the clock, by no more than one step."""
    estimator = fed([(10.0 * i, i) for i in range(1, 11)], total=20)

    assert pytest.approx([estimator.eta(t) for t in (100.0, 105.0, 110.0, 500.0)]) == [100.0, 95.0, 90.0, 90.0]


def test_a_count_that_goes_back_starts_anew() -> None:
    """After a reset of the count the estimate is that of a new run."""
    estimator = fed([(float(i), 100 * i) for i in range(1, 11)], total=100)
    estimator.observe(11.0, 0)
    assert (estimator.rate(11.0), estimator.eta(11.0)) == (None, None)
    for i in range(1, 6):
        estimator.observe(11.0 + 2 * i, i)

    assert pytest.approx((estimator.rate(21.0), estimator.eta(21.0), estimator.average())) == (0.5, 190.0, 0.5)


def test_an_unknown_total_has_a_rate_only() -> None:
    """Without a total there is nothing left to tell; when it becomes known, there is."""
    estimator = fed([(float(i), i) for i in range(1, 11)])
    assert (estimator.eta(10.0), estimator.interval(10.0)) == (None, None)
    estimator.total = 30

    assert pytest.approx(estimator.eta(10.0)) == 20.0


def test_an_overshoot_has_nothing_left() -> None:
    """Beyond the total nothing is left, and it is not negative."""
    estimator = fed([(float(i), i) for i in range(1, 11)], total=5)

    assert (estimator.eta(10.0), estimator.interval(10.0)) == (0.0, (0.0, 0.0))


def test_a_clock_that_stands_still_does_no_harm() -> None:
    """Many counts at one time, or at an earlier one, are taken together with the next."""
    estimator = fed([(1.0, 1), (1.0, 5), (0.5, 6), (2.0, 8)], total=16)

    assert pytest.approx(estimator.average()) == 4.0
    assert (estimator.rate(2.0) or 0) > 0


def walk(seed: int) -> list[Point]:
    """Wander through time and count, at all scales, with counts that go back now and then."""
    dice = random.Random(seed)
    scale, t, n, points = 10 ** dice.uniform(-6, 6), 0.0, 0.0, []
    for _ in range(dice.randrange(1, 60)):
        t += dice.choice([0.0, dice.expovariate(1.0) * scale])
        n = dice.choice([n, n + dice.randrange(10), n + dice.random() * scale, max(0.0, n - dice.random())])
        points.append((t, n))
    return points


@pytest.mark.parametrize("seed", range(300))
def test_whatever_comes_the_estimate_is_sane(seed: int) -> None:
    """Rate and remaining time are finite and not negative, and the remaining time lies in its range."""
    dice = random.Random(seed)
    estimator = Estimator(dice.choice([None, 0, 5, 1e3, 1e9]))
    for t, n in walk(seed):
        estimator.observe(t, n)
        later = t + dice.random()
        rate, eta, interval = estimator.rate(later), estimator.eta(later), estimator.interval(later)
        assert rate is None or 0 <= rate < math.inf
        assert (eta is None) == (interval is None) == (estimator.total is None or rate is None)
        if eta is not None and interval is not None:
            assert 0 <= interval[0] <= eta <= interval[1] < math.inf
