"""Runs one program of a case in a process of its own, on a pseudo-terminal or a pipe, and never longer than it may."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from faulting.drivers import Driver
from faulting.outcome import Outcome
from faulting.setting import Setting

__all__ = ["Reaction", "Session"]

CHILD = Path(__file__).with_name("child.py")
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV", "PYTHONPATH")
"""What a program sees of the environment; what else is set there might change how a library draws."""
MOST = 40_000_000
"""Bytes after which no more is kept of what a program writes."""
LAST_WORDS = 0.3
"""Seconds in which what is still under way comes in after the process has ended."""
SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
with open(int(os.environ["FAULT_ANSWER"]), "wb", 0, closefd=False) as answer:
    answer.write(b'{"pid": %d}\\n' % pid)
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        answer.write(b'{"now": "stopped"}\\n')
code = os.waitstatus_to_exitcode(status)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""
"""What a shell does: without a process that could continue it, the system does not stop a job."""

Reaction = Callable[["Session"], None]
"""What a parent does when the program tells something."""


class Session:
    """One run: the process, its terminal, and what its parent does meanwhile."""

    def __init__(
        self,
        program: str,
        setting: Setting,
        driver: Driver,
        reactions: Mapping[str, Reaction],
        *,
        turn: int = 0,
        size: int = 0,
        patience: float = 1,
    ) -> None:
        """Prepare a run.

        Args:
            program: The name of the case whose program is run.
            setting: Where it runs.
            driver: The library that it drives.
            reactions: Called when the program tells `now="..."`, by these words.
            turn: The number of the run among those of its case.
            size: How many times the program does something, if not zero.
            patience: How many times its seconds it may take.
        """
        self.setting = setting
        self.driver = driver
        self.random = random.Random(f"{program} {driver.name} {turn}")
        self.size = size
        self._program = program
        self._reactions = reactions
        self._seconds = setting.seconds * patience
        self.raw = b""
        self.told: list[dict[str, Any]] = []
        self.seen: dict[str, Any] = {}
        self.resizes: list[tuple[int, int, int]] = []
        self.pid = 0
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._answers = b""
        self._ended_at = 0.0
        self._reading = True

    # ── what a parent can do ─────────────────────────────────────────────────────────────────────────────────────────

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something in a while."""
        self._later.append((time.monotonic() + seconds, act))

    def kill(self, number: int) -> None:
        """Send the program a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self._set_size(columns, lines)
        self.later(0.15, lambda: self.resizes.append((len(self.raw), columns, lines)))  # frames under way are of old

    def hang_up(self) -> None:
        """Close the reading end of the pipe."""
        os.close(self._master)
        self._master, self._reading = -1, False

    def stop_reading(self, seconds: float) -> None:
        """Let what the program writes lie for a while."""
        self._reading = False

        def go_on() -> None:
            self._reading = True

        self.later(seconds, go_on)

    # ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> Outcome:
        """Run the program to its end, or to the end of its time."""
        with tempfile.TemporaryDirectory() as folder:
            return self._run(Path(folder))

    def _run(self, folder: Path) -> Outcome:
        terminal = self.setting.place == "terminal"
        self._master, slave = os.openpty() if terminal else os.pipe()
        before = None
        if terminal:
            self._set_size(self.setting.columns, self.setting.lines)
            before = termios.tcgetattr(slave)
        answers, answer = os.pipe()
        out = os.open("/dev/full", os.O_WRONLY) if self.setting.place == "full" else slave
        start = time.monotonic()
        process = subprocess.Popen(  # our own programs
            self._command(),
            stdin=slave if terminal else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=self._environment(folder, answer),
            cwd=folder,
            pass_fds=[answer],
            start_new_session=True,
            preexec_fn=_take_terminal if terminal else _hear_signals,  # noqa: PLW1509  # a few system calls
        )
        self.pid = process.pid
        os.close(answer)
        if out != slave:
            os.close(out)
        status = self._attend(process, answers, start + self._seconds)
        ended = time.monotonic()
        self._end_all(process)
        self._take_in(answers, LAST_WORDS)
        modes_kept = before is None or termios.tcgetattr(slave) == before
        os.close(slave)
        os.close(answers)
        if self._master >= 0:
            os.close(self._master)
        events = folder / "events.jsonl"
        return Outcome(
            setting=self.setting,
            driver=self.driver,
            told=self.told,
            raw=self.raw,
            status=status,
            seconds=ended - start,
            after=ended - (self._ended_at or ended),
            modes_kept=modes_kept,
            events=events.read_bytes() if events.exists() else b"",
            seen=self.seen,
            resizes=self.resizes,
        )

    def _command(self) -> list[str]:
        arguments = json.dumps({"size": self.size} if self.size else {})
        program = [str(CHILD), self._program, self.driver.name, arguments]
        return [sys.executable, *(["-c", SHELL, *program] if self.setting.job else program)]

    def _environment(self, folder: Path, answer: int) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {name: text.format(folder=folder) for name, text in self.driver.environment.items()}
        usual = {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", "FAULT_ANSWER": str(answer)}
        return {**kept, **usual, **own, **self.setting.environment}

    def _attend(self, process: subprocess.Popen[bytes], answers: int, deadline: float) -> int | None:
        while process.poll() is None:
            if time.monotonic() > deadline:
                return None
            self._take_in(answers, 0.02, once=True)
            now = time.monotonic()
            due = [act for at, act in self._later if at <= now]
            self._later = [(at, act) for at, act in self._later if at > now]
            for act in due:
                with suppress(OSError):  # the program may just have ended
                    act()
        return process.returncode

    def _take_in(self, answers: int, seconds: float, *, once: bool = False) -> None:
        """Read what there is for so long, or until nothing more can come."""
        deadline = time.monotonic() + seconds
        while True:
            sources = [answers, *([self._master] if self._reading else [])]
            ready, _, _ = select.select(sources, [], [], max(0.0, deadline - time.monotonic()) if once else 0.0)
            gone = True
            for source in ready:
                data = b""
                with suppress(OSError):  # a terminal whose other end is closed raises
                    data = os.read(source, 65536)
                gone = gone and not data
                if source == answers:
                    self._hear(data)
                elif len(self.raw) < MOST:
                    self.raw += data
            if once and gone and ready:
                time.sleep(0.005)
            if once or not ready or gone or time.monotonic() > deadline:
                return

    def _hear(self, data: bytes) -> None:
        self._answers += data
        *lines, self._answers = self._answers.split(b"\n")
        for line in lines:
            try:
                facts = json.loads(line)
            except ValueError:
                facts = {"garbled": line.decode(errors="replace")[:100]}
            self.told.append(facts)
            self.pid = facts.get("pid", self.pid)
            now = facts.get("now")
            if now == "end":
                self._ended_at = time.monotonic()
            if now in self._reactions:
                self._reactions[now](self)

    def _end_all(self, process: subprocess.Popen[bytes]) -> None:
        """End the process with all that it started: they are in a session of their own."""
        for pid in _session_of(process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _take_terminal() -> None:
    """Take the terminal as a foreground job does: one in the background inherits a deaf ear for Ctrl-C."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    _hear_signals()


def _hear_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _session_of(leader: int) -> list[int]:
    """The processes of a session, its leader included if it lives."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                fields = re.sub(r"\(.*\)", "x", (entry / "stat").read_text(), flags=re.DOTALL).split()
                if int(fields[5]) == leader and fields[2] != "Z":
                    found.append(int(entry.name))
    return found
