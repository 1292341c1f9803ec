"""Many bars on a sink for one or two: what the sink sees."""

import warnings
from typing import Any

import pytest

from headway import layout, widgets
from headway.drawing.fold import Fold
from headway.snapshot import Snapshot

OUTER = Snapshot(1, desc="epochs", n=1, total=3)
INNER = Snapshot(2, parent=1, desc="batches", n=5, total=10, leave=False)
DEEP = Snapshot(3, parent=2, desc="samples", n=0, total=4, leave=False)


class Below:
    """A picture that keeps, as short texts, its changes, and refuses those that the contract does not allow."""

    def __init__(self, max_bars: int) -> None:
        self._max_bars = max_bars
        self.told: list[str] = []
        self.shown: set[int] = set()

    def open(self, snapshot: Snapshot) -> None:
        assert snapshot.id not in self.shown
        self.shown.add(snapshot.id)
        assert len(self.shown) <= self._max_bars
        self._tell("open", snapshot)

    def update(self, snapshot: Snapshot) -> None:
        assert snapshot.id in self.shown
        self._tell("update", snapshot)

    def close(self, snapshot: Snapshot) -> None:
        self.shown.remove(snapshot.id)
        self._tell("close", snapshot)

    def write(self, text: str) -> None:
        self.told.append(f"write {text}")

    def _tell(self, what: str, s: Snapshot) -> None:
        self.told.append(f"{what} {s.id}: {widgets.label(s)} {s.n}/{s.total} {s.state}")

    def news(self) -> list[str]:
        """Return what is new."""
        told, self.told = self.told, []
        return told


@pytest.fixture
def one() -> Below:
    """A sink for one bar."""
    return Below(1)


def ended(snapshot: Snapshot, **change: Any) -> Snapshot:
    """Make the last picture of a bar."""
    return snapshot._replace(**{"n": snapshot.total, "state": "finished", **change})


def test_one_place_shows_the_innermost_with_its_ancestors(one: Below) -> None:
    """On a sink for one bar the innermost has the place, and its ancestors stand in front."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    fold.open(DEEP)

    assert one.news() == [
        "open 1: epochs 1/3 running",
        "update 1: epochs 1/3 › batches 5/10 running",
        "update 1: epochs 1/3 › batches 5/10 › samples 0/4 running",
    ]


def test_when_the_innermost_closes_the_next_one_has_the_place(one: Below) -> None:
    """An inner bar that ends gives the place back; the outermost ends it for the sink."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    one.news()
    fold.close(ended(INNER))
    fold.update(OUTER._replace(n=2))
    fold.close(ended(OUTER))

    assert one.news() == [
        "update 1: epochs 1/3 running",
        "update 1: epochs 2/3 running",
        "close 1: epochs 3/3 finished",
    ]


def test_only_the_innermost_moves_the_picture(one: Below) -> None:
    """An outer bar that moves on is seen with the next picture of the innermost."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    one.news()
    fold.update(OUTER._replace(n=2))
    assert one.news() == []
    fold.update(INNER._replace(n=6))

    assert one.news() == ["update 1: epochs 2/3 › batches 6/10 running"]


def test_an_inner_bar_that_stays_leaves_a_line(one: Below) -> None:
    """Where an inner bar is to stay on the screen, its last row is written as text."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    one.news()
    fold.close(ended(INNER, leave=True, elapsed=2.0, rate=5.0))

    assert one.news() == ["write batches: 100% 10/10 [00:02, 5.00it/s]", "update 1: epochs 1/3 running"]


def test_an_outer_bar_that_closes_first(one: Below) -> None:
    """Closing the outer bar first leaves its line, and the place to the inner one, under the same id."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    one.news()
    fold.close(ended(OUTER))
    fold.close(ended(INNER))

    assert one.news() == [
        "write epochs: 100% 3/3 [00:00]",
        "update 1: batches 5/10 running",
        "close 1: batches 10/10 finished",
    ]


def test_two_places(one: Below) -> None:
    """On a sink for two bars the first has a place of its own, all others share the second."""
    two = Below(2)
    fold = Fold(two, 2, lambda: 1000)
    for bar in (OUTER, INNER, DEEP):
        fold.open(bar)
    fold.update(OUTER._replace(n=2))
    fold.close(ended(DEEP))
    fold.close(ended(INNER))
    fold.close(ended(OUTER))

    assert two.news() == [
        "open 1: epochs 1/3 running",
        "open 2: batches 5/10 running",
        "update 2: batches 5/10 › samples 0/4 running",
        "update 1: epochs 2/3 running",
        "update 2: batches 5/10 running",
        "close 2: batches 10/10 finished",
        "close 1: epochs 3/3 finished",
    ]


def test_a_place_that_is_free_again_is_taken_again() -> None:
    """When a bar with a place of its own closes, the next bar gets it."""
    two = Below(2)
    fold = Fold(two, 2, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER)
    fold.close(ended(OUTER))
    fold.open(DEEP)

    assert two.news()[-1] == "open 3: samples 0/4 running"


def test_strangers_share_a_place_without_a_title(one: Below) -> None:
    """Bars that are not nested in one another take turns, the youngest first, without each other's names."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER)
    fold.open(INNER._replace(parent=None))

    assert one.news()[-1] == "update 1: batches 5/10 running"


def test_a_thousand_bars_in_one_place(one: Below) -> None:
    """Any number of bars in any order of closing leaves an empty place."""
    fold = Fold(one, 1, lambda: 1000)
    bars = [INNER._replace(id=i, parent=i - 1) for i in range(10, 210)]
    for bar in bars:
        fold.open(bar)
    for bar in (*bars[::3], *bars[1::3], *bars[2::3]):
        fold.close(ended(bar))

    assert set() == one.shown
    assert ({}, set()) == (fold._shared, fold._own)


def test_an_outer_bar_that_moves_with_the_inner_ones_tells_how_far_and_how_long(one: Below) -> None:
    """Where the outer bar is known to be between its units, its percentage and remaining time stand in front."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER._replace(position=1.5, eta=12.0))
    fold.open(INNER)

    assert one.news()[-1] == "update 1: epochs 50% <00:12 › batches 5/10 running"


def test_an_outer_bar_has_one_form_while_it_moves(one: Below) -> None:
    """Its share does not turn into a count for the frame in which an inner bar has just ended."""
    fold = Fold(one, 1, lambda: 1000)
    fold.open(OUTER._replace(n=1, total=3, position=None, eta=12.0))
    fold.open(INNER)

    assert one.news()[-1] == "update 1: epochs 33% <00:12 › batches 5/10 running"


def test_a_kept_inner_bar_is_a_line_that_fits(one: Below) -> None:
    """What an inner bar leaves on a sink for one bar never wraps."""
    fold = Fold(one, 1, lambda: 30)
    fold.open(OUTER)
    fold.open(INNER._replace(leave=True))
    fold.close(ended(INNER, leave=True, message="a message that is much too long"))

    written = [told.removeprefix("write ") for told in one.news() if told.startswith("write")]
    assert written[0].startswith("batches: 100% 10/10")
    assert len(written[0]) <= 30


def test_a_line_is_written_as_the_renderer_writes_it(one: Below) -> None:
    """A renderer may have a line of its own; a bar that asks for widgets has them, and a fault leaves the common row."""

    def line(s: Snapshot) -> str:
        if s.desc == "broken":
            raise RuntimeError("no ink")
        return f"<{s.desc}>"

    fold = Fold(one, 1, lambda: 100, line)
    fold.open(OUTER)
    for desc, wanted in (
        ("batches", None),
        ("asked", layout.of("{title} {count}", lambda _widget: False)),
        ("broken", None),
    ):
        inner = INNER._replace(desc=desc, layout=wanted)
        fold.open(inner)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fold.close(ended(inner, leave=True))
        assert [("no ink" in str(each.message)) for each in caught] == [True] * (desc == "broken")

    written = [told for told in one.news() if told.startswith("write")]
    assert written == ["write <batches>", "write asked: 10/10", "write broken: 100% 10/10 [00:00]"]
