"""Counts are looked at between frames, until so much is known of a bar that a stall can be told."""

import io
import json
import time
from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest

import headway
from headway.drawing.hub import hub
from headway.reporting.bar import Bar
from headway.sink import PerBar
from headway.testing import Recorder

Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Have time pass for the bars: `later(seconds)`."""
    ahead = [0.0]
    monkeypatch.setattr("headway.reporting.work.monotonic", lambda: time.monotonic() + ahead[0])
    return lambda seconds: ahead.__setitem__(0, ahead[0] + seconds)


def some_steps(bar: Bar, until: Until, steps: int) -> None:
    """Do some steps, each as soon as the one before was looked at."""
    for _ in range(steps):
        bar.update()
        until(lambda: bar._estimator.n == bar.n)


def test_plain_lines_report_an_early_stall(later: Callable[[float], None], until: Until) -> None:
    """A few steps in a second, then nothing for a minute and more: the line comes without any further step."""
    out = io.StringIO()
    with headway.get_bar(100, desc="early", backend="plain", file=out) as bar:
        some_steps(bar, until, 6)
        later(80.0)
        until(lambda: "stalled=" in out.getvalue())
        assert len(out.getvalue().splitlines()) == 2


def test_event_files_report_an_early_stall(later: Callable[[float], None], until: Until, tmp_path: Path) -> None:
    """An event has the seconds since the last advance, and no remaining time."""
    path = tmp_path / "run.jsonl"
    with headway.get_bar(100, backend=f"events?path={path}") as bar:
        some_steps(bar, until, 6)
        later(80.0)
        until(lambda: any(json.loads(line).get("stalled") for line in path.read_text().splitlines()))


def test_the_epoch_of_a_training_run_is_looked_at(later: Callable[[float], None], until: Until) -> None:
    """A loader that hangs after a few batches is reported in a log."""
    out = io.StringIO()
    loop = headway.loop(range(50), epochs=2, backend="plain", file=out)
    for _ in loop:
        for batch in loop.train():
            until(lambda batch=batch: loop._rows.plan.train.work._estimator.n == batch)  # type: ignore[misc]
            if batch == 5:
                later(80.0)
                until(lambda: "stalled=" in out.getvalue())
                loop.stop()
                break


class Hourly(PerBar):
    """A sink that has a frame an hour."""

    interval = 3600.0


def test_a_bar_without_frames_is_looked_at_until_enough_is_known(show: Callable[..., Bar], until: Until) -> None:
    """Its steps are told apart, and after a few of them nobody looks any more."""
    with show(Hourly(), 100) as bar:
        some_steps(bar, until, 4)
        until(lambda: hub.display._looks.due == inf)


def test_a_bar_on_a_screen_needs_no_looks(recorded: Recorder) -> None:
    """Its frames are looks."""
    with headway.get_bar(100):
        hub.throttle.call(lambda: hub.display._looks.take(hub.display.bars))
        assert hub.display._looks.due == inf
