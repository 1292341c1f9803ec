"""A page of the running program: an event file, and a process that serves a page of it until the program ends."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from threading import Event
from typing import Any

from headway.host import run
from headway.host.daemon import Daemon
from headway.host.faults import tell
from headway.sink import Context, Renderer
from headway.sinks.events import INTERVAL, EventSink
from headway.snapshot import Snapshot

__all__ = ["RENDERER", "RUNNING", "WebSink"]

RUNNING = "running-"
"""The beginning of the names of the files in the page's folder that stand for processes which may report more."""
SERVED = "served"
"""The file in the page's folder that the process makes which has the page served."""
LOOPBACK = "127.0.0.1"
NEEDED = ("starlette", "uvicorn", "prometheus_client")


class WebSink(EventSink):
    """Writes events into a file, and has a process serve a page of it from the first bar on.

    The processes of a run have one page. Without the option `path` the file is a temporary one that goes with the page.

    Raises:
        ImportError: There is no page here; the message says why, and the cure.
    """

    def __init__(self, context: Context) -> None:
        flaw = _flaw()
        if flaw:
            raise ImportError(f"it cannot serve a page here: {flaw}")
        self._options = context.options
        self._folder = _folder()
        self._mark = os.path.join(self._folder, f"{RUNNING}{os.getpid()}")
        self._path = self._options.get("path") or os.path.join(self._folder, f"{run.program() or 'program'}.jsonl")
        self._marked = False
        self._started = Event()
        """Set when the process that serves the page is there, or does not come."""
        self._started.set()
        self._address = ""
        """The address of the page, until it is told."""
        super().__init__(context._replace(options={"path": self._path}))

    def open(self, snapshot: Snapshot) -> None:
        """Write the `open` event; the first one has the page served."""
        if not self._marked:
            self._marked = True
            os.makedirs(self._folder, 0o700, exist_ok=True)
            _touch(self._mark)
        super().open(snapshot)
        if _touch(os.path.join(self._folder, SERVED)):
            self._started.clear()
            Daemon(self._serve, "headway web").start()
        self._tell()

    def stop(self, within: float) -> None:
        """Have the page end with the last process of the run, as soon as its visitors have got the last state."""
        super().stop(within)
        self._started.wait(within)  # that process takes the folder away
        with suppress(OSError):
            os.remove(self._mark)
            os.rmdir(self._folder)

    def _serve(self) -> None:
        host, port = self._options.get("host", LOOPBACK), self._options.get("port", 0)
        command = [sys.executable, "-m", "headway.web.background", self._path, host, str(port), self._folder]
        env = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
        try:
            process = subprocess.Popen(  # noqa: S603  # our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**env, "PYTHONSAFEPATH": "1"},
            )
        finally:
            self._started.set()
        with process:
            said, errors = process.communicate()
        self._address = said.strip()
        if self._address:
            self._tell()
            return
        last = errors.strip().rpartition("\n")[2] or f"it ended with {process.returncode}"
        tell("serving a page", f"The page of this run cannot be served: {last}. The program goes on without it.")

    def _tell(self) -> None:
        """Tell the address while a bar is open: later the program prints its results."""
        with self._shared.lock:
            address, self._address = (self._address, "") if self._shared.journal.busy else ("", self._address)
        if address:
            print(f"headway: the page of this run is {address}", file=sys.stderr)


def _flaw() -> str:
    """Return the reason why no page can be served; empty if one can."""
    if not hasattr(os, "fork"):
        return "this system has no fork. Write an event file, and run `headway watch --web` beside it"
    if getattr(sys, "frozen", False) or not sys.executable:
        return "this program has no Python to start. Write an event file, and run `headway watch --web` beside it"
    missing = [name for name in NEEDED if find_spec(name) is None]
    return f"{missing[0]} is not installed: pip install 'headway[web]'" if missing else ""


def _folder() -> str:
    """Return the folder that the page of this run is in; one of its own if somebody else has made that."""
    folder = os.path.join(tempfile.gettempdir(), f"headway-page-{run.identity()}")
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            return tempfile.mkdtemp(prefix="headway-page-")
    return folder


def _touch(path: str) -> bool:
    """Make an empty file, and tell whether it was not there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _port(value: Any) -> int:
    port = int(value)
    if not 0 <= port < 2**16:
        raise ValueError("expected the number of a port, from 1 to 65535, or 0 for any that is free")
    return port


OPTIONS: dict[str, Any] = {"path": os.path.abspath, "host": str, "port": _port}
RENDERER = Renderer(WebSink, protocol=2, draws="nothing", interval=INTERVAL, options=OPTIONS)
