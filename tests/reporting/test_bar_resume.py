"""Pausing a bar, and going on with it from a checkpoint."""

import json
import pickle
from typing import Any

import pytest

import headway
from headway.reporting.bar import Bar
from headway.testing import Recorder


def off(total: float | None = None, **about: Any) -> Bar:
    """Make a bar that is not shown: it counts all the same."""
    return headway.get_bar(total, backend="off", **about)


def test_time_stands_still_in_a_pause(clock: Any) -> None:
    """What is done in a `with bar.pause()` block counts neither as time nor towards the rate."""
    bar = off(100)
    for _ in range(5):
        clock.tick(1.0)
        bar.update(2)
        bar.snapshot()
    with bar.pause() as paused:
        clock.tick(1000.0)
        assert paused is bar
        assert bar.snapshot().paused
    clock.tick(1.0)
    bar.update(2)

    assert not bar.snapshot().paused
    assert (bar.elapsed, pytest.approx(bar.rate), pytest.approx(bar.eta)) == (6.0, 2.0, 44.0)


def test_pause_and_resume_by_hand(clock: Any) -> None:
    """A pause lasts until `resume`; a second pause changes nothing."""
    bar = off(10)
    clock.tick(3.0)
    bar.pause()
    clock.tick(5.0)
    bar.pause()
    clock.tick(5.0)
    bar.resume()
    bar.resume()
    clock.tick(1.0)

    assert bar.elapsed == 4.0


def test_a_pause_ends_when_its_block_raises(clock: Any) -> None:
    """An error in a pause resumes the bar too."""
    bar = off(10)
    with pytest.raises(ValueError, match="no"), bar.pause():
        raise ValueError("no")
    clock.tick(1.0)

    assert bar.elapsed == 1.0


def test_a_bar_that_ends_in_a_pause_keeps_its_time(clock: Any) -> None:
    """The time of a bar that was closed while paused ends with the pause's beginning, and it is not `paused`."""
    bar = off(10)
    clock.tick(2.0)
    bar.pause()
    clock.tick(5.0)
    bar.close()

    assert (bar.elapsed, bar.snapshot().paused) == (2.0, False)


def test_reset_ends_a_pause(clock: Any) -> None:
    """Starting over starts the clock."""
    bar = off(10)
    bar.pause()
    bar.reset()
    clock.tick(2.0)

    assert bar.elapsed == 2.0


@pytest.mark.parametrize("carry", [lambda d: json.loads(json.dumps(d)), lambda d: pickle.loads(pickle.dumps(d))])
@pytest.mark.parametrize("total", [100, 100.5, None])
def test_a_checkpoint_goes_on_where_it_was(clock: Any, carry: Any, total: float | None) -> None:
    """Count, total and elapsed time come back from JSON and pickle; the rate is of the new session only."""
    old = off(total)
    clock.tick(40.0)
    old.update(20)
    state = carry(old.state_dict())
    new = off(7)
    new.load_state_dict(state)

    assert (20, 20, total, 40.0, None) == (new.n, new.initial, new.total, new.elapsed, new.rate)
    for _ in range(5):
        clock.tick(1.0)
        new.update(4)
        new.snapshot()
    assert (new.n, new.elapsed, new.rate) == (40, 45.0, 4.0)


def test_a_loop_goes_on_from_a_checkpoint(recorded: Recorder) -> None:
    """A checkpoint may be loaded before the loop, and inside of it."""
    state = {"version": 1, "n": 5, "total": 8, "elapsed": 3.0}
    track = headway.track(range(3), desc="before")
    track.bar.load_state_dict(state)
    list(track)
    track = headway.track(range(3), desc="inside")
    for i in track:
        if i == 0:
            track.bar.load_state_dict(state)

    for desc in ("before", "inside"):
        last = recorded.last(desc)
        assert (last.n, last.total, last.state) == (8, 8, "finished")


def test_a_checkpoint_may_be_loaded_in_a_pause(clock: Any) -> None:
    """Elapsed time goes on from the checkpoint when the pause is over."""
    bar = off(10)
    clock.tick(2.0)
    bar.pause()
    clock.tick(5.0)
    bar.load_state_dict({"version": 1, "n": 5, "total": 10, "elapsed": 100.0})
    assert bar.elapsed == 100.0
    bar.resume()
    clock.tick(1.0)

    assert bar.elapsed == 101.0


@pytest.mark.parametrize(
    "state",
    [{}, {"version": 2, "n": 1, "total": 2, "elapsed": 3.0}, {"version": 1, "n": 1}],
    ids=["empty", "other version", "lacking"],
)
def test_a_strange_state_is_refused(state: dict[str, Any]) -> None:
    """A state of another version or of something else raises, is shown, and changes nothing."""
    bar = off(10)

    with pytest.raises(ValueError, match="no state of a headway bar, version 1: {"):
        bar.load_state_dict(state)
    assert (bar.n, bar.total) == (0, 10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", -1),
        ("n", "5"),
        ("total", -1),
        ("elapsed", "soon"),
        ("elapsed", -1.0),
        ("elapsed", float("nan")),
        ("elapsed", float("inf")),
        ("elapsed", None),
    ],
)
def test_a_damaged_state_is_refused_whole(field: str, value: Any) -> None:
    """A state with a wrong value raises, names the value, and nothing of it is taken over."""
    bar = off(10)
    bar.update(1)
    state = {"version": 1, "n": 5, "total": 20, "elapsed": 3.0, field: value}

    with pytest.raises((TypeError, ValueError), match=f"{field} must"):
        bar.load_state_dict(state)
    assert (bar.n, bar.total, bar.initial) == (1, 10, 0)


@pytest.mark.parametrize("state", [None, "x", 5])
def test_what_is_no_state_at_all_is_refused(state: Any) -> None:
    """What is no mapping raises an error that says what it should be."""
    with pytest.raises((TypeError, ValueError), match="state"):
        off(10).load_state_dict(state)


def test_the_remaining_time_goes_by_the_last_session_until_this_one_has_a_rate(clock: Any) -> None:
    """At 90 % of a resumed run the remaining time is there at once, and that of this session after a step or two."""
    old = off(100)
    for _ in range(90):
        clock.tick(1.0)
        old.update()
        old.snapshot()
    new = off(100)
    new.load_state_dict(json.loads(json.dumps(old.state_dict())))
    at_once = (new.rate, new.eta)
    for _ in range(3):
        clock.tick(4.0)
        new.update()
        new.snapshot()

    assert at_once == (None, pytest.approx(10.0))
    assert (new.rate, new.eta) == (pytest.approx(0.25), pytest.approx(28.0))


def test_an_item_in_hand_counts_as_done_in_a_checkpoint(recorded: Recorder) -> None:
    """A checkpoint that is taken in the body of the third item goes on with the fourth."""
    track = headway.track(range(10), desc="a")
    states = [track.bar.state_dict() for i in track if i == 2]

    assert states[0]["n"] == 3


def test_metrics_go_on_from_a_checkpoint(recorded: Recorder) -> None:
    """First and best value of a metric are those of all sessions."""
    asked = [headway.Metric("loss", best="min")]
    with headway.get_bar(10, desc="old", metrics=asked) as old:
        for loss in (3.0, 1.0, 2.0):
            old.update()
            old.metrics(loss=loss)
        state = json.loads(json.dumps(old.state_dict()))
    with headway.get_bar(10, desc="new", metrics=asked) as new:
        new.load_state_dict(state)
        new.metrics(loss=5.0)

    assert recorded.last("new").metrics["loss"].mark == " (first 3.000, best 1.000 at 2)"


@pytest.mark.parametrize("change", [{"rate": "fast"}, {"rate": -1.0}, {"metrics": 5}, {"metrics": {"a": {"first": 1}}}])
def test_damaged_rates_and_metrics_are_refused(change: dict[str, Any]) -> None:
    """What a state has beside the counts is checked, too."""
    bar = off(10)
    state = {**off(10).state_dict(), **change}

    with pytest.raises((TypeError, ValueError), match="must"):
        bar.load_state_dict(state)
