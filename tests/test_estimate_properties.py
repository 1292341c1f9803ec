"""What holds for the estimate whatever is observed; needs hypothesis."""

import math

import pytest

from headway.estimate import Estimator

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402 - only where it is installed
from hypothesis import strategies as st  # noqa: E402

steps = st.lists(
    st.tuples(st.floats(0, 1e6, allow_subnormal=False), st.one_of(st.integers(-5, 10**6), st.floats(-5, 1e6))),
    max_size=50,
)
totals = st.one_of(st.none(), st.integers(0, 10**9), st.floats(0, 1e9))


@settings(database=None, deadline=None, max_examples=200, derandomize=True)
@given(steps, totals, st.floats(0, 1e6))
def test_never_negative_never_infinite(steps: list[tuple[float, float]], total: float | None, later: float) -> None:
    """Rate and remaining time are finite and not negative, whatever is observed."""
    estimator, t, n = Estimator(total), 0.0, 0.0
    for dt, dn in steps:
        t, n = t + dt, max(0.0, n + dn)
        estimator.observe(t, n)
        eta, rate = estimator.eta(t + later), estimator.rate(t + later)
        assert eta is None or 0 <= eta < math.inf
        assert rate is None or 0 <= rate < math.inf


@settings(database=None, deadline=None, max_examples=100, derandomize=True)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.integers(2, 200))
def test_a_constant_pace_is_the_answer(dt: float, step: float, count: int) -> None:
    """Steps of one length at one distance give the true remaining time."""
    estimator = Estimator(2 * count * step)
    for i in range(1, count + 1):
        estimator.observe(i * dt, i * step)

    assert count * dt == pytest.approx(estimator.eta(count * dt), rel=1e-6)


@settings(database=None, deadline=None, max_examples=200, derandomize=True)
@given(steps, totals, st.floats(-10, 1e6))
def test_the_remaining_time_lies_in_its_range(
    steps: list[tuple[float, float]], total: float | None, later: float
) -> None:
    """Range and remaining time come and go together, and the one lies in the other; older times are harmless."""
    estimator, t, n = Estimator(total), 0.0, 0.0
    for dt, dn in steps:
        t, n = t + dt, max(0.0, n + dn)
        estimator.observe(t, n)
        eta, interval = estimator.eta(t + later), estimator.interval(t + later)
        assert (eta is None) == (interval is None)
        if eta is not None and interval is not None:
            assert 0 <= interval[0] <= eta <= interval[1] < math.inf
        assert (estimator.stalled(t + later) or later) <= later


@settings(database=None, deadline=None, max_examples=100, derandomize=True)
@given(steps, st.integers(1, 10**9), st.lists(st.floats(0, 1e6), max_size=5))
def test_asking_and_repeating_change_nothing(steps: list[tuple[float, float]], total: int, asked: list[float]) -> None:
    """What is asked in between, and old or repeated observations, leave the answer as it is."""
    one, other, t, n = Estimator(total), Estimator(total), 0.0, 0.0
    for dt, dn in steps:
        t, n = t + dt, n + abs(dn)
        one.observe(t, n)
        other.observe(t, n)
        for later in asked:
            other.eta(t + later)
            other.observe(t - later, one.n)
            other.observe(t + later, one.n)
        assert one.eta(t) == other.eta(t)
        assert one.interval(t) == other.interval(t)
        assert one.rate(t) == other.rate(t)


@settings(database=None, deadline=None, max_examples=100, derandomize=True)
@given(st.lists(st.tuples(st.floats(0.1, 100), st.integers(1, 100)), min_size=1, max_size=80), st.floats(0, 1e3))
def test_the_end_never_comes_nearer_by_waiting(steps: list[tuple[float, int]], wait: float) -> None:
    """While nothing comes, the remaining time goes down no faster than the clock but for the glide of a surprise."""
    estimator, t, n = Estimator(20_000), 0.0, 0
    for dt, dn in steps:
        t, n = t + dt, n + dn
        estimator.observe(t, n)
    estimator.total = 20_001  # the glide ends with the total

    before, after = estimator.eta(t), estimator.eta(t + wait)
    assert before is not None
    assert after is not None
    assert before - wait <= after + 1e-6 * before
    assert after <= before
