"""Reports to the tab and to status panels on a real pseudo-terminal: who may send them, and that none is left behind."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from headway.testing import Screen, run_in_terminal

paper = pytest.importorskip("paper", reason="pyte is not installed")

BACKEND = {"HEADWAY_BACKEND": "rows?status=on&taskbar=on"}
BAR = """
import headway, os, signal, sys, time
bar = headway.get_bar(100, desc="alpha")
headway.write("NOW")
"""
SHELL = """
import os, signal, sys, time
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    {start}
    exec(JOB)
    os._exit(0)
"""
FOREGROUND = "os.tcsetpgrp(0, os.getpid())"


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal is known by the environment, whatever the tests run on."""
    paper.on_terminal({}, monkeypatch)


def run(code: str, types: Mapping[str, str] | None = None, env: Mapping[str, str] | None = None) -> Screen:
    """Run a program that reports to the tab and to a panel."""
    return run_in_terminal(code, env={**BACKEND, **(env or {})}, types=types)


def shell(job: str, start: str, rest: str, types: Mapping[str, str] | None = None) -> Screen:
    """Run a job as a shell does, in the foreground or not."""
    program = f"JOB = {textwrap.dedent(job)!r}\n{SHELL.format(start=start)}{textwrap.dedent(rest)}"
    return run(program, types)


def shares(screen: Screen) -> list[str]:
    """The reports by OSC 9;4."""
    return re.findall(r"\x1b\]9;4;(\d;\d+)\x1b\\", screen.raw)


def states(screen: Screen) -> list[str]:
    """The reports by OSC 7501."""
    return re.findall(r"\x1b\]7501;state=(\w+)", screen.raw)


WAYS_OUT = {
    "the bar ends": ("bar.close()", 0),
    "the program ends": ("", 0),
    "sys.exit": ("sys.exit(3)", 3),
    "an exception": ("raise RuntimeError('no ink')", 1),
    "Ctrl-C": ("while True: time.sleep(0.01)", -2),  # Python sees one that strikes right before a nap after the nap
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM)", -15),
}


@pytest.mark.parametrize("threads", ["1", "0"])
@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_out_leaves_a_report_behind(way: str, threads: str) -> None:
    """However the program ends, its share and its status are told once, and gone when it has ended."""
    code, status = WAYS_OUT[way]
    screen = run(BAR + code, {"NOW": "\x03"} if way == "Ctrl-C" else None, {"HEADWAY_THREADS": threads})

    assert screen.status == status, str(screen)
    assert (shares(screen)[0], shares(screen)[-1]) == ("1;0", "0;0"), shares(screen)
    assert (states(screen)[0], states(screen)[-1]) == ("working", "clear"), states(screen)


def test_ctrl_z_takes_the_reports_away_until_the_program_goes_on(tmp_path: Path) -> None:
    """While a program is stopped, the tab belongs to the shell; back in the foreground, the program reports again."""
    screen = shell(
        f"{BAR}while not os.path.exists('{tmp_path}/on'): time.sleep(0.01)\nbar.close()",
        FOREGROUND,
        f"""
        os.waitpid(job, os.WUNTRACED)
        open("{tmp_path}/on", "w").close()
        os.tcsetpgrp(0, os.getpid())
        print("STOPPED", flush=True)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
        """,
        {"NOW": "\x1a"},
    )
    before, after = screen.raw.split("STOPPED")

    assert screen.status == 0, str(screen)
    assert (shares(screen)[-1], states(screen)[-1]) == ("0;0", "clear")
    assert re.findall(r"state=(\w+)", before)[-1] == "clear"
    assert "\x1b]9;4;1;0" in after
    assert "state=working" in after


def test_a_question_of_the_program_has_no_status() -> None:
    """While the program waits for an answer, nothing says that it works."""
    screen = run(BAR + "print(input('name? '))", {"name? ": "Ada\n"})
    before = screen.raw.partition("name? ")[0]

    assert re.findall(r"state=(\w+)", before)[-1] == "clear"
    assert re.findall(r"9;4;(\d)", before)[-1] == "0"
    assert states(screen)[-1] == "clear"


def test_a_program_in_the_background_has_no_status() -> None:
    """A job that was started with `&` leaves the status to the one in the foreground."""
    screen = shell(BAR + "bar.close()", "", "os.waitpid(job, 0)")

    assert "NOW" in screen.raw
    assert states(screen) == []


def test_a_program_that_is_sent_to_the_background_takes_its_status_away(tmp_path: Path) -> None:
    """With its next frame a job that is in the background now clears the status that it had."""
    screen = shell(
        f"""{BAR}
open("{tmp_path}/shown", "w").close()
while os.tcgetpgrp(0) == os.getpgrp(): time.sleep(0.01)
headway.get_bar(9).close()
os.kill(os.getpid(), signal.SIGKILL)
""",
        FOREGROUND,
        f"""
        while not os.path.exists("{tmp_path}/shown"): time.sleep(0.01)
        os.tcsetpgrp(0, os.getpid())
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) + 9)
        """,
    )

    assert screen.status == 0, str(screen)
    assert states(screen) == ["working", "clear"]


@pytest.mark.parametrize(
    "env", [{"TMUX": "/tmp/x"}, {"TERM": "tmux-256color"}, {"STY": "1"}, {"TERM": "screen"}, {"ZELLIJ": "0"}], ids=str
)
def test_nothing_that_stands_before_the_terminal_gets_a_status(env: dict[str, str]) -> None:
    """tmux, screen and Zellij keep a report that they do not know to themselves, so that none is sent."""
    screen = run(BAR + "bar.close()", env=env)

    assert "alpha" in screen.raw
    assert states(screen) == []


def test_the_next_program_takes_the_place_of_a_killed_one() -> None:
    """A killed program cannot clear its record; the next one on the terminal has the same record, and clears it."""
    screen = run(
        """
        import subprocess, sys
        killed = "import headway, os; bar = headway.get_bar(9, desc='alpha'); bar.update(); os.kill(os.getpid(), 9)"
        subprocess.run([sys.executable, "-c", killed])
        subprocess.run([sys.executable, "-c", "import headway; headway.get_bar(9, desc='beta').close()"])
        """
    )

    assert states(screen) == ["working", "working", "clear"]
    assert len(set(re.findall(r"7501;[^\x1b]*id=([^:\x1b]*)", screen.raw))) == 1
    assert shares(screen)[-1] == "0;0"


def test_the_terminal_is_asked_for_nothing_and_keys_are_the_programs() -> None:
    """No report asks the terminal for an answer, and the keys that were typed meanwhile get to the program."""
    screen = run(
        BAR + "for _ in range(50): bar.update(); time.sleep(0.01)\nbar.close()\nprint('got', sys.stdin.readline())",
        {"NOW": "typed\n"},
    )

    assert "got typed" in screen.raw
    assert re.findall(r"\x1b\[[0-9;>?]*[cnq]|7501;\?", screen.raw) == []
