"""tqdm's own look and tqdm's own bars, under headway."""

import re

import pytest

from headway.testing import Screen, run_in_terminal

RUN = """
import headway, time
with headway.get_bar(100, desc='alpha', options={options}) as bar:
    for i in range(20): bar.update(3); time.sleep(0.01)
    bar.metrics(loss=0.5)
    bar.stop()
"""


def show(code: str, backend: str = "tqdm", **options: object) -> Screen:
    """Run a program under the renderer."""
    screen = run_in_terminal(code.replace("{options}", repr({"tqdm": options})), env={"HEADWAY_BACKEND": backend})

    assert screen.status == 0, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


def test_bar_format_is_tqdms() -> None:
    """`bar_format` means what it means to tqdm."""
    screen = show(RUN, bar_format="{desc}|{bar:10}|{n_fmt} of {total_fmt}{postfix} {{}}")

    assert screen.rows == ["alpha stopped|██████    |60 of 100, loss=0.5000 {}"]


def test_ascii_and_colour_come_through_a_query() -> None:
    """`tqdm?ascii=true&colour=green` draws tqdm's ASCII bar in tqdm's green."""
    screen = show(RUN, backend="tqdm?ascii=true&colour=green")

    assert "######" in screen.rows[0]
    assert "\x1b[32m" in screen.raw


def test_the_rate_is_headways() -> None:
    """`{rate_fmt}` and `{remaining}` of a native format show headway's numbers."""
    code = """
    import headway, sys, time
    bar = headway.get_bar(100, initial=90, options={'tqdm': {'bar_format': 'R{rate_fmt} E{remaining}'}})
    for i in range(5): time.sleep(0.05); bar.update()
    now = bar.snapshot()
    headway.write(f'rate {now.rate / (5 / now.elapsed):5.2f}')
    time.sleep(0.2)
    bar.close()
    """
    screen = show(code)

    assert 0.25 < float(screen.rows[0].split()[1]) < 3, "the 90 that were done before count for nothing"
    assert "it/s E00:0" in screen.raw


@pytest.mark.parametrize(("option", "value"), [("colour", "nice"), ("bar_format", "{nothing}"), ("color", "red")])
def test_bad_options_raise_at_the_call(option: str, value: str) -> None:
    """A misspelt option or value raises where it was given, and says what there is."""
    import headway

    with pytest.raises(
        headway.BackendOptionError, match=r"tqdm.*(no field|expected|It has: ascii, bar_format, colour)"
    ):
        headway.get_bar(10, backend="tqdm", options={"tqdm": {option: value}})


def test_a_native_bar_beside_ours_works() -> None:
    """A bar that the program opens with tqdm itself gets its own row, and both end well."""
    screen = show(
        """
        import headway, time
        from tqdm import tqdm
        with headway.get_bar(3, desc='ours') as bar:
            for i in range(3):
                for j in tqdm(range(20), desc='theirs', leave=False): time.sleep(0.005)
                bar.update()
        for j in tqdm(range(5), desc='after'): pass
        """
    )

    assert [row.split(":")[0] for row in screen.rows] == ["ours", "after"]
    assert "theirs: " in screen.raw


def test_no_monitor_thread_is_started() -> None:
    """Tqdm's monitor thread stays away: headway draws."""
    screen = show(
        """
        import headway, threading
        with headway.get_bar(3) as bar: names = [t.name for t in threading.enumerate()]
        print(sorted({*names} - {'headway-watch'}))  # it is started for the second frame, if that is due by now
        """
    )

    assert screen.rows[-1] == "['MainThread', 'headway']"


def test_a_template_of_tqdms_own() -> None:
    """`widgets=` may be a `bar_format` as tqdm users write it; under another renderer it is left out with one warning."""
    code = "import headway\nwith headway.get_bar(10, desc='alpha', widgets='{desc}: {n_fmt} of {total_fmt} |{bar}|') as b: b(10)"

    assert show(code).rows[0].startswith("alpha: 10 of 10 |████")
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "progressbar2"}, columns=100)
    assert screen.rows[-1].startswith("alpha: 100% |####")
    assert screen.raw.count("no widget named 'n_fmt'") == 1


def test_a_terminal_without_a_size() -> None:
    """A terminal may say that it has no rows and no columns, as under `script`: frames are drawn all the same."""
    code = """
    import fcntl, headway, struct, termios
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack('HHHH', 0, 0, 0, 0))
    with headway.get_bar(100, desc='alpha'): pass
    """
    screen = show(code)

    assert "alpha:   0%" in screen.raw
    assert "100%" not in screen.raw
    assert len(screen.rows) == 1


def test_a_row_without_a_total_keeps_no_columns_for_a_bar() -> None:
    """The rate has its place, for there is no bar that needs it."""
    code = """
    import headway
    with headway.get_bar(desc='no total', unit='rec') as bar:
        bar.metrics(loss=0.5, name='stage two'); bar.update(25000)
    """
    screen = run_in_terminal(code, env={"HEADWAY_BACKEND": "tqdm"}, columns=74)

    assert re.fullmatch(r"no total: 25000rec \[00:00, .*rec/s\] loss=0.5000 name=stage two", screen.rows[0])


def test_a_row_that_does_not_stay_leaves_nothing() -> None:
    """What has `leave=False` is taken away, also from below another one."""
    code = """
    import headway
    with headway.get_bar(2, desc='outer') as outer:
        for _ in range(2):
            with headway.get_bar(3, desc='inner', leave=False) as inner: inner.update(3)
            outer.update()
    """
    screen = show(code)

    assert "inner" in screen.raw
    assert [row.split()[0] for row in screen.rows] == ["outer:"]


def test_a_further_bar_reads_no_metadata() -> None:
    """The distribution of a backend that was named is looked up once, not for each bar."""
    code = """
    import headway, sys
    opened = []

    def one():
        with headway.get_bar(3) as bar:
            bar.update(3)

    one()
    sys.addaudithook(lambda event, arguments: event == "open" and opened.append(arguments[0]))
    one()
    print([path for path in opened if "METADATA" in str(path)])
    """

    assert show(code).rows[-1] == "[]"


BESIDE = """
import headway, time
a, b, c = (headway.get_bar(10, desc=desc) for desc in ('alpha', 'beta', 'gamma'))
{then}
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("then", "labels"),
    [
        ("a.update(10); a.close()", ["alpha", "beta", "gamma"]),
        ("b.update(10); b.close()", ["beta", "alpha", "gamma"]),
        ("a.close(); d = headway.get_bar(9, desc='delta')", ["alpha stopped", "beta", "gamma", "delta"]),
        ("e = headway.get_bar(9, desc='inner', parent=a, leave=True)", ["alpha", "inner", "beta", "gamma"]),
    ],
)
def test_rows_stand_below_one_another(then: str, labels: list[str]) -> None:
    """Where a bar beside others has ended no row is empty, and a bar inside another stands below it."""

    def is_there(rows: list[str]) -> bool:
        return [row.partition(":")[0] for row in rows] == labels

    screen = run_in_terminal(
        BESIDE.replace("{then}", then), env={"HEADWAY_BACKEND": "tqdm"}, until=is_there, timeout=20.0
    )

    assert is_there(screen.rows), str(screen)
