"""progressbar2's own widgets and progressbar2's own bars, under headway."""

import io
import re

import pytest

from headway.testing import Screen, run_in_terminal


def show(code: str, columns: int = 100) -> Screen:
    """Run a program under the renderer."""
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "progressbar2"}, columns=columns)

    assert screen.status == 0, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


NATIVE = """
import headway, progressbar, time
widgets = ['Work: ', progressbar.Percentage(), ' ', progressbar.Bar(marker='*', left='[', right=']'), ' ',
           progressbar.ETA(), ' ', progressbar.AdaptiveETA(), ' ', progressbar.Counter(),
           ' ', lambda bar, data: 'mine {braces}']
with headway.get_bar(50, desc='alpha', widgets=widgets) as bar:
    for i in range({n}): bar.update(); time.sleep(0.01)
"""


def test_native_widgets_are_drawn_as_they_are() -> None:
    """A list as a progressbar2 user writes it, AdaptiveETA and a function included, looks as under progressbar2."""
    screen = show(NATIVE.replace("{n}", "50"))

    assert screen.rows[-1].startswith("Work: 100% [*****")
    assert screen.rows[-1].endswith("50 mine {braces}")
    assert "ETA:" in screen.raw


def test_native_widgets_tell_how_it_ended() -> None:
    """Native widgets know nothing of endings: the word stands in front of them."""
    screen = show(NATIVE.replace("{n}", "20"))

    assert screen.rows[-1].startswith("alpha stopped Work:  40% [")


def test_native_widgets_stay_on_one_row_of_a_narrow_terminal() -> None:
    """A list that is too long for the terminal is cut."""
    screen = show(NATIVE.replace("{n}", "50"), columns=40)

    assert len(screen.rows) == 1


def test_widgets_that_are_no_list_raise_at_the_call() -> None:
    """A wrong type raises where it was given."""
    import headway

    with pytest.raises(headway.BackendOptionError, match="expected a list"):
        headway.get_bar(10, backend="progressbar2", options={"progressbar2": {"widgets": "a text"}})


def test_native_widgets_under_another_renderer_are_left_out_with_one_warning() -> None:
    """The same program runs under another renderer; one warning says what is missing."""
    import progressbar

    import headway

    with pytest.warns(headway.HeadwayWarning, match="left out under 'tqdm'"):
        headway.get_bar(10, backend="tqdm", widgets=[progressbar.Percentage(), " ", "count"]).close()


def test_native_widgets_stand_beside_headways() -> None:
    """A list may mix progressbar2's widgets with headway's names and functions of the snapshot."""
    screen = show(
        """
        import headway, progressbar
        widgets = ['desc', ' ', progressbar.Percentage(), ' ', 'bar', ' ', 'metric.loss', ' ', lambda s: f'{s.n}!']
        with headway.get_bar(10, desc='alpha', widgets=widgets) as bar: bar.metrics(loss=0.5); bar.update(10)
        """
    )

    assert screen.rows[0].startswith("alpha 100% |####")
    assert screen.rows[0].endswith("| loss=0.5000 10!")


def test_a_native_bar_beside_ours_works() -> None:
    """A bar that the program opens with progressbar2 itself counts and ends well."""
    screen = show(
        """
        import headway, progressbar, time
        done = 0
        with headway.get_bar(2, desc='ours') as bar:
            for i in range(2):
                for j in progressbar.progressbar(range(20)): time.sleep(0.005); done += 1
                bar.update()
        print(done)
        """
    )

    assert screen.rows[-1] == "40"
    assert screen.rows[-2].startswith("ours: 100% (2 of 2) |#")
    assert screen.rows_with("(20 of 20)")


def last_row(code: str, columns: int = 100) -> str:
    """Run a program in which a bar has a list of progressbar2's widgets, and return the row that it leaves."""
    return show(f"import headway, progressbar, time\n{code}", columns).rows[-1]


@pytest.mark.parametrize(
    ("work", "row"),
    [
        ("bar.update(2)", r"done Time:  0:00:01$"),
        ("bar.update(1)", r"done stopped done Time:  0:00:01$"),
        ("bar.fail('boom')", r"done FAILED done Time:  0:00:01$"),
    ],
)
def test_after_the_end_the_eta_is_the_time_it_took(work: str, row: str) -> None:
    """progressbar2's `ETA` says how long it took, however the bar ended, and if nothing was done, too."""
    code = f"""
bar = headway.get_bar(2, desc='done', widgets=['desc', ' ', progressbar.ETA()])
time.sleep(1.1); {work}; bar.close()
"""
    assert re.match(row, last_row(code)), row


def test_variables_are_the_metrics() -> None:
    """`Variable` and `Postfix` show what was reported, text and NaN included."""
    code = """
widgets = [progressbar.Variable('loss'), ' ', progressbar.Variable('kind'), ' ', progressbar.Variable('later'),
           progressbar.Postfix()]
with headway.get_bar(1, widgets=widgets) as bar: bar.metrics(loss=0.5, kind='text'); bar.update()
"""
    assert last_row(code) == "loss:    0.5 kind: text   later: ------ kind=text, loss=0.5000"


def test_each_job_that_is_reported_has_its_mark() -> None:
    """`JobStatusBar` shows every status, however many are reported between two frames, and none of them twice."""
    code = """
with headway.get_bar(6, widgets=[progressbar.JobStatusBar('job')]) as bar:
    for well in (True, True, False, True, False):
        bar.metrics(job=well); bar.update()
        if bar.n == 2: time.sleep(0.3)
    bar.metrics(job='?'); bar.update(); time.sleep(0.3)
"""
    assert last_row(code).startswith("|██X█X?  ")


def test_ranges_are_the_metrics_of_a_family() -> None:
    """`MultiRangeBar` shows the shares of the metrics whose names begin with its own and a slash."""
    code = """
with headway.get_bar(1, widgets=[progressbar.MultiRangeBar('jobs', ['+', 'x', '.'])]) as bar:
    bar.metrics({'jobs/done': 6, 'jobs/failed': 2, 'jobs/open': 2, 'loss': 0.5}); bar.update()
"""
    assert last_row(code, columns=24) == "|" + "+" * 12 + "x" * 4 + "." * 4 + "|"


def test_figures_that_widgets_estimate_are_headways() -> None:
    """Remaining time and speed are of this session's work: what was done before a resume does not count."""
    code = """
widgets = [progressbar.ETA(), ' ', progressbar.FileTransferSpeed(), ' ', progressbar.SimpleProgress(), ' ',
           progressbar.Percentage()]
with headway.get_bar(1000, initial=900, widgets=widgets) as bar:
    for i in range(10): time.sleep(0.1); bar.update()
    print(bar.snapshot().eta, bar.snapshot().rate)
    time.sleep(60)
"""
    screen = run_in_terminal(
        f"import headway, progressbar, time\n{code}",
        env={"HEADWAY_BACKEND": "progressbar2"},
        until=lambda rows: bool(rows) and "910 of 1000" in rows[-1],
        timeout=20,
    )

    found = re.match(r"ETA:   0:00:(\d\d) +([\d.]+) B/s +910 of 1000 +91%", screen.rows[-1])
    assert found, str(screen)
    assert 5 <= int(found[1]) <= 20, str(screen)  # 90 at ten a second; by the whole count it would be 0
    assert 5 <= float(found[2]) <= 15, str(screen)


def test_what_is_not_known_is_not_told_as_zero() -> None:
    """While headway knows no remaining time, as after a stall, progressbar2's `ETA` has none."""
    from progressbar import ETA, AbsoluteETA
    from progressbar.terminal.stream import LastLineStream

    from headway.snapshot import Snapshot
    from headway_progressbar2.native import SnapshotBar

    line = LastLineStream(io.StringIO())
    stalled = Snapshot(1, n=5, total=10, elapsed=3.0)
    bar = SnapshotBar(stalled, widgets=[ETA(), " ", AbsoluteETA()], fd=line, term_width=80)
    bar.show(stalled)
    assert line.line.split() == ["ETA:", "N/A", "ETA:", "N/A"]
    bar.show(stalled._replace(eta=2.0))
    assert re.match(r"\rETA:   0:00:02 Estimated finish time: \d{4}-", line.line)
    bar.finish(dirty=True)


def test_nothing_of_nothing_is_a_full_bar() -> None:
    """An empty loop is complete from the start."""
    row = last_row("for _ in headway.track([], desc='empty'): pass", columns=80)

    assert row == "empty: 100% (0 of 0) |" + "#" * 18 + "| Elapsed Time: 0:00:00 Time:  0:00:00"


def test_all_rows_follow_a_terminal_made_narrower() -> None:
    """A frame that one bar has changed lays all rows out anew, so that none of them wraps."""
    screen = run_in_terminal(
        """
        import fcntl, headway, struct, termios
        with headway.get_bar(3, desc="alpha") as a, headway.get_bar(3, desc="beta") as b, headway.get_bar(3, desc="c") as c:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
            print("NARROW", flush=True)
            c.update(); c.refresh(); print("NARROW", flush=True)
        """,
        env={"HEADWAY_BACKEND": "progressbar2"},
        columns=100,
    )

    frames = screen.raw.split("NARROW")[1].replace("\n", "\r").split("\r")
    rows = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", row) for row in frames]
    assert max(map(len, rows)) <= 50, rows


def test_a_row_of_a_very_wide_terminal_is_as_wide() -> None:
    """A row of more than a thousand columns neither wraps nor ends early."""
    row = last_row("with headway.get_bar(10, desc='wide') as bar: bar.update(10)", columns=1500)

    assert len(row) == 1500 - 2


def test_colours_are_progressbar2s() -> None:
    """Percentage and count have its gradient where it draws colours, and none where the user wants none."""
    code = "import headway\nwith headway.get_bar(10, desc='a 50%') as bar: bar.update(5)"
    env = {"HEADWAY_BACKEND": "progressbar2", "COLORTERM": "truecolor", "TERM": "xterm-256color"}

    assert re.search(r"a 50% stopped:  \x1b\[38;[0-9;]+m50% \(5 of 10\)\x1b\[39m", run_in_terminal(code, env=env).raw)
    assert "\x1b[38" not in run_in_terminal(code, env={**env, "NO_COLOR": "1"}).raw
