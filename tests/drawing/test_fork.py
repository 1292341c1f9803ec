"""Forks while a bar is open: the parent goes on, children are silent and end."""

import os
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from headway.testing import run_in_terminal

TERMINAL = [
    name
    for name in ("plain", "tqdm", "progressbar2", "alive", "rich")
    if name == "plain" or find_spec(f"headway_{name}")
]
STORM = 250 if os.environ.get("HEADWAY_FULL") == "1" else 20
"""Forks for each renderer and each thing that children do; all of them with `HEADWAY_FULL=1`."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

END_OF = """
import headway, os, sys, threading, time
def end_of(child):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done: return os.waitstatus_to_exitcode(status)
        time.sleep(0.0002)
    os.kill(child, 9)
    return os.waitpid(child, 0) and "hung"
"""
"""Waits for a child and returns its status, or that it hung."""

MOVING = """
over = threading.Event()
bar = headway.get_bar(10**9, desc="alpha")
def move():
    while not over.is_set(): bar.update()
thread = threading.Thread(target=move); thread.start()
"""
"""A bar that a thread of its own moves until `over` is set."""

FORKS = f"""{END_OF}
bar = headway.get_bar(200, desc="parent")
inner = headway.track(range(200), desc="inner")
for i in inner:
    child = os.fork()
    if child == 0:
        bar.update(); bar.message("child"); bar.metrics(loss=i); bar.write("text of a child")
        with headway.get_bar(1, desc="of a child") as own: own.update()
        if i % 4 == 0: os._exit(0)
        if i % 4 == 1: bar.close()
        if i % 4 == 2: del bar, own, inner
        sys.exit(0)
    assert end_of(child) == 0
    bar.update()
bar.close()
print(bar.n, inner.bar.state, [t.name for t in threading.enumerate() if not t.is_alive()])
"""


@pytest.mark.timeout(700)
@pytest.mark.parametrize("backend", ["plain?interval=0&percent=0", "events"])
def test_two_hundred_forks_hang_nobody(run: Any, backend: str) -> None:
    """Of 200 children each ends by itself, none draws a bar, and the parent's bars count to their ends.

    What the children report of their own is one row of the parent's.
    """
    done = run(FORKS, within=600, HEADWAY_BACKEND=backend)  # a child that hangs is told by the program itself

    assert (done.returncode, done.stdout) == (0, "200 finished []\n"), done.stderr
    rows = done.stderr.replace("text of a child", "").splitlines()
    own = [row for row in rows if "of a child" not in row]
    first = [row for row in own if "headway parent n=0 " in row or '"event": "open"' in row]
    last = [row for row in own if "state=finished" in row or '"event": "close"' in row]
    assert any("n=200 total=200" in row or '"n": 200' in row for row in rows if "of a child" in row), done.stderr
    assert len(first) == (1 if backend.startswith("plain") else 2), done.stderr
    assert len(last) == 2, done.stderr


def test_forks_beside_the_loop_hang_nobody(run: Any) -> None:
    """Forks in one thread while another one opens and closes bars as fast as it can hang neither."""
    code = """
        import headway, io, os, threading
        over = threading.Event()
        def report():
            while not over.is_set():
                with headway.get_bar(1, file=io.StringIO()) as bar: bar.update()
        thread = threading.Thread(target=report); thread.start()
        for i in range(100):
            child = os.fork()
            if child == 0: os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        over.set(); thread.join()
        with headway.get_bar(1, desc="after") as bar: bar.update()
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND="plain")

    assert done.returncode == 0, done.stderr
    assert "headway after n=1 total=1 100%" in done.stderr


def test_a_process_and_its_child_load_no_openssl(run: Any) -> None:
    """If OpenSSL sets itself up in one thread while another one forks, the first hash in the child never returns."""
    code = """
        import headway, os, sys
        with headway.get_bar(1, desc="parent") as bar:
            child = os.fork()
            if child == 0:
                with headway.get_bar(1, desc="child") as own: own.update()
                print("child", "_hashlib" in sys.modules, flush=True); os._exit(0)
            os.waitpid(child, 0)
            bar.update()
        print("parent", "_hashlib" in sys.modules)
    """
    done = run(code, HEADWAY_BACKEND="plain?interval=0&percent=0,events?path=run.jsonl")

    assert done.stdout == "child False\nparent False\n", done.stderr
    assert "headway child n=1 total=1 100%" in done.stderr


@pytest.mark.parametrize("threads", ["0", "1"])
def test_a_metric_may_fork(run: Any, threads: str) -> None:
    """A metric that forks while it is read ends neither process: where a caller draws, the child's draws on."""
    code = """
        import headway, os, time
        seen = []
        def metric():
            if not seen:
                seen.append(os.fork())
                if seen[0]: seen.append(os.waitstatus_to_exitcode(os.waitpid(seen[0], 0)[1]))
            return 1.0
        bar = headway.get_bar(10, desc="alpha")
        bar.metrics(loss=metric)
        while not seen: bar.update(0); time.sleep(0.01)
        bar.update(10)
        bar.close()
        print(seen[1:])
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND="plain?interval=0&percent=0", HEADWAY_THREADS=threads)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == (["[]", "[0]"] if threads == "0" else ["[0]"])
    assert "Traceback" not in done.stderr
    assert "headway alpha n=10 total=10 100%" in done.stderr


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python warns from 3.12 on")
@pytest.mark.xfail(strict=False, reason="Python counts threads about when the hook restarts ours: 3.12 before or after")
def test_a_fork_under_a_bar_warns_of_no_thread(run: Any) -> None:
    """Python's warning about forks and threads, which may be an error, is not brought up by a bar."""
    code = """
        import headway, os
        with headway.get_bar(5) as bar:
            for i in range(5):
                child = os.fork()
                if child == 0: os._exit(0)
                os.waitpid(child, 0)
                bar.update()
        print(bar.n)
    """
    done = run(code, options=("-W", "always"), HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "5\n"), done.stderr
    assert "DeprecationWarning" not in done.stderr


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_of_a_pool_end(run: Any, tmp_path: Any, method: str) -> None:
    """A pool of processes under a bar works, and ends."""
    (tmp_path / "work.py").write_text("import headway\ndef work(i):\n    return sum(headway.track(range(i)))\n")
    code = f"""
        import headway, multiprocessing, sys
        sys.path.insert(0, ".")
        import work
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            with context.Pool(2) as pool:
                print(sum(headway.track(pool.imap(work.work, range(50)), total=50, desc="parent")))
    """
    done = run(code, options=("-W", "ignore"), HEADWAY_BACKEND="plain")

    assert f"{sum(sum(range(i)) for i in range(50))}\n" == done.stdout, done.stderr
    assert "headway parent n=50 total=50 100%" in done.stderr


def test_a_child_reads_no_metric(run: Any) -> None:
    """The child of a process that draws converts nothing of the bars that it has inherited."""
    code = """
        import headway, os, time

        class DeviceTensor:
            requires_grad, reads = False, 0
            def item(self):
                DeviceTensor.reads += 1
                return 0.5

        bar = headway.get_bar(10, desc="parent")
        loop = headway.loop(range(5), epochs=2)
        for epoch in loop:
            for batch in loop.train():
                loop.metrics(loss=DeviceTensor())
                bar.metrics(loss=DeviceTensor())
                if epoch == batch == 1:
                    child = os.fork()
                    if child == 0:
                        DeviceTensor.reads = 0
                        loop.metrics(loss=DeviceTensor()); bar.metrics(loss=DeviceTensor())
                        bar.state_dict(), loop.state_dict()
                        loop.stop(); bar.close()
                        os._exit(DeviceTensor.reads)
                    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        bar.close()
        print(loop.state, DeviceTensor.reads > 0)
        """
    done = run(code, HEADWAY_BACKEND="plain")

    assert done.stdout == "0\nfinished True\n", done.stderr


ACTS = {
    "print": "print(f'child {i}', flush=True)",
    "update": "[bar.update() for _ in range(50)]",
    "report": "list(headway.track(range(5), desc='part'))",
    "end at once": "os._exit(0)",
}


@pytest.mark.timeout(330)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("backend", TERMINAL)
def test_a_storm_of_forks_hangs_nobody(backend: str, act: str) -> None:
    """Children of a thread while another one moves the bar: whatever they do, each ends by itself, and so do I."""
    screen = run_in_terminal(
        f"""{END_OF}{MOVING}
ends = []
for i in range({STORM}):
    child = os.fork()
    if not child:
        {ACTS[act]}
        sys.exit(0)
    ends.append(end_of(child))
over.set(); thread.join(); bar.close()
print("ends", len(ends), set(ends))
""",
        env={"HEADWAY_BACKEND": backend},
        columns=100,
        timeout=300,
    )

    assert screen.status == 0, str(screen)
    assert f"ends {STORM} {{0}}" in screen.rows, str(screen)


@pytest.mark.timeout(330)
@pytest.mark.parametrize("backend", TERMINAL)
def test_a_storm_of_pools_hangs_nobody(backend: str) -> None:
    """Pools of four forked workers come and go while a thread moves the bar: all work gets done, and all of them end."""
    screen = run_in_terminal(
        f"""
import headway, multiprocessing, threading
{MOVING}
done = 0
for i in range({STORM // 5}):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        done += sum(pool.map_async(abs, range(5)).get(20))
over.set(); thread.join(); bar.close()
print("done", done)
""",
        env={"HEADWAY_BACKEND": backend},
        columns=100,
        timeout=300,
    )

    assert screen.status == 0, str(screen)
    assert f"done {10 * (STORM // 5)}" in screen.rows, str(screen)
