"""Runs contenders in fresh processes, each in a pseudo-terminal of its own that is drained while it runs."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contenders import Contender

__all__ = ["KEPT", "Answer", "Terminal", "cleared", "first_frame", "in_terminal", "stage", "start_time"]

ROWS, COLUMNS = 24, 100
PATIENCE = 180.0
"""Seconds after which a scene is given up."""
SCENES = Path(__file__).with_name("scenes.py")
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV", "TMPDIR")
"""What a contender sees of the environment; what else is set there might change how a library draws."""
_NOT_SEEN = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]?|\x1b[^\[]?|[\x00-\x20]")
FIRST_FRAME = """
{import_line}
import os, time
called = time.monotonic_ns()
{open_line}
returned = time.monotonic_ns()
import json
os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(dict(called=called, returned=returned)).encode())
time.sleep(5)
"""
_padding = random.Random(0)
"""The size of the environment shifts the stack, which costs a tight loop up to 2 ns an item: let chance even it out."""

Answer = dict[str, Any]


@dataclass
class Terminal:
    """One process that has a pseudo-terminal for its standard streams, and a pipe for its answer."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    first_seen: int | None = None
    """Monotonic nanoseconds when something visible had come."""
    started: int = 0
    drawn: int = 0
    """Bytes that were drawn."""
    ended: int | None = None
    _answer: bytes = b""
    _head: bytes = b""
    _open: set[int] = field(default_factory=set)

    def run(self, *, until_seen: bool = False) -> Answer:
        """Run to the end, or until a frame is seen and the answer is there."""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        pipe, answer = os.pipe()
        environment = {**self.environment, "BENCHMARK_ANSWER": str(answer)}
        self.started = time.monotonic_ns()
        process = subprocess.Popen(  # our own commands
            self.command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=self.folder, pass_fds=[answer]
        )
        os.close(slave)
        os.close(answer)
        self._open = {master, pipe}
        try:
            self._drain(pipe, until_seen=until_seen)
        finally:
            process.kill()
            code = process.wait()
            os.close(master)
            os.close(pipe)
        if self._answer:
            return dict(json.loads(self._answer))
        return {"error": f"no answer within {PATIENCE:.0f} s" if self.ended is None else f"ended with code {code}"}

    def _drain(self, pipe: int, *, until_seen: bool) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._open and time.monotonic() < deadline:
            for descriptor in select.select(list(self._open), [], [], 1.0)[0]:
                data = b""
                with suppress(OSError):  # a terminal whose other end is closed raises
                    data = os.read(descriptor, 65536)
                now = time.monotonic_ns()
                if not data:
                    self._open.discard(descriptor)
                elif descriptor == pipe:
                    self._answer += data
                else:
                    self._see(data, now)
            if until_seen and self.first_seen is not None and self._answer:
                return
        if not self._open:
            self.ended = time.monotonic_ns()

    def _see(self, data: bytes, now: int) -> None:
        self.drawn += len(data)
        if self.first_seen is None:
            self._head += data
            if _NOT_SEEN.sub(b"", self._head):
                self.first_seen = now


def stage(scene: str, contender: Contender, arguments: Mapping[str, Any]) -> Answer:
    """Run one scene of `scenes.py` for one contender. `drawn` in the answer says how many bytes came."""
    terminal = in_terminal([str(SCENES), scene, contender.name, json.dumps(arguments)], contender)
    answer = terminal.run()
    answer["drawn"] = terminal.drawn
    expected = contender.distribution and not contender.off
    if expected and not terminal.drawn and "error" not in answer:
        return {"error": "nothing was drawn"}
    return answer


def first_frame(contender: Contender) -> Answer:
    """Milliseconds from the start of the process to the first visible character, and the same from the call."""
    script = FIRST_FRAME.format(import_line=contender.import_line, open_line=contender.open_line)
    terminal = in_terminal(["-c", script], contender)
    answer = terminal.run(until_seen=True)
    if "error" in answer:
        return answer
    if terminal.first_seen is None:
        return {"error": "nothing was drawn"}
    return {
        "from_start": (terminal.first_seen - terminal.started) / 1e6,
        "from_call": (terminal.first_seen - answer["called"]) / 1e6,
        "call": (answer["returned"] - answer["called"]) / 1e6,
    }


def start_time(line: str, contender: Contender) -> Answer:
    """Milliseconds that a process takes, from its start to its end, that runs one line."""
    code = f"{line}\nimport os\nos.write(int(os.environ['BENCHMARK_ANSWER']), b'{{}}')"
    terminal = in_terminal(["-c", code], contender)
    answer = terminal.run()
    if "error" in answer:
        return answer
    assert terminal.ended is not None  # an answer without an error came from a process that ended
    return {"ms": (terminal.ended - terminal.started) / 1e6}


def in_terminal(arguments: Sequence[str], contender: Contender) -> Terminal:
    """Prepare a fresh Python process in a pseudo-terminal, its environment cleared."""
    return Terminal([sys.executable, *arguments], cleared(contender.environment), tempfile.gettempdir())


def cleared(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: without what changes how libraries draw, but for what is given."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    padding = "x" * _padding.randrange(256)
    return {**kept, "TERM": "xterm-256color", "BENCHMARK_PADDING": padding, **more}
