"""What a program prints, logs and asks while rows are drawn on its terminal."""

import re
from importlib.util import find_spec

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(not find_spec("headway_tqdm"), reason="no renderer is installed that draws rows")


def show(code: str, *, backend: str = "tqdm", lines: int = 24, **terminal: object) -> Screen:
    """Run a program with a terminal renderer; it ends by printing DONE."""
    env = {"HEADWAY_BACKEND": backend}
    program = "import headway, os, sys, time\n" + code.replace("\n        ", "\n") + "\nprint('DONE')"
    screen = run_in_terminal(program, env=env, columns=100, lines=lines, **terminal)  # type: ignore[arg-type]

    assert screen.status == 0, str(screen)
    assert screen.rows[-1] == "DONE", str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    return screen


def needs(module: str) -> "pytest.MarkDecorator":
    """Skip a test where a library is not installed."""
    return pytest.mark.skipif(not find_spec(module), reason=f"{module} is not installed")


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", ["tqdm", pytest.param("alive", marks=needs("headway_alive"))])
def test_threads_that_print_at_once_tear_no_line(backend: str) -> None:
    """Of eight threads that print two hundred lines each all are whole, and in order for each thread."""
    screen = show(
        """
        import threading
        def work(k):
            for i in range(200): print('thread', k, i, file=(sys.stdout, sys.stderr)[i % 2])
        with headway.get_bar(10, desc='alpha') as bar:
            threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            bar.update(10)
        """,
        backend=backend,
    )

    rows = [row for row in screen.rows if row.startswith("thread ")]
    for k in range(8):
        assert [row for row in rows if row.startswith(f"thread {k} ")] == [f"thread {k} {i}" for i in range(200)]
    assert len(screen.rows) == 1602, "nothing else is there but the bar and DONE"


def test_a_very_long_line_is_whole() -> None:
    """A line that is longer than the screen stands above the bar as a terminal breaks it."""
    screen = show("with headway.get_bar(10, desc='alpha') as bar: print('x' * 12_345); print('end'); bar.update(10)")

    assert "".join(row for row in screen.rows if row.startswith("x")) == "x" * 12_345
    assert screen.rows[-3] == "end"


def test_blank_lines_stay() -> None:
    """Blank lines between lines are there."""
    screen = show(
        "with headway.get_bar(10, desc='alpha') as bar: print('a'); print(); print('b\\n\\nc\\n'); print('d'); bar(10)"
    )

    assert screen.rows[:7] == ["a", "", "b", "", "c", "", "d"]


def test_a_line_that_has_no_end_is_written_when_the_display_ends() -> None:
    """`print("...", end="")` is never lost, whichever way the display ends."""
    for ending in ("bar.close()", "del bar", "sys.stdout.flush(); bar.fail()"):
        screen = show(
            f"bar = headway.get_bar(10, desc='alpha'); print('no end', end='', flush=True); {ending}; print('!')"
        )
        assert screen.rows[-2] == "no end!", ending


def test_a_line_that_has_no_end_is_written_at_exit() -> None:
    """Also when the program ends with a bar that it has forgotten."""
    screen = run_in_terminal(
        "import headway; bar = headway.get_bar(10, desc='alpha'); print('no end', end='', flush=True)",
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert screen.rows[-1] == "no end"


def test_a_traceback_stands_above_the_bars_that_were_left_open() -> None:
    """What Python says of the exception that ends the program is whole."""
    screen = run_in_terminal(
        "import headway; bar = headway.get_bar(10, desc='alpha'); bar.update(3); raise ValueError('of mine')",
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert screen.status == 1
    assert "ValueError: of mine" in screen.rows, str(screen)
    assert screen.rows[-1].startswith("alpha FAILED:  30%|"), str(screen)


def test_texts_of_other_classes_stand_above_the_bars() -> None:
    """A text of a class that derives from `str` is written as a stream writes it, whatever its methods say."""
    screen = show(
        """
        class Text(str):
            def __str__(self): return 'no'
            def isascii(self): raise SystemExit('its own method')
        with headway.get_bar(10, desc='alpha') as bar:
            assert sys.stderr.write(Text('yes\\n')) == 4
            bar.update(10)
        """
    )

    assert screen.rows[0] == "yes", str(screen)


@needs("loguru")
@pytest.mark.parametrize("backend", ["rows", "tqdm"])
def test_records_of_loguru_stand_above_the_bars(backend: str) -> None:
    """Its default sink has the stderr of the time when it was imported; afterwards that is as it was."""
    screen = show(
        """
        from loguru import logger
        (sink,) = [handler._sink for handler in logger._core.handlers.values()]
        with headway.get_bar(10, desc='alpha') as bar:
            for i in range(5): logger.info('record {}', i); bar.refresh()
            logger.add(sys.stdout, format='added {message}')
            logger.warning('both'); bar.refresh()
            bar.update(10)
        streams = [handler._sink._stream for handler in logger._core.handlers.values()]
        assert streams == [sys.__stderr__, sys.__stdout__] and type(streams[0]) is type(sys.__stderr__), streams
        logger.info('after')
        """,
        backend=backend,
    )

    ends = [row.rpartition(" - ")[2] for row in screen.rows]
    bar = next(i for i, row in enumerate(ends) if row.startswith("alpha"))
    assert ends[:bar] == [*(f"record {i}" for i in range(5)), "both", "added both"], str(screen)
    assert ends[bar + 1 :] == ["after", "added after", "DONE"], str(screen)


@needs("loguru")
def test_loguru_is_not_imported_for_a_bar() -> None:
    """A program without it does not load it."""
    show("with headway.get_bar(10) as bar: bar.update(10)\nassert 'loguru' not in sys.modules")


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_stand_ins_are_like_the_streams() -> None:
    """Everything that a text stream has is there while bars are drawn."""
    show(
        """
        import io
        with headway.get_bar(10, desc='alpha') as bar:
            for stream, real in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
                assert stream is not real and stream.__wrapped__ is real
                assert isinstance(stream, io.TextIOWrapper)
                assert stream.fileno() == real.fileno() and stream.isatty() and stream.encoding == real.encoding
                assert stream.buffer is real.buffer and stream.name == real.name and not stream.closed
                stream.reconfigure(line_buffering=True)
                stream.writelines(['one\\n', 'two\\n'])
                assert stream.write('three\\n') == 6
                stream.mark = 1
                assert real.mark == 1
                try: stream.write(b'bytes')
                except TypeError: pass
                else: raise SystemExit('bytes are no text')
            bar.update(10)
        assert sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__
        """
    )


def test_streams_that_lead_elsewhere_are_left_alone(tmp_path: object) -> None:
    """With the output in a file and the bar on the terminal, the file gets every byte as ever."""
    screen = run_in_terminal(
        f"""
        import os, sys
        os.dup2(os.open({str(tmp_path)!r} + '/out', os.O_CREAT | os.O_WRONLY), 1)
        import headway
        with headway.get_bar(10, desc='alpha') as bar:
            assert sys.stdout is sys.__stdout__ and sys.stderr is not sys.__stderr__
            for i in range(10): print('line', i, end='\\r' if i % 2 else '\\n'); bar.update()
        """,
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert screen.status == 0, str(screen)
    assert [row.split(":")[0] for row in screen.rows] == ["alpha"]
    with open(f"{tmp_path}/out") as out:
        assert out.read() == "".join(f"line {i}\n" for i in range(10)), (
            "a file opened as text reads \\r as an end of line"
        )


def test_a_line_is_whole_if_the_rows_go_while_it_is_begun() -> None:
    """The thread that draws puts the streams back while another one has its piece in hand."""
    screen = show(
        """
        import threading
        from headway.host.lines import Line
        bar = headway.get_bar(10, desc='alpha')
        feed = Line.feed
        def late(line, text):
            found = feed(line, text)
            if text == 'begun':
                ending = threading.Thread(target=bar.close)
                ending.start(); ending.join()
            return found
        Line.feed = late
        print('begun', 'and ended')
        """
    )

    assert "begun and ended" in screen.rows, str(screen)


def test_streams_that_the_program_replaces_stay_its_own() -> None:
    """`redirect_stdout` catches what is printed under a bar, whether the bar or the block ends first."""
    show(
        """
        import contextlib, io
        caught, later = io.StringIO(), io.StringIO()
        bar = headway.get_bar(10, desc='alpha')
        with contextlib.redirect_stdout(caught):
            print('caught')
            assert sys.stdout is caught
        print('line 1')
        with contextlib.redirect_stdout(later):
            print('caught')
            bar.close()
            assert sys.stdout is later
            sys.stderr.write('line 2\\n')
        print('line 3')
        assert caught.getvalue() == later.getvalue() == 'caught\\n'
        with headway.get_bar(10, desc='beta'): print('line 4')
        assert sys.stdout is sys.__stdout__
        """
    )


def test_everything_is_put_back_after_an_exception() -> None:
    """An exception that leaves the block takes nothing with it."""
    show(
        """
        import builtins, logging
        logging.basicConfig()
        def things(): return sys.stdout, sys.stderr, builtins.input, logging.root.handlers[0].stream, sys.excepthook
        before = things()
        for error in (ValueError, KeyboardInterrupt, SystemExit):
            try:
                with headway.get_bar(10, desc='alpha') as bar:
                    assert things()[:4] != before[:4]
                    raise error
            except error: pass
            assert all(a is b for a, b in zip(before, things())), things()
        """
    )


def test_a_stand_in_that_was_kept_leads_to_the_stream() -> None:
    """Who has kept a stand-in can write to it for ever, in the child of a fork too."""
    screen = show(
        """
        with headway.get_bar(10, desc='alpha') as bar:
            kept = sys.stdout
            child = os.fork()
            if not child:
                kept.write('of the child\\n'); kept.flush(); os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            bar.update(10)
        kept.write('kept\\n'); print('kept too', file=kept)
        """
    )

    assert [screen.rows[0], *screen.rows[-3:]] == ["of the child", "kept", "kept too", "DONE"]


def test_a_child_of_a_fork_that_reports_to_nobody_has_the_streams_themselves() -> None:
    """Without a relay nothing stands between a child and its terminal."""
    show(
        """
        os.environ['HEADWAY_RELAY'] = 'off'
        with headway.get_bar(10, desc='alpha') as bar:
            ask, child = input, os.fork()
            if not child:
                assert sys.stdout is sys.__stdout__ and __builtins__.input is not ask
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            bar.update(10)
        """
    )


# ── code that prints where nobody expects it ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("threads", ["1", "0"])
def test_code_that_draws_may_print_and_log(threads: str) -> None:
    """A widget and a metric that print and log while a frame is drawn lock up nothing, and lose nothing."""
    screen = show(
        f"""
        os.environ['HEADWAY_THREADS'] = '{threads}'
        import logging
        from headway.drawing import callers, throttle
        callers.ANSWER_WITHIN = throttle.ANSWER_WITHIN = 1e6  # if anything waits for itself here, it waits for ever
        logging.basicConfig(format='%(message)s')
        seen = set()
        def once(what):
            if what not in seen: seen.add(what); print('from', what); logging.error(f'logged {{what}}')
        def widget(snapshot): once('a widget'); return 'w'
        def metric(): once('a metric'); return 1.0
        with headway.get_bar(20, desc='alpha', widgets=['desc', widget, 'metrics']) as bar:
            bar.metrics(m=metric)
            for i in range(20): bar.update(); time.sleep(0.02)
        """
    )

    for what in ("a widget", "a metric"):
        assert sum(f"from {what}" in row for row in screen.rows) == 1, str(screen)
        assert sum(f"logged {what}" in row for row in screen.rows) == 1, str(screen)


def test_signal_handlers_and_finalisers_may_print() -> None:
    """Handlers and finalisers that write in the middle of a write tear no line."""
    screen = show(
        """
        import signal
        count = 0
        class Dropped:
            def __del__(self): sys.stdout.write('dropped\\n')
        def handler(*_):
            global count
            count += 1; sys.stdout.write('signal\\n'); Dropped()
        signal.signal(signal.SIGALRM, handler)
        with headway.get_bar(300, desc='alpha') as bar:
            signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
            for i in range(300): sys.stdout.write(f'line {i}\\n'); bar.update()
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(count)
        """
    )

    assert [row for row in screen.rows if row.startswith("line ")] == [f"line {i}" for i in range(300)]
    count = int(screen.rows[-2])
    assert count > 3
    assert (screen.rows.count("signal"), screen.rows.count("dropped")) == (count, count)


# ── others that draw ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_tqdm_write_and_a_bar_of_the_programs_own() -> None:
    """A program's own tqdm bar is seen below ours, and what `tqdm.write` writes stands above both."""
    screen = show(
        """
        from tqdm import tqdm
        with headway.get_bar(3, desc='ours') as bar:
            for i in range(3):
                for j in tqdm(range(20), desc='theirs', leave=False):
                    time.sleep(0.01)
                    if j % 10 == 0: tqdm.write(f'line {i}{j}'); print(f'line {i}{j} printed')
                bar.update()
        """
    )

    expected = [row for i in range(3) for j in (0, 10) for row in (f"line {i}{j}", f"line {i}{j} printed")]
    assert [row for row in screen.rows if row.startswith("line")] == expected
    assert [row.split(":")[0] for row in screen.rows[len(expected) :]] == ["ours", "DONE"], str(screen)
    assert re.search(r"theirs:  \d\d%", screen.raw)


@pytest.mark.parametrize("backend", ["tqdm", pytest.param("progressbar2", marks=needs("headway_progressbar2"))])
def test_a_tqdm_bar_of_the_programs_own_may_stay(backend: str) -> None:
    """A program's own tqdm bar that is left on the screen after ours is whole."""
    screen = show(
        """
        from tqdm import tqdm
        theirs = tqdm(range(10), desc='theirs')
        with headway.get_bar(3, desc='ours', leave=False) as bar: bar.update(3); print('line')
        for j in theirs: time.sleep(0.02)
        """,
        backend=backend,
    )

    assert [row for row in screen.rows if row.startswith("theirs: 100%|")], str(screen)
    assert "line" in [row.strip() for row in screen.rows], str(screen)


@needs("rich")
def test_richs_live_display_is_seen() -> None:
    """A live display of rich is painted, and ends on rows of its own."""
    screen = show(
        """
        from rich.progress import track
        with headway.get_bar(3, desc='ours', leave=False) as bar:
            for i in track(range(20), description='theirs'): time.sleep(0.02)
            bar.update(3)
        """
    )

    assert screen.raw.count("theirs") > 3
    assert [row for row in screen.rows if row.startswith("theirs") and "100%" in row], str(screen)
