"""Worker processes report to the process that draws: real processes, in every way that Python starts them."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

WORK = """
    import headway, time
    def work(i):
        for _ in headway.track(range(10), desc="work"):
            time.sleep(0.01)
        return i
    def square(i):
        return i * i
    def with_bar(argument):
        bar, i = argument
        bar.update()
        return bar.n
"""
QUIET = "plain?interval=0&percent=0"


@pytest.fixture
def work(tmp_path: Path) -> None:
    """A module that workers import."""
    (tmp_path / "work.py").write_text(textwrap.dedent(WORK))


def last(stderr: str, label: str) -> str:
    """Return the last line about a bar."""
    lines = [line for line in stderr.splitlines() if line.startswith(f"headway {label} ")]
    assert lines, stderr
    return lines[-1]


STARTS = {
    "fork": "multiprocessing.get_context('fork').Pool(2).imap",
    "spawn": "multiprocessing.get_context('spawn').Pool(2).imap",
    "forkserver": "multiprocessing.get_context('forkserver').Pool(2).imap",
    "executor": "concurrent.futures.ProcessPoolExecutor(2).map",
    "loky": "lambda f, items: joblib.Parallel(2)(joblib.delayed(f)(item) for item in items)",
}


@pytest.mark.parametrize("bar_first", [True, False], ids=["bar first", "pool first"])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.usefixtures("work")
def test_workers_share_one_row(run: Any, start: str, bar_first: bool) -> None:
    """Bars of one name in the workers of a pool are one row of the parent, whichever of pool and bar is there first."""
    if start == "loky":
        pytest.importorskip("joblib")
    imports = "import joblib" if start == "loky" else "import multiprocessing, concurrent.futures"
    code = f"""
        import sys; sys.path.insert(0, "."); import headway, work
        {imports}
        if __name__ == "__main__":
            if not {bar_first}:
                each = {STARTS[start]}
                list(each(work.square, range(8)))
            with headway.get_bar(8, desc="all") as bar:
                if {bar_first}:
                    each = {STARTS[start]}
                for _ in each(work.work, range(8)): bar.update()
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND=QUIET)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "n=8 total=8 100%" in last(done.stderr, "all")
    assert "n=80 total=80 100%" in last(done.stderr, "work"), done.stderr
    assert " state=finished workers=2 slowest=100%" in last(done.stderr, "work")
    ends = [line for line in done.stderr.splitlines() if line.startswith("headway work ") and "finished" in line]
    assert len(ends) == 1, done.stderr


@pytest.mark.usefixtures("work")
def test_a_program_that_is_started_reports(run: Any) -> None:
    """A program run by `subprocess` shows its bar where its parent does, and its own output is untouched."""
    code = """
        import headway, subprocess, sys
        child = "import sys; sys.path.insert(0, '.'); import work, os; work.work(1); print('out'); os.write(2, b'err')"
        with headway.get_bar(1, desc="all") as bar:
            done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
            bar.update()
        print(done.returncode, done.stdout.strip(), done.stderr)
    """
    done = run(code, HEADWAY_BACKEND=QUIET)

    assert done.stdout == "0 out err\n"
    assert "n=10 total=10 100%" in last(done.stderr, "work")
    assert "workers" not in last(done.stderr, "work")


def test_a_terminal_shows_one_row(tmp_path: Path) -> None:
    """On the screen: the parent's row and one for all workers, with the slowest; texts of workers stand above, whole."""
    pytest.importorskip("headway_tqdm")
    screen = run_in_terminal(
        """
        import headway, os, time
        with headway.get_bar(2, desc="parent") as bar:
            children = []
            for i in range(2):
                child = os.fork()
                if not child:
                    with headway.get_bar(10, desc="child", leave=True) as own:
                        own.write(f"hello from {i}")
                        own.update(10 if i else 5)
                        time.sleep(0.5)
                        own.stop()
                    os._exit(0)
                children.append(child)
            for child in children:
                os.waitpid(child, 0); bar.update()
        """,
        env={"HEADWAY_BACKEND": "tqdm"},
        columns=100,
    )

    assert screen.status == 0
    assert len(screen.rows_with("parent: 100%")) == 1
    assert re.search(r"child stopped: *75%.* 15/20 .*2 workers, slowest 50%", str(screen)), screen
    assert sorted(screen.rows_with("hello")) == ["hello from 0", "hello from 1"]


def test_workers_stand_apart_on_request(run: Any) -> None:
    """`HEADWAY_WORKERS=apart` gives each worker a row of its own, with its name."""
    code = """
        import headway, os
        with headway.get_bar(2, desc="parent") as bar:
            for i in range(2):
                child = os.fork()
                if not child:
                    with headway.get_bar(3, desc="child") as own: own.update(3)
                    os._exit(0)
                os.waitpid(child, 0); print(child)
    """
    done = run(code, HEADWAY_BACKEND=QUIET, HEADWAY_WORKERS="apart")

    for child in done.stdout.split():
        assert f'headway "worker {child} child" n=3 total=3 100%' in done.stderr


def test_metrics_are_means_and_counts_are_sums(run: Any) -> None:
    """Of two workers a metric shows the mean, in the format that was asked for."""
    code = """
        import headway, os, time
        with headway.get_bar(2, desc="parent") as bar:
            children = []
            for i in range(2):
                child = os.fork()
                if not child:
                    with headway.get_bar(10, desc="child", metrics=[headway.Metric("loss", format=".3f")]) as own:
                        own.metrics(loss=i, note="same"); own.update(10); time.sleep(0.5)
                    os._exit(0)
                children.append(child)
            for child in children: os.waitpid(child, 0)
    """
    done = run(code, HEADWAY_BACKEND=QUIET)

    assert "n=20 total=20 100%" in last(done.stderr, "child")
    assert " loss=0.500 note=same" in last(done.stderr, "child")


def test_a_worker_that_dies_fails_its_bar(run: Any) -> None:
    """A worker killed by SIGKILL is told of by number, and the parent goes on."""
    code = """
        import headway, os, signal, time
        with headway.get_bar(1, desc="parent") as bar:
            child = os.fork()
            if not child:
                own = headway.get_bar(10, desc="child"); own.update(4)
                time.sleep(0.3)
                os.kill(os.getpid(), signal.SIGKILL)
            os.waitpid(child, 0); bar.update()
            print(child, bar.n)
    """
    done = run(code, HEADWAY_BACKEND=QUIET)
    child, n = done.stdout.split()

    assert (done.returncode, n) == (0, "1")
    assert "n=4 total=10" in last(done.stderr, "child")
    assert f'state=failed reason="lost worker {child}"' in last(done.stderr, "child")


@pytest.mark.parametrize("how", ["HEADWAY_BACKEND", "use"])
def test_off_reaches_children(run: Any, how: str) -> None:
    """With progress off in the parent, by environment or code, workers show nothing either."""
    code = f"""
        import headway, multiprocessing, os, sys
        sys.path.insert(0, ".")
        if {how == "use"}: headway.use("off")
        with headway.get_bar(2) as bar:
            child = os.fork()
            if not child:
                with headway.get_bar(2, desc="child") as own: own.update(2)
                os._exit(0)
            print(os.waitpid(child, 0)[1], sorted(name for name in os.environ if name.startswith("HEADWAY_RELAY_")))
    """
    done = run(code, **({"HEADWAY_BACKEND": "off"} if how == "HEADWAY_BACKEND" else {"HEADWAY_BACKEND": ""}))

    assert (done.stdout, done.stderr) == ("0 []\n", "")


def test_a_worker_whose_parent_is_gone_shows_its_bar_itself(run: Any) -> None:
    """An address in the environment that nobody listens at any more is as none."""
    code = """
        import headway, subprocess, sys
        child = "import headway; headway.get_bar(1, desc='child').close()"
        sys.exit(subprocess.run([sys.executable, "-c", child]).returncode)
    """
    for address in ("unix:999999999:/nowhere/at.sock", "tcp:999999999:1", "nonsense", "unix:1:"):
        done = run(code, HEADWAY_BACKEND="plain", HEADWAY_RELAY=address, HEADWAY_RELAY_KEY="0" * 64)

        assert done.returncode == 0
        assert "headway child n=0" in done.stderr


@pytest.mark.parametrize("threads", ["0", "1"])
@pytest.mark.parametrize("place", ["short", "long", "missing"])
def test_where_there_is_no_unix_socket_a_port_does(run: Any, tmp_path: Path, place: str, threads: str) -> None:
    """With a path too long for a socket, or no directory to write in, it listens on the loopback; threads or not."""
    folder = tmp_path / ("deep" * 30 if place == "long" else place)
    if place != "missing":
        folder.mkdir()
    code = """
        import headway, os, subprocess, sys, time
        child = "import headway; b = headway.get_bar(4, desc='child'); b.update(4); b.close()"
        with headway.get_bar(2, desc="parent") as bar:
            print(os.environ["HEADWAY_RELAY"].partition(":")[0])
            assert subprocess.run([sys.executable, "-c", child]).returncode == 0
            bar.update(2)
        print(*os.listdir(os.environ["TMPDIR"]) if os.path.isdir(os.environ["TMPDIR"]) else "")
    """
    env = {"TMPDIR": str(folder), "XDG_RUNTIME_DIR": "", "HEADWAY_THREADS": threads}
    done = run(code, HEADWAY_BACKEND=QUIET, **env)

    assert ("unix" if place == "short" else "tcp") == done.stdout.split("\n")[0], done.stderr
    assert "n=4 total=4 100%" in last(done.stderr, "child")
    assert (list(folder.rglob("*")) if folder.exists() else []) == []


def test_the_directory_is_the_user_s_alone(run: Any, tmp_path: Path) -> None:
    """A directory that others may enter is not used, and socket and secret are for the owner only."""
    code = """
        import headway, os, stat, time
        with headway.get_bar(2, desc="parent") as bar:
            time.sleep(0.2)
            for folder, _, names in os.walk(os.environ["TMPDIR"]):
                for name in [".", *names]:
                    print(name.split("-")[0], oct(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)))
            print(os.environ["HEADWAY_RELAY"].partition(":")[0])
    """
    env = {"TMPDIR": str(tmp_path), "XDG_RUNTIME_DIR": "", "HEADWAY_BACKEND": "plain"}
    done = run(code, **env)

    assert done.stdout.splitlines()[1] == ". 0o700"
    assert "pid 0o600" in done.stdout
    assert done.stdout.split()[-1] == "unix"
    (tmp_path / f"headway-{os.getuid()}").mkdir(mode=0o755)
    assert run(code, **env).stdout.split()[-1] == "tcp"


RANKS = """
    import headway, os, sys, time
    loop = headway.loop(range(20), epochs=2)
    for epoch in loop:
        for batch in loop.train():
            loop.metrics(loss=float(os.environ["RANK"]))
            time.sleep(0.01)
    with headway.get_bar(10, desc="after") as bar:
        time.sleep(0.3)
        bar.update(10)
    time.sleep(0.1)
"""


def test_ranks_of_a_job_have_one_display(tmp_path: Path) -> None:
    """Two ranks with no common parent that draws: rank 0 draws for both, rank 1 writes nothing, all ends alike."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    env |= {
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": str(os.getpid()),
        "HEADWAY_RELAY": f"not:{os.getpid()}",
    }
    env |= {"HEADWAY_BACKEND": QUIET}
    command = [sys.executable, "-c", textwrap.dedent(RANKS)]
    ranks = [
        subprocess.Popen(command, env={**env, "RANK": str(i)}, stderr=subprocess.PIPE, text=True) for i in range(2)
    ]
    first, second = (rank.communicate(timeout=60)[1] for rank in ranks)

    assert ([rank.returncode for rank in ranks], second) == ([0, 0], ""), first
    assert " n=2 total=2 100% " in last(first, "training")
    assert " n=40 total=40 100% " in last(first, '"epoch 2"')
    assert " n=20 total=20 100% " in last(first, "after")
    assert " workers=2 ranks=2 slowest=100%" in last(first, "after")
    assert first.count("headway training ") == 2  # opened once, closed once


def test_the_row_says_how_many_ranks_it_is_made_of(tmp_path: Path) -> None:
    """If the other ranks run on another machine, the row is that of one of four."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    env |= {"RANK": "0", "WORLD_SIZE": "4", "MASTER_ADDR": "localhost", "MASTER_PORT": str(os.getpid())}
    env |= {"HEADWAY_RELAY": f"not:{os.getpid()}"}
    code = "import headway\nfor i in headway.track(range(3), desc='a'): pass"
    screen = run_in_terminal(code, columns=100, env={**env, "HEADWAY_BACKEND": "rows"})
    lines = subprocess.run(
        [sys.executable, "-c", code], env={**env, "HEADWAY_BACKEND": QUIET}, capture_output=True, text=True
    ).stderr

    assert "1 of 4 ranks" in str(screen)
    assert " workers=1 ranks=4" in last(lines, "a")


def test_a_stopped_parent_delays_no_worker(run: Any) -> None:
    """A worker of a process that reads nothing any more, stopped by SIGSTOP, runs to its end without waiting."""
    code = """
        import headway, os, signal, subprocess, sys, time
        child = '''if 1:
            import headway, os, signal, time
            os.kill(os.getppid(), signal.SIGSTOP)
            start = time.monotonic()
            for i in range(2_000):
                with headway.get_bar(5, desc="x" * 500) as bar: bar.update(5)
            print(time.monotonic() - start < 8, flush=True)
            start = time.monotonic()
            import atexit; atexit._run_exitfuncs()
            print(time.monotonic() - start < 1.0, flush=True)
            os.kill(os.getppid(), signal.SIGCONT)
        '''
        with headway.get_bar(1, desc="parent") as bar:
            subprocess.run([sys.executable, "-c", child], check=True)
            bar.update()
    """
    done = run(code, HEADWAY_BACKEND="plain")

    assert done.stdout == "True\nTrue\n", done.stderr
    assert "headway parent n=1 total=1 100%" in done.stderr


def test_texts_that_do_not_get_through_are_not_lost(run: Any) -> None:
    """What a worker writes while nobody takes it comes out on its stderr."""
    code = """
        import headway, os, signal, subprocess, sys
        child = '''if 1:
            import headway, os, signal
            with headway.get_bar(5, desc="child") as bar:
                os.kill(os.getppid(), signal.SIGSTOP)
                for i in range(3000): bar.write(f"line {i:04} " + "x" * 300)
            import atexit; atexit._run_exitfuncs()
            os.kill(os.getppid(), signal.SIGCONT)
        '''
        with headway.get_bar(1, desc="parent") as bar:
            subprocess.run([sys.executable, "-c", child], check=True)
            bar.update()
    """
    done = run(code, HEADWAY_BACKEND="plain")
    seen = set(re.findall(r"line (\d{4})", done.stderr))

    assert len(seen) == 3000


# ── bars that are pickled ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.usefixtures("work")
def test_a_pickled_bar_counts_for_the_original(run: Any, method: str) -> None:
    """A bar that is handed to a task of a pool is a handle there: what it counts, the bar counts."""
    code = f"""
        import sys; sys.path.insert(0, "."); import headway, work, multiprocessing
        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(2) as pool, headway.get_bar(20, desc="all") as bar:
                pool.map(work.with_bar, [(bar, i) for i in range(20)])
            print(bar.n, bar.state)
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND=QUIET)

    assert (done.returncode, done.stdout) == (0, "20 finished\n"), done.stderr
    assert "n=20 total=20 100%" in last(done.stderr, "all")


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.usefixtures("work")
def test_a_pickled_bar_without_a_relay_only_counts(run: Any, method: str) -> None:
    """With the relay off a handle counts for itself, and nothing fails."""
    code = f"""
        import sys; sys.path.insert(0, "."); import headway, work, multiprocessing
        if __name__ == "__main__":
            with headway.get_bar(20, desc="all") as bar:
                with multiprocessing.get_context({method!r}).Pool(2) as pool:
                    print(pool.map(work.with_bar, [(bar, i) for i in range(3)]), bar.n)
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND="plain", HEADWAY_RELAY="off")

    assert (done.returncode, done.stdout) == (0, "[1, 1, 1] 0\n"), done.stderr


def test_the_processes_of_a_run_know_it(run: Any) -> None:
    """What a process starts after its first bar has the run's id."""
    code = """
        import headway, os, subprocess, sys
        from headway.host import run
        child = "import headway, os; headway.get_bar(1).close(); print(os.environ['HEADWAY_RUN'], flush=True)"
        with headway.get_bar(1):
            said = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout
        print(said.strip() == run.identity())
    """
    done = run(code, HEADWAY_BACKEND="plain")

    assert done.stdout == "True\n", done.stderr
