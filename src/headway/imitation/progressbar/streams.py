"""progressbar2's way to have what a program prints stand above its bars, which headway does for all programs anyway."""

from __future__ import annotations

import re
import sys
from typing import Any

__all__ = ["StreamWrapper", "len_color", "streams"]

_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def len_color(value: str | bytes) -> int:
    """Return the length of a text without its colours."""
    return len(_COLOURS.sub("", value.decode() if isinstance(value, bytes) else value))


class StreamWrapper:
    """Does nothing: whole lines of `sys.stdout`, `sys.stderr` and `logging` stand above the bars by themselves."""

    def __init__(self) -> None:
        self.original_stdout, self.original_stderr = sys.stdout, sys.stderr
        self.wrapped_stdout = self.wrapped_stderr = self.wrapped_logging = self.wrapped_excepthook = 0

    @property
    def stdout(self) -> Any:
        """The program's standard output."""
        return sys.stdout

    @property
    def stderr(self) -> Any:
        """The program's standard error stream."""
        return sys.stderr

    def wrap(self, stdout: bool = False, stderr: bool = False) -> None:
        """Do nothing."""
        del stdout, stderr

    def wrap_stdout(self) -> Any:
        """Return the stream as it is."""
        return sys.stdout

    def wrap_stderr(self) -> Any:
        """Return the stream as it is."""
        return sys.stderr

    def wrap_logging(self) -> None:
        """Do nothing."""

    def unwrap(self, stdout: bool = False, stderr: bool = False) -> None:
        """Do nothing."""
        del stdout, stderr

    def unwrap_stdout(self) -> None:
        """Do nothing."""

    def unwrap_stderr(self) -> None:
        """Do nothing."""

    def unwrap_logging(self) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Flush both streams."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()


streams = StreamWrapper()
