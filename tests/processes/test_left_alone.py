"""Processes whose display is another one's, or was: their bars are seen, and their counts are not lost."""

import os
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def show(code: str, folder: Path, backend: str) -> Any:
    """Run a program of several processes, which has to be a file for those that are spawned."""
    (folder / "program.py").write_text(textwrap.dedent(code))
    env = {"HEADWAY_BACKEND": backend, "HEADWAY_RELAY": f"not:{os.getpid()}"}
    screen = run_in_terminal("", arguments=["program.py"], env=env, columns=100, cwd=folder)
    assert screen.status == 0, str(screen)
    assert "DONE" in screen.rows, str(screen)
    return screen


@pytest.mark.parametrize("backend", ["plain", "rows"])
def test_a_worker_that_was_forked_under_a_bar_shows_its_own_later(backend: str, tmp_path: Path) -> None:
    """A pool is made under a bar and used when that has ended: nobody draws then but the worker."""
    screen = show(
        """
        import headway, multiprocessing, time
        def task(_):
            for i in headway.track(range(4), desc="task"): time.sleep(0.05)
        if __name__ == "__main__":
            with headway.get_bar(1, desc="warm up") as bar:
                pool = multiprocessing.get_context("fork").Pool(1)
                pool.map(abs, [1]); bar.update()
            time.sleep(1.5)
            pool.map(task, [1])
            pool.close(); pool.join()
            print("DONE")
        """,
        tmp_path,
        backend,
    )

    assert re.search(r"task.*([1-4]/4|n=4 total=4 100%)", screen.raw), str(screen)


def test_a_service_that_forked_itself_off_under_a_bar_has_its_bars(run: Any, until: Any, tmp_path: Path) -> None:
    """Its parents are gone, so that nobody else can draw: not even without a relay."""
    log = tmp_path / "log"
    run(
        f"""
        import headway, os, time
        log = os.open({str(log)!r}, os.O_CREAT | os.O_WRONLY)
        bar = headway.get_bar(2, desc="outer")
        for _ in range(2):
            parent = os.getpid()
            if os.fork():
                os._exit(0)
            while os.getppid() == parent: time.sleep(0.01)
        os.dup2(log, 1), os.dup2(log, 2)
        for i in headway.track(range(3), desc="service"): pass
        os._exit(0)
        """,
        HEADWAY_BACKEND="plain",
        HEADWAY_RELAY="off",
    )

    until(lambda: log.exists() and "headway service n=3 total=3 100%" in log.read_text())


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_the_counts_of_workers_come_before_the_bar_ends(method: str, tmp_path: Path) -> None:
    """A bar that is handed to workers and closed as soon as their map has returned has counted all."""
    screen = show(
        f"""
        import headway, multiprocessing, time
        from concurrent.futures import ProcessPoolExecutor
        def work(i, bar):
            time.sleep(0.02); bar.update()
        if __name__ == "__main__":
            for total in (12, None):
                with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context({method!r})) as pool:
                    with headway.get_bar(total, desc="jobs") as bar:
                        list(pool.map(work, range(12), [bar] * 12))
                    print("COUNTED", bar.n, bar.state)
            print("DONE")
        """,
        tmp_path,
        "plain",
    )

    assert screen.rows_with("COUNTED") == ["COUNTED 12 finished"] * 2, str(screen)


def test_a_bar_whose_workers_have_not_done_all_ends_all_the_same(tmp_path: Path) -> None:
    """What is missing is waited for a moment only."""
    screen = show(
        """
        import headway, multiprocessing, time
        def work(bar): bar.update(3)
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(1) as pool, headway.get_bar(12, desc="jobs") as bar:
                pool.map(work, [bar])
                since = time.monotonic()
            print("COUNTED", bar.n, bar.state, time.monotonic() - since < 3)
            print("DONE")
        """,
        tmp_path,
        "plain",
    )

    assert screen.rows_with("COUNTED") == ["COUNTED 3 stopped True"], str(screen)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
@pytest.mark.parametrize("backend", ["rows", "plain"])
def test_a_program_with_a_log_of_its_own_tells_its_progress_there_too(backend: str, tmp_path: Path) -> None:
    """A launcher shows the bars of the programs that it starts, and each log says how far its program has come."""
    screen = show(
        """
        import headway, subprocess, sys
        child = "import headway\\nfor i in headway.track(range(5), desc='child'): pass"
        for i in headway.track(range(2), desc="runs"):
            with open(f"log.{i}", "w") as log:
                subprocess.run([sys.executable, "-c", child], stdout=log, stderr=log, check=True)
            subprocess.run([sys.executable, "-c", child.replace("child", "heir")], check=True)
        print("DONE")
        """,
        tmp_path,
        backend,
    )

    for i in (0, 1):
        assert "headway child n=5 total=5 100%" in (tmp_path / f"log.{i}").read_text()
    assert any("child" in row for row in screen.rows), str(screen)
    assert len(screen.rows_with("heir")) <= 4, str(screen)
