"""Which changes of bars are news, for every sink that asks, and when."""

import math
from typing import Any

import pytest

from headway.news import News, PerNews, is_in_trouble
from headway.sink import Frame
from headway.snapshot import Reading, Snapshot

BAR = Snapshot(1, desc="train", total=1000, phase="train")
INNER = BAR._replace(id=2, parent=1, leave=False, desc="inner")
NAN = Reading(math.nan, "NAN", since=3)


class Notebook(PerNews):
    """Keeps what it is told; its class has no `super().__init__()`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.fails = False

    def tell(self, snapshot: Snapshot, news: tuple[News, ...]) -> None:
        """Keep the news."""
        if self.fails:
            raise OSError("the disk is full")
        self.told.append(news)

    def at(self, elapsed: float, n: float = 1, bar: Snapshot = BAR, **change: Any) -> None:
        """Show the picture of a moment."""
        self.update(bar._replace(elapsed=elapsed, n=n, **change))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of the sinks, in a list of one."""
    time = [1000.0]
    monkeypatch.setattr("headway.news.monotonic", lambda: time[0])
    return time


@pytest.fixture
def notebook(now: list[float]) -> Notebook:
    """A sink whose bar is open."""
    made = Notebook()
    made.open(BAR)
    assert made.told.pop() == ("opened",)
    return made


@pytest.mark.parametrize(
    ("change", "news"),
    [({"stalled": 90.0}, "stalled"), ({"metrics": {"loss": NAN}}, "not finite"), ({"phase": "validate"}, "phase")],
)
def test_urgent_news_comes_at_once_and_once(notebook: Notebook, change: dict[str, Any], news: str) -> None:
    """A stall, the first NaN and another phase wait for nothing."""
    notebook.at(1.0)
    notebook.at(2.0, **change)
    notebook.at(29.0, **change)

    assert notebook.told == [(news,)]


@pytest.mark.parametrize(
    ("before", "change", "news"),
    [
        ({}, {"metrics": {"acc": Reading(0.9, "0.9", best=0.9)}}, "best"),
        ({}, {"blocked": "the lock"}, "blocked"),
        ({"blocked": "the lock"}, {}, "blocked"),
        ({"stalled": 70.0}, {}, "moving"),
        ({}, {"n": 2}, "alive"),
    ],
)
def test_other_news_waits(now: list[float], before: dict[str, Any], change: dict[str, Any], news: str) -> None:
    """It is told once the bar was not told of for 30 seconds, and is told once."""
    notebook = Notebook()
    notebook.open(BAR._replace(n=1, **before))
    for elapsed in (29.0, 31.0, 70.0):
        notebook.at(elapsed, **change)

    assert notebook.told == [("opened",), (news,)]


def test_the_same_best_value_is_no_news_and_a_better_one_is(notebook: Notebook) -> None:
    """A value that equals the best one, or is worse, is none; only metrics with a better side have one."""
    for elapsed, best in ((40.0, None), (80.0, 0.5), (110.0, 0.5), (111.0, 0.4)):
        notebook.at(elapsed, metrics={"loss": Reading(0.7, "0.7", best=best)})

    assert notebook.told == [("alive",), ("best",), ("best",)]


def test_a_remaining_time_that_counts_down_is_no_news(notebook: Notebook) -> None:
    """It is compared with what was told, less the time since: a fifth of it may be off."""
    notebook.at(31.0, eta=1000.0)
    notebook.at(62.0, n=1, eta=969.0)
    notebook.at(93.0, n=1, eta=800.0)
    notebook.at(94.0, n=1, eta=730.0)

    assert notebook.told == [("alive",), ("remaining time",)]


def test_a_bar_that_moves_gives_signs_of_life(notebook: Notebook) -> None:
    """After half a minute, then after 2, 10 and each 30 minutes, however little is done; never if nothing is."""
    moments = [(29, 1), (31, 2), (119, 3), (120, 4), (599, 5), (601, 6), (1799, 7), (1800, 8), (3599, 9), (3601, 10)]
    alive = []
    for elapsed, n in moments:
        notebook.at(elapsed, n)
        alive.append(len(notebook.told))
    notebook.at(9000.0, 10)

    assert alive == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert set(notebook.told) == {("alive",)}
    assert len(notebook.told) == 5


def test_urgent_news_of_all_bars_is_rationed(now: list[float], notebook: Notebook) -> None:
    """Five seconds lie between two pieces; the later one is not lost, unless it is over by then."""
    notebook.open(INNER)
    notebook.at(1.0, stalled=70.0)
    notebook.at(1.0, bar=INNER, metrics={"loss": NAN})
    now[0] += 4.9
    notebook.at(5.9, bar=INNER, metrics={"loss": NAN})
    assert notebook.told == [("stalled",)]
    now[0] += 0.1
    notebook.at(6.0, bar=INNER, metrics={"loss": NAN})

    assert notebook.told == [("stalled",), ("not finite",)]


def test_phases_that_alternate_for_a_day_fill_no_log(now: list[float], notebook: Notebook) -> None:
    """Each is told at once in the beginning, and then one in 2 % of the time: a day has hundreds, not thousands."""
    for i in range(86_400 // 10):
        now[0] += 10.0
        notebook.at(10.0 * (i + 1), n=i, phase=("validate", "train")[i % 2])

    assert notebook.told[:20] == [("phase",)] * 20
    assert 100 < len(notebook.told) < 400


def test_the_phases_of_short_epochs_fill_no_log(now: list[float], notebook: Notebook) -> None:
    """Each epoch is a bar of its own; after some hours only its opening and its end are told."""
    for i in range(2, 4000):
        epoch = BAR._replace(id=i, parent=1, desc=f"epoch {i}")
        notebook.open(epoch)
        for phase in ("validate", "checkpoint"):
            now[0] += 7.0
            notebook.at(7.0, bar=epoch, phase=phase)
        notebook.close(epoch._replace(state="finished"))

    assert notebook.told[:4] == [("opened",), ("phase",), ("phase",), ("finished",)]
    assert notebook.told.count(("phase",)) < 400


def test_a_metric_that_gets_better_for_a_day_fills_no_log(notebook: Notebook) -> None:
    """A loss that falls with each step is a word each 30 seconds, and less often as time goes on."""
    for second in range(0, 86_400, 10):
        notebook.at(second, n=second, metrics={"loss": Reading(1, "1", best=1 / (second + 1))})

    assert len(notebook.told) < 400


@pytest.mark.parametrize("state", ["finished", "stopped", "failed", "interrupted"])
def test_the_end_of_a_bar_is_news_by_its_state(notebook: Notebook, state: Any) -> None:
    """An outermost bar is told of to its end."""
    notebook.close(BAR._replace(state=state))

    assert notebook.told == [(state,)]


def test_of_thousands_of_bars_inside_only_trouble_is_news(notebook: Notebook) -> None:
    """Their openings, phases and good ends are none; a failure, a stall and a NaN are, and then the end."""
    for i in range(10, 1010):
        bar = INNER._replace(id=i)
        notebook.open(bar)
        notebook.at(1.0, bar=bar, phase="validate")
        notebook.close(bar._replace(state="failed" if i == 500 else "finished"))
    notebook.open(INNER)
    notebook.at(1.0, bar=INNER, metrics={"loss": NAN})
    notebook.close(INNER._replace(state="stopped"))

    assert notebook.told == [("failed",), ("not finite",), ("stopped",)]


def test_a_bar_that_has_come_and_gone_in_a_frame_is_told_of_by_its_end(now: list[float]) -> None:
    """It has no opening of its own."""
    notebook = Notebook()
    ended = BAR._replace(state="finished")
    notebook.frame(Frame((), opened=(ended,), ended=(ended,)))

    assert notebook.told == [("finished",)]


def test_a_bar_that_starts_over_waits_anew(notebook: Notebook) -> None:
    """After `reset` time counts from the new start."""
    for elapsed in (31.0, 1.0, 30.0, 31.5):
        notebook.at(elapsed, n=elapsed)

    assert notebook.told == [("alive",), ("alive",)]


def test_news_that_could_not_be_told_comes_again(notebook: Notebook) -> None:
    """A frame that is tried again brings it once more, and nothing twice that was told."""
    notebook.fails = True
    stalled = BAR._replace(elapsed=80.0, stalled=70.0)
    last = stalled._replace(state="failed", stalled=None)
    for call, snapshot in ((notebook.update, stalled), (notebook.close, last)):
        with pytest.raises(OSError, match="disk"):
            call(snapshot)
    notebook.fails = False
    notebook.update(stalled)
    notebook.update(stalled)
    notebook.close(last)

    assert notebook.told == [("stalled",), ("failed",)]


def test_a_sink_has_its_own_rhythm(now: list[float]) -> None:
    """`is_due` may tell of a bar without any news, and have news wait; `quiet` is the time since the last word."""

    class Hourly(Notebook):
        def is_due(self, snapshot: Snapshot, told: Snapshot | None, news: tuple[News, ...]) -> bool:
            return told is None or snapshot.elapsed - told.elapsed >= 3600

    hourly = Hourly()
    assert hourly.quiet == math.inf
    hourly.open(BAR)
    now[0] += 7.0
    assert hourly.quiet == 7.0
    hourly.at(3599.0, stalled=70.0)
    hourly.at(3600.0, stalled=71.0)
    hourly.at(7200.0, stalled=3671.0)

    assert hourly.told == [("opened",), ("stalled",), ()]


def test_trouble_is_a_failure_a_stall_or_no_finite_number() -> None:
    """An interruption is none: somebody wanted it."""
    assert not is_in_trouble(BAR._replace(state="interrupted"))
    assert is_in_trouble(BAR._replace(state="failed"))
    assert is_in_trouble(BAR._replace(stalled=70.0))
    assert is_in_trouble(BAR._replace(metrics={"loss": NAN}))
