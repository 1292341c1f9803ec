"""A process of its own for code that may do anything: raise, hang, crash, or end its process."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any, NamedTuple

from headway.choosing.inspection import is_own
from headway.cli.diary import DIARY, LOAD_WITHIN, TRACE

if sys.platform != "win32":  # there are no pseudo-terminals
    import fcntl
    import struct
    import termios

__all__ = ["COLUMNS", "LINES", "Outcome", "run"]

COLUMNS, LINES = 80, 24
GRACE = 5.0
"""Seconds after which a process is killed that should have ended itself."""
LOOK_EVERY = 0.1


class Outcome(NamedTuple):
    """The end of a sandbox."""

    entries: tuple[dict[str, Any], ...]
    """The diary."""
    output: str
    """All that was written on the sandbox's terminal."""
    flaw: str
    """What ended the process before it was done; empty if it was."""
    trace: str
    """Where the process was then, if that is known."""

    @property
    def step(self) -> str:
        """The step that was begun last."""
        return next((str(entry["began"]) for entry in reversed(self.entries) if "began" in entry), "")


def run(module: str, argument: str = "", *, terminal: bool) -> Outcome:
    """Do the task of a module in a process of its own, and return what became of it. It ends in any case.

    Args:
        module: A module with a function `inside(diary, argument)`.
        argument: The task's argument.
        terminal: Whether the process has a pseudo-terminal of its own, where the system has such. Else its standard
            error is this process's, and it has no standard output.
    """
    code = f"import sys; sys.path[:] = {sys.path!r}; from headway.cli.diary import keep; keep(*sys.argv[1:])"
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        command = [sys.executable, "-c", code, module, argument, folder]
        output, status = _on_terminal(command, folder) if terminal else _aside(command, folder)
        entries = tuple(json.loads(line) for line in _read(folder, DIARY).splitlines() if line.endswith("}"))
        trace = _read(folder, TRACE)
    over = bool(entries) and entries[-1].get("began") == "end" and status == 0
    return Outcome(entries, output, "" if over else _flaw(entries, status, trace), _plugins(trace))


def _plugins(trace: str) -> str:
    """Leave headway's own lines out of the trace of a process that hung or crashed."""
    lines = [line for line in trace.strip().split("\n") if not is_own(line.strip().removeprefix('File "'))]
    return "\n".join(line for line in lines if 'File "<string>"' not in line)


def _read(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:  # Python itself did not start
        return ""


def _flaw(entries: tuple[dict[str, Any], ...], status: int | None, trace: str) -> str:
    last = next((entry for entry in reversed(entries) if "began" in entry), {"within": 0})
    if status is None or trace.startswith("Timeout"):
        return f"did not come back within {last['within']:g} seconds"
    if status < 0:
        return f"ended the process by the signal {signal.Signals(-status).name}"
    return f"ended the process with the exit status {status}"


def _aside(command: list[str], folder: str) -> tuple[str, int | None]:
    """Run a command that writes nothing, and return its exit status; `None` if it was killed."""
    process = subprocess.Popen(  # noqa: S603  # headway's own command
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    limit = Limit(folder)
    try:
        while not limit.is_over():
            with suppress(subprocess.TimeoutExpired):
                return "", process.wait(LOOK_EVERY)
        return "", None
    finally:
        _kill(process)


def _on_terminal(command: list[str], folder: str) -> tuple[str, int | None]:
    """Run a command on a pseudo-terminal, and return what it has written and its exit status."""
    if sys.platform == "win32":
        return _aside(command, folder)
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environ = {**os.environ, "TERM": os.environ.get("TERM") or "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    environ = {name: value for name, value in environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(  # noqa: S603  # headway's own command
        command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
    )
    os.close(slave)
    limit, written = Limit(folder), b""
    try:
        while (status := process.poll()) is None and not limit.is_over():
            written += _available(master, LOOK_EVERY)
        while more := _available(master, 0.0):  # children that it has left may hold the terminal: wait for no end
            written += more
    finally:
        _kill(process)
        os.close(master)
    return written.decode("utf-8", "replace"), status


def _available(master: int, within: float) -> bytes:
    if not select.select([master], [], [], within)[0]:
        return b""
    try:
        return os.read(master, 65536)
    except OSError:  # EIO: nobody holds the terminal any more
        time.sleep(within / 10)
        return b""


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process, and those that it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Limit:
    """The time after which a process is killed that goes on with nothing, and does not end itself.

    Args:
        folder: The folder with its diary.
    """

    def __init__(self, folder: str) -> None:
        self._diary = os.path.join(folder, DIARY)
        self._size = -1
        self._ends = time.monotonic() + LOAD_WITHIN + GRACE

    def is_over(self) -> bool:
        """Tell whether the time is over."""
        size = os.path.getsize(self._diary) if os.path.exists(self._diary) else -1
        if size != self._size:
            self._size, self._ends = size, time.monotonic() + LOAD_WITHIN + GRACE
        return time.monotonic() > self._ends
