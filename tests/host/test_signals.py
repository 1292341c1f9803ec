"""Signals while bars are drawn: the terminal ends whole, the truth is on it, and the program ends as without bars."""

import os
import random
import re
from importlib.util import find_spec

import pytest

from headway.testing import Screen, run_in_terminal

BACKENDS = [name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")]
FULL = os.environ.get("HEADWAY_FULL") == "1"
TIMES = 150 if FULL else 5
"""So many moments for each renderer and program; all of them with `HEADWAY_FULL=1`."""

CHILDREN = 1000 if FULL else 100
"""Children that are ended as soon as they are forked."""

pytestmark = pytest.mark.skipif(not BACKENDS, reason="no renderer is installed that draws rows")


def moments(times: int) -> list[tuple[str, str, float]]:
    """Random moments for each renderer, with the drawing thread and without; the same ones in each run."""
    dice = random.Random(4)
    return [
        (backend, threads, round(dice.uniform(0.0, 0.3), 4))
        for backend in BACKENDS
        for threads, share in (("1", 1.0), ("0", 0.4))
        for _ in range(int(times * share))
    ]


WORK = """
import headway, os, signal, sys, time
before = sys.stdout, sys.stderr, input, *map(signal.getsignal, (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP))
def work():
    sys.stdout.write("GO\\n")  # whole at once, and where Ctrl-C is waited for: it may come as soon as this is seen
    for i in headway.track(range(10**9), desc="alpha"):
        with headway.get_bar(5, desc="beta") as bar:
            for j in range(5): bar.update()
            sys.stdout.write(f"line {i}\\n")
        for _ in headway.track([1, 2, 3], desc="gamma"): time.sleep(0.0005)
        list(headway.track(range(5), desc="delta"))
headway.get_bar(leave=False).close()
"""
CAUGHT = """
try:
    work()
except KeyboardInterrupt:
    pass
after = sys.stdout, sys.stderr, input, *map(signal.getsignal, (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP))
assert all(a is b for a, b in zip(before, after)), after
from headway.drawing.hub import hub
assert not hub.display.bars, hub.display.bars
print("DONE")
sys.exit(130)
"""


def whole(screen: Screen) -> None:
    """Check that the terminal is whole, and what is left of the bars is the truth."""
    assert not screen.cursor_hidden, str(screen)
    assert "Exception ignored" not in screen.raw, str(screen)
    assert "HeadwayWarning" not in screen.raw, str(screen)
    rows = [row for row in screen.rows if re.match("(alpha|beta|gamma|delta)[ :]", row)]
    if "alpha" in screen.raw:
        assert rows[0].startswith("alpha interrupted"), str(screen)
        assert all(re.match(r"\w+ interrupted", row) for row in rows), str(screen)
        assert len(rows) <= 2, str(screen)  # that and the one that was inside
    assert all(re.fullmatch(r"(line \d+|GO)(\^C)?", row) for row in screen.rows if row.startswith(("line", "GO")))


@pytest.mark.parametrize(("backend", "threads", "delay"), moments(TIMES))
def test_ctrl_c_that_is_caught_leaves_no_bar_open(backend: str, threads: str, delay: float) -> None:
    """Whenever I press Ctrl-C, the bars say interrupted, everything is put back, and the program can go on."""
    env = {"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads}
    screen = run_in_terminal(WORK + CAUGHT, env=env, columns=100, types={"GO": "\x03"}, hesitates=delay, timeout=30)

    assert screen.status == 130, str(screen)
    assert screen.rows[-1].removeprefix("^C") == "DONE", str(screen)
    whole(screen)


@pytest.mark.parametrize(("backend", "threads", "delay"), moments(100 if FULL else 2))
def test_ctrl_c_that_is_not_caught_ends_the_program_as_ever(backend: str, threads: str, delay: float) -> None:
    """Whenever I press Ctrl-C, the program ends by it, and the terminal is whole."""
    env = {"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads}
    screen = run_in_terminal(WORK + "work()", env=env, columns=100, types={"GO": "\x03"}, hesitates=delay, timeout=30)

    assert screen.status == -2, str(screen)
    whole(screen)


@pytest.mark.parametrize(("backend", "threads", "delay"), moments(40 if FULL else 2))
def test_sigterm_at_any_moment_ends_the_program_by_it(backend: str, threads: str, delay: float) -> None:
    """Whenever the program is told to end, the bars say interrupted, and its status is that of the signal."""
    code = f"""{WORK}
import threading
killer = threading.Timer({delay}, os.kill, (os.getpid(), signal.SIGTERM)); killer.daemon = True; killer.start()
work()
"""
    env = {"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads}
    screen = run_in_terminal(code, env=env, columns=100, timeout=30)

    assert screen.status == -15, str(screen)
    whole(screen)


@pytest.mark.parametrize("threads", ["1", "0"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_sigterm_at_the_first_frame_leaves_a_whole_terminal(backend: str, threads: str) -> None:
    """If the program is told to end while its very first row is being drawn, the bar says interrupted."""
    screen = run_in_terminal(
        """
        import headway, os, signal, sys
        class Out:
            told = False
            def __getattr__(self, name): return getattr(sys.__stderr__, name)
            def write(self, text):
                sys.__stderr__.write(text)
                if "alpha" in text and not self.told:
                    self.told = True
                    os.kill(os.getpid(), signal.SIGTERM)
        headway.get_bar(10, desc="alpha", file=Out())
        """,
        env={"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads},
        columns=100,
    )

    assert screen.status == -15, str(screen)
    whole(screen)


@pytest.mark.parametrize("backend", ["plain", *BACKENDS])
def test_ctrl_c_at_the_first_bar_is_not_forgotten(backend: str) -> None:
    """A Ctrl-C that strikes as soon as the first bar is up ends the program as Ctrl-C does, whatever is imported then.

    Python forgets that it was one if any thread evaluates a string after it, as imports do. The main thread is slow
    here, so that the thread that draws is not always the later one.
    """
    screen = run_in_terminal(
        """
        import headway, sys, threading, time
        strings = []
        def hook(event, args):
            drawing = threading.current_thread().name == "headway"
            if event == "compile" and args[1] == "<string>" and drawing:
                strings.append(sys._getframe(1).f_code.co_filename)
            if event == "import" and args[0].startswith("headway.processes.") and not drawing:
                time.sleep(0.1)
        sys.addaudithook(hook)
        bar = headway.get_bar(10, desc="alpha")
        try:
            raise KeyboardInterrupt
        finally:
            bar.close()
            print(strings)
        """,
        env={"HEADWAY_BACKEND": backend},
        columns=100,
    )

    assert screen.status == -2, str(screen)
    assert "[]" in screen.rows, str(screen)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("backend", BACKENDS)
def test_sigterm_ends_a_child_that_has_just_been_forked(backend: str) -> None:
    """Whoever ends a worker as soon as it is there, as a pool does, need not wait for it for ever, and sees one bar."""
    screen = run_in_terminal(
        f"""
        import headway, os, signal, time
        ends = set()
        with headway.get_bar({CHILDREN}, desc="alpha") as bar:
            for i in range({CHILDREN}):
                child = os.fork()
                if not child:
                    time.sleep(3)
                    os._exit(0)
                os.kill(child, signal.SIGTERM)
                ends.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                bar.update()
        print(ends)
        """,
        env={"HEADWAY_BACKEND": backend},
        columns=100,
        timeout=60 if FULL else 30,
    )

    assert screen.rows[-1] == "{-15}", str(screen)
    assert len(screen.rows_with("alpha")) == 1, str(screen)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_handler_of_the_programs_own_runs_and_stays(when: str) -> None:
    """A handler that the program has, or installs while bars are drawn, is called, and is there afterwards."""
    screen = run_in_terminal(
        f"""
        import headway, os, signal
        def mine(*_): print('mine')
        def install(): [signal.signal(s, mine) for s in (signal.SIGTERM, signal.SIGTSTP)]
        if {when == "before"}: install()
        with headway.get_bar(10, desc='alpha') as bar:
            install()
            for s in (signal.SIGTERM, signal.SIGTSTP): os.kill(os.getpid(), s)
            bar.update(10)
        print(all(signal.getsignal(s) is mine for s in (signal.SIGTERM, signal.SIGTSTP)))
        """,
        env={"HEADWAY_BACKEND": BACKENDS[0]},
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[:2] == ["mine", "mine"], str(screen)
    assert screen.rows[-1] == "True", str(screen)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_handler_may_call_the_one_that_it_has_replaced(backend: str) -> None:
    """As a trainer's does that saves a checkpoint: SIGTERM under a bar ends nothing that it does not end without one."""
    screen = run_in_terminal(
        """
        import headway, os, signal
        asked = []
        def chained(before):
            def stop(signum, frame):
                asked.append(signum)
                if callable(before): before(signum, frame)
            return stop
        def work():
            for epoch in headway.track(range(3), desc="alpha"):
                signal.signal(signal.SIGTERM, chained(signal.getsignal(signal.SIGTERM)))
                for step in headway.track(range(4), desc="beta"):
                    if (epoch, step) == (1, 2): os.kill(os.getpid(), signal.SIGTERM)
                    if asked: return print("checkpoint saved")
        work()
        print(asked == [signal.SIGTERM] * 2)
        """,
        env={"HEADWAY_BACKEND": backend},
    )

    assert (screen.status, screen.rows[-1]) == (0, "True"), str(screen)
    assert "checkpoint saved" in screen.rows, str(screen)


def test_a_handler_that_is_put_back_after_the_bars_ends_the_program_as_ever() -> None:
    """Who has saved the handler under a bar, and sets it again when there is none, has what SIGTERM does by default."""
    screen = run_in_terminal(
        """
        import headway, os, signal
        with headway.get_bar(3, desc="alpha") as bar:
            before = signal.signal(signal.SIGTERM, lambda *_: None)
            bar.update(3)
        signal.signal(signal.SIGTERM, before)
        with headway.get_bar(3, desc="beta") as bar: bar.update(3)
        print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
        signal.signal(signal.SIGTERM, before)
        os.kill(os.getpid(), signal.SIGTERM)
        """,
        env={"HEADWAY_BACKEND": BACKENDS[0]},
    )

    assert (screen.status, screen.rows[-1]) == (-15, "True"), str(screen)


def test_a_handler_of_ctrl_z_may_call_the_one_that_it_has_replaced() -> None:
    """The program stops, goes on, and its own handler is there again."""
    screen = run_in_terminal(
        """
        import headway, os, signal, time
        calls = []
        with headway.get_bar(3, desc="alpha") as bar:
            before = signal.getsignal(signal.SIGTSTP)
            def mine(signum, frame):
                calls.append(signum)
                before(signum, frame)
            signal.signal(signal.SIGTSTP, mine)
            child = os.fork()
            if not child:
                time.sleep(0.5)
                os.kill(os.getppid(), signal.SIGCONT)
                os._exit(0)
            os.kill(os.getpid(), signal.SIGTSTP)
            bar.update(3)
            print(len(calls), signal.getsignal(signal.SIGTSTP) is mine)
        os.waitpid(child, 0)
        """,
        env={"HEADWAY_BACKEND": BACKENDS[0]},
    )

    assert screen.status == 0, str(screen)
    assert "1 True" in screen.rows, str(screen)


def test_bars_of_another_thread_leave_signals_alone() -> None:
    """Where the main thread reports nothing, signals do what they did, and headway asks for nothing it cannot have."""
    screen = run_in_terminal(
        """
        import headway, signal, threading
        def work():
            with headway.get_bar(10, desc='alpha') as bar: bar.update(10)
            print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
        thread = threading.Thread(target=work); thread.start(); thread.join()
        """,
        env={"HEADWAY_BACKEND": BACKENDS[0]},
    )

    assert (screen.status, screen.rows[-1]) == (0, "True"), str(screen)
