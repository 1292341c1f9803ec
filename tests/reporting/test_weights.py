"""Items of different size: the count goes by items, share and remaining time by their weight."""

import copy
import pickle
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


BATCHES = [1.0, 1.0, 1.0, 1.0, 16.0]
"""The seconds that each batch of an epoch takes, and its weight."""


def test_a_run_goes_by_the_weights_of_its_batches(clock: Any, recorded: Recorder) -> None:
    """The remaining time is right from the first batch on, in each epoch; batches are counted as ever."""
    loop = headway.loop(BATCHES, epochs=2, weights=BATCHES)
    left = []
    for _epoch in loop:
        for seconds in loop.train():
            left.append((loop.eta, loop._rows.epoch.snapshot()))  # type: ignore[union-attr]
            clock.tick(seconds)

    assert left[0][0] is None
    assert pytest.approx([eta for eta, _ in left[1:]], rel=0.01) == [39, 38, 37, 36, 20, 19, 18, 17, 16]
    assert pytest.approx([s.fraction for _, s in left]) == [0, 0.05, 0.1, 0.15, 0.2] * 2
    assert [s.n for _, s in left] == [0, 1, 2, 3, 4] * 2
    assert [s.state for s in recorded.closed] == ["finished"] * 3


def test_an_epoch_that_is_left_early(clock: Any) -> None:
    """What was not done of it is no work that was done: the next epoch goes at the pace that there was."""
    loop = headway.loop(BATCHES, epochs=2, weights=BATCHES)
    for epoch in loop:
        for i, seconds in enumerate(loop.train()):
            if (epoch, i) == (1, 2):
                assert pytest.approx(18.0, rel=0.02) == loop.eta
            clock.tick(seconds)
            if (epoch, i) == (0, 3):
                break


def test_weights_tell_the_length_of_an_epoch() -> None:
    """Batches that have no length have as many as there are weights."""
    seen = []
    loop = headway.loop((b for b in BATCHES), epochs=1, weights=BATCHES, backend="off")
    for _ in loop:
        for _ in loop.train():
            seen.append(loop.plan.train.exact)

    assert seen == [5] * 5


def test_a_run_cannot_have_more_weights_than_batches() -> None:
    """It would be of no use to anybody to guess which are meant."""
    with pytest.raises(ValueError, match="6 weights for 5 items"):
        headway.loop(BATCHES, epochs=1, weights=[*BATCHES, 1])


def test_a_resumed_run_with_weights(clock: Any, recorded: Recorder) -> None:
    """Batches that an earlier session did are passed over by their weight."""

    def run(loop: Any, until: int) -> list[Any]:
        left = []
        for _ in loop:
            for seconds in loop.train():
                left.append(loop._rows.epoch.snapshot())
                if len(left) == until:
                    return [*left, loop.state_dict()]
                clock.tick(seconds)
        return left

    state = run(headway.loop(BATCHES, epochs=1, weights=BATCHES), 2)[-1]
    loop = headway.loop(BATCHES, epochs=1, weights=BATCHES)
    loop.load_state_dict(state)
    left = run(loop, 9)

    assert pytest.approx([s.fraction for s in left]) == [0.1, 0.15, 0.2]
    assert pytest.approx(16.0, rel=1e-6) == left[-1].eta


def test_copies_keep_their_weights() -> None:
    """A copy of a bar, and of a run, goes by the same weights; they survive a pickle."""
    with headway.get_bar(5, weights=BATCHES, backend="off") as bar:
        bar.update(4)
        copies = [copy.copy(bar), copy.deepcopy(bar), pickle.loads(pickle.dumps(bar))]
    run = pickle.loads(pickle.dumps(headway.loop(BATCHES, epochs=1, weights=BATCHES)))

    assert pytest.approx([made.snapshot().fraction for made in copies]) == [0.2] * 3
    assert pytest.approx(list(run.plan.train.work.weights)) == BATCHES
