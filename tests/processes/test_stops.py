"""Time in which a process was stopped counts nowhere, in its own rows and in those of its workers."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")

STOPPED = 3.0
"""Seconds that a program is stopped."""
SLACK = 1.5
"""Seconds that are left out too many or too few at most: the thread naps for a second between two plain lines."""

PROGRAM = """
    import headway, os, signal, sys, time
    def work(desc, mark="there"):
        "Work until the test says that it is enough, and return the seconds that were not counted."
        with headway.get_bar(desc=desc) as bar:
            behind = time.monotonic() - bar.elapsed
            bar.update()
            open(f"{mark}-{os.getpid()}", "w").close()
            until = 0.0
            while not until or (time.monotonic() - bar.elapsed - behind < 0.1 and time.monotonic() < until):
                time.sleep(0.01)
                bar.update()
                if not until and os.path.exists("enough"):
                    until = time.monotonic() + 1  # another thread may get SIGCONT, and the handler runs a moment later
            return time.monotonic() - bar.elapsed - behind
    def say(who, seconds):
        "Print a line by one write, so that two processes may; above the rows, if there are any."
        sys.stdout.write(f"{who} {seconds}\\n")
        sys.stdout.flush()
    def fork():
        child = os.fork()
        if not child:
            say("worker", work("work"))
            os._exit(0)
        return child
"""

Stop = Callable[..., str]


@pytest.fixture
def stop(tmp_path: Path, until: Any) -> Stop:
    """Run a program, stop it with all of its workers by SIGSTOP, go on, and return what it wrote."""

    def stop(code: str, processes: int, whom: str = "all", **env: str) -> str:
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM) + textwrap.dedent(code)]
        environ = {**os.environ, "HEADWAY_RELAY": f"not:{os.getpid()}", "HEADWAY_BACKEND": "plain?interval=0", **env}
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, env=environ, cwd=tmp_path, text=True, start_new_session=True, **said) as program:  # type: ignore[call-overload]
            until(lambda: len(list(tmp_path.glob("there-*"))) == processes)
            there = [int(path.name.partition("-")[2]) for path in tmp_path.glob("there-*")]
            stopped = {program.pid, *there} if whom == "all" else set(there) - {program.pid}
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(STOPPED)
            (tmp_path / "enough").touch()
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
            out, _ = program.communicate(timeout=60)
        assert program.returncode == 0, out
        return str(out)

    return stop


def left_out(said: str, who: str) -> list[float]:
    """Return the seconds that processes have not counted, as they print it."""
    found = [float(seconds) for seconds in re.findall(rf"^{who} (-?[\d.e-]+)$", said, re.MULTILINE)]
    assert found, said
    return found


def test_a_process_that_was_stopped_does_not_count_the_time(stop: Stop) -> None:
    """SIGSTOP cannot be caught; the bar goes on from where it was, in its rate too."""
    said = stop("say('alone', work('alone'))", 1)

    assert left_out(said, "alone") == [pytest.approx(STOPPED, abs=SLACK)]


def test_workers_that_were_stopped_do_not_count_the_time(stop: Stop) -> None:
    """A job that is stopped as a whole: workers leave the time out of what they report, and so does their row."""
    said = stop(
        """
        begun = time.monotonic()
        with headway.get_bar(2, desc="all") as bar:
            children = [fork(), fork()]
            for child in children: os.waitpid(child, 0); bar.update()
        say("whole", time.monotonic() - begun)
        """,
        2,
        HEADWAY_BACKEND="plain?interval=0&percent=0",
    )

    assert left_out(said, "worker") == [pytest.approx(STOPPED, abs=SLACK)] * 2
    (whole,) = left_out(said, "whole")
    for row in ("work", "all"):
        elapsed, rate = re.findall(
            rf"headway {row} n=(?:\d+)[^\n]* elapsed=([\d.]+) rate=([\d.]+) state=finished", said
        )[-1]
        assert whole - float(elapsed) > STOPPED - SLACK, said
        assert float(rate) > 0


def test_a_worker_that_was_stopped_alone_does_not_count_the_time(stop: Stop) -> None:
    """The process that draws goes on: its own bar counts the time, the worker's does not."""
    said = stop(
        """
        child = fork()
        while not os.path.exists(f"there-{child}"): time.sleep(0.01)
        say("parent", work("all"))
        os.waitpid(child, 0)
        """,
        2,
        whom="workers",
    )

    assert left_out(said, "parent") == [pytest.approx(0.0, abs=0.1)]
    assert left_out(said, "worker") == [pytest.approx(STOPPED, abs=SLACK)]


def test_ctrl_z_stops_the_clocks_of_workers(tmp_path: Path) -> None:
    """A job in the foreground of a shell, stopped by Ctrl-Z and brought back: rows and workers leave the time out."""
    pytest.importorskip("headway_tqdm")
    job = """
        with headway.get_bar(1, desc="all") as bar:
            behind = time.monotonic() - bar.elapsed
            child = fork()
            while not os.path.exists(f"there-{child}"): time.sleep(0.01)
            print("NOW")
            os.waitpid(child, 0); bar.update()
            print("parent", time.monotonic() - bar.elapsed - behind)
    """
    shell = f"""
        import os, signal, sys, time
        os.chdir({str(tmp_path)!r})
        job = os.fork()
        if job:
            stopped = os.WIFSTOPPED(os.waitpid(job, os.WUNTRACED)[1])
            time.sleep({STOPPED})
            open("enough", "w").close()
            os.killpg(job, signal.SIGCONT)
            status = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
            print("stopped", stopped)
            sys.exit(status)
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
        exec({textwrap.dedent(PROGRAM) + textwrap.dedent(job)!r})
    """
    backend = f"tqdm,events?path={tmp_path}/events"
    screen = run_in_terminal(shell, env={"HEADWAY_BACKEND": backend}, columns=100, types={"NOW": "\x1a"})

    assert (screen.status, screen.rows[-1]) == (0, "stopped True"), str(screen)
    for who in ("parent", "worker"):
        assert left_out("\n".join(screen.rows), who) == [pytest.approx(STOPPED, abs=SLACK)], str(screen)
