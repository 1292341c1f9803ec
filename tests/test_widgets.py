"""The texts of a row: what they say, and how they give way in a narrow place."""

import itertools
import random
from dataclasses import replace

import pytest

from headway import format as fmt
from headway import widgets
from headway.snapshot import Metric, Snapshot

FULL = Snapshot(
    1, desc="train", n=40, total=100, elapsed=3.1, rate=13.2, eta=4.6, metrics={"loss": Metric(0.1234, "0.1234")},
    message="a message",
)  # fmt: skip
DESCS = ["", "train", "訓練" * 20, "x" * 300, "a very long description with words", "e\u0301" * 30]
COUNTS = [(0, None), (40, 100), (10**15, 10**15), (150, 100), (0, 0), (2.5, 7.25)]
STATES = ["running", "finished", "stopped", "failed", "interrupted"]


def many() -> list[Snapshot]:
    """Make pictures of all sorts."""
    dice, found = random.Random(3), []
    for desc, (n, total), state in itertools.product(DESCS, COUNTS, STATES):
        found.append(
            replace(
                FULL, desc=desc, n=n, total=total, state=state, elapsed=10 ** dice.uniform(-1, 8),
                rate=dice.choice([None, 0.001, 13.2, 1e12]), eta=dice.choice([None, 0.0, 1e7]),
                unit=dice.choice(["it", "訓練", "mini-batches"]), unit_scale=dice.choice(["", "si", "iec"]),
                paused=dice.random() < 0.2, reason=dice.choice(["", "no better for 5 epochs"]),
                message=dice.choice(["", "訓練" * 50, "short"]), metrics=dice.choice([{}, FULL.metrics]),
            )
        )  # fmt: skip
    return found


def test_a_row_says_all_there_is() -> None:
    """In a wide place a row has label, percentage, counts, times, rate, metrics and message."""
    assert str(widgets.fit(FULL, 100)) == "train:  40% 40/100 [00:03<00:04, 13.2it/s] loss=0.1234, a message"
    assert str(widgets.fit(FULL, 100)) == widgets.row(FULL)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"total": None, "eta": None}, "train:  40it [00:03, 13.2it/s]"),
        ({"desc": "", "name": ""}, "40% 40/100 [00:03<00:04, 13.2it/s]"),
        ({"n": 120}, "train: 120% 120/100 (over) [00:03<00:04, 13.2it/s]"),
        ({"eta": None, "rate": None}, "train:  40% 40/100 [00:03<?]"),
        ({"state": "failed", "reason": "no ink"}, "train FAILED:  40% 40/100 [00:03, 13.2it/s] no ink"),
        ({"state": "stopped"}, "train stopped:  40% 40/100 [00:03, 13.2it/s]"),
        ({"state": "interrupted"}, "train interrupted:  40% 40/100 [00:03, 13.2it/s]"),
        ({"state": "finished", "n": 100}, "train: 100% 100/100 [00:03, 13.2it/s]"),
        ({"paused": True}, "train paused:  40% 40/100 [00:03<00:04, 13.2it/s]"),
        ({"paused": True, "state": "stopped"}, "train stopped:  40% 40/100 [00:03, 13.2it/s]"),
        ({"n": 2048, "total": 4096, "unit_scale": "iec"}, "train:  50% 2.00Ki/4.00Ki [00:03<00:04, 13.2it/s]"),
        ({"total": 0, "n": 0}, "train: 100% 0/0 [00:03<00:04, 13.2it/s]"),
    ],
)
def test_each_state_of_a_bar_has_its_words(change: dict[str, object], row: str) -> None:
    """Unknown totals, overshoot, pauses and every way to end are to be read in the row."""
    bare = replace(FULL, metrics={}, message="")

    assert row == widgets.row(replace(bare, **change))  # type: ignore[arg-type]


def test_a_hundred_percent_means_complete() -> None:
    """The percentage is rounded down: 999 of 1000 are not all."""
    assert [
        widgets.percentage(replace(FULL, n=n, total=total)) for n, total in ((999, 1000), (5, 5), (0, 9), (3, None))
    ] == ["99%", "100%", "0%", ""]


def test_no_row_is_wider_than_its_place() -> None:
    """From 20 to 400 columns a row and a bar fit in, unless counts and percentage alone are too wide."""
    for snapshot in many():
        bare = fmt.width(f"{widgets.ending(snapshot)}: 1000% {widgets.counts(snapshot)} ")
        for columns in (*range(20, 120), 200, 400):
            bar = min(widgets.BAR, columns // 5)
            texts = widgets.fit(snapshot, columns)
            wide = fmt.width(str(texts)) + bar
            assert wide <= max(columns, bare + bar), (columns, str(texts), snapshot)


def test_what_gives_way_first() -> None:
    """A narrower place takes away the details, then the rate, then the label, then the times; never the counts."""
    long = replace(FULL, desc="a rather long label")
    lost: list[str] = []
    for columns in range(120, 19, -1):
        text = str(widgets.fit(long, columns))
        has = {"details": "a message" in text, "rate": "it/s" in text, "label": long.desc in text, "times": "<" in text}
        lost += [part for part, there in has.items() if not there and part not in lost]
        assert "40/100" in text
        assert "40%" in text

    assert lost == ["details", "rate", "label", "times"]


def test_a_state_outlives_its_label() -> None:
    """In the narrowest place the word for how it ended is still there."""
    failed = replace(FULL, desc="a rather long label", state="failed")

    assert "FAILED" in str(widgets.fit(failed, 40))
    assert "FAILED" in widgets.title(failed, 8)


def test_a_bar_of_a_given_width_is_made_room_for() -> None:
    """A renderer that draws a bar of 40 columns gets texts for the rest."""
    for columns in range(60, 200):
        assert fmt.width(str(widgets.fit(FULL, columns, bar=40))) <= columns - 40
