"""alive-progress' own look and alive's own bars, under headway."""

import re

import pytest

from headway.testing import Screen, run_in_terminal

RUN = """
import headway, time
with headway.get_bar(100, desc='alpha', options={options}) as bar:
    for i in range(20): bar.update(3); time.sleep(0.01)
"""


def show(code: str, backend: str = "alive", **options: object) -> Screen:
    """Run a program under the renderer."""
    code = code.replace("{options}", repr({"alive": options}))
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": backend}, columns=100)

    assert screen.status == 0, str(screen)
    assert "Warning" not in screen.raw, str(screen)
    return screen


def test_theme_and_length_come_through_a_query() -> None:
    """`alive?theme=classic&length=30` draws alive's classic bar, 30 wide."""
    screen = show(RUN, backend="alive?theme=classic&length=30")

    assert re.match(r"alpha stopped \[=+>! +\] \(!\) 60/100 \[60%\] in 0\.\ds", screen.rows[0])
    assert screen.rows[0].index("]") - screen.rows[0].index("[") == 31


def test_bar_and_spinner_come_through_code() -> None:
    """`bar` and `spinner` mean what they mean to alive_bar."""
    screen = show(RUN, bar="blocks", spinner=None, length=10)

    assert "|▉▉▉▉▉▉" in screen.rows[0].replace("█", "▉")


@pytest.mark.parametrize(("option", "value"), [("theme", "nice"), ("bar", lambda: None), ("size", 3)])
def test_bad_options_raise_at_the_call(option: str, value: object) -> None:
    """A misspelt option or value raises where it was given."""
    import headway

    with pytest.raises(headway.BackendOptionError, match=option):
        headway.get_bar(10, backend="alive", options={"alive": {option: value}})


def test_nested_bars_are_folded_into_the_title() -> None:
    """Alive shows one bar: the innermost, with its ancestors in front of its title."""
    folded = re.compile(r"epochs \d\d% <\d\d:\d\d › batches \|")
    screen = run_in_terminal(
        """
        import headway, time
        with headway.get_bar(3, desc='epochs') as bar:
            bar.update()
            for i in headway.track(range(1000), desc='batches'): time.sleep(0.01)
        """,
        env={"HEADWAY_BACKEND": "alive"},
        columns=100,
        until=lambda rows: any(folded.match(row) for row in rows),
    )

    assert folded.search(screen.raw), str(screen)
    assert "Warning" not in screen.raw, str(screen)


def test_an_inner_bar_that_stays_leaves_its_receipt() -> None:
    """A bar whose place another one takes leaves the row that it would have left alone, in the terminal's characters."""
    code = """
        import headway
        with headway.get_bar(2, desc='outer') as outer:
            with headway.get_bar(10, desc='inner', leave=True) as bar: bar.metrics(loss=0.5); bar.update(5)
            with headway.get_bar(desc='lines', leave=True) as bar: bar.update(3)
            outer.update(2)
        """
    screen = show(code)
    assert re.match(
        r"inner stopped \|█+.?⚠ +\| \(!\) 5/10 \[50%\] in 0\.\ds \([\d.]+/s\) loss=0\.5000$", screen.rows[0]
    )
    assert re.match(r"lines \|█{40}\| 3 in 0\.\ds \([\d.]+/s\)$", screen.rows[1]), str(screen)
    assert screen.rows[2].startswith("outer |█"), str(screen)
    assert len(screen.rows) == 3, str(screen)
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "alive", "PYTHONIOENCODING": "ascii"}, columns=100)
    assert re.match(r"inner stopped \[=+>! +\] \(!\) 5/10", screen.rows[0]), str(screen)


def test_a_native_bar_beside_ours_works() -> None:
    """A bar that the program opens with alive_bar itself is not refused, and both end well."""
    screen = show(
        """
        import headway, sys, time
        from alive_progress import alive_bar
        before = sys.stdout, sys.stderr
        with headway.get_bar(2, desc='ours') as bar:
            for i in range(2):
                with alive_bar(10, title='theirs', file=sys.stderr) as theirs:
                    for j in range(10): time.sleep(0.01); theirs()
                bar.update()
        assert (sys.stdout, sys.stderr) == before
        """
    )

    assert any(row.startswith("theirs |") and "10/10" in row for row in screen.rows), str(screen)
    assert re.match(r"ours \|█+\| 2/2 \[100%\] in", screen.rows[-1])


def test_a_native_bar_that_outlives_ours_works() -> None:
    """Also when our bar ends first the streams are in the end what they were."""
    show(
        """
        import headway, sys, time
        from alive_progress import alive_bar
        before = sys.stdout, sys.stderr
        bar = headway.get_bar(2, desc='ours')
        with alive_bar(10, title='theirs', file=sys.stderr) as theirs:
            bar.close()
            for j in range(10): time.sleep(0.01); theirs()
            print('a line')
        print('the end')
        sys.stdout, sys.stderr = [getattr(s, '__wrapped__', s) for s in (sys.stdout, sys.stderr)]
        assert (sys.stdout, sys.stderr) == before, (sys.stdout, before)
        """
    )


def test_a_terminal_stays_one_if_ipython_is_loaded() -> None:
    """If IPython does not run, alive clears lines and hides the cursor as in any terminal, and not as in a notebook."""
    pytest.importorskip("IPython")
    code = """
    import IPython, headway, time
    for i in headway.track(range(10), desc='alpha'): time.sleep(0.01); print('line', i)
    """
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "alive"}, columns=100)

    assert screen.rows[:-1] == [f"line {i}" for i in range(10)], str(screen)
    assert "\x1b[2K" in screen.raw
    assert "\x1b[?25l" in screen.raw


def test_prints_and_log_records_go_above() -> None:
    """While alive draws, prints and log records stand above the bar; no hook of alive's is needed for it."""
    screen = show(
        """
        import headway, logging, time
        logging.basicConfig()
        with headway.get_bar(10, desc='alpha') as bar:
            for i in range(10): bar.update(); print('line', i); logging.warning('record %d', i); time.sleep(0.02)
        """.replace("logging.warning", "logging.getLogger().error")
    )

    assert [r for r in screen.rows if r.startswith("line")] == [f"line {i}" for i in range(10)]
    assert [r for r in screen.rows if "record" in r] == [f"ERROR:root:record {i}" for i in range(10)]


def test_children_of_a_fork_can_print() -> None:
    """A forked child gets its own streams back: printing there never waits for alive's lock."""
    screen = show(
        """
        import headway, os, sys, time
        with headway.get_bar(100, desc='alpha') as bar:
            for i in range(100):
                pid = os.fork()
                if not pid:
                    print('child', file=open(os.devnull, 'w')); sys.stdout.write(''); sys.stdout.flush(); os._exit(0)
                deadline = time.monotonic() + 20
                while os.waitpid(pid, os.WNOHANG) == (0, 0):
                    assert time.monotonic() < deadline, 'a child hangs'
                    time.sleep(0.001)
                bar.update()
        """
    )

    assert "100/100" in screen.rows[-1]


def test_a_layout_decides_on_bar_and_spinner() -> None:
    """A list without a bar has none, and alive's own spinner turns where the list has one."""
    code = "import headway, time\nwith headway.get_bar(10, desc='alpha', widgets=[{}]) as bar: bar.update(10); time.sleep(.1)"
    bare, full = show(code.format("'desc', 'count'")), show(code.format("'desc', 'spinner', 'bar', 'count'"))

    assert bare.rows[0].split() == ["alpha", "10/10"]
    assert full.rows[0].startswith("alpha |████")
    assert "▁▃▅" not in bare.raw
    assert "▁▃▅" in full.raw


@pytest.mark.parametrize(
    "trouble",
    [
        "bar.metrics(loss=lambda: time.sleep(5)); bar.update(3); time.sleep(0.3)",
        "sys.stderr.close(); bar.update(3); bar.close()",
        "os.close(2); bar.update(3); bar.close()",
        "headway_alive.AliveSink.close = lambda self, snapshot: 1 / 0; bar.close()",
    ],
)
def test_the_cursor_is_shown_again_whatever_happens(trouble: str) -> None:
    """Where alive cannot be left, because something hangs, is closed or raises, the cursor does not stay hidden."""
    screen = run_in_terminal(
        f"""
        import headway, headway_alive, os, sys, time
        bar = headway.get_bar(10, desc='alpha'); time.sleep(0.1)
        {trouble}
        """,
        env={"HEADWAY_BACKEND": "alive"},
    )

    assert screen.status == 0, str(screen)
    assert not screen.cursor_hidden, str(screen)
    assert "\x1b[?25l" in screen.raw


METRICS = """
import headway, os
with headway.get_bar(100, desc="train", options={"alive": {"dual_line": %s}}) as bar:
    bar.metrics(loss=0.5, lr=1e-3, val_loss=0.6, val_acc=0.7, grad_norm=3.3)
    bar.update(50)
    bar.refresh()
    os._exit(0)
"""


def test_the_second_line_has_the_metrics() -> None:
    """With `dual_line` the metrics have a line to themselves, and the figures stay beside the bar."""
    screen = run_in_terminal(METRICS % True, env={"HEADWAY_BACKEND": "alive"}, columns=80)

    first, second = screen.rows
    assert re.match(r"train \|█+. +\| ... 50/100 \[50%\] in 0s \(", first), str(screen)
    assert second == "loss=0.5000 lr=0.001000 val_loss=0.6000 val_acc=0.7000 grad_norm=3.300", str(screen)


@pytest.mark.parametrize("columns", range(60, 140, 7))
def test_the_row_uses_all_columns(columns: int) -> None:
    """Where a metric is left out, there is no room for it beside a bar of ten columns and `100/100 [100%]`."""
    screen = run_in_terminal(METRICS % False, env={"HEADWAY_BACKEND": "alive"}, columns=columns)

    (row,) = screen.rows
    left_out = [
        part for part in ("loss=0.5000 ", "lr=0.001000 ", "val_loss=0.6000 ", "val_acc=0.7000 ") if part not in row
    ]
    bar = row.index("|", row.index("|") + 1) - row.index("|") - 1
    missing = len(min(left_out, key=len)) if left_out else len("grad_norm=3.300")
    assert "+" not in row or bar - 10 + columns - 2 - len(row) < missing + 2, str(screen)
    assert bar >= 10, str(screen)


@pytest.mark.parametrize(
    ("option", "template", "shown"),
    [
        ("monitor", "<{count} of {total}, {percent:.1%}>", "<15 of 20, 75.0%> in"),
        ("elapsed", "after {elapsed}", "15/20 [75%] after 0s ("),
        ("stats", "{rate} {eta}", re.compile(r"in 0s [\d.]+/s ~\d+s$")),
        ("monitor", False, re.compile(r"\| ... in 0s \(")),
        ("stats", False, re.compile(r"\[75%\] in 0s$")),
    ],
)
def test_templates_are_filled_with_true_figures(option: str, template: object, shown: object) -> None:
    """`monitor`, `elapsed` and `stats` are alive's templates, with headway's figures: of a resumed bar, too."""
    screen = run_in_terminal(
        f"""
        import headway, time
        with headway.get_bar(20, initial=5, desc="alpha", options={{"alive": {{{option!r}: {template!r}}}}}) as bar:
            for i in range(10): time.sleep(0.03); bar.update()
            time.sleep(60)
        """,
        env={"HEADWAY_BACKEND": "alive"},
        until=lambda rows: (
            bool(rows) and bool(re.search(shown if hasattr(shown, "search") else re.escape(shown), rows[0]))
        ),
        timeout=20,
    )

    assert re.search(shown if hasattr(shown, "search") else re.escape(str(shown)), screen.rows[0]), str(screen)


def test_a_template_says_what_is_not_known() -> None:
    """Without a total, `{total}` and `{percent}` are question marks in whatever format."""
    screen = show(RUN.replace("get_bar(100", "get_bar(None"), backend="alive?monitor={count}/{total} {percent:.0%}")

    assert "| 60/? ? in 0." in screen.rows[0], str(screen)


@pytest.mark.parametrize("template", ["{count:d}", "{count:{wide}}", "{count:>99999}"])
def test_a_template_that_cannot_be_filled_raises_at_the_call(template: str) -> None:
    """It is tried where it is given, and not when it is drawn."""
    import headway

    with pytest.raises(headway.BackendOptionError, match="monitor"):
        headway.get_bar(10, backend="alive", options={"alive": {"monitor": template}})


def test_widgets_that_are_asked_for_have_the_common_row() -> None:
    """A template, the default one too, is the row that all renderers have, around alive's bar."""
    template = "'{title} {percentage:>4} {bar} {count} [{elapsed}<{eta}, {rate}] {workers} {metrics} {notes}'"
    screen = show(f"import headway\nwith headway.get_bar(2, desc='a', widgets={template}) as bar: bar.update(2)")

    assert re.match(r"a: 100% \|█+\| 2/2 \[00:00", screen.rows[-1]), str(screen)


def test_without_a_bar_the_spinner_stands_where_alive_has_it() -> None:
    """With `bar=None` the title is followed by the spinner, and then by the figures."""
    screen = run_in_terminal(
        """
        import headway, time
        with headway.get_bar(100, desc="train", options={"alive": {"bar": None}}) as bar: bar.update(50); time.sleep(60)
        """,
        env={"HEADWAY_BACKEND": "alive"},
        until=lambda rows: bool(rows) and "50/100" in rows[0],
    )

    assert re.match("train [▁▂▃▄▅▆▇█]{3} 50/100 .50%. in", screen.rows[0]), str(screen)


def test_a_title_of_fixed_length_leaves_the_ending() -> None:
    """`title_length` cuts or pads the label; the word for how it ended follows it."""
    screen = show(RUN, title_length=3)

    assert screen.rows[0].startswith("al~ stopped |"), str(screen)


def test_a_slow_rate_does_not_read_as_nothing() -> None:
    """A rate that has no digit a second is told by the minute or the hour."""
    from alive_progress import config_handler

    from headway.snapshot import Snapshot
    from headway_alive.look import look_of

    row = look_of(config_handler()).row
    running = Snapshot(1, n=1, total=10, elapsed=90.0, eta=600.0)
    texts = [str(row.fit(running._replace(rate=rate), 80)) for rate in (0.5, 0.05, 0.001)]
    assert [text.rpartition(" ")[2] for text in texts] == ["0.5/s)", "3.0/m)", "3.6/h)"]


def test_a_short_bar_has_its_receipt_without_a_thread() -> None:
    """A bar that has ended before it is drawn starts no thread of alive's, and leaves the same row as another."""
    code = """
        import threading, time, types, alive_progress.core.progress as internals, headway
        started = []
        counted = lambda **about: (started.append(1), threading.Thread(**about))[1]
        internals.threading = types.SimpleNamespace(Thread=counted, Event=threading.Event)
        began = time.monotonic()
        for number in range(100):
            for _ in headway.track(range(10), desc=f"bar{number}", leave=True): pass
        seconds = time.monotonic() - began
        assert len(started) <= 5 * (seconds + 1), (len(started), seconds)
        """
    screen = show(code)

    rows = [re.sub(r"[\d.]+(/?)s", r"\1s", row) for row in screen.rows]
    assert [row.split()[0] for row in rows] == [f"bar{number}" for number in range(100)], str(screen)
    assert {row.split(" ", 1)[1] for row in rows} == {rows[0].split(" ", 1)[1]}, str(screen)
