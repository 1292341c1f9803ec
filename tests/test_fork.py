"""Forks while bars are drawn: nobody hangs, the child is silent, the parent's display goes on."""

import os

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

FORKS = """
import headway, os, sys, time
bar = headway.get_bar(200, desc='alpha')
for i in range(200):
    pid = os.fork()
    if not pid:
        bar.update(); bar.message('from the child')
        for _ in headway.track(range(3), desc='beta'): pass
        {end}
    deadline = time.monotonic() + 20
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(pid, 9); raise SystemExit('a child hangs')
        time.sleep(0.0005)
    bar.update()
bar.close()
print('DONE')
"""


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)", "bar.close(); sys.exit(0)"])
def test_no_child_hangs_or_draws(end: str) -> None:
    """Children end at once, however they end, and leave nothing on the parent's terminal."""
    screen = run_in_terminal(FORKS.replace("{end}", end), env={"HEADWAY_BACKEND": "plain"}, columns=200)

    assert screen.rows[-1] == "DONE", str(screen)
    assert screen.status == 0
    assert "beta" not in screen.raw
    assert "from the child" not in screen.raw
    assert len(screen.rows_with("n=200 total=200 100%")) == 1
    assert len(screen.rows) == 3, str(screen)
