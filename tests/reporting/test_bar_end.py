"""How a bar ends, what it says, and what is left of it: nothing."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.drawing.hub import hub
from headway.errors import HeadwayWarning
from headway.reporting.bar import Bar
from headway.testing import Recorder


def off(total: float | None = None, **about: Any) -> Bar:
    """Make a bar that is not shown: it counts all the same."""
    return headway.get_bar(total, backend="off", **about)


# ── saying more ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bar_says_what_it_was_told(recorded: Recorder) -> None:
    """Description, unit, metrics, message and reason arrive at the renderer, without control characters."""
    bar = headway.get_bar(10, desc="one\ntwo", unit="ba\ttch", name="a.b")
    bar.metrics(loss=0.5, note="good\x1b[31m")
    bar.message("half\x07way")
    bar.desc = "a"
    bar.stop("no\nbetter")

    last = recorded.last("a")
    assert recorded.opened[0].desc == "one two"
    assert (last.unit, last.name, last.message, last.reason) == ("ba tch", "a.b", "half way", "no better")
    assert {k: m.text for k, m in last.metrics.items()} == {"loss": "0.5000", "note": "good"}


def test_the_name_is_that_of_the_calling_module(recorded: Recorder) -> None:
    """Without a name a bar has that of the module that made it, so that filters can tell bars apart."""
    headway.get_bar(1).close()
    list(headway.track([1]))

    assert [__name__, __name__] == [s.name for s in recorded.closed]


def test_text_is_written_above(recorded: Recorder) -> None:
    """`write` of a bar and of the module puts text above the bars."""
    with headway.get_bar(1) as bar:
        bar.write("one")
        headway.write("two")

    assert recorded.written == ["one", "two"]


def test_text_of_a_closed_bar_stands_above_those_that_are_still_drawn(
    recorded: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text never goes straight into a terminal where another bar is being drawn."""
    with headway.get_bar(1):
        inner = headway.get_bar(1)
        inner.close()
        inner.write("late")

    assert recorded.written == ["late"]
    assert capsys.readouterr().err == ""


def test_text_with_progress_off_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """What is written is not lost with progress off."""
    off(1).write("kept")

    assert capsys.readouterr().err == "kept\n"


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (ValueError("no ink"), "failed", "ValueError: no ink"),
        (KeyboardInterrupt(), "interrupted", ""),
        (asyncio.CancelledError(), "interrupted", ""),
        (SystemExit(), "stopped", ""),
        (SystemExit(0), "stopped", ""),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (SystemExit("no ink"), "failed", "SystemExit: no ink"),
        (GeneratorExit(), "stopped", ""),
    ],
    ids=repr,
)
def test_an_exception_tells_how_a_block_ended(error: BaseException, state: str, reason: str) -> None:
    """A `with` block ends the bar by the exception that leaves it, and lets it pass."""
    with pytest.raises(type(error)), off(10) as bar:
        raise error

    snapshot = bar.snapshot()
    assert (state, reason) == (snapshot.state, snapshot.reason)


def test_an_exception_without_words_passes_unharmed() -> None:
    """An exception whose `__str__` raises leaves the block as itself."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    with pytest.raises(Mute), off(10) as bar:
        raise Mute

    assert bar.state == "failed"


def test_a_block_that_ends_below_the_total_was_stopped() -> None:
    """Coming to the end with less than the total is an early end; with an unknown total it is the end."""
    with off(10) as bar:
        bar.update(9)
    assert bar.state == "stopped"
    with off() as bar:
        bar.update(9)

    assert bar.state == "finished"


@pytest.mark.parametrize("count", [7, 12])
def test_a_block_that_ends_beside_an_estimate_has_finished(count: int) -> None:
    """An estimated total is none that has to be reached; in the end it is the count."""
    with off(10, estimated=True) as bar:
        bar.update(count)

    assert (bar.state, bar.total, bar.estimated) == ("finished", count, False)


def test_only_the_first_end_counts(recorded: Recorder) -> None:
    """After `fail` a `close` changes nothing, and the last frame is drawn once."""
    with headway.get_bar(10, desc="a") as bar:
        bar.fail("no ink")
        bar.stop()
        bar.close()

    assert [(s.state, s.reason) for s in recorded.closed] == [("failed", "no ink")]


def test_the_rate_of_a_closed_bar_is_its_average(clock: Any) -> None:
    """When it is over, the rate is units by seconds, and time stands still."""
    bar = off(100)
    for step in (1.0, 2.0, 7.0):
        clock.tick(step)
        bar.update(10)
        bar.snapshot()
    bar.close()
    clock.tick(100.0)

    assert (bar.rate, bar.elapsed, bar.eta) == (3.0, 10.0, None)


def test_a_dropped_bar_is_closed(recorded: Recorder) -> None:
    """A bar that nobody holds any longer has been stopped."""
    bar = headway.get_bar(10, desc="a")
    bar.update(3)
    del bar

    assert (recorded.last("a").n, recorded.last("a").state) == (3, "stopped")


def test_a_last_frame_is_out_when_the_bar_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    """What the program prints next stands below the bar's last line."""
    file = io.StringIO()
    headway.get_bar(1, desc="a", backend="plain", file=file).close()

    assert file.getvalue().count("\n") == 2
    assert capsys.readouterr().err == ""


def test_reporting_from_a_metric_is_allowed(recorded: Recorder, until: Callable[..., None]) -> None:
    """A metric that is a callable may use the bar that it is shown on."""
    with headway.get_bar(10, desc="a") as bar:
        bar.metrics(done=lambda: bar.n)
        bar.update(4)

    assert recorded.last("a").metrics["done"].value == 4


# ── after the end ────────────────────────────────────────────────────────────────────────────────────────────────────

VERBS: dict[str, Callable[[Bar], object]] = {
    "update": lambda bar: bar.update(2),
    "set": lambda bar: bar.set(2),
    "reset": lambda bar: bar.reset(),
    "metrics": lambda bar: bar.metrics(loss=1),
    "message": lambda bar: bar.message("x"),
    "pause": lambda bar: bar.pause(),
    "total": lambda bar: setattr(bar, "total", 7),
    "desc": lambda bar: setattr(bar, "desc", "b"),
    "load_state_dict": lambda bar: bar.load_state_dict({"version": 1, "n": 7, "total": 9, "elapsed": 1.0}),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_closed_bar_is_harmless_and_says_so_once(verb: str) -> None:
    """Using a bar after its end changes nothing and warns once, at the line that did it."""
    bar = off(10, desc="a")
    bar.update(5)
    bar.close()
    before = bar.snapshot()

    with pytest.warns(HeadwayWarning, match=rf"{verb}\(\) on a bar that is closed .*Make a new bar") as caught:
        VERBS[verb](bar)
        VERBS[verb](bar)

    assert [__file__] == [w.filename for w in caught]
    assert before == bar.snapshot()


def test_closing_twice_and_resuming_after_the_end_say_nothing() -> None:
    """What is often done twice by honest programs is no cause for a warning."""
    with off(1) as bar:
        bar.close()
    bar.resume()
    bar.stop()

    assert bar.state == "stopped"


def test_nothing_is_kept_of_ten_thousand_bars(no_thread: Callable[[], None]) -> None:
    """However many bars come and go, they leave neither entries nor a thread."""
    file = io.StringIO()
    for _ in range(10_000):
        headway.get_bar(1, backend="plain", file=file).close()

    no_thread()
    assert hub.display.bars == {}
    assert file.getvalue().count("\n") == 20_000


def test_nothing_is_kept_of_files_that_were_drawn_on() -> None:
    """Under an outer bar, inner bars on files of their own leave nothing once they are closed."""
    with headway.get_bar(1, backend="plain", file=io.StringIO()):
        for _ in range(5):
            headway.get_bar(1, backend="plain", file=io.StringIO()).close()

        assert len([*hub.outlets]) == 1


def test_repr_names_the_bar() -> None:
    """In a debugger a bar says which one it is and how far."""
    bar = off(10, desc="train")
    bar.update(3)

    assert repr(bar) == "<headway.Bar 'train' 3/10 running>"
    assert repr(off(name="lib.b")) == "<headway.Bar 'lib.b' 0 running>"


def test_a_misspelt_name_raises_with_progress_off_too() -> None:
    """A bar that is not shown is not deaf: what does not exist raises."""
    with pytest.raises(AttributeError):
        off(1).advance(1)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        off(1).descr = "x"  # type: ignore[attr-defined]
