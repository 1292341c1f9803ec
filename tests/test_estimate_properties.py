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
