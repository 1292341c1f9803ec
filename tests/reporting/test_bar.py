"""Bars as a program holds them: the ways to report, and counts of all kinds."""

import math
from typing import Any

import pytest

import headway
from headway import widgets
from headway.reporting.bar import Bar
from headway.testing import Recorder


class Indexed:
    """A whole number as NumPy has them: no `int`, but it says which one it is."""

    def __index__(self) -> int:
        return 3

    def __float__(self) -> float:
        return 3.0


class Floated:
    """A number that only says which float it is."""

    def __float__(self) -> float:
        return 2.5


class Scalar(Floated):
    """An array of one float, which has an `__index__` that refuses."""

    def __index__(self) -> int:
        raise TypeError("only integer arrays can be an index")


def off(total: float | None = None, **about: Any) -> Bar:
    """Make a bar that is not shown: it counts all the same."""
    return headway.get_bar(total, backend="off", **about)


# ── the ways to report ───────────────────────────────────────────────────────────────────────────────────────────────


def test_iterating(recorded: Recorder) -> None:
    """A loop over `track` gets each item, and its bar is full at the end."""
    assert list(headway.track(range(3), desc="a")) == [0, 1, 2]

    last = recorded.last("a")
    assert (last.n, last.total, last.state) == (3, 3, "finished")


def test_context_manager(recorded: Recorder) -> None:
    """A `with` block gives the bar, and ends it."""
    with headway.get_bar(2, desc="a") as bar:
        bar.update()
        bar.update()

    assert "finished" == bar.state == recorded.last("a").state


def test_by_hand(recorded: Recorder) -> None:
    """A bar may be opened, updated and closed by three calls."""
    bar = headway.get_bar(2, desc="a")
    bar.update(2)
    bar.close()

    assert recorded.last("a").n == 2


def test_calling_is_updating() -> None:
    """A bar is called as alive-progress users know it."""
    bar = off(10)
    bar()
    bar(4)

    assert bar.n == 5


def test_each_loop_over_a_track_gets_a_bar_of_its_own(recorded: Recorder) -> None:
    """The same track may be looped over again, and starts from nothing."""
    track = headway.track([1, 2], desc="a")
    first = track.bar
    list(track)
    list(track)

    assert [s.n for s in recorded.closed] == [2, 2]
    assert first is not track.bar


def test_a_track_has_the_length_of_its_items() -> None:
    """`len()` works where it does for the items, and raises `TypeError` where it does not."""
    assert len(headway.track([1, 2, 3], backend="off")) == 3
    with pytest.raises(TypeError, match="has no len"):
        len(headway.track(iter([1]), backend="off"))


# ── counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "counted"),
    [(4, 4), (-1, 1), (True, 3), (0.5, 2.5), (Indexed(), 5), (Floated(), 4.5), (Scalar(), 4.5)],
    ids=["int", "negative", "bool", "float", "index", "float method", "scalar array"],
)
def test_updates_are_relative(number: Any, counted: float) -> None:
    """`update` adds: whole numbers and floats, those of other libraries too, and negative ones take back."""
    bar = off(10)
    bar.update(2)
    bar.update(number)

    assert counted + (2 if number == 4 else 0) == bar.n
    assert type(bar.n) in (int, float)


@pytest.mark.parametrize("number", [7, 7.5, Indexed(), Floated()])
def test_set_is_absolute(number: Any) -> None:
    """`set` says how many are done in all."""
    bar = off(10)
    bar.update(2)
    bar.set(number)

    assert float(number) == bar.n


def test_a_count_is_never_below_zero() -> None:
    """More taken back than was done shows as nothing done."""
    bar = off(10)
    bar.update(-3)

    assert 0 == bar.n == bar.snapshot().n


def test_ten_tenths_make_a_whole() -> None:
    """Floats that add up to the total but for rounding have reached it."""
    bar = off(1.0)
    for _ in range(10):
        bar.update(0.1)
    bar.close()

    assert bar.state == "finished"


def test_unknown_total(recorded: Recorder) -> None:
    """Without a total there is a count but no remaining time; infinity means the same."""
    for total in (None, math.inf):
        with headway.get_bar(total, desc="a") as bar:
            bar.update(5)
            assert (bar.total, bar.eta) == (None, None)

    assert [s.state for s in recorded.closed] == ["finished", "finished"]


def test_the_total_may_change() -> None:
    """A total may become known, change, and become unknown again."""
    bar = off()
    seen = []
    for total in (10, 2.5, Indexed(), None):
        bar.total = total  # type: ignore[assignment]
        seen.append(bar.total)

    assert seen == [10, 2.5, 3, None]


def test_a_total_of_zero_is_complete() -> None:
    """Nothing to do is done."""
    with off(0) as bar:
        assert bar.snapshot().fraction == 1.0

    assert bar.state == "finished"


def test_overshoot_is_counted(recorded: Recorder) -> None:
    """More than the total is counted as more, and is no failure."""
    with headway.get_bar(2, desc="a") as bar:
        bar.update(5)

    last = recorded.last("a")
    assert (last.n, last.total, last.state) == (5, 2, "finished")


def test_initial_counts_but_not_towards_the_rate(clock: Any) -> None:
    """What an earlier session did is done, but says nothing about how fast this one is."""
    bar = off(100, initial=50)
    for _ in range(5):
        clock.tick(1.0)
        bar.update(2)
        bar.snapshot()

    assert (bar.n, bar.rate, bar.eta) == (60, 2.0, 20.0)


def test_initial_of_a_loop_adds_to_its_total(recorded: Recorder) -> None:
    """A loop over what is left counts on from what was done, up to the whole."""
    list(headway.track(range(3), initial=7, desc="a"))

    assert (recorded.opened[0].n, recorded.last("a").n, recorded.last("a").total) == (7, 10, 10)


def test_a_loop_takes_an_initial_of_any_kind_of_number() -> None:
    """`initial` may be a number of another library for `track` as it may for `get_bar`."""
    assert off(5, initial=Indexed()).n == 3  # type: ignore[arg-type]
    assert headway.track([1, 2], initial=Indexed(), backend="off").bar.total == 5  # type: ignore[arg-type]


def test_reset_starts_over(clock: Any) -> None:
    """After a reset count, clock and rate are those of a new bar; the total stays unless a new one is given."""
    bar = off(10, initial=2)
    bar.update(3)
    clock.tick(5.0)
    bar.snapshot()
    bar.reset()
    assert (bar.n, bar.initial, bar.total, bar.elapsed, bar.rate) == (0, 0, 10, 0.0, None)
    bar.reset(total=4)

    assert bar.total == 4


def test_set_and_reset_inside_a_loop(recorded: Recorder) -> None:
    """A loop goes on counting from what `set` and `reset` say."""
    track = headway.track(range(10), desc="a")
    seen = []
    for i in track:
        seen.append(track.bar.n)
        if i == 2:
            track.bar.set(50)
        if i == 4:
            track.bar.reset()

    assert seen == [0, 1, 2, 51, 52, 1, 2, 3, 4, 5]
    assert recorded.last("a").n == 6


def steady(clock: Any, units: int, *bars: headway.Bar) -> None:
    """Do a unit of the innermost bar a second, and look at all of them after each."""
    for _ in range(units):
        clock.tick(1.0)
        bars[-1].update()
        for bar in bars:
            bar.snapshot()


def test_a_bar_that_stands_still_far_too_long_says_stalled(clock: Any) -> None:
    """Then the row has the word and since when, and no remaining time that nobody could believe; one step ends it."""
    with off(100) as bar:
        steady(clock, 30, bar)
        clock.tick(59.0)
        assert (bar.snapshot().stalled, widgets.title(bar.snapshot())) == (None, "")
        clock.tick(141.0)
        s = bar.snapshot()
        assert (s.stalled, s.eta, widgets.title(s), widgets.eta(s)) == (200.0, None, "stalled 03:20", "?")
        bar.update()
        assert (bar.snapshot().stalled, widgets.title(bar.snapshot())) == (None, "")


def test_a_bar_is_not_stalled_while_one_inside_is_open(clock: Any, recorded: Recorder) -> None:
    """The inner one tells how it goes on."""
    with headway.get_bar(100) as outer:
        steady(clock, 10, outer)
        with headway.get_bar(5):
            clock.tick(500.0)
            assert None is outer.snapshot().stalled
        assert outer.snapshot().stalled == 500.0


def test_a_bar_tells_no_remaining_time_while_the_one_inside_stands_still(clock: Any, recorded: Recorder) -> None:
    """The inner one says so; what the outer one would count down to is as little to be believed."""
    with headway.get_bar(10) as outer:
        steady(clock, 5, outer)
        with headway.get_bar(10) as inner:
            steady(clock, 8, outer, inner)
            assert outer.snapshot().eta is not None
            clock.tick(200.0)
            assert (inner.snapshot().stalled, outer.snapshot().stalled, outer.snapshot().eta) == (200.0, None, None)
            inner.update()
            assert outer.snapshot().eta is not None
