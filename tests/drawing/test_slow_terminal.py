"""A terminal that takes less than is drawn, as over a slow line."""

import os
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals")

PROGRAM = """
import threading, time, headway

def work(number):
    with headway.get_bar(40, desc=f"w{number:02}") as bar:
        for _ in range(40):
            time.sleep(0.04)
            bar.update()
            whole.update()

with headway.get_bar(800, desc="ALL") as whole:
    threads = [threading.Thread(target=work, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""
PIECE = 160
"""Bytes that are read at once, a hundredth of a second apart."""


@pytest.mark.parametrize("backend", ["rows", "tqdm", "progressbar2", "rich"])
def test_the_last_rows_are_out_however_slow_the_terminal_is(backend: str) -> None:
    """Its buffer is full when twenty bars end at once: each waits until its row is out, and the last row is that of all."""
    pytest.importorskip(f"headway_{backend}") if backend != "rows" else None
    terminal, program = pty.openpty()
    env = {**os.environ, "HEADWAY_BACKEND": backend, "TERM": "xterm-256color"}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=program, stdout=program, stderr=program, env=env)
    os.close(program)
    shown = b""
    try:
        while piece := os.read(terminal, PIECE):
            shown += piece
            time.sleep(0.01)
    except OSError:  # all that has the terminal open is gone
        pass
    os.close(terminal)

    assert process.wait() == 0
    assert b"800/800" in shown or b"800 of 800" in shown
    assert shown.rfind(b"\x1b[?25h") >= shown.rfind(b"\x1b[?25l")
    assert b"Warning" not in shown
