"""Ctrl-C reaches all processes of a command, and a pool kills its workers then: none of them has failed by that."""

import os
import textwrap
from pathlib import Path

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

PROGRAM = """
    import multiprocessing, sys, time
    import headway

    def work(i):
        for _ in headway.track(range(50), desc="tokenize", unit="doc"):
            time.sleep(0.01)
        return i

    if __name__ == "__main__":
        start, bar = sys.argv[1:]
        with multiprocessing.get_context(start).Pool(3) as pool:
            results = pool.imap_unordered(work, range(30))
            for result in headway.track(results, desc="shards") if bar == "bar" else results:
                print("result", result)
"""


@pytest.mark.parametrize("bar", ["bar", "none"])
@pytest.mark.parametrize("start", ["fork", "forkserver", "spawn"])
def test_workers_of_a_pool_that_is_interrupted_are_interrupted(start: str, bar: str, tmp_path: Path) -> None:
    """Those that are killed before they have told so, too."""
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(PROGRAM))
    (tmp_path / "run").mkdir(mode=0o700)
    env = {"HEADWAY_RELAY": "", "HEADWAY_BACKEND": "rows", "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    screen = run_in_terminal("", arguments=[str(path), start, bar], env=env, columns=120, interrupt_at="result 5")

    assert "KeyboardInterrupt" in screen.raw, str(screen)
    assert screen.rows_with("tokenize interrupted:"), str(screen)
    assert "FAILED" not in screen.raw, str(screen)
    assert "lost worker" not in screen.raw, str(screen)
