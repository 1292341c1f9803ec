"""Sentences for screen readers."""

import io
import math
from importlib.util import find_spec
from typing import Any

import pytest

import headway
from headway.host.stream import SafeStream
from headway.sink import Context
from headway.sinks.spoken import SpokenSink, beginning, end, progress
from headway.snapshot import Reading, Snapshot, Workers
from headway.testing import run_in_terminal

BAR = Snapshot(1, desc="training", unit="batch", total=1000)
HALF = BAR._replace(n=450, elapsed=125.0, eta=170.0)
NAN = {"loss": Reading(math.nan, "NAN", " since 450", since=450)}


@pytest.mark.parametrize(
    ("snapshot", "sentence"),
    [
        (BAR, "Training started, 1000 batches."),
        (BAR._replace(total=1), "Training started, 1 batch."),
        (BAR._replace(total=0), "Training started, 0 batches."),
        (BAR._replace(total=None), "Training started."),
        (BAR._replace(estimated=True), "Training started, about 1000 batches."),
        (BAR._replace(n=400, initial=400), "Training resumed at 400 of 1000 batches."),
        (BAR._replace(desc="", name="lib.train"), "Lib.train started, 1000 batches."),
        (BAR._replace(desc=""), "Progress started, 1000 batches."),
        (BAR._replace(desc="Epoch 1:"), "Epoch 1 started, 1000 batches."),
        (BAR._replace(desc="訓練"), "訓練 started, 1000 batches."),
        (BAR._replace(desc="élan"), "Élan started, 1000 batches."),
        (BAR._replace(desc="word " * 100), f"Word{' word' * 15} started, 1000 batches."),
        (BAR._replace(desc="x" * 100), f"X{'x' * 79} started, 1000 batches."),
    ],
)
def test_beginnings(snapshot: Snapshot, sentence: str) -> None:
    """A first sentence says the work and its size."""
    assert beginning(snapshot) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "Training is at 45 per cent, 450 of 1000 batches, about 3 minutes left."),
        ({"eta": None}, "Training is at 45 per cent, 450 of 1000 batches."),
        ({"eta": 3.0}, "Training is at 45 per cent, 450 of 1000 batches, a few seconds left."),
        ({"total": None, "eta": None}, "Training is at 450 batches, after 2 minutes 5 seconds."),
        ({"n": 1, "total": None, "eta": None}, "Training is at 1 batch, after 2 minutes 5 seconds."),
        ({"n": 0, "total": 0, "eta": None}, "Training is at 0 of 0 batches."),
        (
            {"n": 1200, "eta": None},
            "Training is at 120 per cent, 1200 batches, 200 more than expected, after 2 minutes 5 seconds.",
        ),
        ({"estimated": True}, "Training is at 45 per cent, 450 of about 1000 batches, about 3 minutes left."),
        ({"paused": True}, "Training is paused at 45 per cent, 450 of 1000 batches."),
        ({"stalled": 200.0, "eta": None}, "Training has not moved for 3 minutes 20 seconds, at 450 of 1000 batches."),
        ({"phase": "validate", "eta": None}, "Training, phase validate, is at 45 per cent, 450 of 1000 batches."),
        ({"metrics": NAN, "eta": None}, "Training is at 45 per cent, 450 of 1000 batches, loss not a number."),
        (
            {"eta": None, "metrics": {"loss": Reading(0.12, "0.1200"), "val_acc": Reading(0.987654, "0.9877")}},
            "Training is at 45 per cent, 450 of 1000 batches, loss 0.12, val acc 0.988.",
        ),
        (
            {"eta": None, "metrics": {"lr": Reading(3e-4, "0.00030", format=".5f"), "file": Reading("a.txt", "a.txt")}},
            "Training is at 45 per cent, 450 of 1000 batches, lr 0.00030, file a.txt.",
        ),
        (
            {"eta": None, "workers": Workers(8, 0.129, 0.8)},
            "Training is at 45 per cent, 450 of 1000 batches, 8 workers, the slowest at 12 per cent.",
        ),
        (
            {"eta": None, "workers": Workers(1)},
            "Training is at 45 per cent, 450 of 1000 batches, 1 worker.",
        ),
        (
            {"eta": None, "unit": "B", "unit_scale": "iec", "n": 2**29, "total": 2**31},
            "Training is at 25 per cent, 512 mebibytes of 2 gibibytes.",
        ),
    ],
)
def test_progress(change: dict[str, Any], sentence: str) -> None:
    """A sentence in between says how far it is, how long it takes, and the metrics."""
    assert progress(HALF._replace(**change)) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": "finished", "n": 1000}, "Training finished, 1000 batches in 2 minutes 5 seconds."),
        (
            {"state": "finished", "n": 1, "total": 1, "elapsed": 0.2},
            "Training finished, 1 batch in less than a second.",
        ),
        ({"state": "finished", "total": None}, "Training finished, 450 batches in 2 minutes 5 seconds."),
        ({"state": "finished", "n": 0, "total": 0}, "Training finished, 0 batches in 2 minutes 5 seconds."),
        (
            {"state": "finished", "n": 1200},
            "Training finished, 1200 batches in 2 minutes 5 seconds, 200 more than expected.",
        ),
        (
            {"state": "finished", "n": 1000, "metrics": {"loss": Reading(0.12, "0.1200")}},
            "Training finished, 1000 batches in 2 minutes 5 seconds, loss 0.12.",
        ),
        (
            {"state": "failed", "reason": "ValueError: out of ink"},
            "Training failed after 450 of 1000 batches: ValueError: out of ink.",
        ),
        ({"state": "failed", "reason": "Why?"}, "Training failed after 450 of 1000 batches: Why?"),
        ({"state": "failed", "total": None, "n": 1}, "Training failed after 1 batch."),
        ({"state": "interrupted"}, "Training was interrupted after 450 of 1000 batches."),
        (
            {"state": "stopped", "reason": "no better for 5 epochs."},
            "Training stopped after 450 of 1000 batches: no better for 5 epochs.",
        ),
    ],
)
def test_ends(change: dict[str, Any], sentence: str) -> None:
    """A last sentence says how it ended."""
    assert end(HALF._replace(**change)) == sentence


class Speech:
    """A sink and the sentences that it has written."""

    def __init__(self, first: Snapshot = BAR, **options: float) -> None:
        self.file = io.StringIO()
        self.first = first
        self.sink = SpokenSink(Context(SafeStream(self.file), options))
        self.sink.open(first)

    def at(self, elapsed: float, n: float, **change: Any) -> None:
        """Show the picture of a moment."""
        self.sink.update(self.first._replace(elapsed=elapsed, n=n, **change))

    def end(self, elapsed: float, n: float, **change: Any) -> None:
        """Show the last picture."""
        self.sink.close(self.first._replace(elapsed=elapsed, n=n, **{"state": "finished", **change}))

    def sentences(self) -> list[str]:
        """Return what has been said."""
        return self.file.getvalue().splitlines()


def test_ten_per_cent_are_worth_a_sentence_and_ten_seconds_lie_between_two() -> None:
    """A fast bar speaks each ten seconds, a slow one at each ten per cent."""
    speech = Speech()
    for second in range(1, 41):
        speech.at(second, second * 20)
    fast = speech.sentences()
    slow = Speech()
    for minute in range(1, 41):
        slow.at(minute * 60.0, minute * 5)

    assert [text.split(",")[0].removeprefix("Training ") for text in fast] == [
        "started", "is at 20 per cent", "is at 40 per cent", "is at 60 per cent", "is at 80 per cent",
    ]  # fmt: skip
    assert [text.split(",")[0].removeprefix("Training ") for text in slow.sentences()] == [
        "started", "is at 10 per cent", "is at 20 per cent",
    ]  # fmt: skip


@pytest.mark.parametrize("total", [None, 0])
def test_without_a_total_a_minute_decides(total: int | None) -> None:
    """With nothing to measure it by there is a sentence a minute."""
    speech = Speech(BAR._replace(total=total))
    for second in range(1, 150):
        speech.at(second, second)

    assert [text.partition(",")[0] for text in speech.sentences()[1:]] == [
        "Training is at 60 batches", "Training is at 120 batches",
    ]  # fmt: skip


def test_the_options_set_both() -> None:
    """`spoken?interval=2&percent=50` waits for half of the work."""
    speech = Speech(interval=2.0, percent=50.0)
    for second in range(1, 11):
        speech.at(second, second * 100)

    assert [text.split(", ")[1] for text in speech.sentences()[1:]] == ["500 of 1000 batches.", "1000 of 1000 batches."]


def test_trouble_is_said_though_nothing_moves() -> None:
    """A stall and a metric that is no number are said when the interval has passed, once."""
    speech = Speech()
    speech.at(5, 10, metrics=NAN)
    speech.at(10, 10, metrics=NAN)
    speech.at(30, 10, metrics=NAN, stalled=20.0)
    speech.at(60, 10, metrics=NAN, stalled=50.0)

    assert speech.sentences()[1:] == [
        "Training is at 1 per cent, 10 of 1000 batches, loss not a number.",
        "Training has not moved for 20 seconds, at 10 of 1000 batches.",
    ]


def test_a_bar_that_starts_over_waits_anew() -> None:
    """After `reset` the interval counts from the new start."""
    speech = Speech()
    speech.at(50, 500)
    speech.at(1, 0)
    speech.at(5, 500)
    speech.at(12, 500)

    assert len(speech.sentences()) == 3


def test_a_short_bar_inside_another_is_not_spoken() -> None:
    """Of bars that leave no row only those are heard of that live for the interval, or fail."""
    inner = BAR._replace(id=2, parent=1, leave=False, desc="epoch")
    short, long, fails, stays = Speech(inner), Speech(inner), Speech(inner), Speech(inner._replace(leave=True))
    for speech in (short, fails, stays):
        speech.at(9, 900)
        speech.end(9.5, 950, state="finished" if speech is short else "failed")
    long.at(10, 100)
    long.end(12, 1000)

    assert short.sentences() == []
    assert fails.sentences() == ["Epoch failed after 950 of 1000 batches."]
    assert stays.sentences() == ["Epoch started, 1000 batches.", "Epoch failed after 950 of 1000 batches."]
    assert long.sentences() == [
        "Epoch is at 10 per cent, 100 of 1000 batches.",
        "Epoch finished, 1000 batches in 12 seconds.",
    ]


def test_no_control_character_is_written() -> None:
    """Whatever is reported, there are line feeds and no other control character."""
    file = io.StringIO()
    bad = "\x1b[31mred\r\n\t\x07\x00\x9b\u2028"
    with headway.get_bar(10, desc=bad, unit=bad, name=bad, backend="spoken", file=file) as bar:
        bar.metrics(**{bad: bad})
        bar.write(bad)
        bar.write("two\nlines, as they are")
        bar.fail(bad)

    assert not [c for c in "".join(file.getvalue().split("\n")) if not c.isprintable()]
    assert "two\nlines, as they are\n" in file.getvalue()


@pytest.mark.parametrize("wrong", ["interval=-1", "percent=x", "interval=nan"])
def test_wrong_options_are_refused(wrong: str) -> None:
    """A number that is not negative is asked for."""
    with pytest.raises(headway.BackendOptionError, match="cannot be"):
        headway.get_bar(1, backend=f"spoken?{wrong}", file=io.StringIO())


def test_a_program_speaks(run: Any) -> None:
    """A run in a pipe is two sentences, and one for a failure."""
    done = run(
        """
        import headway
        for i in headway.track(range(1000), desc="training", unit="batch"):
            for j in headway.track(range(3), desc="inner"): pass
        with headway.get_bar(10, desc="printing") as bar:
            bar.update(4)
            raise ValueError("out of ink")
        """,
        HEADWAY_BACKEND="spoken",
    )
    said = done.stderr.partition("Traceback")

    assert done.returncode == 1
    assert said[0].splitlines()[0] == "Training started, 1000 batches."
    assert said[0].splitlines()[1].startswith("Training finished, 1000 batches in ")
    assert done.stderr.splitlines()[2] == "Printing started, 10 items."
    assert "Printing failed after 4 of 10 items: ValueError: out of ink." in done.stderr.splitlines()


def test_a_terminal_gets_lines_alone() -> None:
    """On a terminal nothing is drawn over, whatever the program prints."""
    screen = run_in_terminal(
        """
        import headway
        for i in headway.track(range(3), desc="work"): print("line", i)
        """,
        env={"HEADWAY_BACKEND": "spoken"},
    )

    assert screen.rows == [
        "Work started, 3 items.", "line 0", "line 1", "line 2", "Work finished, 3 items in less than a second.",
    ]  # fmt: skip
    assert "\x1b" not in screen.raw
    assert "\r" not in screen.raw.replace("\r\n", "\n")


@pytest.mark.skipif(not find_spec("headway_tqdm"), reason="no renderer is installed that draws rows")
def test_sentences_go_into_a_file_while_a_row_is_drawn(tmp_path: Any) -> None:
    """A bar may speak into a file, and another be drawn on the terminal."""
    screen = run_in_terminal(
        f"""
        import headway
        with open({str(tmp_path / "said")!r}, "w") as said:
            for i in headway.track(range(3), desc="work", backend="tqdm"):
                for j in headway.track(range(3), desc="inner", backend="spoken", leave=True, file=said):
                    print("line", i, j)
        """
    )

    assert [row for row in screen.rows if row.startswith("line")] == [
        f"line {i} {j}" for i in range(3) for j in range(3)
    ]
    assert screen.rows[-1].startswith("work: 100%"), str(screen)
    assert len((tmp_path / "said").read_text().splitlines()) == 6
