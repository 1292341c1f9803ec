"""The columns of a row: what each says of a picture."""

import re
import sys
import time
from types import ModuleType

import pytest

import headway
from headway import widgets
from headway.snapshot import Reading, Snapshot

PICTURE = Snapshot(1, desc="train", n=40, total=100, elapsed=3.1, rate=13.2, eta=4.6)


def test_a_hundred_percent_means_complete() -> None:
    """The percentage is rounded down: 999 of 1000 are not all."""
    assert [
        widgets.percentage(PICTURE._replace(n=n, total=total)) for n, total in ((999, 1000), (5, 5), (0, 9), (3, None))
    ] == ["99%", "100%", "0%", ""]


def test_nested_bars_count_for_the_percentage_only() -> None:
    """An outer bar moves between its own units, and still counts whole ones."""
    inside = PICTURE._replace(n=2, position=2.5, total=5)

    assert (widgets.percentage(inside), widgets.counts(inside)) == ("50%", "2/5")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "40/100"),
        ({"total": None}, "40it"),
        ({"n": 120}, "120/100 (over)"),
        ({"estimated": True}, "40/~100"),
        ({"n": 120, "estimated": True}, "120/~100 (over)"),
        ({"n": 1.0000000000000002, "total": 1}, "1.00/1"),
        ({"n": 1.05, "total": 1}, "1.05/1 (over)"),
        ({"n": 2048, "total": 4096, "unit_scale": "iec"}, "2.00Ki/4.00Ki"),
    ],
)
def test_counts_say_of_how_many(change: dict[str, object], text: str) -> None:
    """Unknown, estimated, scaled and exceeded totals are to be told apart."""
    assert text == widgets.counts(PICTURE._replace(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n", "total", "text"),
    [
        (0, 10, "step 0/3"),
        (3, 10, "step 0/3"),
        (4, 10, "step 1/3"),
        (9, 10, "step 2/3"),
        (10, 10, "step 3/3"),
        (8, None, "step 2"),
        (9, None, "step 2"),
        (12, 12, "step 3/3"),
    ],
)
def test_steps_of_several_units_are_counted_whole(n: int, total: int | None, text: str) -> None:
    """With four batches a step, a step counts when it is complete, and the rest at the end makes one more."""
    assert text == widgets.counted(PICTURE._replace(n=n, total=total, units={"step": 0.25}), "step")


def test_other_units_that_are_not_there_are_empty() -> None:
    """A column for samples or steps stays empty where nobody said how many there are in a unit."""
    assert "" == widgets.per_second(PICTURE, "sample") == widgets.counted(PICTURE, "step")
    assert widgets.per_second(PICTURE._replace(rate=None, units={"sample": 64}), "sample") == ""


def test_samples_per_second() -> None:
    """The rate in samples is that in batches, times the batch size."""
    assert widgets.per_second(PICTURE._replace(units={"sample": 64}), "sample") == "845sample/s"
    assert widgets.per_second(PICTURE._replace(units={"B": 4096}), "B") == "54.1kB/s"


def test_the_remaining_time() -> None:
    """It is a question mark while unknown, and empty where there is nothing that remains."""
    assert [
        widgets.eta(PICTURE._replace(**change))  # type: ignore[arg-type]
        for change in ({}, {"eta": None}, {"state": "finished"}, {"total": None, "eta": None})
    ] == ["00:04", "?", "", ""]


def test_the_time_of_day_when_it_is_done() -> None:
    """The finish is a time of day, with the date when it is a day or more away."""
    soon = time.strftime("%H:%M", time.localtime(time.time() + 3600))
    far = widgets.finish(PICTURE._replace(eta=200_000.0))

    assert widgets.finish(PICTURE._replace(eta=3600.0)) >= soon
    assert re.fullmatch(r"\w{3} \d\d \d\d:\d\d", far)
    assert "" == widgets.finish(PICTURE._replace(state="finished")) == widgets.finish(PICTURE._replace(eta=None))


def test_a_metric_keeps_its_width() -> None:
    """A metric is padded to its widest so far, so that what stands behind it does not jump."""
    s = PICTURE._replace(metrics={"loss": Reading(12.5, "12.50", columns=6), "lr": Reading(3e-5, "3.0e-05", columns=7)})

    assert widgets.metric(s, "loss") == "loss=12.50 "
    assert widgets.metrics(s) == "loss=12.50  lr=3.0e-05"
    assert widgets.metric(s, "accuracy") == ""


def test_a_sparkline_shows_the_course() -> None:
    """The lowest value is the lowest block; a course of one value, or none, shows nothing."""
    course = PICTURE._replace(metrics={"loss": Reading(1.0, "1", history=(3.0, 2.0, 1.0))})
    level = PICTURE._replace(metrics={"loss": Reading(1.0, "1", history=(1.0, 1.0))})

    assert widgets.sparkline(course, "loss") == "█▄▁"
    assert widgets.sparkline(level, "loss") == "▁▁"
    assert widgets.sparkline(course, "accuracy") == ""


def test_a_spinner_turns_and_stops() -> None:
    """It shows another character ten times a second, and nothing at the end."""
    assert [widgets.spinner(PICTURE._replace(elapsed=i / 10)) for i in range(5)] == ["|", "/", "-", "\\", "|"]
    assert widgets.spinner(PICTURE._replace(state="finished")) == ""


@pytest.mark.parametrize(("widget", "module"), [("memory", "psutil"), ("gpu_memory", "pynvml")])
def test_a_missing_library_empties_its_widget(widget: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library that reads it a widget is empty, and one warning says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.warns(headway.HeadwayWarning, match="pip install"):
        text = getattr(widgets, widget)(PICTURE)

    assert "" == text == getattr(widgets, widget)(PICTURE)


def test_the_memory_of_this_process() -> None:
    """With psutil the memory of the process is shown."""
    pytest.importorskip("psutil")

    assert re.fullmatch(r"\d+(\.\d+)?[KMG]iB", widgets.memory(PICTURE))


def test_gpu_memory_without_a_gpu_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that is not there is no error: nothing is shown."""
    pynvml = pytest.importorskip("pynvml")

    assert isinstance(pynvml, ModuleType)
    assert widgets.gpu_memory(PICTURE) == "" or widgets.gpu_memory(PICTURE).startswith("GPU ")


@pytest.mark.parametrize("accumulate", [3, 7, 49, 98, 103])
def test_steps_are_counted_to_the_last(accumulate: int) -> None:
    """However a third is written, three thirds are one."""
    for steps in (1, 2, 10):
        s = PICTURE._replace(n=accumulate * steps, total=accumulate * 20, units={"step": 1 / accumulate})
        assert widgets.counted(s, "step") == f"step {steps}/20"


def test_a_row_says_that_the_work_is_held_up() -> None:
    """The word stands where `paused` would, whatever else is true; the reason stands among the notes."""
    held = PICTURE._replace(blocked="waiting for the GPU", message="", reason="", stalled=9.0, paused=True)

    assert (widgets.ending(held), widgets.notes(held)) == ("blocked", "waiting for the GPU")
    assert widgets.notes(held._replace(message="almost there")) == "waiting for the GPU, almost there"
