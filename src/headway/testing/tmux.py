"""Has tmux read the output of a program: a second judge, for sequences that the first terminal emulator gets wrong."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

__all__ = ["MISSING", "is_there", "rows_in_tmux"]

MISSING = "tmux is not installed, which judges sequences that pyte gets wrong"
PATIENCE = 60.0
"""Seconds within which tmux has read everything."""
SETTINGS = "set -g history-limit 100000\nset -g status off\nset -g allow-rename off\n"
END = "all is read"
_numbers = itertools.count()


def is_there() -> bool:
    """Tell whether tmux is installed."""
    return shutil.which("tmux") is not None


def rows_in_tmux(raw: str, columns: int, lines: int) -> list[str]:
    """Return the rows that the output of a program leaves on a window of tmux, from the top of its history.

    Args:
        raw: The output, control sequences included.
        columns: Columns of the window.
        lines: Lines of the window.

    Raises:
        FileNotFoundError: tmux is not installed.
        TimeoutError: tmux has not read everything within a minute.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = _Server(Path(folder))
        try:
            return server.rows(raw, columns, lines)
        finally:
            server.stop()


class _Server:
    """A server of tmux for one window."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"headway-{os.getpid()}-{next(_numbers)}"
        (folder / "settings").write_text(SETTINGS, encoding="utf-8")

    def rows(self, raw: str, columns: int, lines: int) -> list[str]:
        """Show the output in a window, and read it back when its title says that the output is over."""
        output = self._folder / "output"
        output.write_bytes(raw.encode() + f"\x1b]2;{END}\x07".encode())
        size = "-x", str(columns), "-y", str(lines)
        self._run("-f", str(self._folder / "settings"), "new-session", "-d", *size, f"cat {output}; exec sleep 600")
        deadline = time.monotonic() + PATIENCE
        while self._run("display-message", "-p", "#{pane_title}").strip() != END:
            if time.monotonic() > deadline:
                raise TimeoutError(f"tmux has not read the output within {PATIENCE:.0f} s.")
            time.sleep(0.01)
        rows = self._run("capture-pane", "-p", "-S", "-").split("\n")
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def stop(self) -> None:
        """End it."""
        self._run("kill-server")

    def _run(self, *command: str) -> str:
        env = {name: value for name, value in os.environ.items() if name != "TMUX"}
        done = subprocess.run(  # noqa: S603  # what is run there is `cat`
            ["tmux", "-u", "-L", self._name, *command],  # noqa: S607  # wherever it is installed
            env={**env, "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(self._folder)},
            check=True,
            text=True,
            encoding="utf-8",
            capture_output=True,
            timeout=PATIENCE,
        )
        return done.stdout
