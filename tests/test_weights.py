"""Items of different size: the count goes by items, share and remaining time by their weight."""

from typing import Any

import pytest

import headway
from headway.testing import Recorder

SIZES = [1, 1, 1, 1, 16]


def test_the_share_goes_by_weight(recorded: Recorder) -> None:
    """Four small files of five are a fifth of the work, in a loop and after it was left."""
    tracked, shares = headway.track(SIZES, weights=SIZES), []
    for size in tracked:
        shares.append(tracked.bar.snapshot().fraction)
        if size == 16:
            break
    s = tracked.bar.snapshot()

    assert pytest.approx([0.0, 0.05, 0.1, 0.15, 0.2]) == shares
    assert (4, 5, pytest.approx(0.2), "stopped") == (s.n, s.total, s.fraction, s.state)


def test_the_remaining_time_of_a_large_last_item(clock: Any) -> None:
    """It is told before that item begins."""
    with headway.get_bar(5, weights=SIZES, backend="off") as bar:
        for _ in range(4):
            clock.tick(1.0)
            bar.update()
            bar.snapshot()

        assert pytest.approx(16.0, rel=1e-6) == bar.eta
        clock.tick(16.0)
        bar.update()
        assert (bar.n, bar.snapshot().fraction, bar.eta) == (5, 1.0, 0.0)


@pytest.mark.parametrize("weights", [SIZES[2:], SIZES])
def test_a_resumed_loop_may_have_weights_of_the_rest_or_of_all(clock: Any, weights: list[float]) -> None:
    """What was done before counts, but not towards the pace."""
    with headway.get_bar(5, initial=2, weights=weights, backend="off") as bar:
        for _ in range(2):
            clock.tick(1.0)
            bar.update()
            bar.snapshot()

        assert pytest.approx(16.0, rel=1e-6) == bar.eta


def test_weights_tell_the_total_of_a_generator() -> None:
    """There is one for each item."""
    assert headway.track((size for size in SIZES), weights=iter(SIZES)).bar.total == 5


def test_items_that_weigh_nothing_are_counted() -> None:
    """Where all are empty there is nothing else to go by; a total that is changed later makes weights useless."""
    with headway.get_bar(4, weights=[0, 0, 0, 0], backend="off") as empty, headway.get_bar(
        5, weights=SIZES, backend="off"
    ) as changed:  # fmt: skip
        empty.update(2)
        changed.update(4)
        changed.total = 8

        assert (empty.snapshot().fraction, changed.snapshot().fraction) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("weights", "error", "words"),
    [
        ([1, 2], ValueError, "2 weights for 5 items"), ([1, 1, 1, 1, -1], ValueError, "not negative"),
        ([1, 1, 1, 1, float("nan")], ValueError, "finite"), (["a"] * 5, TypeError, "must be numbers"),
        (7, TypeError, "must be numbers"),
    ],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused_at_the_call(weights: Any, error: type[Exception], words: str) -> None:
    """The message says what was wrong."""
    with pytest.raises(error, match=words):
        headway.get_bar(5, weights=weights, backend="off")
