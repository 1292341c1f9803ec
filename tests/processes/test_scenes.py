"""The table of docs/many-processes.md: each way to start workers, with the parent's bar first, late or never."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

PAGE = Path(__file__).parents[2] / "docs" / "many-processes.md"
PROGRAM = """
    import contextlib, multiprocessing, os, subprocess, sys, time
    from concurrent.futures import ProcessPoolExecutor, as_completed
    import headway

    def work(i, count=50):
        with headway.get_bar(count, desc="work") as bar:
            folder = os.environ["BEGUN"]
            open(os.path.join(folder, str(os.getpid())), "w").close()
            while len(os.listdir(folder)) < 4: time.sleep(0.01)  # until all four are at work
            for _ in range(count): bar.update(); time.sleep(0.01)

    def tasks(start):
        "Start eight tasks in four workers, or four programs, and yield as they end."
        if start == "subprocess":
            programs = [subprocess.Popen([sys.executable, __file__, "child"]) for _ in range(4)]
            yield
            for program in programs:
                program.wait()
                yield
        elif start == "loky":
            import joblib, scene
            parallel = joblib.Parallel(4, return_as="generator")
            done = parallel(joblib.delayed(scene.work)(i) for i in range(8))
            yield
            yield from done
        else:
            with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context(start)) as pool:
                futures = [pool.submit(work, i) for i in range(8)]
                yield
                yield from as_completed(futures)

    if __name__ == "__main__":
        if sys.argv[1:] == ["child"]:
            work(0, 100)
            sys.exit()
        start, when = sys.argv[1:]
        total = 4 if start == "subprocess" else 8
        if when == "first":
            bar = headway.get_bar(total, desc="all")  # moved by hand, for no bar of a fork is inside of it
            running = tasks(start)
            next(running)
            for _ in running: bar.update()
            bar.close()
        else:
            running = tasks(start)
            next(running)
            if when == "late":
                while len(os.listdir(os.environ["BEGUN"])) < 4: time.sleep(0.01)
                time.sleep(0.1)
                for _ in headway.track(running, total=total, desc="all"): pass
            else:
                for _ in running: pass
"""
STARTS = ("fork", "forkserver", "spawn", "subprocess", "loky")
BARS = ("first", "late", "never")


def table() -> dict[tuple[str, str], tuple[str, str]]:
    """Return the cells of the page."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    return {(start, when): (terminal, pipe) for start, when, terminal, pipe in rows}


def cell(counts: list[str]) -> str:
    """Return the words for rows with these counts."""
    return f"{len(counts)} row{'s' * (len(counts) > 1)}: {', '.join(sorted(counts))}"


@pytest.mark.parametrize("when", BARS)
@pytest.mark.parametrize("start", STARTS)
def test_the_page_shows_each_scene_as_it_is(start: str, when: str, tmp_path: Path) -> None:
    """On a terminal the rows that stay, in a pipe the lines that tell an end: each row once, with all counts."""
    if start == "loky":
        pytest.importorskip("joblib")
    program = tmp_path / "scene.py"
    program.write_text(textwrap.dedent(PROGRAM))
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    env = {"HEADWAY_RELAY": "", "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
    env |= {"HEADWAY_BACKEND": "rows", "BEGUN": str(tmp_path / "terminal")}
    (tmp_path / "terminal").mkdir()
    screen = run_in_terminal("", arguments=[str(program), start, when], columns=100, env=env)
    (tmp_path / "pipe").mkdir()
    env |= {"HEADWAY_BACKEND": "plain?interval=0&percent=0", "BEGUN": str(tmp_path / "pipe")}
    command = [sys.executable, str(program), start, when]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, timeout=60)

    assert (screen.status, done.returncode) == (0, 0), f"{screen} {done.stderr}"
    ends = [line for line in done.stderr.splitlines() if "state=finished" in line]
    counts = [f"{n}/{total}" for line in ends for n, total in re.findall(r" n=(\d+) total=(\d+) ", line)]
    shown = [each for row in screen.rows for each in re.findall(r" (\d+/\d+) \[", row)]
    assert len(shown) == len(screen.rows), str(screen)
    assert table()[start, when] == (cell(shown), cell(counts)), f"{screen} {done.stderr}"
