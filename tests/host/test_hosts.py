"""Hosts of other kinds: green threads, subinterpreters, fake file systems and clocks, processes that lack things."""

import os
import re
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform in ("emscripten", "win32"), reason="there are no processes, or terminals")


def needs(module: str) -> Any:
    """Skip a test where a library is not installed."""
    return pytest.mark.skipif(not find_spec(module), reason=f"{module} is not installed")


# ── green threads ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.platform != "linux", reason="the work of another thread is known on Linux")
def test_the_work_of_the_main_thread_is_known_if_its_identifier_is_not(run: Any) -> None:
    """Gevent has `get_ident` return a number that is no thread's, and to ask the system about that one may crash."""
    done = run(
        """
        import threading
        from headway.host.stops import Stops
        stops = Stops()
        known, threading.get_ident = threading.get_ident, lambda: 12345
        stops.watch()
        before = stops._worked()
        while stops._worked() == before: sum(range(1000))
        threading.get_ident = known
        print(before > 0)
        """
    )

    assert done.stdout == "True\n", done.stderr


PATCHED = {
    "gevent": ("from gevent import monkey; monkey.patch_all(); import gevent as green", "join"),
    "eventlet": ("import eventlet as green; green.monkey_patch()", "wait"),
}
BEFORE = {
    "an import": "from headway.tqdm import tqdm as track",
    "a bar": "list(track(range(2), desc='before'))",
    "an open bar": "outer = headway.get_bar(10, desc='outer')",
}


@pytest.mark.parametrize("library", [pytest.param(name, marks=needs(name)) for name in PATCHED])
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("backend", ["rows", "plain,events?path=events.jsonl"])
@pytest.mark.parametrize("work", ["green.sleep(0.05)", "sum(range(50_000))"])
def test_a_library_may_patch_the_threads_after_headway_is_there(
    library: str, before: str, backend: str, work: str, tmp_path: Path
) -> None:
    """Loops in green threads run to their end, whether they wait or compute, and all is shown and recorded."""
    patch, join = PATCHED[library]
    screen = run_in_terminal(
        f"""
        import warnings; warnings.simplefilter("ignore")
        import headway
        from headway import track
        {BEFORE[before]}
        {patch}
        def loop(k):
            for i in track(range(5), desc=f"loop {{k}}"):
                print("line", k, i); {work}
        for each in [green.spawn(loop, k) for k in range(3)]: each.{join}()
        if "outer" in globals(): outer.update(3); outer.close()
        print("DONE")
        """,
        env={"HEADWAY_BACKEND": backend},
        cwd=tmp_path,
        timeout=30,
    )

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    assert len(screen.rows_with("line ")) == 15, str(screen)
    assert not {"Traceback", "ignored"} & {*re.findall(r"\w+", screen.raw)}, str(screen)
    for k in range(3):
        assert re.search(rf"loop {k}.*5/5|\"loop {k}\" n=5 total=5", screen.raw), str(screen)
    if "events" in backend:
        assert (tmp_path / "events.jsonl").read_text().count('"event": "close"') >= 3


@pytest.mark.parametrize("library", [pytest.param(name, marks=needs(name)) for name in PATCHED])
@pytest.mark.parametrize("kills", [["TERM"], ["TSTP", "CONT"]])
def test_a_signal_that_comes_while_all_green_threads_wait(library: str, kills: list[str]) -> None:
    """The loop of the library has to handle it, which may not wait: a green thread sees to the rows."""
    patch, _ = PATCHED[library]
    commands = "; ".join(f"sleep 0.5; kill -{kill} $PPID" for kill in kills)
    screen = run_in_terminal(
        f"""
        import warnings; warnings.simplefilter("ignore")
        {patch}
        import headway, os, subprocess, time
        subprocess.Popen("{commands}", shell=True)
        for _ in headway.track(range(60), desc="work"): time.sleep(0.02)
        print("DONE")
        """,
        env={"HEADWAY_BACKEND": "rows"},
    )
    ended = kills == ["TERM"]

    assert screen.status == (-signal.SIGTERM if ended else 0), str(screen)
    assert not screen.cursor_hidden
    assert len(screen.rows_with("work")) == 1, str(screen)
    assert screen.rows[-1].startswith("work interrupted:" if ended else "DONE"), str(screen)
    assert "Traceback" not in screen.raw


# ── subinterpreters ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs Python 3.12")
@pytest.mark.parametrize("backend", ["rows", "plain", "plain,events?path=events.jsonl"])
@pytest.mark.parametrize("where", ["run()", "thread = threading.Thread(target=run); thread.start(); thread.join()"])
def test_a_loop_in_a_subinterpreter_runs_to_its_end(backend: str, where: str, tmp_path: Path) -> None:
    """Daemon threads are refused there, and signals are another interpreter's; the loop is shown all the same."""
    screen = run_in_terminal(
        f"""
        import signal, threading
        try: import _interpreters as interpreters
        except ImportError: import _xxsubinterpreters as interpreters
        code = '''
        import headway
        for i in headway.track(range(5), desc="inside"): print("line", i)
        with headway.get_bar(3, desc="second") as bar: bar.update(3)
        '''
        import textwrap
        def run():
            there = interpreters.create()
            result = interpreters.run_string(there, textwrap.dedent(code))
            if result is not None: print("RAISED", result)
            interpreters.destroy(there)
        signal.signal(signal.SIGALRM, lambda *_: None)
        {where}
        import headway
        for i in headway.track(range(3), desc="outside"): pass
        print("DONE")
        """,
        env={"HEADWAY_BACKEND": backend},
        cwd=tmp_path,
    )

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    assert not {"Traceback", "RAISED"} & {*re.findall(r"\w+", screen.raw)}, str(screen)
    assert len(screen.rows_with("line ")) == 5, str(screen)
    for desc in ("inside", "second", "outside"):
        assert any(desc in row and "100%" in row for row in screen.rows), str(screen)


# ── tests of a program that fake the system or the time ──────────────────────────────────────────────────────────────


@needs("pyfakefs")
@pytest.mark.parametrize("before", ["", "list(headway.track(range(2), desc='before'))"])
@pytest.mark.parametrize("backend", ["rows", "plain"])
def test_a_fake_file_system_does_not_stay_with_headway(backend: str, before: str) -> None:
    """Code with a bar runs in one fake file system after the other, and without one, whenever headway was used first."""
    screen = run_in_terminal(
        f"""
        import headway
        from pyfakefs.fake_filesystem_unittest import Patcher
        {before}
        for test in range(3):
            with Patcher():
                print("SUM", sum(headway.track(range(5), desc="work")))
        print("SUM", sum(headway.track(range(5), desc="after")))
        """,
        env={"HEADWAY_BACKEND": backend},
    )

    assert screen.status == 0, str(screen)
    assert len(screen.rows_with("SUM 10")) == 4, str(screen)
    assert any("after" in row and "100%" in row for row in screen.rows), str(screen)


@needs("freezegun")
@pytest.mark.parametrize("how", ["", "tick=True", "auto_tick_seconds=15"])
@pytest.mark.parametrize("backend", ["rows", "plain"])
def test_a_clock_that_stands_or_jumps_hangs_nothing(backend: str, how: str) -> None:
    """Bars within and after a frozen time end, one that is open at its end, too, and no processor time is burnt."""
    screen = run_in_terminal(
        f"""
        import headway, resource, time
        from freezegun import freeze_time
        with freeze_time("2020-01-01", {how}):
            for i in headway.track(range(5), desc="frozen"): print("line", i); time.sleep(0.03)
            later = headway.get_bar(5, desc="later"); later.update(2)
        time.sleep(0.3); later.update(3); later.close()
        for i in headway.track(range(5), desc="after"): time.sleep(0.03)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print("DONE" if used.ru_utime + used.ru_stime < 5 else used)
        """,
        env={"HEADWAY_BACKEND": backend},
    )

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    for desc in ("frozen", "later", "after"):
        assert any(desc in row and "100%" in row for row in screen.rows), str(screen)


# ── processes that lack something ────────────────────────────────────────────────────────────────────────────────────

LEAK = """
import os, resource, sys, warnings
{first}
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
leak = []
try:
    while True: leak.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
for i in headway.track(range(20), desc="full"): print("line", i)
with headway.get_bar(3, desc="second") as bar: bar.update(3); bar.metrics(loss=0.5)
with headway.suspend(): pass
headway.write("written")
for descriptor in leak: os.close(descriptor)
for i in headway.track(range(20), desc="later"): pass
print("DONE")
"""


@pytest.mark.parametrize(
    "first",
    [
        "import headway",
        "import headway; from headway import get_bar, track",
        "import headway; [None for _ in headway.track(range(2))]",
    ],
)
@pytest.mark.parametrize("backend", ["rows", "plain", ""])
def test_without_a_descriptor_the_work_goes_on(backend: str, first: str) -> None:
    """Nothing is raised if headway is used, for the first time or again, while no file can be opened; later bars show."""
    screen = run_in_terminal(LEAK.format(first=first), env={"HEADWAY_BACKEND": backend})

    assert (screen.status, screen.rows[-1]) == (0, "DONE"), str(screen)
    assert len(screen.rows_with("line ")) == 20, str(screen)
    assert screen.rows_with("written"), str(screen)
    assert any("later" in row and "100%" in row for row in screen.rows), str(screen)


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_without_a_home_no_folder_is_made(run: Any, tmp_path: Path, home: str | None) -> None:
    """A service of a user that has no home keeps no faults, and makes no folder named `~` where it runs."""
    done = run(
        f"""
        import os, pwd
        def unknown(uid): raise KeyError(uid)
        pwd.getpwuid = unknown
        os.environ.pop("HOME", None)
        if {home!r} is not None: os.environ["HOME"] = {home!r}
        import headway
        with headway.get_bar(3, desc="a") as bar: bar.metrics(loss=object()); bar.update(3)
        print(os.listdir())
        """,
        HEADWAY_BACKEND="plain",
        XDG_STATE_HOME="",
        XDG_CONFIG_HOME="",
    )

    assert done.returncode == 0, done.stderr
    assert "could not be read" in done.stderr
    assert done.stdout == "[]\n"
    assert not os.listdir(tmp_path)


def test_a_bar_of_a_finaliser_at_the_exit_raises_nothing(run: Any) -> None:
    """When Python is about to end nothing can be imported any more, and a first bar is seen by nobody."""
    done = run(
        """
        import builtins, headway
        class Kept:
            def __del__(self):
                with headway.get_bar(3, desc="last") as bar: bar.update(3)
                for _ in headway.track(range(3)): pass
        builtins.kept = Kept()
        """
    )

    assert (done.returncode, done.stderr) == (0, "")
