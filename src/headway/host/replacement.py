"""The calls that put another program in the place of this one, such as a restart: rows make way for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from headway.notation import Any

__all__ = ["Replacement"]

POSSIBLE = hasattr(os, "execv")
"""Whether the system has such calls. `os` makes all others of their kind by `execv` and `execve`."""


class Replacement:
    """Takes the place of those calls while rows are drawn.

    Args:
        suspended: Takes all rows away for a block. If the call fails, they are shown again.
    """

    def __init__(self, suspended: Callable[[], AbstractContextManager[None]]) -> None:
        self._suspended = suspended
        self._execv, self._execve = self._call_execv, self._call_execve

    def watch(self) -> None:
        """Take their place."""
        if POSSIBLE and os.execv is not self._execv:
            self._real_execv, self._real_execve = os.execv, os.execve
            os.execv, os.execve = self._execv, self._execve

    def leave(self) -> None:
        """Put those of before back, unless the program has put others there meanwhile."""
        if POSSIBLE and os.execv is self._execv:
            os.execv = self._real_execv
        if POSSIBLE and os.execve is self._execve:
            os.execve = self._real_execve

    def _call_execv(self, *arguments: Any, **named: Any) -> Any:
        with self._suspended():
            return self._real_execv(*arguments, **named)

    def _call_execve(self, *arguments: Any, **named: Any) -> Any:
        with self._suspended():
            return self._real_execve(*arguments, **named)
