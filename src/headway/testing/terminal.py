"""Runs a program on a pseudo-terminal of its own, and reads back the screen that it leaves."""

from __future__ import annotations

import codecs
import os
import select
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from headway.host.environment import AGENTS
from headway.testing.tmux import rows_in_tmux

if sys.platform != "win32":  # the recorder works everywhere, pseudo-terminals do not
    import fcntl
    import termios

__all__ = ["Screen", "run_in_terminal"]


@dataclass(frozen=True)
class Screen:
    """The screen that a program left on a terminal, read back by a terminal emulator."""

    rows: list[str]
    """The rows from the top of the scroll-back to the last one that is not blank."""
    status: int
    """The program's exit status; negative for a signal."""
    cursor_hidden: bool
    raw: str = field(repr=False)
    """Everything that was written, control sequences included."""

    def __str__(self) -> str:
        frame = "\n".join(f"│{row}" for row in self.rows)
        return f"exit status {self.status}, cursor {'hidden' if self.cursor_hidden else 'visible'}\n{frame}"

    def rows_with(self, text: str) -> list[str]:
        """Return the rows that contain a text."""
        return [row for row in self.rows if text in row]


Judge = Literal["pyte", "tmux"]
"""A terminal emulator that reads a screen back."""
SETTLE = 0.2
"""Seconds from a resize to the emulator's, so that frames that were under way for the old size count as old."""


def run_in_terminal(
    code: str,
    *,
    columns: int = 80,
    lines: int = 24,
    env: Mapping[str, str] | None = None,
    resize: tuple[int, int] | None = None,
    interrupt_at: str = "",
    types: Mapping[str, str] | None = None,
    hesitates: float = 0.0,
    until: Callable[[list[str]], bool] | None = None,
    arguments: Sequence[str] = (),
    cwd: str | os.PathLike[str] | None = None,
    judge: Judge = "pyte",
    timeout: float = 60.0,
) -> Screen:
    """Run a Python program on a pseudo-terminal of its own and return the screen that it leaves.

    Args:
        code: The program's text; indentation is taken off.
        columns: Columns of the terminal.
        lines: Lines of the terminal. Rows that scroll out are kept.
        env: Variables on top of this process's environment.
        resize: New columns and lines, set when the program first writes the text `RESIZE`.
        interrupt_at: Type Ctrl-C when this text first appears.
        types: Keys to type when a text first appears, in the output or as rows of the screen:
            `{"name?": "Ada" + os.linesep}`.
        hesitates: Seconds from such a text to the typing.
        until: Tells from the rows whether all that is waited for is on the screen. The program is killed then; if it
            never is, the screen is that after `timeout` seconds, and no error is raised.
        arguments: The program's arguments; with no code, those of the interpreter.
        cwd: The program's working directory; by default that of this process.
        judge: The emulator that reads the rows in the end. tmux is right about the alternate screen of the modes 47 to
            1049, colours with colons, sequences passed through tmux, and characters without a width; see
            `tmux.rows_in_tmux`. Its window has the first size.
        timeout: Seconds after which the program is killed.

    Raises:
        FileNotFoundError: The judge is tmux, which is not installed.
        TimeoutError: The program did not end in time; the message has the screen.
    """
    waiting = {**({interrupt_at: "\x03"} if interrupt_at else {}), **(types or {})}
    keys: list[tuple[float, str]] = []
    command = [sys.executable, *(["-c", textwrap.dedent(code)] if code else []), *arguments]
    terminal = _Terminal(columns, lines)
    process = terminal.start(command, env or {}, cwd)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and terminal.read(min([deadline, *(due for due, _ in keys)])):
        if resize is not None and b"RESIZE" in terminal.raw:
            terminal.resize(*resize)
            resize = None
        seen = [text for text in waiting if terminal.shows(text)]
        keys += [(time.monotonic() + hesitates, waiting.pop(text)) for text in seen]
        while keys and keys[0][0] <= time.monotonic():
            terminal.type(keys.pop(0)[1])
        if until is not None and _holds(until, terminal.rows(), process):
            break
    late = time.monotonic() >= deadline
    if late or until is not None:
        process.send_signal(signal.SIGKILL)
    screen = terminal.screen(process.wait())
    if late and until is None:
        raise TimeoutError(f"The program did not end within {timeout} s; the screen was:\n{screen}")
    return replace(screen, rows=rows_in_tmux(screen.raw, columns, lines)) if judge == "tmux" else screen


def _holds(until: Callable[[list[str]], bool], rows: list[str], process: subprocess.Popen[bytes]) -> bool:
    """Ask the caller's function; if it raises, the program is killed."""
    try:
        return until(rows)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _become_foreground() -> None:
    """Take the terminal as a foreground job does: one in the background inherits a deaf ear for Ctrl-C."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class _Terminal:
    """The user's side of a pseudo-terminal: a screen, a keyboard and a window to resize."""

    def __init__(self, columns: int, lines: int) -> None:
        import pyte  # an extra: `headway[testing]`

        from headway.testing.scrollback import Scrollback

        self.raw = b""
        self._fed = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._screen = Scrollback(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self._master, self._slave = os.openpty()
        self._pending: tuple[float, int, int] | None = None
        self._set_size(columns, lines)
        self._keep_output_at_signals()

    def start(
        self, command: Sequence[str], env: Mapping[str, str], cwd: str | os.PathLike[str] | None
    ) -> subprocess.Popen[bytes]:
        """Start a program whose streams and controlling terminal this is."""
        process = subprocess.Popen(  # noqa: S603  # the caller's own program
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_become_foreground,  # noqa: PLW1509  # two system calls
            env={
                **{name: value for name, value in os.environ.items() if name not in AGENTS},
                "TERM": "xterm-256color",
                "PYTHONIOENCODING": "utf-8",
                "HEADWAY_RELAY": f"not:{os.getpid()}",
                **env,
            },
        )
        os.close(self._slave)
        return process

    def read(self, until: float) -> bool:
        """Take in the program's next output, if there is any until then; false when it has ended."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # EIO: the last holder of the terminal is gone
            return False
        if self._pending is not None and time.monotonic() > self._pending[0]:
            self._follow()
        self.raw += data
        return bool(data)

    def shows(self, text: str) -> bool:
        """Tell whether a text has been written, or stands on the screen, there with line ends between the rows."""
        return text.encode() in self.raw or text in "\n".join(self.rows())

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self._set_size(columns, lines)
        self._pending = time.monotonic() + SETTLE, columns, lines

    def screen(self, status: int) -> Screen:
        """Read the screen back, and close the terminal."""
        os.close(self._master)
        return Screen(self.rows(), status, self._screen.cursor_hidden, self.raw.decode(errors="replace"))

    def rows(self) -> list[str]:
        """Read the rows that are there now."""
        self._feed()
        screen = self._screen
        rows = [row.rstrip() for row in (*map(screen.text, screen.gone), *screen.display)]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def _follow(self) -> None:
        if self._pending is not None:
            self._feed()
            self._screen.resize(columns=self._pending[1], lines=self._pending[2])
            self._pending = None

    def _feed(self) -> None:
        text = self._decoder.decode(self.raw[self._fed :])
        self._stream.feed(text.replace("\ufe0e", ""))  # pyte loses the text behind a variation selector
        self._fed = len(self.raw)

    def _keep_output_at_signals(self) -> None:
        """Keep the output that is not read yet when Ctrl-C is typed; else the kernel throws it away unseen."""
        modes = termios.tcgetattr(self._slave)
        modes[3] |= termios.NOFLSH
        termios.tcsetattr(self._slave, termios.TCSANOW, modes)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
