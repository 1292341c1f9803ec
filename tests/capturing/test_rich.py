"""What libraries show with rich's `track` and `Progress` is shown by headway."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

import headway
from headway.testing import Recorder

pytest.importorskip("rich")

from rich.console import Console
from rich.progress import DownloadColumn, Progress, track


@pytest.fixture
def captured() -> Iterator[None]:
    """Capture rich for the test."""
    with headway.capture("rich"):
        yield


@pytest.mark.usefixtures("captured")
def test_track_is_shown(recorded: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    """A loop over `track` has its count, total and description without markup, and rich draws nothing."""
    assert list(track("abc", description="[red]loop:")) == ["a", "b", "c"]
    last = recorded.last("loop")

    assert (last.n, last.total, last.state, last.name) == (3, 3, "finished", __name__)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("captured")
def test_a_loop_is_followed_while_it_runs(recorded: Recorder) -> None:
    """The thread that counts for `track` goes on although rich's display was not started."""
    with Progress() as progress:
        for i in progress.track(range(3), description="loop", update_period=0.01):
            deadline = time.monotonic() + 20
            while progress.tasks[0].completed < i:
                assert time.monotonic() < deadline
                time.sleep(0.005)

    assert recorded.last("loop").n == 3


@pytest.mark.usefixtures("captured")
def test_each_task_is_a_bar(recorded: Recorder) -> None:
    """Tasks stand beside each other; each ends when it is complete, taken away or the display stops."""
    with Progress(DownloadColumn()) as progress:
        first = progress.add_task("first", total=2, loss=0.5)
        second = progress.add_task("second", total=None, start=False)
        third = progress.add_task("third", total=3)
        hidden = progress.add_task("hidden", total=3, visible=False)
        progress.advance(first, 2)
        assert recorded.last("first").state == "finished"
        progress.update(second, advance=5, description="renamed")
        progress.update(third, completed=1)
        progress.remove_task(third)
        progress.update(hidden, completed=3)

    renamed = recorded.last("renamed")
    assert (renamed.n, renamed.total, renamed.unit, renamed.state) == (5, None, "B", "finished")
    assert (recorded.last("third").n, recorded.last("third").state) == (1, "stopped")
    assert recorded.last("first").metrics["loss"].value == 0.5
    assert {bar.parent for bar in recorded.opened} == {None}
    assert [bar.desc for bar in recorded.opened] == ["first", "second", "third"]


@pytest.mark.usefixtures("captured")
def test_a_task_may_start_over(recorded: Recorder) -> None:
    """A task that is reset after it was complete is a new bar."""
    with Progress(transient=True) as progress:
        task = progress.add_task("task", total=2)
        progress.update(task, completed=2)
        progress.reset(task)
        progress.advance(task)
        progress.reset(task, total=5)
        progress.advance(task)

    assert [(bar.n, bar.total, bar.state) for bar in recorded.closed] == [(2, 2, "finished"), (1, 5, "stopped")]
    assert not recorded.closed[-1].leave


@pytest.mark.usefixtures("captured")
def test_tasks_that_are_there_before_the_start(recorded: Recorder) -> None:
    """A display that is started and stopped by hand shows the tasks that it has."""
    progress = Progress()
    task = progress.add_task("task", total=2)
    assert not recorded.opened
    progress.start()
    progress.start()
    progress.advance(task)
    progress.stop()
    progress.stop()

    assert [(bar.n, bar.state) for bar in recorded.closed] == [(1, "stopped")]


@pytest.mark.usefixtures("captured")
def test_an_exception_ends_its_tasks_as_failed(recorded: Recorder) -> None:
    """An exception out of the `with` block is to be seen at the bars."""
    with pytest.raises(ZeroDivisionError), Progress() as progress:
        progress.add_task("task", total=2)
        _ = 1 / 0

    assert recorded.last("task").state == "failed"
    assert "ZeroDivisionError" in recorded.last("task").reason


@pytest.mark.usefixtures("captured")
def test_a_disabled_display_stays_disabled(recorded: Recorder) -> None:
    """`disable=True` shows nothing."""
    assert list(track(range(3), disable=True)) == [0, 1, 2]
    assert not recorded.opened


@pytest.mark.usefixtures("captured")
def test_two_displays_at_once(recorded: Recorder) -> None:
    """What rich refuses, two live displays at once, is no trouble."""
    for _ in track(range(2), description="outer"):
        for _ in track(range(2), description="inner"):
            pass

    assert [bar.desc for bar in recorded.closed] == ["inner", "inner", "outer"]


def test_uncapture_puts_the_very_objects_back(capsys: pytest.CaptureFixture[str]) -> None:
    """After the block the class is what it was; a display that is open is rich's again."""
    before = dict(vars(Progress))
    with headway.capture("rich"):
        assert dict(vars(Progress)) != before
        progress = Progress(console=Console(force_terminal=True))
        progress.start()
        task = progress.add_task("task", total=2)
    assert dict(vars(Progress)) == before
    progress.advance(task, 2)
    progress.stop()

    assert "100%" in capsys.readouterr().out


def test_rich_may_be_imported_later() -> None:
    """A capture waits for the import."""
    code = """
        import sys, headway
        headway.capture("rich")
        assert "rich" not in sys.modules
        from rich.progress import track
        for _ in track(range(3), description="later"):
            pass
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "headway later n=3 total=3 100%" in done.stderr
    assert done.stdout == ""


def test_bars_of_tqdm_that_rich_draws(recorded: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of `tqdm.rich` are tqdm's, and shown as any other of it; rich draws nothing."""
    with headway.capture("tqdm"):
        from tqdm.rich import tqdm

        with tqdm(total=3, desc="by rich", options={}) as bar:
            bar.update(2)
            bar.reset(total=4)
            bar.update(4)

    assert [(bar.desc, bar.n, bar.total) for bar in recorded.closed] == [("by rich", 4, 4)]
    assert capsys.readouterr() == ("", "")
