"""Skips, in Pyodide, a test where it asks for what is not there, such as a process, a thread of its own or a signal."""

import asyncio
import mmap
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from absent import lacking
from headway.host.daemon import Daemon

T = TypeVar("T")

CALLS = {
    "processes": [
        *((os, name) for name in ("fork", "kill", "killpg", "waitpid")),
        *((owner, "__init__") for owner in (subprocess.Popen, ProcessPoolExecutor)),
    ],
    "files in memory that is shared": [(mmap, "mmap")],
    "terminals of its own": [(os, "openpty")],
    "named pipes": [(os, "mkfifo")],
    "signals": [(signal, "raise_signal"), (signal, "setitimer"), (signal, "pthread_kill")],
    "connections": [(socket.socket, "__init__"), (socket, "AF_UNIX")],
    "threads": [(threading.Condition, "wait")],  # another one would have to end the wait
}
"""Functions that Pyodide has not, or has in name only."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop without the pipe that other threads and signals wake it by: that is a connection."""

    def _make_self_pipe(self) -> None:
        self._ssock = self._csock = None

    def _close_self_pipe(self) -> None:
        """There is none."""


@contextmanager
def skipping() -> Iterator[None]:
    """Skip the test that calls what Pyodide lacks; headway itself asks for a thread and is refused."""
    start = threading.Thread.start

    def ask(thread: threading.Thread) -> None:
        start(thread) if isinstance(thread, Daemon) else lacking("threads")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", ask)
        patch.setattr(asyncio, "run", _run)
        for what, calls in CALLS.items():
            for owner, name in calls:
                patch.setattr(owner, name, _skip(what), raising=False)
        yield


def _run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine; the loop of the page that pytest runs in waits meanwhile."""
    around = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(main)
    finally:
        asyncio._set_running_loop(around)


def _skip(what: str) -> Callable[..., Any]:
    return lambda *_args, **_options: lacking(what)
