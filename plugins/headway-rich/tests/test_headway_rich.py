"""rich's look, and rich's own columns, under headway."""

import io
import os
import re

import pytest

import headway
from headway import format as fmt
from headway.host.stream import SafeStream
from headway.sink import Context, Frame
from headway.snapshot import Reading, Snapshot
from headway.testing import Screen, run_in_terminal
from headway_rich import RichSink
from headway_rich.options import LOOK


def show(code: str, backend: str = "rich", *, warns: bool = False, **terminal: object) -> Screen:
    """Run a program under the renderer."""
    terminal.setdefault("columns", 100)
    env = {"HEADWAY_BACKEND": backend, "COLORTERM": "", **terminal.pop("env", {})}
    screen = run_in_terminal(code, env=env, **terminal)

    assert screen.status == 0, str(screen)
    assert warns or "HeadwayWarning" not in screen.raw, str(screen)
    return screen


RUN = """
import headway
with headway.get_bar(50, desc='alpha') as bar:
    bar.metrics(loss=0.5)
    bar.update({n})
    {then}
"""


def run(n: int = 50, then: str = "pass") -> str:
    return RUN.replace("{n}", str(n)).replace("{then}", then)


def test_the_look_is_richs() -> None:
    """By default you see rich's bar in rich's colours, with all that headway knows beside it."""
    screen = show(run())

    assert re.fullmatch(r"alpha ━{40} 100% 50/50 00:00 \S+it/s loss=0.5000", screen.rows[-1])
    assert "\x1b[35m100%\x1b[0m" in screen.raw


def test_columns_come_through_a_query() -> None:
    """`columns` names what is shown, in its order, and `bar_width` how wide the bar is."""
    screen = show(run(), backend="rich?columns=percentage+bar+metric.loss&bar_width=5&complete_style=green")

    assert screen.rows == ["100% ━━━━━ loss=0.5000"]


def test_columns_that_do_not_say_how_it_ended_get_the_word() -> None:
    """An early end is told whatever the columns are."""
    screen = show(run(20), backend="rich?columns=percentage+bar")

    assert screen.rows[0].startswith("stopped 40% ━━━━")


NATIVE = """
import headway
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, SpinnerColumn, TaskProgressColumn
from rich.progress import TextColumn, TimeElapsedColumn, TimeRemainingColumn, TransferSpeedColumn
columns = ['[bold]{task.description}', TextColumn('{task.fields[loss]:.2f}', justify='right'), BarColumn(10), '•',
           DownloadColumn(), MofNCompleteColumn(), SpinnerColumn(), TaskProgressColumn(), TimeElapsedColumn(),
           TimeRemainingColumn(), TransferSpeedColumn(), 'count', lambda s: f'<{s.n}>']
with headway.get_bar(1000, desc='[x] al/pha', ASKED) as bar: bar.metrics(loss=0.5); bar.update(1000)
"""


@pytest.mark.parametrize("asked", ["widgets=columns", "options={'rich': {'columns': columns}}"])
def test_richs_own_columns(asked: str) -> None:
    """A list as a rich user writes it, names and functions of headway's in it, looks as under rich."""
    row = show(NATIVE.replace("ASKED", asked), columns=160).rows[-1]

    look = r"\[x\] al/pha 0.50 ━{10} • 1.0/1.0 kB 1000/1000   100% 0:00:00 0:00:00 \S+ \S?B/s 1000/1000 <1000>"
    assert re.fullmatch(look, row), row


def test_a_column_of_ones_own_that_raises_shows_a_mark() -> None:
    """A fault of a column stays in its place, and is told once."""
    code = """
    import headway
    from rich.progress import ProgressColumn
    class Broken(ProgressColumn):
        def render(self, task): raise RuntimeError('no ink')
    with headway.get_bar(10, desc='alpha', widgets=['description', Broken(), 'count']) as bar:
        for i in range(10): bar.update()
    """
    code = code.replace("'description'", "'title'")
    screen = show(code, warns=True)

    assert screen.rows[-1] == "alpha ? 10/10"
    assert screen.raw.count("no ink") == 1


def test_richs_columns_under_another_renderer_are_left_out_with_one_warning() -> None:
    """The same program runs under another renderer; one warning says which columns are missing."""
    from rich.progress import BarColumn

    with pytest.warns(headway.HeadwayWarning, match="left out under 'plain': BarColumn"):
        headway.get_bar(10, backend="plain", widgets=["desc", BarColumn()], file=io.StringIO()).close()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("columns", "description bra", "no widget named"),
        ("columns", [3], "expected names"),
        ("columns", [], "a column at least"),
        ("columns", 5, "expected names"),
        ("bar_width", "0", "expected a number of columns"),
        ("complete_style", "nice nice", "expected a style"),
        ("colour", "red", "It has: bar_width, columns, complete_style, interval"),
    ],
)
def test_bad_options_raise_at_the_call(option: str, value: object, words: str) -> None:
    """A misspelt option or value raises where it was given, and says what there is."""
    with pytest.raises(headway.BackendOptionError, match=words):
        headway.get_bar(10, backend="rich", options={"rich": {option: value}})


@pytest.mark.parametrize(("then", "code"), [("bar.fail()", "31"), ("bar.end('interrupted')", "33")])
def test_bad_ends_are_coloured(then: str, code: str) -> None:
    """A failed bar is red, an interrupted one yellow."""
    assert f"\x1b[{code}m━━━━" in show(run(20, then)).raw


def test_no_color() -> None:
    """Under NO_COLOR there is no colour, not of rich's either."""
    screen = show(run(20, "bar.fail()"), env={"NO_COLOR": "1"})

    assert re.findall(r"\x1b\[[0-9;]+m", screen.raw) == []
    assert "━" in screen.rows[0]


def test_an_encoding_without_richs_characters() -> None:
    """On a stream that has no `━` the bar is drawn with what there is."""
    screen = show(run(), backend="rich?columns=spinner+description+bar", env={"PYTHONIOENCODING": "latin-1"})

    assert screen.rows[0].strip() == f"alpha {'-' * 40}"


def test_an_unknown_total_pulses_and_ends_whole() -> None:
    """While the total is unknown rich's bar pulses; at the end it is whole."""
    code = """
    import headway, time
    for i in headway.track((i for i in range(30)), desc='alpha'): time.sleep(0.02)
    """
    screen = show(code, env={"COLORTERM": "truecolor"})

    assert len(set(re.findall(r"\x1b\[38;2;[0-9;]+m", screen.raw))) > 5
    assert f"alpha {'━' * 40} 30it" in screen.rows[0]


def test_columns_stand_below_one_another_and_what_stays_above() -> None:
    """Bars are in the order of the tree, in one grid; a bar that stays becomes a line above."""
    code = """
    import headway, time
    outer = headway.get_bar(3, desc='a long label')
    with headway.get_bar(10, desc='kept', leave=True) as kept: kept.update(10)
    inner = headway.get_bar(1000, desc='inner'); inner.update(500); time.sleep(0.2)
    headway.write('-'); time.sleep(60)
    """
    rows = run_in_terminal(
        code,
        env={"HEADWAY_BACKEND": "rich"},
        columns=120,
        until=lambda rows: "-" in rows and any("50%" in row for row in rows[-1:]),
    ).rows

    assert [row.split()[0] for row in rows] == ["kept", "-", "a", "inner"]
    assert rows[2].index("━") == rows[3].index("━")
    assert rows[2].index("%") == rows[3].index("%")


def test_more_bars_than_lines() -> None:
    """The outermost bars are visible, the rest is counted, and nothing is scrolled away."""
    code = """
    import headway, time
    print('before')
    bars = [headway.get_bar(10, desc=f'bar {i}', leave=False) for i in range(30)]
    for n in range(9):
        for bar in bars: bar.update()
        time.sleep(0.1)
    headway.write('NOW'); time.sleep(60)
    """
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "rich"}, lines=10, until=lambda rows: "NOW" in rows)

    assert [row[:5] for row in screen.rows[-9:]] == [*(f"bar {i}" for i in range(8)), "... 2"]
    assert screen.rows[:-9] == ["NOW"] or screen.rows[:-9][:1] == ["before"]


class Out(io.StringIO):
    encoding = "utf-8"


class Place(SafeStream):
    """A stream of a terminal of any size."""

    def __init__(self) -> None:
        super().__init__(Out())
        self.columns = 80

    @property
    def size(self) -> os.terminal_size:
        return os.terminal_size((self.columns, 24))


BARS = (
    Snapshot(1, desc="a description of some length", n=2, total=30, elapsed=9, rate=3.1, eta=9.0),
    Snapshot(2, desc="訓練", n=2, elapsed=9, rate=3.1, message="a message", unit="batch"),
    Snapshot(3, desc="x" * 90, state="interrupted", reason="Ctrl-C", n=1, total=3, phase="validate", around="outer 3%"),
    Snapshot(4, metrics={"loss": Reading(0.5, "0.5000"), "accuracy": Reading(0.25, "0.2500")}, n=9, total=3),
)


@pytest.mark.parametrize("columns", [None, "bar", "percentage bar bar", ["{task.description}", "bar", "{task.speed}"]])
def test_rows_are_never_wider_than_the_terminal(columns: object) -> None:
    """Whatever the columns and however narrow the terminal, a row keeps to its line."""
    stream = Place()
    sink = RichSink(Context(stream))
    options = {} if columns is None else {"columns": LOOK["columns"](columns)}
    bars = tuple(s._replace(options=options) for s in BARS)
    for room in [*range(1, 130), 300, 20]:
        stream.columns = room + 2
        stream.file.truncate(0)
        sink.frame(Frame(bars, ended=bars, size=stream.size))
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue()).strip("\x00\r")

        assert max(fmt.width(line) for line in text.split("\n")) <= room, text
        assert len(text.split("\n")) == 2 * len(bars)
        if room > 20:
            assert "interrupted" in text


def test_a_print_while_the_terminal_became_narrower() -> None:
    """Rows that are drawn again for a text have the width that the terminal has now."""
    stream = Place()
    sink = RichSink(Context(stream))
    sink.frame(Frame(BARS, size=stream.size))
    stream.columns = 30
    stream.file.truncate(0)
    sink.write("text")
    lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue()).strip("\x00\r").split("\n")

    assert lines[0] == "text"
    assert max(map(fmt.width, lines[1:])) <= 28


def bars_drawn(stream: Place, sink: RichSink, *bars: Snapshot) -> list[int]:
    """Draw a frame, and return the columns of the bar of each row."""
    stream.file.truncate(0)
    sink.frame(Frame(bars, size=stream.size))
    return [len(re.findall("[━╸╺]", line)) for line in stream.file.getvalue().strip("\x00").split("\n")]


def test_bars_stand_still_while_those_inside_come_and_go() -> None:
    """What a row with metrics has taken from the bars is kept free for the next one, until the terminal's width changes."""
    stream = Place()
    sink = RichSink(Context(stream))
    outer = Snapshot(1, desc="Training", n=1, total=3, elapsed=9, rate=3.1, eta=9.0)
    metrics = {name: Reading(0.5, "0.5000") for name in ("loss", "accuracy")}
    train = outer._replace(id=2, parent=1, desc="Epoch 1", metrics=metrics)
    wide = bars_drawn(stream, sink, outer)
    narrow = bars_drawn(stream, sink, outer, train)

    assert narrow[0] < wide[0]
    assert bars_drawn(stream, sink, outer, train._replace(id=3, metrics={}, n=2)) == narrow
    assert bars_drawn(stream, sink, outer) == narrow[:1]
    assert bars_drawn(stream, sink, outer, train._replace(id=4)) == narrow
    stream.columns = 90
    assert bars_drawn(stream, sink, outer)[0] > narrow[0]


@pytest.mark.parametrize("columns", [44, 60, 80])
def test_a_row_that_is_over_says_which_one_it_is_and_why(columns: int) -> None:
    """The reason of a failure outlasts rate, times and bar, as in headway's own rows."""
    stream = Place()
    stream.columns = columns
    failed = Snapshot(1, desc="check", n=3, total=30, rate=384.0, state="failed", reason="2 of 3 checks failed")
    RichSink(Context(stream)).frame(Frame((), opened=(failed,), ended=(failed,), size=stream.size))
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue())

    assert re.search(r"check FAILED .*10% 3/30 .*2 of 3 checks failed", text), text


def plain_row(s: Snapshot, columns: int) -> str:
    """The row of a bar, without colours."""
    stream = Place()
    stream.columns = columns
    ended = (s,) if s.state != "running" else ()
    RichSink(Context(stream)).frame(Frame((s,)[len(ended) :], opened=(s,), ended=ended, size=stream.size))
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue()).strip()


def test_a_narrow_row_has_its_name_its_phase_and_the_number_of_metrics_without_a_place() -> None:
    """Elapsed and remaining time go before the label is cut, and the bar becomes narrow before the phase goes."""
    metrics = {name: Reading(0.5, "0.5000") for name in ("train/loss", "train/accuracy")}
    s = Snapshot(1, desc="epoch 1", phase="validate", n=2, total=5, elapsed=1.0, eta=2.0, rate=2.0, metrics=metrics)
    for columns in range(40, 60):
        assert re.fullmatch(r"epoch 1 validate \S+ {2}40% 2/5( .*)? \+2", plain_row(s, columns)), columns

    stopped = s._replace(desc="fit", phase="", state="stopped", eta=None, reason="no better for 2 epochs")
    assert plain_row(stopped, 40) == "fit stopped 40% 2/5 +2 no better for ~"


def test_a_column_has_its_place_whole_or_none() -> None:
    """If the elapsed time has gone, no gap is left in its place."""
    stream = Place()
    stream.columns = 44
    sink = RichSink(Context(stream))
    s = Snapshot(1, desc="train", total=100, elapsed=1.0)
    for n in range(3):
        s = s._replace(n=n, eta=3.0 if n else None, metrics={"loss": Reading(0.5, "0.5000")} if n else {})
        sink.frame(Frame((s,), opened=(s,) if not n else (), size=stream.size))
    last = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue()).rpartition("\r")[2]

    assert re.fullmatch(r"train \S+ {3}2% {3}2/100 eta 00:03 \+1", last.rstrip()), last


def test_the_best_value_outlasts_the_first_one() -> None:
    """A summary that has no place is made shorter before it goes."""
    stream = Place()
    mark = " (first 0.8000, best 0.9805 at epoch 9)"
    last = Snapshot(1, desc="training", n=10, total=10, elapsed=2.0, rate=4.0, state="finished")
    last = last._replace(metrics={"loss": Reading(0.5, "0.5000"), "acc": Reading(0.9, "0.9749", mark, best=0.9805)})
    seen = []
    for stream.columns in range(140, 40, -1):
        stream.file.truncate(0)
        RichSink(Context(stream)).frame(Frame((), opened=(last,), ended=(last,), size=stream.size))
        seen.append(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", stream.file.getvalue()).partition("acc=0.9749")[2].strip())

    assert [*dict.fromkeys(seen)][:3] == [mark.strip(), "(best 0.9805)", ""]


def test_a_label_is_cut_only_if_there_is_no_room() -> None:
    """It takes what the bar can spare beyond its ten columns."""
    label = "Evaluating checkpoint-12000 on wmt19-de-en (beam=4, length_penalty=0.6)"
    s = Snapshot(1, desc=label, n=40, total=40, elapsed=2.0, rate=20.0, state="finished")
    rows = {columns: plain_row(s, columns) for columns in range(60, 161)}

    assert all(row.startswith(label) for columns, row in rows.items() if columns >= len(label) + 40)
    cut = [row for row in rows.values() if "~" in row]
    assert cut
    assert all(row.count("━") == 10 for row in cut), "\n".join(cut)


def test_columns_stand_still_whatever_the_digits() -> None:
    """Percentage, count and remaining time have their widest from the first frame on."""
    s = Snapshot(1, desc="files", total=400, elapsed=1.0, rate=20.0)
    for columns in range(40, 121):
        stream = Place()
        stream.columns = columns
        sink, seen = RichSink(Context(stream)), set()
        for n in (0, 3, 9, 10, 42, 99, 100, 399):
            stream.file.truncate(0)
            s = s._replace(n=n, eta=(400 - n) / 20.0 if n else None)
            sink.frame(Frame((s,), opened=(s,) if not n else (), size=stream.size))
            seen.add(len(re.findall("[━╸╺]", stream.file.getvalue())))
        assert len(seen) == 1, (columns, seen)
