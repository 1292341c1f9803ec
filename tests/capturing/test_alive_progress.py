"""Bars that a program opens with alive-progress are shown by headway, and the program notices nothing."""

import io
import subprocess
from collections.abc import Callable, Iterator

import pytest

import headway
from headway.choosing.discovery import installed
from headway.testing import Recorder, run_in_terminal

pytest.importorskip("alive_progress")

from alive_progress import alive_bar, alive_it, config_handler
from alive_progress.core import progress

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def captured() -> Iterator[None]:
    """Capture alive-progress for the test."""
    with headway.capture("alive_progress"):
        yield


@pytest.fixture(autouse=True)
def defaults() -> Iterator[None]:
    """Have each test begin with the options of a process that has set none."""
    config_handler.reset()
    yield
    config_handler.reset()


@pytest.mark.usefixtures("captured")
def test_what_a_bar_says_is_looked_up(recorded: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    """Count, total, title, text, unit and scale are those of the moment, and alive-progress draws nothing."""
    with alive_bar(2000, title="first", unit="B", scale="IEC") as bar:
        bar(500)
        mirror = bar._headway.mirror
        bar.text, bar.title = "half way", "second"
        seen = mirror.snapshot()
        assert (seen.n, seen.total, seen.desc, seen.message) == (500, 2000, "second", "half way")
        assert (seen.unit, seen.unit_scale, seen.name) == ("B", "iec", __name__)
        bar(1500)

    last = recorded.last("second")
    assert (last.n, last.state, last.message, last.leave) == (2000, "finished", "", True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("captured")
def test_a_share_by_hand_is_of_a_hundred_or_of_the_total(recorded: Recorder) -> None:
    """Without a total the share is shown in percent."""
    with alive_bar(manual=True, title="share", receipt=False) as bar:
        bar(0.25)
    with alive_bar(8, manual=True, title="of eight", receipt_text=True) as bar:
        bar(1)
        bar.text = "words"

    share, of_eight = recorded.last("share"), recorded.last("of eight")
    assert (share.n, share.total, share.unit, share.state, share.leave) == (25, 100, "%", "stopped", False)
    assert (of_eight.n, of_eight.total, of_eight.state, of_eight.message) == (8, 8, "finished", "words")


@pytest.mark.usefixtures("captured")
def test_skipped_units_say_nothing_of_the_rate(recorded: Recorder) -> None:
    """Units that took no work count, and the rate is that of the others."""
    with alive_bar(1000, title="resumed") as bar:
        bar(900, skipped=True)
        bar(1)
        mirror = bar._headway.mirror
        assert mirror.snapshot().n == 901
        bar(-2, skipped=True)
        assert mirror.snapshot().n == 899
        assert mirror.elapsed * (mirror.snapshot().rate or 0) < 100

    assert recorded.last("resumed").n == 899


@pytest.mark.usefixtures("captured")
@pytest.mark.parametrize("kind", ["loop", "with"])
@pytest.mark.parametrize(
    ("error", "state"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted"), (None, "stopped")]
)
def test_the_end_is_told(kind: str, error: type[BaseException] | None, state: str, recorded: Recorder) -> None:
    """An exception out of a loop or a `with` block, and an early end, are to be seen at the bar."""

    def work() -> None:
        if kind == "loop":
            for _ in alive_it(range(5), title="bar"):
                if error is None:
                    break
                raise error("boom")
        else:
            with alive_bar(5, title="bar") as bar:
                bar(2)
                if error is not None:
                    raise error("boom")

    if error is None:
        work()
    else:
        with pytest.raises(error, match="boom"):
            work()

    assert recorded.last("bar").state == state


@pytest.mark.usefixtures("captured")
def test_bars_may_be_nested(recorded: Recorder) -> None:
    """A bar inside of another one, headway's own included, is a part of that."""
    for _ in headway.track(range(1), desc="outer"):
        with alive_bar(1, title="middle") as bar:
            for _ in alive_it(range(2), title="inner"):
                pass
            bar()

    outer, middle, inner = (recorded.last(desc) for desc in ("outer", "middle", "inner"))
    assert (None, outer.id, middle.id) == (outer.parent, middle.parent, inner.parent)


@pytest.mark.usefixtures("captured")
def test_disabled_bars_stay_disabled(recorded: Recorder) -> None:
    """A bar that the program disables is not shown, and counts."""
    with alive_bar(5, title="off", disable=True) as bar:
        bar(3)

    assert bar.current == 3
    assert not recorded.opened


def test_uncapture_puts_the_very_objects_back() -> None:
    """After the block the module and the class are what they were, to the object."""

    def now() -> list[object]:
        return [vars(progress)["__alive_bar"], vars(vars(progress)["__AliveBarHandle"])["__call__"]]

    before = now()
    with headway.capture("alive-progress"):
        assert all(a is not b for a, b in zip(before, now(), strict=True))
    assert all(a is b for a, b in zip(before, now(), strict=True))


def test_a_bar_that_is_open_is_handed_back(recorded: Recorder) -> None:
    """Its receipt is written by alive-progress at its end."""
    stream = io.StringIO()
    with headway.capture("alive_progress"):
        block = alive_bar(2, title="handed", file=stream, length=10)
        bar = block.__enter__()
        bar()
    assert (recorded.last("handed").n, recorded.last("handed").leave) == (1, False)
    bar()
    block.__exit__(None, None, None)

    assert stream.getvalue().startswith("handed |██████████| 2/2 [100%]")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.skipif("alive" not in installed(), reason="headway[alive] is not installed")
@pytest.mark.parametrize("threads", ["1", "0"])
def test_the_alive_renderer_is_not_captured(threads: str) -> None:
    """It draws with alive-progress itself, and `bar.pause()` has the terminal to the program."""
    screen = run_in_terminal(
        """
        import os, time, headway
        headway.capture("alive_progress")
        from alive_progress import alive_bar
        with alive_bar(3, title="theirs") as bar:
            for i in headway.track(range(3), desc="ours", leave=False):
                time.sleep(0.05)
                bar()
            with bar.pause():
                os.write(1, b"by itself\\n")
        """,
        env={"HEADWAY_BACKEND": "alive", "HEADWAY_THREADS": threads},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[0] == "by itself", str(screen)
    assert len(screen.rows) == 2, str(screen)
    assert screen.rows[1].startswith("theirs"), str(screen)


def test_the_environment_captures(run: Program) -> None:
    """With `HEADWAY_CAPTURE` a program that uses headway need not say so, and may import the library later."""
    done = run(
        """
        import headway, sys
        assert "alive_progress" not in sys.modules
        from alive_progress import alive_it
        for _ in alive_it(range(3), title="later"):
            pass
        """,
        HEADWAY_CAPTURE="alive-progress",
        HEADWAY_BACKEND="plain",
    )

    assert done.returncode == 0, done.stderr
    assert "headway later n=3 total=3 100%" in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("captured")
def test_a_fault_of_headways_is_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """If headway cannot show a bar, alive-progress draws it after all, and a warning says why."""
    monkeypatch.setattr("headway.capturing.mirror.opener", lambda *_: 1 / 0)
    stream = io.StringIO()
    with pytest.warns(headway.HeadwayWarning, match="ZeroDivisionError"):
        items = list(alive_it(range(3), title="native", file=stream, length=10))

    assert items == [0, 1, 2]
    assert stream.getvalue().startswith("native |██████████| 3/3 [100%]")


@pytest.mark.usefixtures("captured")
def test_what_the_program_may_not_do_raises_as_ever() -> None:
    """A mistake in the program's call is told by alive-progress."""
    with pytest.raises(ValueError, match="Invalid config key: 'titel'"):
        alive_bar(3, titel="bar")
    with pytest.raises(TypeError, match="integer argument expected"), alive_bar("3"):
        pass
    with alive_bar(3) as bar, pytest.raises(ValueError, match="invalid literal"):
        bar("many")
    with alive_bar(manual=True) as bar:
        bar(float("nan"))
        bar(float("inf"))
        bar._headway.mirror.snapshot()
