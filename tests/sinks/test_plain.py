"""Plain lines: sparse, parseable, without control characters."""

import contextlib
import io
import json
import math
import random
from typing import Any

import pytest

import headway
from headway.choosing import selection
from headway.choosing.wishes import parse
from headway.host.stream import SafeStream
from headway.sink import Context
from headway.sinks.plain import LINE, PlainSink, line
from headway.snapshot import Reading, Snapshot

BAR = Snapshot(1, desc="train", n=0, total=1000)
HOSTILE = ['"', "\\", "=", " ", "é", "訓", "{0}", "n=3", 'state="x"', "%", "'", "\\n", "#", "[", "\t"]


def fields(text: str) -> dict[str, str | None]:
    """Parse a line by the documented expression."""
    found = LINE.fullmatch(text)
    assert found, text
    return found.groupdict()


def test_a_full_line() -> None:
    """A line has all there is, in one order, with numbers for machines."""
    s = BAR._replace(
        n=400, elapsed=3.14, eta=4.56, rate=13.234, metrics={"loss": Reading(0.1, "0.1000"), "lr": Reading(1, "1")},
        message='say "hi"',
    )  # fmt: skip
    text = line(s)

    assert text == (
        "headway train n=400 total=1000 40% unit=it elapsed=3.1 eta=4.6 rate=13.23 state=running loss=0.1000 lr=1 "
        '"say \\"hi\\""'
    )
    assert fields(text) == {
        "time": None, "label": "train", "n": "400", "about": "", "total": "1000", "percent": "40", "unit": "it", "phase": None, "elapsed": "3.1", "eta": "4.6",
        "stalled": None, "rate": "13.23", "state": "running", "blocked": None, "reason": None, "metrics": " loss=0.1000 lr=1",
        "message": '"say \\"hi\\""',
    }  # fmt: skip


def test_a_bar_that_stands_still_says_so() -> None:
    """Where nothing has come for far too long there is a line at once: since when, and no remaining time."""
    s = BAR._replace(n=400, elapsed=3.14, stalled=200.04)

    assert " elapsed=3.1 stalled=200.0 state=running" in line(s)
    assert (fields(line(s))["stalled"], fields(line(s))["eta"]) == ("200.0", None)


def test_a_bar_that_is_held_up_says_by_which() -> None:
    """The thing that holds the work up stands beside the state, in the words of the program."""
    s = BAR._replace(n=400, elapsed=3.14, blocked='the "GPU"')

    assert ' elapsed=3.1 state=running blocked="the \\"GPU\\""' in line(s)
    assert json.loads(fields(line(s))["blocked"] or "") == s.blocked


def test_that_a_bar_is_held_up_is_told_without_any_progress() -> None:
    """After the interval there is a line that says so, and one after the next that says it goes on; none between."""
    file = io.StringIO()
    sink = PlainSink(Context(SafeStream(file)))
    sink.open(BAR)
    for elapsed, blocked in ((1, "lock"), (30, "lock"), (60, "lock"), (90, ""), (120, "")):
        sink.update(BAR._replace(elapsed=float(elapsed), blocked=blocked))

    told = [fields(text) for text in file.getvalue().splitlines()]
    assert [(each["elapsed"], each["blocked"]) for each in told] == [("0.0", None), ("30.0", '"lock"'), ("90.0", None)]


def test_a_bare_line() -> None:
    """What is not known is left out."""
    found = fields(line(BAR._replace(total=None)))

    assert tuple(found[key] for key in ("n", "total", "percent", "eta", "rate", "metrics", "message")) == (
        "0",
        None,
        None,
        None,
        None,
        "",
        None,
    )


@pytest.mark.parametrize("state", ["finished", "stopped", "failed", "interrupted"])
def test_a_last_line_says_how_it_ended(state: Any) -> None:
    """A line about a bar that has ended has its state and reason, and no remaining time."""
    found = fields(line(BAR._replace(state=state, reason='no "ink"', eta=5.0)))

    assert (state, None) == (found["state"], found["eta"])
    assert json.loads(found["reason"] or "") == 'no "ink"'


def test_a_paused_bar_says_so() -> None:
    """A pause is a state of its own in a log."""
    assert fields(line(BAR._replace(paused=True)))["state"] == "paused"


def test_a_bar_without_a_description_is_told_by_its_name_or_number() -> None:
    """Every line has a label."""
    assert [fields(line(BAR._replace(desc="", name=name)))["label"] for name in ("lib.train", "")] == [
        "lib.train",
        "bar1",
    ]


def random_picture(dice: random.Random) -> Snapshot:
    """Make a picture with hostile texts and numbers of all sizes."""

    def text() -> str:
        return "".join(dice.choices(HOSTILE, k=dice.randrange(5))).replace("\t", "")

    def number() -> float:
        return dice.choice([0, 7, 10**18, dice.random(), 10 ** dice.uniform(-9, 18)])

    return Snapshot(
        dice.randrange(9), desc=text(), name=text(), unit=text(), n=number(), total=dice.choice([None, 0, number()]),
        elapsed=10 ** dice.uniform(-3, 9), rate=dice.choice([None, number()]), eta=dice.choice([None, number()]),
        metrics={text(): Reading(0, text()) for _ in range(dice.randrange(3))}, message=text(), reason=text(),
        blocked=text(),
        state=dice.choice(["running", "finished", "stopped", "failed", "interrupted"]), paused=dice.random() < 0.1,
    )  # fmt: skip


def test_every_line_can_be_parsed() -> None:
    """Whatever is in texts and numbers, the expression matches the whole line and gives them back."""
    dice = random.Random(4)
    for _ in range(5000):
        s = random_picture(dice)
        found = fields(line(s))
        label = found["label"] or ""
        assert (s.desc or s.name or f"bar{s.id}") == (json.loads(label) if label.startswith('"') else label)
        assert s.message == json.loads(found["message"] or '""')
        assert s.reason == json.loads(found["reason"] or '""')
        assert float(found["n"] or -1) == pytest.approx(s.n, rel=1e-5)
        assert (s.total is None) == (found["total"] is None) == (found["percent"] is None)
        assert len(s.metrics) == (found["metrics"] or "").count("=")


class Log:
    """A plain sink and what it has written."""

    def __init__(self, **options: float) -> None:
        self.file = io.StringIO()
        self.sink = PlainSink(Context(SafeStream(self.file)))
        self.sink.open(BAR._replace(options=options))

    def at(self, elapsed: float, n: float, **change: Any) -> None:
        """Show the picture of a moment."""
        self.sink.update(BAR._replace(elapsed=elapsed, n=n, **change))

    def counts(self) -> list[str | None]:
        """Return the counts that have been written."""
        return [fields(text)["n"] for text in self.file.getvalue().splitlines()]


def test_first_and_last_lines_are_always_written() -> None:
    """However short a bar lives, it has a first and a last line."""
    log = Log()
    log.at(0.01, 999)
    log.sink.close(BAR._replace(n=1000, elapsed=0.02, state="finished"))

    assert log.counts() == ["0", "1000"]


def test_a_line_takes_both_time_and_work() -> None:
    """In between there is a line when 30 s have passed and 5 % more are done, not for one of the two."""
    log = Log()
    log.at(29.9, 900)
    log.at(500.0, 0)
    assert log.counts() == ["0"]
    log.at(500.0, 50)
    assert log.counts() == ["0", "50"]
    log.at(529.0, 999)
    log.at(531.0, 999)

    assert log.counts() == ["0", "50", "999"]


def test_a_bar_that_moves_gives_signs_of_life() -> None:
    """After half a minute, then after 2, 10 and each 30 minutes, however little is done; never if nothing is."""
    log = Log()
    moments = [(29, 1), (31, 2), (119, 3), (120, 4), (599, 5), (601, 6), (1799, 7), (1800, 8), (3599, 9), (3601, 10)]
    for elapsed, n in moments:
        log.at(float(elapsed), n)
    log.at(9000.0, 10)

    assert log.counts() == ["0", "2", "4", "6", "8", "10"]


def test_another_remaining_time_is_news() -> None:
    """It is told after the interval, if it is a fifth off the one that was told, less the time since."""
    log = Log()
    log.at(31.0, 1, eta=1000.0)
    log.at(62.0, 2, eta=969.0)
    log.at(63.0, 3, eta=800.0)
    log.at(64.0, 4, eta=760.0)
    log.at(80.0, 5, eta=400.0)
    log.at(95.0, 6, eta=400.0)

    assert log.counts() == ["0", "1", "4", "6"]


def test_trouble_is_told_at_once_but_not_each_time() -> None:
    """The first NaN of a metric does not wait for the interval; that of another one soon after does."""
    log = Log()
    for second, names in enumerate((["a"], ["a"], ["a", "b"], ["a", "b"])):
        log.at(second + 1.0, second, metrics={name: Reading(math.nan, "NAN", since=1) for name in names})

    assert log.counts() == ["0", "0"]
    assert "a=NAN a.since=1" in log.file.getvalue()


def test_without_a_total_time_decides() -> None:
    """With an unknown total there is a line each 30 s."""
    log = Log()
    for second in range(100):
        log.at(float(second), second, total=None)

    assert log.counts() == ["0", "30", "60", "90"]


def test_the_intervals_can_be_set() -> None:
    """`plain?interval=1&percent=50` writes a line each second and half of the work."""
    log = Log(interval=1.0, percent=50.0)
    for second in range(1, 11):
        log.at(float(second), second * 100)

    assert log.counts() == ["0", "500", "1000"]
    everything = Log(interval=0.0, percent=0.0)
    everything.at(0.0, 0)
    assert everything.counts() == ["0", "0"]


def test_text_and_metrics_add_no_lines() -> None:
    """Ten thousand messages, descriptions, totals and metrics are worth no line of their own."""
    log = Log()
    for i in range(10_000):
        metric = {"loss": Reading(i, str(i))}
        log.at(29.0, 0, message=str(i), desc=f"train {i}", total=1000 + i, metrics=metric, paused=bool(i % 2))

    assert log.counts() == ["0"]


def test_several_bars_are_counted_apart() -> None:
    """Each bar has a line of its own when its time has come."""
    log = Log()
    log.sink.open(BAR._replace(id=2, desc="other"))
    log.at(31.0, 500)
    log.sink.update(BAR._replace(id=2, desc="other", elapsed=10.0, n=500))

    assert log.counts() == ["0", "0", "500"]


@pytest.mark.parametrize("wrong", ["interval=-1", "percent=x", "interval=nan", "percent="])
def test_wrong_intervals_are_refused(wrong: str) -> None:
    """An interval is a number that is not negative."""
    with pytest.raises(headway.BackendOptionError, match=f"option '{wrong.split('=', maxsplit=1)[0]}' .* cannot be"):
        selection.check(parse(f"plain?{wrong}"))


def test_no_control_byte_is_written() -> None:
    """Whatever is reported, a log gets line feeds and no other control character."""
    file = io.StringIO()
    bad = "\x1b[31mred\r\n\t\x07\x00\x9b\u2028"
    with headway.get_bar(10, desc=bad, unit=bad, name=bad, backend="plain", file=file) as bar:
        bar.message(bad)
        bar.metrics(**{bad: bad})
        bar.write(bad)
        bar.fail(bad)

    lines = file.getvalue().split("\n")
    assert not [c for c in "".join(lines) if not c.isprintable()]
    assert sum(bool(LINE.fullmatch(text)) for text in lines) == 2


@pytest.mark.parametrize("text", ["one\ntwo", "x" * 5000, "", "é", "a\n\nb\n"])
def test_written_text_is_whole(text: str) -> None:
    """Text without control characters goes into a log as it is, whatever its length."""
    file = io.StringIO()
    PlainSink(Context(SafeStream(file))).write(text)

    assert f"{text}\n" == file.getvalue()


def test_a_pipe_gets_three_lines_at_most(run: Any) -> None:
    """200 000 updates with a new message each write a first and a last line into a pipe, and hardly more."""
    done = run(
        """
        import headway
        with headway.get_bar(200_000, desc="a") as bar:
            for i in range(200_000):
                bar.update(); bar.message(f"step {i}"); bar.metrics(loss=i)
        """
    )

    lines = done.stderr.splitlines()
    assert 2 <= len(lines) <= 3
    assert [fields(lines[0])["n"], fields(lines[-1])["n"]] == ["0", "200000"]
    assert fields(lines[-1])["message"] == '"step 199999"'


def lines_of(backend: str, epochs: int, *, fails_in: int = -1, leave: bool | None = None) -> list[str]:
    """Run a loop with a short loop inside, into a log, and return the labels and states of its lines."""
    log = io.StringIO()
    with contextlib.suppress(ArithmeticError), headway.use(backend):
        for epoch in headway.track(range(epochs), desc="outer", file=log):
            for step in headway.track(range(3), desc=f"inner-{epoch}", file=log, leave=leave):
                if (epoch, step) == (fails_in, 1):
                    raise ArithmeticError
    found = [fields(text) for text in log.getvalue().splitlines()]
    return [f"{line['label']} {line['state']}" for line in found]


def test_a_thousand_short_bars_inside_another_are_not_told_of() -> None:
    """A search that fits a thousand times fills no log: bars that leave no row share the interval."""
    assert lines_of("plain", 1000) == ["outer running", "outer finished"]


def test_bars_inside_that_stay_are_told_of_each() -> None:
    """What leaves a row on a terminal leaves its lines in a log."""
    inner = [f"inner-{i} {state}" for i in range(2) for state in ("running", "finished")]

    assert lines_of("plain", 2, leave=True) == ["outer running", *inner, "outer finished"]
    assert lines_of("plain?interval=0", 2) == ["outer running", *inner, "outer finished"]


def test_a_fault_in_a_bar_inside_is_told() -> None:
    """The bar in which it went wrong is in the log, whatever the interval."""
    assert lines_of("plain", 9, fails_in=7) == ["outer running", "inner-7 failed", "outer failed"]


def test_a_bar_inside_that_was_told_of_is_told_to_its_end() -> None:
    """A log has no bar that began and was never heard of again."""
    out = io.StringIO()
    sink = PlainSink(Context(SafeStream(out)))
    inner = BAR._replace(id=2, parent=1, leave=False, desc="inner")
    for snapshot in (BAR, inner):
        sink.open(snapshot)
    sink.update(inner._replace(n=100, elapsed=31.0))
    sink.close(inner._replace(n=1000, elapsed=40.0, state="finished"))

    assert [fields(text)["label"] for text in out.getvalue().splitlines()] == ["train", "inner", "inner"]
