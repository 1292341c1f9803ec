"""Test tools: a recorder for authors of libraries that report progress, a conformance kit for authors of renderers.

The kit needs `pyte` (`pip install 'headway[testing]'`) and a system with pseudo-terminals.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from headway.hub import hub
from headway.sink import Capabilities
from headway.snapshot import Snapshot

__all__ = ["Recorder", "RendererConformance", "Screen", "record", "run_in_terminal"]


# ── for authors of libraries ─────────────────────────────────────────────────────────────────────────────────────────


class Recorder:
    """A sink that keeps what was reported, and shows nothing."""

    capabilities = Capabilities(needs_terminal=False, interval=0.05)

    def __init__(self) -> None:
        self.opened: list[Snapshot] = []
        """The first picture of each bar, in order of opening."""
        self.closed: list[Snapshot] = []
        """The last picture of each bar, in order of closing."""
        self.written: list[str] = []
        """Texts that were written above the bars."""

    def open(self, snapshot: Snapshot) -> None:
        """Keep the first picture."""
        self.opened.append(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Let pictures in between pass: which of them are taken is a matter of time."""

    def close(self, snapshot: Snapshot) -> None:
        """Keep the last picture."""
        self.closed.append(snapshot)

    def write(self, text: str) -> None:
        """Keep the text."""
        self.written.append(text)

    def last(self, desc: str) -> Snapshot:
        """Return the last picture of the bar with that description.

        Raises:
            LookupError: No such bar has been closed; the message lists those that have.
        """
        for snapshot in reversed(self.closed):
            if snapshot.desc == desc:
                return snapshot
        raise LookupError(f"No bar {desc!r} has been closed; closed are {[s.desc for s in self.closed]}.")


@contextmanager
def record() -> Iterator[Recorder]:
    """Record what is reported inside the block, whatever backend is chosen, with no output.

    ::

        with headway.testing.record() as recorded:
            my_library.train()
        assert recorded.last("train").state == "finished"
    """
    recorder = Recorder()
    with hub.recording(recorder):
        yield recorder


# ── a real terminal ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Screen:
    """What a program left on a terminal, read back by a terminal emulator."""

    rows: list[str]
    """The rows from the top of the scroll-back to the last one that is not blank."""
    status: int
    """The program's exit status; negative for a signal."""
    cursor_hidden: bool
    raw: str = field(repr=False)
    """Everything that was written, control sequences included."""
    stdout: str = field(default="", repr=False)
    """What went to standard output, which is no part of the terminal unless it is one."""

    def __str__(self) -> str:
        frame = "\n".join(f"│{row}" for row in self.rows)
        return f"exit status {self.status}, cursor {'hidden' if self.cursor_hidden else 'visible'}\n{frame}"

    def rows_with(self, text: str) -> list[str]:
        """Return the rows that contain a text."""
        return [row for row in self.rows if text in row]


def run_in_terminal(
    code: str,
    *,
    columns: int = 80,
    lines: int = 24,
    env: Mapping[str, str] | None = None,
    resize: tuple[int, int] | None = None,
    interrupt_at: str = "",
    arguments: Sequence[str] = (),
    timeout: float = 60.0,
) -> Screen:
    """Run a Python program on a pseudo-terminal of its own and return the screen that it leaves.

    Standard input and error are the terminal, standard output too unless the program redirects it.

    Args:
        code: The program's text; indentation is taken off.
        columns: Columns of the terminal.
        lines: Lines of the terminal. What scrolls out is kept.
        env: Variables on top of this process's environment.
        resize: New columns and lines, set when the program first writes the text `RESIZE`.
        interrupt_at: Type Ctrl-C when this text first appears.
        arguments: The program's arguments; with no code, those of the interpreter.
        timeout: Seconds after which the program is killed.

    Raises:
        TimeoutError: The program did not end in time; the message has the screen.
    """
    import fcntl
    import struct
    import termios

    import pyte

    def size(to: int, shape: tuple[int, int]) -> None:
        fcntl.ioctl(to, termios.TIOCSWINSZ, struct.pack("HHHH", shape[1], shape[0], 0, 0))

    screen = pyte.HistoryScreen(columns, lines, history=100_000, ratio=0.5)
    stream = pyte.Stream(screen)
    master, slave = os.openpty()
    size(slave, (columns, lines))
    command = [sys.executable, *(["-c", textwrap.dedent(code)] if code else []), *arguments]
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env={**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **(env or {})},
    )
    os.close(slave)
    raw, deadline, alarmed = b"", time.monotonic() + timeout, False
    pending = interrupt_at
    while True:
        ready, _, _ = select.select([master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            process.send_signal(signal.SIGKILL)
            alarmed = True
        try:
            data = os.read(master, 65536)
        except OSError:  # EIO: the last holder of the terminal is gone
            data = b""
        raw += data
        if resize is not None and b"RESIZE" in raw:
            size(master, resize)
            stream.feed(_text(raw))
            screen.resize(columns=resize[0], lines=resize[1])
            raw, resize = raw[len(raw) :], None
        if pending and pending.encode() in raw:
            pending = ""
            os.write(master, b"\x03")
        if not data:
            break
    os.close(master)
    status = process.wait()
    stream.feed(_text(raw))
    left = Screen(_rows(screen), status, screen.cursor.hidden, raw.decode(errors="replace"))
    if alarmed:
        raise TimeoutError(f"The program did not end within {timeout} s; the screen was:\n{left}")
    return left


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace").replace("\ufe0e", "")  # pyte loses what follows a variation selector


def _rows(screen: object) -> list[str]:
    history = getattr(screen, "history").top
    buffer = getattr(screen, "buffer")
    columns, lines = getattr(screen, "columns"), getattr(screen, "lines")
    rows = ["".join(line[x].data for x in range(columns)).rstrip() for line in history]
    rows += ["".join(buffer[y][x].data for x in range(columns)).rstrip() for y in range(lines)]
    while rows and not rows[-1]:
        rows.pop()
    return rows
