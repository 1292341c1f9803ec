"""Bars that a program opens with progressbar2 are shown by headway, and the program notices nothing."""

import gc
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import headway
from headway.capturing.mirror import mirror_of
from headway.choosing.discovery import installed
from headway.testing import Recorder, run_in_terminal

pytest.importorskip("progressbar")

import progressbar
import progressbar.bar
import progressbar.multi


@pytest.fixture
def captured() -> Iterator[None]:
    """Capture progressbar2 for the test."""
    with headway.capture("progressbar2"):
        yield


@pytest.mark.usefixtures("captured")
def test_what_a_bar_says_is_looked_up(recorded: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    """Count, total, texts and variables are those of the moment, and progressbar2 draws nothing."""
    widgets = [
        "Reading: ",
        progressbar.Bar(),
        " ",
        progressbar.FormatLabel("at %(value)d"),
        progressbar.Variable("loss"),
    ]
    stream = io.StringIO()
    bar = progressbar.ProgressBar(min_value=10, max_value=20, widgets=widgets, fd=stream, postfix={"lr": 0.5})
    bar.start()
    mirror = mirror_of(bar)
    assert mirror is not None
    bar.update(13, loss=0.25)
    seen = mirror.snapshot()
    assert (seen.n, seen.total, seen.desc, seen.message, seen.name) == (3, 10, "Reading", "at 13", __name__)
    assert {name: reading.value for name, reading in seen.metrics.items()} == {"loss": 0.25, "lr": 0.5}
    bar.max_value = 30
    assert mirror.snapshot().total == 20
    bar.finish()

    assert (recorded.last("Reading").n, recorded.last("Reading").state) == (20, "finished")
    assert stream.getvalue() == ""
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("captured")
def test_bytes_and_prefixes(recorded: Recorder) -> None:
    """A bar of bytes counts bytes; a prefix is the description, a suffix the message, of the fast bars, too."""
    progressbar.DataTransferBar(max_value=2048, prefix="file ", fd=io.StringIO()).start().finish()
    assert list(progressbar.progressbar(range(3), desc="fast", suffix=" items", fd=io.StringIO())) == [0, 1, 2]

    file, fast = recorded.last("file"), recorded.last("fast")
    assert (file.unit, file.unit_scale, file.n) == ("B", "iec", 2048)
    assert (fast.message, fast.n, fast.state) == ("items", 3, "finished")


@pytest.mark.usefixtures("captured")
def test_a_loop_is_counted_while_it_runs(recorded: Recorder) -> None:
    """In the middle of a loop the count is that of the items that are done; at the end of an unknown length, too."""
    bar = progressbar.ProgressBar(prefix="loop ", fd=io.StringIO())
    for i in bar(x for x in range(5)):
        mirror = mirror_of(bar)
        assert mirror is not None
        assert (mirror.snapshot().n, bar.value) == (i, i)

    assert (recorded.last("loop").n, recorded.last("loop").total, recorded.last("loop").state) == (5, None, "finished")


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("kind", ["loop", "fast loop", "with"])
@pytest.mark.parametrize(
    ("error", "state"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted"), (None, "stopped")]
)
def test_the_end_is_told(kind: str, error: type[BaseException] | None, state: str, recorded: Recorder) -> None:
    """An exception out of a loop or a `with` block, and an early end, are to be seen at the bar."""

    def work() -> None:
        if kind == "with":
            with progressbar.ProgressBar(max_value=5, prefix="bar ", fd=io.StringIO()) as bar:
                bar.update(2)
                if error is None:
                    bar.finish(dirty=True)
                else:
                    raise error("boom")
            return
        for i in progressbar.progressbar(range(5), prefix="bar ", fast=kind == "fast loop", fd=io.StringIO()):
            if i == 2 and error is None:
                break
            if i == 2 and error is not None:
                raise error("boom")

    if error is None:
        work()
    else:
        with pytest.raises(error, match="boom"):
            work()

    assert (recorded.last("bar").n, recorded.last("bar").state) == (2, state)


@pytest.mark.usefixtures("captured")
def test_what_the_iterable_raises_is_told(recorded: Recorder) -> None:
    """A source that fails has failed, though progressbar2 leaves such a bar open."""

    def source() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        for _ in progressbar.ProgressBar(prefix="source ", fd=io.StringIO())(source()):
            pass

    assert recorded.last("source").state == "failed"


@pytest.mark.usefixtures("captured")
def test_a_bar_that_is_dropped_has_stopped(recorded: Recorder) -> None:
    """A bar that nobody holds any more does not jump to its end."""
    bar = progressbar.ProgressBar(max_value=5, prefix="dropped ", fd=io.StringIO()).start()
    bar.update(2)
    del bar
    gc.collect()

    assert (recorded.last("dropped").n, recorded.last("dropped").state) == (2, "stopped")


@pytest.mark.usefixtures("captured")
def test_a_bar_may_be_started_again(recorded: Recorder) -> None:
    """Its row begins anew; one that failed to start is not captured."""
    bar = progressbar.ProgressBar(max_value=5, prefix="again ", fd=io.StringIO()).start()
    bar.update(2)
    bar.start(8)
    bar.update(3)
    bar.finish()
    with pytest.raises(ValueError, match="out of range"):
        progressbar.ProgressBar(fd=io.StringIO()).start(max_value=-1)

    assert (recorded.last("again").n, recorded.last("again").total) == (8, 8)


@pytest.mark.usefixtures("captured")
def test_many_and_none(recorded: Recorder) -> None:
    """Bars of a MultiBar are bars of their own; what it prints is printed; a NullBar is not shown."""
    stream = io.StringIO()
    with progressbar.MultiBar(fd=stream, max_value=3) as bars:
        bars["one"].update(1)
        bars["two"].update(2)
        bars.print("printed")
        bars["one"].finish()
        bars["two"].finish()
    progressbar.NullBar(max_value=3, prefix="null ").start().finish()

    assert stream.getvalue() == "printed\n"
    assert [recorded.last(desc).state for desc in ("one", "two")] == ["finished", "finished"]
    assert "null" not in {snapshot.desc for snapshot in recorded.opened}


@pytest.mark.usefixtures("captured")
def test_bars_are_nested(recorded: Recorder) -> None:
    """A bar inside of a loop or a block of another one is a part of that."""
    for _ in progressbar.progressbar(range(1), prefix="outer ", fd=io.StringIO()):
        with progressbar.ProgressBar(max_value=1, prefix="middle ", fd=io.StringIO()) as bar:
            bar.update(0)
            for _ in headway.track(range(2), desc="inner"):
                pass

    outer, middle, inner = (recorded.last(desc) for desc in ("outer", "middle", "inner"))
    assert (None, outer.id, middle.id) == (outer.parent, middle.parent, inner.parent)


CLASSES = [
    *(getattr(progressbar.bar, name) for name in ("ProgressBarMixinBase", "StdRedirectMixin", "ProgressBar")),
    progressbar.multi.MultiBar,
]


def test_uncapture_puts_the_very_objects_back() -> None:
    """After the block the classes are what they were, to the object, whichever name the capture had."""
    before = [dict(vars(cls)) for cls in CLASSES]
    with headway.capture("progressbar"):
        assert [dict(vars(cls)) for cls in CLASSES] != before
    assert [dict(vars(cls)) for cls in CLASSES] == before


def test_bars_that_are_open_are_handed_back(recorded: Recorder) -> None:
    """A bar that is open at the end of the capture draws for itself from then on, and gives the streams back."""
    stream, streams = io.StringIO(), progressbar.streams
    before = streams.capturing, streams.wrapped_stdout, sys.stdout
    with headway.capture("progressbar2"):
        bar = progressbar.ProgressBar(max_value=2, prefix="handed ", fd=stream, redirect_stdout=True).start()
        bar.update(1)
        assert stream.getvalue() == ""
    assert (recorded.last("handed").n, recorded.last("handed").leave) == (1, False)
    bar.finish()

    assert "handed" in stream.getvalue()
    assert "100%" in stream.getvalue()
    assert (streams.capturing, streams.wrapped_stdout) == before[:2]
    sys.stdout = before[2]


@pytest.mark.skipif("progressbar2" not in installed(), reason="headway[progressbar2] is not installed")
@pytest.mark.parametrize("threads", ["1", "0"])
def test_the_progressbar2_renderer_is_not_captured(threads: str) -> None:
    """It draws with progressbar2 itself, and what is printed stands above."""
    screen = run_in_terminal(
        """
        import time, headway
        headway.capture("progressbar2")
        import progressbar
        for i in progressbar.progressbar(range(3), prefix="theirs ", redirect_stdout=True):
            for j in headway.track(range(3), desc="ours", leave=False):
                time.sleep(0.05)
            print("line", i)
        """,
        env={"HEADWAY_BACKEND": "progressbar2", "HEADWAY_THREADS": threads},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[:3] == ["line 0", "line 1", "line 2"], str(screen)
    assert len(screen.rows) == 4, str(screen)
    assert screen.rows[3].startswith("theirs"), str(screen)
    assert "ours" in screen.raw


@pytest.mark.usefixtures("captured")
def test_a_fault_of_headways_is_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """If headway cannot show a bar, progressbar2 draws it after all, and a warning says why."""
    monkeypatch.setattr("headway.capturing.mirror.opener", lambda *_: 1 / 0)
    stream = io.StringIO()
    with pytest.warns(headway.HeadwayWarning, match="ZeroDivisionError"):
        items = list(progressbar.progressbar(range(3), prefix="native ", fd=stream))

    assert items == [0, 1, 2]
    assert "native 100%" in stream.getvalue()


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("nonsense", [float("nan"), "many", None, pytest.param(10**400, id="huge"), object()])
def test_nonsense_never_reaches_the_program(nonsense: Any, recorded: Recorder) -> None:
    """Whatever a program puts into its bar, headway's trouble with it is not the program's."""
    variables = {"a": nonsense, "postfix": nonsense}
    bar = progressbar.ProgressBar(max_value=9, prefix="bar ", fd=io.StringIO(), variables=variables).start()
    mirror = mirror_of(bar)
    assert mirror is not None
    for name in ("value", "variables", "widgets", "max_value", "label"):
        before = getattr(bar, name)
        setattr(bar, name, nonsense)
        mirror.snapshot()
        setattr(bar, name, before)
    bar.finish()

    assert recorded.last("bar").state == "finished"
