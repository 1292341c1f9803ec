"""The arithmetic of rate and remaining time, with times made up here."""

import math
import random
from collections.abc import Iterable
from itertools import accumulate, pairwise

import pytest

from headway.estimate import POWERS, RATE_MEMORY, Estimator
from headway.reporting.work import time_of_advance

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
        estimator.rate(60.0), estimator.eta(60.0), estimator.interval(60.0), estimator.average(0.0, 0),
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
        assert (200 - i) * dt == pytest.approx(estimator.eta(i * dt))

    low, high = estimator.interval(100 * dt) or (0.0, 0.0)
    assert 80 * dt < low < 100 * dt < high < 120 * dt
    assert step / dt == pytest.approx(estimator.average(0.0, 0))


POINTS: list[Point] = [(0.0, 0), (1.0, 2), (3.0, 5), (4.5, 6), (9.0, 10), (9.5, 13)]


def window(points: list[Point], p: int) -> float:
    """The pace as the docstring defines it: sum((u/x)**p * dt) / sum((u/x)**p * dn)."""
    x, seconds, units = points[-1][1], 0.0, 0.0
    for (t0, n0), (t1, n1) in pairwise(points):
        weight = ((n0 + n1) / 2 / x) ** p
        seconds += weight * (t1 - t0)
        units += weight * (n1 - n0)
    return seconds / units


def forecasts(points: list[Point], r: float) -> list[float]:
    """The mean twice, the window p = 16 and the two trends, over the next r of the progress."""
    paces = {p: window(points, p) for p in POWERS}
    out = [paces[0], paces[0], paces[16]]
    for p, q in ((0, 4), (4, 16)):
        at, c = (p + 1) / (p + 2), (q + 1) / (q + 2)
        line = paces[q] + (paces[q] - paces[p]) / (c - at) * (1 + r / 2 - c)
        out.append(min(2.5 * paces[q], max(paces[q] / 2.5, line)))
    return out


def read(points: list[Point], n: float) -> float:
    """The time at which a count was reached, on the straight line between two points."""
    (t0, n0), (t1, n1) = next(pair for pair in pairwise(points) if n <= pair[1][1])
    return t0 + (t1 - t0) * (n - n0) / (n1 - n0)


def residue(points: list[Point]) -> float:
    """The squared deviations of the advances from what the window p = 4 made of those before."""
    return sum(
        (points[i][0] - points[i - 1][0] - (points[i][1] - points[i - 1][1]) * window(points[:i], 4)) ** 2
        for i in range(2, len(points))
    )


def losses(points: list[Point], r: float) -> list[float]:
    """The mean losses of the forecasts that were made at each of the points."""
    t, x = points[-1]
    noise = residue(points) / t**2 + 0.09 / (len(points) - 1) ** 2
    sums = [0.3 * min(4.0, 0.001 + noise * share) for share in (1, 1, 289 / 33, 4 * 25 / 9, 4 * 289 / 33)]
    mass = 0.3
    for i in range(1, len(points) - 1):
        h = min(r, x / points[i][1] - 1)
        end = points[i][1] * (1 + h)
        actual = (read(points, end) - points[i][0]) / (end - points[i][1])
        share = min(1.0, (points[i][1] - points[i - 1][1]) / (end - points[i][1]))
        weight = share * (end / x) ** 3 * min(h / r, r / h) ** 1.5
        mass += weight
        for k, forecast in enumerate(forecasts(points[: i + 1], h)):
            sums[k] += weight * min(4.0, math.log(forecast / actual) ** 2)
    return [one / mass for one in sums]


def by_hand(points: list[Point], total: float) -> tuple[float, float]:
    """The pace of the mix, and its sigma."""
    r = total / points[-1][1] - 1
    each = losses(points, r)
    shares = [loss**-3 for loss in each]
    mix = [share / sum(shares) for share in shares]
    pace = sum(w * pace for w, pace in zip(mix, forecasts(points, r), strict=True))
    return pace, math.sqrt(sum(w * loss for w, loss in zip(mix, each, strict=True)))


@pytest.mark.parametrize("total", [14, 18, 40, 400])
def test_the_value_is_that_of_the_formula(total: float) -> None:
    """The pace and the range are what the docstring's formulas give when they are computed over all steps at once."""
    estimator = fed(POINTS[1:], total=total)

    pace, sigma = by_hand(POINTS, total)
    assert pace == pytest.approx(estimator.pace())
    eta, (low, high) = estimator.eta(9.5) or 0.0, estimator.interval(9.5) or (0.0, 0.0)
    assert (eta * math.exp(-2.5 * sigma), eta * math.exp(2.5 * sigma)) == pytest.approx((low, high))


def test_the_first_value_is_the_work_left_at_the_pace_of_the_first_step() -> None:
    """One step is enough to say something, and the end stays where it is until the step is due."""
    estimator = fed([(2.0, 4)], total=20)

    assert pytest.approx([estimator.eta(t) for t in (2.0, 3.0, 4.0, 100.0)]) == [8.0, 7.0, 6.0, 6.0]


def test_the_shown_end_glides_to_the_forecast() -> None:
    """After a surprise the end that is shown moves bit by bit, as the docstring says: no frame is a jump."""
    steady = [(float(i), i) for i in range(1, 51)]
    estimator = fed([*steady, (53.0, 51)], total=100)

    forecast = estimator.seconds(53.0, 49) or 0.0
    shown = estimator.eta(53.0) or 0.0
    before = (fed(steady, total=100).eta(50.0) or 0.0) - 1.0  # it counts down until the step is due
    assert before - 1.0 <= shown < forecast
    off, glide = shown - forecast, 0.15 * min(53.0, forecast)
    assert forecast - 0.5 + off * math.exp(-0.5 / glide) == pytest.approx(estimator.eta(53.5))


def test_asking_changes_nothing() -> None:
    """The answer for a time is the same however often it is asked, and whatever was asked in between."""
    asked, other = fed(POINTS[1:], total=40), fed(POINTS[1:], total=40)
    for t in (9.5, 30.0, 9.6, 9.5):
        asked.eta(t), asked.interval(t), asked.stalled(t), asked.seconds(t, 5), asked.rate(t)
    asked.observe(9.7, 13)

    assert [other.eta(t) for t in (9.5, 9.6, 30.0)] == [asked.eta(t) for t in (9.5, 9.6, 30.0)]


def test_the_rate_is_that_of_the_formula() -> None:
    """The rate is units over seconds, both faded by the same memory."""
    points = [(0.0, 0), (40.0, 80), (80.0, 100), (100.0, 200)]
    n = t = 0.0
    for (t0, n0), (t1, n1) in zip(points, points[1:], strict=False):
        fade = math.exp(-(t1 - t0) / min(RATE_MEMORY, t1 / 2))
        n, t = n * fade + (n1 - n0), t * fade + (t1 - t0)

    assert n / t == pytest.approx(fed(points[1:]).rate(100.0))


def test_a_first_step_that_was_slow_is_left_out() -> None:
    """A first step that took minutes to compile says nothing about the other ones, as soon as there is another one."""
    points = [(60.0, 1), *((60.0 + i, 1 + i) for i in range(1, 10))]

    assert pytest.approx((1.0, 98.0)) == (fed(points[:2]).rate(61.0), fed(points[:2], total=100).eta(61.0))
    assert pytest.approx((1.0, 90.0)) == (fed(points).rate(69.0), fed(points, total=100).eta(69.0))


def test_a_slow_phase_at_the_start_is_left_out() -> None:
    """Several slow steps at the start are left out alike."""
    ends = list(accumulate([9.0, 8.0, 7.0, *[1.0] * 9]))

    assert pytest.approx(88.0) == fed([(t, i) for i, t in enumerate(ends, 1)], total=100).eta(ends[-1])


def test_a_slow_first_step_counts_when_others_are_as_slow() -> None:
    """When a pool delivers in bursts, the first wait was none of compiling: it comes again."""
    waves = [(10.0 * (1 + i // 4) + 0.01 * (i % 4), i + 1) for i in range(40)]

    assert pytest.approx(fed(waves, total=80).pace(), rel=0.05) == 2.5


def test_a_first_step_that_was_not_slow_counts() -> None:
    """An ordinary first step is as good a measure as any."""
    points = [(0.0, 0), (1.5, 1), (2.5, 2)]

    assert by_hand(points, 10)[0] == pytest.approx(fed(points[1:], total=10).pace())


def test_a_slow_first_step_stays_in_the_average() -> None:
    """When it is over, the average is over all of the run."""
    assert pytest.approx(fed([(60.0, 1), *((60.0 + i, 1 + i) for i in range(1, 10))]).average(0.0, 0)) == 10 / 69


def test_work_done_before_counts_towards_the_total_only() -> None:
    """After a resume the rate is of this session, and what is left is of the whole."""
    estimator = fed([(float(i), 900 + 2 * i) for i in range(1, 11)], total=1000, initial=900)

    assert pytest.approx((estimator.rate(10.0), estimator.eta(10.0), estimator.average(0.0, 0))) == (2.0, 40.0, 2.0)


def test_a_drift_is_followed() -> None:
    """When steps get slower and slower, the remaining time is near the truth, where the mean is far from it."""
    ends = list(accumulate(1.0 + i / 100 for i in range(1, 1001)))
    estimator = fed([(t, i) for i, t in enumerate(ends[:500], 1)], total=1000)
    truth = ends[-1] - ends[499]

    eta = estimator.eta(ends[499]) or 0.0
    assert truth == pytest.approx(eta, rel=0.05)
    assert truth > 1.9 * ends[499]
    low, high = estimator.interval(ends[499]) or (0.0, 0.0)
    assert low < truth < high
    assert pytest.approx(estimator.rate(ends[499]), rel=0.05) == 1 / 6


def test_a_lasting_change_is_followed() -> None:
    """When the machine becomes half as fast, a fifth of the run later the remaining time is about right."""
    ends = list(accumulate([1.0] * 200 + [2.0] * 300))
    estimator = fed([(t, i) for i, t in enumerate(ends[:300], 1)], total=500)

    assert ends[-1] - ends[299] == pytest.approx(estimator.eta(ends[299]), rel=0.15)


def validated(steps: int, every: int, pause: float) -> list[Point]:
    """Steps of a second with a pause after every so many."""
    ends = accumulate(1.0 + (pause if i % every == 0 else 0.0) for i in range(1, steps + 1))
    return [(t, i) for i, t in enumerate(ends, 1)]


@pytest.mark.parametrize("now", [145, 199, 200, 201, 230, 260, 299])
def test_periodic_pauses_are_foreseen(now: int) -> None:
    """Validation after each epoch is counted with where it will come: the end stays where it is between them."""
    points = validated(510, 50, 20.0)
    estimator = fed(points[:now], total=510)

    assert points[-1][0] - points[now - 1][0] == pytest.approx(estimator.eta(points[now - 1][0]), rel=0.01)


def test_the_remaining_time_counts_down_in_a_pause_that_is_due() -> None:
    """While the validation runs that was to be expected, the remaining time goes down with the clock."""
    points = validated(510, 50, 20.0)
    estimator = fed(points[:199], total=510)
    t = points[198][0]

    before = estimator.eta(t) or 0.0
    assert [before - 5, before - 15, before - 21] == pytest.approx(
        [estimator.eta(t + s) for s in (5, 15, 21)], rel=1e-3
    )


def test_a_pause_does_not_change_the_pace() -> None:
    """A stall is no sign that the steps have become slower."""
    points = [(float(i), i) for i in range(1, 51)]
    estimator = fed([*points, (150.0, 51)], total=100)

    assert pytest.approx(estimator.pace(), rel=0.01) == 1.0


def test_stalled_by_the_runs_own_statistics() -> None:
    """A step is called stalled when it takes far longer than any before, and longer than all of the run before."""
    short = fed([(float(i), i) for i in range(1, 31)], total=100)
    long = fed([(float(i), i) for i in range(1, 5001)], total=10_000)

    assert [short.stalled(t) for t in (30.0, 39.0, 89.0, 91.0, 500.0)] == [None, None, None, 61.0, 470.0]
    assert [long.stalled(t) for t in (5000.0, 6700.0, 6801.0)] == [None, None, 1801.0]


def test_nothing_is_stalled_that_has_hardly_begun() -> None:
    """Before some steps are done there is nothing to compare with."""
    assert Estimator(10).stalled(1e6) is None
    assert fed([(1.0, 1), (2.0, 2)], total=10).stalled(1e6) is None


def test_a_second_compilation_is_no_stall() -> None:
    """What took long at the start may do so again: with batches of another shape, or an evaluation's first step."""
    points = [(100.0 + i, 1 + i) for i in range(51)]

    assert fed(points, total=100).stalled(150.0 + 200.0) is None


def test_the_last_step_may_take_longer_than_usual() -> None:
    """While work is left the remaining time is not nothing, by the spread of the steps; at the end it is."""
    ends = list(accumulate(1.0 + 0.5 * (-1) ** i for i in range(200)))
    estimator = fed([(t, i) for i, t in enumerate(ends, 1)], total=201)
    steady = fed([(float(i), i) for i in range(1, 21)], total=21)

    assert pytest.approx(0.25, rel=0.1) == estimator.eta(ends[-1] + 5.0)
    assert pytest.approx(0.0, abs=1e-9) == steady.eta(25.0)
    estimator.total = 200
    assert estimator.eta(ends[-1] + 5.0) == 0.0


@pytest.mark.parametrize(
    ("before", "units", "at"), [(9.9, 1, 9.95), (9.9, 0.2, 9.95), (9.9, 50, 9.999), (2.0, 1, 9.95), (11.0, 1, 10.0)]
)
def test_an_advance_is_taken_to_have_come_between_two_looks(before: float, units: float, at: float) -> None:
    """The drawing thread looks ten times a second: a single step came in the middle, the last of many just now."""
    assert at == pytest.approx(time_of_advance(10.0, before, units))


def test_a_pause_that_is_due_is_no_stall() -> None:
    """Validation that takes as long as it did before is no stall; much longer is one."""
    points = validated(510, 50, 20.0)
    estimator = fed(points[:199], total=510)

    assert estimator.stalled(points[198][0] + 60.0) is None
    assert estimator.stalled(points[198][0] + 600.0) == 600.0


def test_the_state_does_not_grow() -> None:
    """However long the run, what is kept has a fixed size."""
    estimator = Estimator(None)
    for i in range(1, 20_001):
        estimator.observe(i + 0.3 * (i % 7) + 50.0 * (i // 1000), i)

    values = [getattr(estimator, name) for name in Estimator.__slots__]
    sizes = [len(value) for value in values if hasattr(value, "__len__")]
    assert max(sizes) <= 50


def test_a_new_total_is_gone_by_at_once() -> None:
    """When the total changes, the remaining time does with it, without a glide."""
    estimator = fed([(float(i), i) for i in range(1, 31)], total=100)
    estimator.total = 200

    assert pytest.approx(estimator.eta(30.0), rel=1e-3) == 170.0
    estimator.observe(31.0, 31)
    assert pytest.approx(estimator.eta(31.0), rel=1e-3) == 169.0


def test_what_was_skipped_is_no_work() -> None:
    """Units for which nothing was done count, but the pace stays as it was."""
    estimator = fed([(float(i), i) for i in range(1, 21)], total=100)
    estimator.skip(30)

    assert (estimator.n, pytest.approx(estimator.pace()), pytest.approx(estimator.eta(20.0))) == (50, 1.0, 50.0)
    estimator.observe(21.0, 51)
    assert (pytest.approx(estimator.pace()), pytest.approx(estimator.average(0.0, 0))) == (1.0, 1.0)


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

    assert pytest.approx((estimator.rate(21.0), estimator.eta(21.0), estimator.average(0.0, 0))) == (0.5, 190.0, 0.5)


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

    assert pytest.approx(estimator.average(0.0, 0)) == 4.0
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
