"""How the rows of workers end that are interrupted, broken off by the program, or done before it goes on."""

import os
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

STARTS = ["fork", "forkserver", "spawn"]
HEAD = """
    import multiprocessing, sys, time
    import headway

    def work(i):
        for _ in headway.track(range(50), desc="tokenize", unit="doc"):
            time.sleep(0.01)
        return i
"""


def show(folder: Path, code: str, *arguments: str, **terminal: Any) -> Screen:
    """Run a program on a terminal of its own."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(HEAD) + textwrap.dedent(code))
    (folder / "run").mkdir(mode=0o700)
    env = {"HEADWAY_RELAY": "", "HEADWAY_BACKEND": "rows", "XDG_RUNTIME_DIR": str(folder / "run")}
    return run_in_terminal("", arguments=[str(path), *arguments], env=env, columns=120, **terminal)


POOL = """
    if __name__ == "__main__":
        start, bar = sys.argv[1:]
        with multiprocessing.get_context(start).Pool(3) as pool:
            results = pool.imap_unordered(work, range(30))
            for result in headway.track(results, desc="shards") if bar == "bar" else results:
                print("result", result)
"""


@pytest.mark.parametrize("bar", ["bar", "none"])
@pytest.mark.parametrize("start", STARTS)
def test_workers_of_a_pool_that_is_interrupted_are_interrupted(start: str, bar: str, tmp_path: Path) -> None:
    """Ctrl-C reaches them, too. Those that the pool kills before they have told of it have not failed.

    The tracebacks of the others stand above the rows. The program is not waited for: at Ctrl-C a pool may hang by itself.
    """

    def has_ended(rows: list[str]) -> bool:
        return any(row.startswith(("tokenize interrupted:", "tokenize FAILED:")) for row in rows)

    screen = show(tmp_path, POOL, start, bar, interrupt_at="result 5", until=has_ended)
    tracebacks = [row for row in screen.rows if "PoolWorker-" in row]

    assert all(re.fullmatch(r"(\^C)?Process \w+PoolWorker-\d+:", row) for row in tracebacks), str(screen)
    assert screen.rows_with("tokenize interrupted:"), str(screen)
    assert "FAILED" not in screen.raw, str(screen)
    assert "lost worker" not in screen.raw, str(screen)


BROKEN_OFF = """
    if __name__ == "__main__":
        with multiprocessing.get_context(sys.argv[1]).Pool(3) as pool:
            for number, _ in enumerate(headway.track(pool.imap_unordered(work, range(30)), total=30, desc="shards")):
                if number == 4:
                    time.sleep(0.2)  # all workers are amid their next task
                    break
        print("DONE")
"""


@pytest.mark.parametrize("start", STARTS)
def test_workers_of_a_pool_that_the_program_breaks_off_have_stopped(start: str, tmp_path: Path) -> None:
    """The pool ends them, so that they are not lost, and their row has ended before the next line."""
    screen = show(tmp_path, BROKEN_OFF, start)

    assert len(screen.rows) == 3, str(screen)
    assert screen.rows[0].startswith("shards stopped:"), str(screen)
    assert re.match("tokenize (stopped|interrupted):", screen.rows[1]), str(screen)
    assert screen.rows[2] == "DONE"


OUTLASTING = """
    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        bar = headway.get_bar(3, desc="starts")
        workers = [context.Process(target=work, args=(i,)) for i in range(3)]
        for worker in workers: worker.start(); bar.update()
        time.sleep(0.3)
        bar.close()
        for worker in workers: worker.join()
        print("DONE")
        time.sleep(1.5)
        print("later")
"""


@pytest.mark.parametrize("start", STARTS)
def test_rows_end_before_the_next_line_once_all_workers_have_gone(start: str, tmp_path: Path) -> None:
    """If the program has no bar open, nobody is left who could go on in the row."""
    screen = show(tmp_path, OUTLASTING, start)

    assert screen.rows[0].startswith("starts: 100%"), str(screen)
    assert re.match("tokenize: 100%.* 150/150 ", screen.rows[1]), str(screen)
    assert screen.rows[2:] == ["DONE", "later"], str(screen)
