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

    assert re.match(r"alpha stopped:  60% \[=+>! +\] 60/100 \[00:00", screen.rows[0])
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
    folded = re.compile(r"epochs \d\d% <\d\d:\d\d › batches:")
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
    assert screen.rows[-1].startswith("ours: 100% |")


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


def test_the_second_line_has_the_numbers() -> None:
    """With `dual_line` all that is right of the bar has a line to itself, the metrics too."""
    code = """
        import headway, os
        with headway.get_bar(100, desc="train", options={"alive": {"dual_line": True}}) as bar:
            bar.metrics(loss=0.5, lr=1e-3, val_loss=0.6, val_acc=0.7)
            bar.update(50)
            bar.refresh()
            os._exit(0)
        """
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "alive"}, columns=80)

    first, second = screen.rows
    assert first.startswith("train:  50% |"), str(screen)
    assert second.startswith("50/100 ["), str(screen)
    assert second.endswith("val_acc=0.7000"), str(screen)


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

    rows = [re.sub(r"[\d.]+(e\+\d+)?it/s", "", row) for row in screen.rows]
    assert [row.split(":")[0] for row in rows] == [f"bar{number}" for number in range(100)], str(screen)
    assert {row.split(": ", 1)[1] for row in rows} == {rows[0].split(": ", 1)[1]}, str(screen)
