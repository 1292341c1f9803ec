"""The rows, the lines and the text that a program with captured bars leaves."""

import os
import re
import subprocess
from collections.abc import Callable

import pytest

from headway.testing import run_in_terminal

pytest.importorskip("tqdm")

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "rich"])
@pytest.mark.parametrize("threads", ["1", "0"])
def test_on_a_terminal(backend: str, threads: str) -> None:
    """The rows are the renderer's, headway's own tqdm rows are not captured, and `tqdm.write` stands above."""
    screen = run_in_terminal(
        """
        import time, headway
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in headway.track(range(2), desc="ours"):
            for j in tqdm(range(20), desc="theirs", leave=False):
                time.sleep(0.01)
            tqdm.write(f"line {i}")
        """,
        env={"HEADWAY_BACKEND": backend, "HEADWAY_THREADS": threads},
        columns=100,
    )

    assert screen.status == 0, str(screen)
    assert screen.rows[:2] == ["line 0", "line 1"], str(screen)
    assert re.search("2(/| of )2", screen.rows[2]), str(screen)
    assert len(screen.rows) == 3, str(screen)
    assert "theirs" in screen.raw


def test_written_text_is_the_programs_output(run: Program) -> None:
    """Where stdout is no terminal, `tqdm.write` writes into it, as it does without a capture."""
    done = run(
        """
        import headway
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in tqdm(range(2)):
            tqdm.write(f"line {i}")
            with tqdm.external_write_mode():
                print("print", i)
        """
    )

    assert done.stdout == "line 0\nprint 0\nline 1\nprint 1\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_children_report(run: Program) -> None:
    """Bars in processes that were forked off while a bar is shown make up one row of the parent's."""
    done = run(
        """
        import multiprocessing as mp, headway
        headway.capture("tqdm")
        from tqdm import tqdm
        def work(i):
            return sum(tqdm(range(10), desc="child"))
        with tqdm(total=4, desc="parent") as bar, mp.get_context("fork").Pool(2) as pool:
            for total in pool.imap(work, range(4)):
                assert total == 45
                bar.update()
        """,
        options=("-W", "ignore"),
    )

    assert done.returncode == 0, done.stderr
    assert "parent n=4 total=4 100%" in done.stderr
    assert "child n=40 total=40 100%" in done.stderr


def test_external_write_mode_of_a_captured_bar_lets_text_through() -> None:
    """What is written inside of tqdm's `external_write_mode` stands above the captured bar, whole."""
    screen = run_in_terminal(
        """
        import headway, sys, time
        headway.capture("tqdm")
        from tqdm import tqdm
        for i in tqdm(range(4), desc="work"):
            with tqdm.external_write_mode():
                sys.stdout.write(f"inside {i}\\n")
            tqdm.write(f"written {i}")
            time.sleep(0.12)
        """,
        env={"HEADWAY_BACKEND": "tqdm"},
    )

    assert [line for i in range(4) for line in (f"inside {i}", f"written {i}")] == screen.rows[:-1], str(screen)
    assert screen.rows[-1].startswith("work: 100%"), str(screen)
