"""When a bar began, where it stands among the others, and what holds it up, in its snapshots."""

import time

import pytest

import headway
from headway.testing import Recorder


def test_a_snapshot_says_when_the_bar_began(recorded: Recorder) -> None:
    """It is the time of day, and stays what it was."""
    before = time.time()
    with headway.get_bar(2) as bar:
        began = bar.snapshot().began
        time.sleep(0.01)
        bar.reset()
        assert began == bar.snapshot().began

    assert began is not None
    assert before - 0.001 <= began <= time.time()


def test_a_bar_that_was_not_opened_has_not_begun() -> None:
    """Nothing is made up for a bar that is not shown."""
    assert headway.Bar(2).snapshot().began is None


def test_a_snapshot_says_how_deep_the_bar_is(recorded: Recorder) -> None:
    """An outermost bar has the depth 0, each one inside is one deeper."""
    with headway.get_bar(1, desc="a") as a, headway.get_bar(1, desc="b") as b, headway.get_bar(1, desc="c") as c:
        depths = [bar.snapshot().depth for bar in (a, b, c)]

    assert [0, 1, 2] == depths == [bar.depth for bar in (a, b, c)]


def test_the_only_bar_of_a_unit_is_all_of_it(recorded: Recorder) -> None:
    """What it does moves the outer bar by just so much, to its end."""
    with headway.get_bar(2, desc="outer") as outer:
        assert outer.snapshot().share is None
        with headway.get_bar(4, desc="inner") as inner:
            inner.update(2)
            assert inner.snapshot().share == 1.0

    assert recorded.last("inner").share == 1.0


def test_bars_of_one_unit_share_it_as_the_unit_before_tells(recorded: Recorder) -> None:
    """In the first unit nothing is known of a second bar; then the shares are those of the time."""
    shares = []
    with headway.get_bar(3) as outer:
        for _ in range(2):
            for seconds in (0.03, 0.09):
                with headway.get_bar(1) as inner:
                    time.sleep(seconds)
                    shares.append(inner.snapshot().share)
            outer.update()

    assert shares[:2] == [1.0, None]
    assert [pytest.approx(0.25, abs=0.1), pytest.approx(0.75, abs=0.1)] == shares[2:]


def test_a_bar_in_one_without_a_total_has_no_share(recorded: Recorder) -> None:
    """The outer bar does not count units one by one towards anything."""
    with headway.get_bar(), headway.get_bar(4) as inner:
        assert inner.snapshot().share is None


def test_a_bar_says_what_holds_it_up(recorded: Recorder) -> None:
    """For the length of the block, also where it raises; a block inside has its turn."""
    with headway.get_bar(2) as bar:
        with bar.blocked("the lock") as same:
            assert same is bar
            with pytest.raises(KeyError), bar.blocked("\x1b[2Jthe disk"):
                assert bar.snapshot().blocked == "the disk"
                raise KeyError
            assert bar.snapshot().blocked == "the lock"
        assert bar.snapshot().blocked == ""


def test_blocks_of_several_threads_may_overlap(recorded: Recorder) -> None:
    """The bar says what the last one that began does, in whichever order they end."""
    with headway.get_bar(2) as bar:
        first, second = bar.blocked("first"), bar.blocked("second")
        first.__enter__()
        second.__enter__()
        first.__exit__()
        assert bar.snapshot().blocked == "second"
        second.__exit__()
        assert bar.snapshot().blocked == ""


def test_a_bar_that_ends_is_held_up_by_nothing(recorded: Recorder) -> None:
    """The last snapshot is of work that is over."""
    with headway.get_bar(2, desc="a") as bar, bar.blocked("the lock"):
        bar.fail("no lock")

    assert (recorded.last("a").state, recorded.last("a").blocked) == ("failed", "")


def test_a_reason_is_a_text() -> None:
    """Anything else is refused at the call."""
    with pytest.raises(TypeError, match="reason"):
        headway.Bar(2).blocked(5)  # type: ignore[arg-type]
