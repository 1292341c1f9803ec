"""Metrics cost nothing until a frame is drawn, and whatever they do, the loop goes on."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.metrics import resolve
from headway.testing import Recorder


class DeviceTensor:
    """Behaves like a scalar on a device: reading it is a synchronisation, and is counted."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.reads = 0
        self.detached = 0

    def detach(self) -> "DeviceTensor":
        self.detached += 1
        return self

    def item(self) -> float:
        self.reads += 1
        return self.value

    __float__ = item


def test_reporting_reads_nothing(recorded: Recorder) -> None:
    """A thousand reports of one tensor let go of its graph each time, and read it for the frames only."""
    loss = DeviceTensor(0.5)
    with headway.get_bar(1000, desc="a") as bar:
        for _ in range(1000):
            bar.metrics(loss=loss)
            bar.update()
        bar.rate, bar.eta

    assert loss.detached == 1000
    assert loss.reads <= 3
    assert recorded.last("a").metrics["loss"].value == 0.5


def test_a_value_is_read_once_for_each_drawn_frame(tmp_path: Path) -> None:
    """However many sinks draw a frame, a value is read once for it."""
    loss, path = DeviceTensor(0.5), tmp_path / "events.jsonl"
    with headway.get_bar(10, backend=f"plain,events?path={path}", file=io.StringIO()) as bar:
        bar.metrics(loss=loss)
        bar.update(10)
    events = [json.loads(line) for line in path.read_text().splitlines()]

    assert loss.reads <= len(events)


def test_with_progress_off_nothing_is_ever_read() -> None:
    """With progress off no value is read, also when the program asks for rate and remaining time."""
    loss = DeviceTensor(0.5)
    with headway.get_bar(10, backend="off") as bar:
        bar.metrics(loss=loss)
        bar.update(5)
        bar.rate, bar.eta, bar.elapsed

    assert loss.reads == 0


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (0.123456, 0.123456, "0.1235"),
        (3e-5, 3e-5, "3.0e-05"),
        (7, 7, "7"),
        (True, True, "True"),
        (lambda: 0.25, 0.25, "0.2500"),
        (DeviceTensor(0.5), 0.5, "0.5000"),
        ("warming\nup", "warming up", "warming up"),
        (float("inf"), float("inf"), "INF"),
    ],
)
def test_values_of_many_kinds(value: Any, number: Any, text: str) -> None:
    """Numbers, scalars of other libraries, callables and short texts are shown."""
    metric = resolve("a", value)

    assert (number, text) == (metric.value, metric.text)


def raising() -> float:
    raise RuntimeError("no ink")


@pytest.mark.parametrize("value", [raising, object(), [1, 2]])
def test_a_value_that_cannot_be_read_shows_a_mark(value: Any) -> None:
    """What cannot be read shows as a question mark and warns once, with the metric's name."""
    with pytest.warns(headway.HeadwayWarning, match="The metric 'a' could not be read"):
        metric = resolve("a", value)
    again = resolve("a", value)

    assert "?" == metric.text == again.text


def test_a_metric_that_raises_does_not_reach_the_loop(recorded: Recorder) -> None:
    """The loop goes on, and the other metrics are shown."""
    with pytest.warns(headway.HeadwayWarning), headway.get_bar(3, desc="a") as bar:
        bar.metrics(bad=raising, good=1.0)
        bar.update(3)

    assert tuple(metric.text for metric in recorded.last("a").metrics.values()) == ("?", "1.000")
