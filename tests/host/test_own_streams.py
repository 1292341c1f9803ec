"""Programs with a way of their own to write: they mask, copy or catch what is printed while rows are drawn."""

import re
from importlib.util import find_spec

import pytest

from headway.testing import Screen, run_in_terminal

RENDERERS = [
    pytest.param(name, marks=pytest.mark.skipif(bool(needed) and not find_spec(needed), reason=f"{needed} is missing"))
    for name, needed in [
        ("rows", ""),
        ("tqdm", "headway_tqdm"),
        ("alive", "headway_alive"),
        ("progressbar2", "headway_progressbar2"),
        ("rich", "headway_rich"),
    ]
]
CLASSES = """
import codecs, headway, io, logging, os, sys, time

class Masked:
    def __init__(self, stream): self.stream = stream
    def write(self, text): return self.stream.write(text.replace('s3cr3t', '****'))
    def __getattr__(self, name): return getattr(self.stream, name)

class Tee:
    def __init__(self, stream): self.stream, self.copy = stream, ''
    def write(self, text): self.copy += text; self.stream.write(text)
    def flush(self): self.stream.flush()

class Slotted:
    __slots__ = ('stream',)
    def __init__(self, stream): self.stream = stream
    def write(self, text): return self.stream.write(text.upper())
    def __getattr__(self, name): return getattr(self.stream, name)

class Raw:
    encoding = 'utf-8'
    def write(self, text): return os.write(1, text.replace('s3cr3t', '****').encode())
    def flush(self): pass
    def isatty(self): return True
    def fileno(self): return 1

class Loud(io.TextIOWrapper):
    def write(self, text): return super().write(text.upper())

def caught(stream, into):
    original = stream.write
    def write(text):
        into.append(text)
        return original(text)
    stream.write = write
    return original
"""


def show(code: str, *, backend: str = "rows", **env: str) -> Screen:
    """Run a program in a terminal; it ends by printing DONE."""
    program = f"{CLASSES}\n{code.replace(chr(10) + '        ', chr(10))}\nprint('DONE')"
    screen = run_in_terminal(program, env={"HEADWAY_BACKEND": backend, **env}, columns=100)

    assert screen.status == 0, str(screen)
    assert screen.rows[-1] == "DONE", str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


def lines(screen: Screen, mark: str = "line") -> list[str]:
    """The rows of the screen above the bar's last one; all lines of the program that hold the mark have to be there."""
    bar = next(i for i, row in enumerate(screen.rows) if row.startswith("work"))
    assert not any(mark in row for row in screen.rows[bar:]), str(screen)
    return screen.rows[:bar]


@pytest.mark.parametrize("backend", RENDERERS)
def test_a_masked_text_is_never_seen(backend: str) -> None:
    """What is printed and logged under a bar passes through the program's streams, and stands above the row."""
    screen = show(
        """
        sys.stdout, sys.stderr = Masked(sys.stdout), Masked(sys.stderr)
        logging.basicConfig(format='%(message)s')
        for i in headway.track(range(4), desc='work'):
            print('line', i, 's3cr3t')
            logging.error('line of the log s3cr3t')
            print('line', i, 's3cr3t', file=sys.stderr)
            time.sleep(0.05)
        """,
        backend=backend,
    )

    assert "s3cr3t" not in screen.raw
    expected = [row for i in range(4) for row in (f"line {i} ****", "line of the log ****", f"line {i} ****")]
    assert lines(screen) == expected, str(screen)


@pytest.mark.parametrize("backend", RENDERERS)
@pytest.mark.parametrize("removed", ["never", "in the loop", "after the loop"])
def test_a_write_that_is_assigned_under_a_bar_catches_every_line(backend: str, removed: str) -> None:
    """A capture that wraps `sys.stdout.write` gets what is printed, whether it is taken off at once, later or never."""
    screen = show(
        f"""
        into, when = [], {removed!r}
        for i in headway.track(range(5), desc='work'):
            if i == 1: original = caught(sys.stdout, into)
            if i == 4 and when == 'in the loop': sys.stdout.write = original
            print('line', i)
        if when == 'after the loop': sys.stdout.write = original
        print('after')
        with headway.get_bar(1, desc='more') as bar: print('below'); bar.update()
        expected = 'line 1 line 2 line 3 line 4 after below'
        if when == 'in the loop': expected = 'line 1 line 2 line 3'
        if when == 'after the loop': expected = 'line 1 line 2 line 3 line 4'
        if ''.join(into).split() != expected.split(): raise SystemExit(repr(into))
        """,
        backend=backend,
    )

    assert lines(screen) == [f"line {i}" for i in range(5)], str(screen)
    rest = [row for row in screen.rows[6:] if row and not row.startswith("more")]
    assert rest == ["after", "below", "DONE"], str(screen)


@pytest.mark.parametrize("first", [True, False])
def test_two_captures_may_be_taken_off_in_any_order(first: bool) -> None:
    """Of two that wrap `write`, one before and one under the bar, neither recurses nor loses a line."""
    screen = show(
        f"""
        one, two, first = [], [], {first}
        below = caught(sys.stdout, one)
        print('ahead')
        bar = headway.get_bar(6, desc='work')
        print('line 0')
        above = caught(sys.stdout, two)
        print('line 1')
        sys.stdout.write = below if first else above
        print('line 2')
        bar.close()
        print('after 3')
        sys.stdout.write = above if first else below
        print('after 4')
        with headway.get_bar(1, desc='more') as bar: print('after 5'); bar.update()
        del sys.stdout.write
        print('after 6')
        assert ''.join(two).split() == 'line 1'.split(), two
        assert ''.join(one).startswith('ahead\\nline 0\\nline 1\\n'), one
        """
    )

    assert lines(screen) == ["ahead", "line 0", "line 1", "line 2"], str(screen)
    after = [row for row in screen.rows if row.startswith("after")]
    assert after == ["after 3", "after 4", "after 5", "after 6"], str(screen)


@pytest.mark.parametrize("when", ["before", "under"])
@pytest.mark.parametrize("backend", RENDERERS)
def test_what_a_tee_writes_stands_above_the_row(backend: str, when: str) -> None:
    """A tee of a few lines, which does not even know its descriptor, has all, and cuts no row."""
    screen = show(
        f"""
        if {when == "before"}: sys.stdout = tee = Tee(sys.stdout)
        with headway.get_bar(5, desc='work') as bar:
            if {when == "under"}: sys.stdout = tee = Tee(sys.stdout)
            for i in range(5): print('line', i); bar.update(); time.sleep(0.05)
        assert tee.copy == ''.join(f'line {{i}}\\n' for i in range(5)), tee.copy
        """,
        backend=backend,
    )

    assert lines(screen) == [f"line {i}" for i in range(5)], str(screen)


def test_a_stream_has_its_own_attributes_under_a_bar() -> None:
    """The log of many recipes keeps the stream as `terminal`, and is taken off by that name under the bar."""
    screen = show(
        """
        class Logger:
            def __init__(self): self.terminal, self.lines = sys.stdout, []
            def write(self, text): self.lines.append(text); self.terminal.write(text)
            def flush(self): pass
            def isatty(self): return True
            def fileno(self): return 1
        logger = sys.stdout = Logger()
        with headway.get_bar(2, desc='work') as bar:
            print('line 0'); bar.update()
            assert sys.stdout.lines == logger.lines, sys.stdout.lines
            sys.stdout = sys.stdout.terminal
            print('line 1'); bar.update()
        assert ''.join(logger.lines) == 'line 0\\n', logger.lines
        """
    )

    assert lines(screen) == ["line 0", "line 1"], str(screen)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("Slotted(sys.stdout)", "LINE {} S3CR3T"),
        ("Raw()", "line {} ****"),
        ("Loud(sys.stdout.buffer, line_buffering=True)", "LINE {} S3CR3T"),
        ("Masked(Slotted(sys.stdout))", "LINE {} ****"),
        ("codecs.getwriter('utf-8')(sys.stdout.buffer)", "line {} s3cr3t"),
        ("io.TextIOWrapper(sys.stdout.buffer, line_buffering=True)", "line {} s3cr3t"),
    ],
)
@pytest.mark.parametrize("when", ["before", "under"])
def test_streams_of_many_kinds_are_passed_through(stream: str, expected: str, when: str) -> None:
    """Whatever a program has in the place of `sys.stdout` writes the lines, above the row."""
    screen = show(
        f"""
        kept = sys.stdout
        if {when == "before"}: sys.stdout = {stream}
        with headway.get_bar(5, desc='work') as bar:
            if {when == "under"}: sys.stdout = {stream}
            for i in range(5): bar.update(); time.sleep(0.05); bar.refresh(); print('line', i, 's3cr3t')
        sys.stdout.flush()
        sys.stdout = kept
        """
    )

    assert lines(screen) == [expected.format(i) for i in range(5)], str(screen)


def test_the_last_stream_that_was_put_in_place_may_go_first() -> None:
    """Two streams, one around the other, are taken off one by one under the bar; the streams are as before then."""
    screen = show(
        """
        with headway.get_bar(5, desc='work') as bar:
            inner = sys.stdout = Tee(sys.stdout)
            bar.update(); bar.refresh(); print('line 0')
            outer = sys.stdout = Tee(sys.stdout)
            bar.update(); bar.refresh(); print('line 1')
            sys.stdout = outer.stream
            bar.update(); bar.refresh(); print('line 2')
            sys.stdout = inner.stream
            bar.update(); bar.refresh(); print('line 3')
            bar.update()
        assert sys.stdout is sys.__stdout__ and 'write' not in vars(sys.stdout)
        assert (inner.copy, outer.copy) == ('line 0\\nline 1\\nline 2\\n', 'line 1\\n'), (inner.copy, outer.copy)
        """
    )

    assert lines(screen) == [f"line {i}" for i in range(4)], str(screen)


def test_who_holds_the_stream_itself_writes_above_the_row() -> None:
    """A logger that took `sys.stdout` before the bar was there cuts no row, and the stream is as before afterwards."""
    screen = show(
        """
        held = sys.stdout
        with headway.get_bar(5, desc='work') as bar:
            for i in range(5): bar.update(); time.sleep(0.05); held.write(f'line {i}\\n')
        assert sys.stdout is held and not vars(held).get('write')
        """
    )

    assert lines(screen) == [f"line {i}" for i in range(5)], str(screen)


def test_an_error_of_the_programs_own_stream_is_the_programs() -> None:
    """What the stream raises comes out of `print`, and the row is there again."""
    screen = show(
        """
        class Refusing(Masked):
            def write(self, text):
                if 's3cr3t' in text: raise ValueError('not this')
                return self.stream.write(text)
        sys.stdout = Refusing(sys.stdout)
        with headway.get_bar(2, desc='work') as bar:
            try: print('line with s3cr3t')
            except ValueError as error: print('line:', error)
            bar.update(2)
        """
    )

    assert lines(screen) == ["line: not this"], str(screen)


def test_rows_are_written_in_the_programs_own_way_too() -> None:
    """Where `sys.stderr.write` masks what is written, the description of a bar is masked."""
    screen = show(
        """
        original = sys.stderr.write
        sys.stderr.write = lambda text: original(text.replace('s3cr3t', '****'))
        for i in headway.track(range(3), desc='work s3cr3t'):
            print('line s3cr3t', file=sys.stderr)
        """
    )

    assert "s3cr3t" not in screen.raw
    assert lines(screen) == ["line ****"] * 3, str(screen)
    assert re.match(r"work \*\*\*\*.*3/3", screen.rows[3]), str(screen)


def test_threads_that_print_through_a_stream_of_the_programs_own_tear_no_line() -> None:
    """Of four threads that print at once all lines are whole and in order, also those that are printed in pieces."""
    screen = show(
        """
        import threading
        sys.stdout = Masked(sys.stdout)
        def work(k):
            for i in range(25): print('line', end=''); print('', k, 's3cr3t', i)
        with headway.get_bar(10, desc='work') as bar:
            threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            bar.update(10)
        """
    )

    rows = lines(screen)
    assert len(rows) == 100, str(screen)
    for k in range(4):
        assert [row for row in rows if row.startswith(f"line {k} ")] == [f"line {k} **** {i}" for i in range(25)]
