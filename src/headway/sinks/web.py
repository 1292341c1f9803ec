"""A page of the running program: an event file, and a process that serves a page of it until the program ends."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from threading import Event
from typing import Any

from headway.format import in_words
from headway.host import run
from headway.host.daemon import Daemon
from headway.host.faults import tell
from headway.sink import Context, Renderer
from headway.sinks.events import INTERVAL, EventSink
from headway.snapshot import Snapshot

__all__ = ["RENDERER", "RUNNING", "WebSink", "flaw"]

RUNNING = "running-"
"""The beginning of the names of the files in the page's folder that stand for processes which may report more."""
SERVED = "served"
"""The file in the page's folder that the process makes which has the page served."""
LOOPBACK = "127.0.0.1"
NEEDED = ("starlette", "uvicorn", "prometheus_client")


class WebSink(EventSink):
    """Writes events into a file, and has a process serve a page of it from the first bar on.

    The processes of a run have one page. Without the option `path` the file is a temporary one that goes with the page.
    """

    def __init__(self, context: Context) -> None:
        self._options = context.options
        self._folder = _folder()
        self._path = self._options.get("path") or os.path.join(self._folder, f"{run.program() or 'program'}.jsonl")
        self._marked = False
        self._started = Event()
        """Set when the process that serves the page is there, or does not come."""
        self._started.set()
        self._alone = False
        """Whether no process serves the page, as none could be had."""
        self._address = ""
        """The address of the page, until it is told."""
        super().__init__(context._replace(options={"path": self._path}))

    def open(self, snapshot: Snapshot) -> None:
        """Write the `open` event; the first one has the page served."""
        if not self._marked:
            self._mark()
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
            if self._marked:
                os.remove(os.path.join(self._folder, f"{RUNNING}{os.getpid()}"))
            os.rmdir(self._folder)
        if self._alone:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _mark(self) -> None:
        """Say which processes the page goes with: this one, and the one whose worker it is, which outlives it."""
        os.makedirs(self._folder, 0o700, exist_ok=True)
        for pid in filter(None, (os.getpid(), run.parent())):
            _touch(os.path.join(self._folder, f"{RUNNING}{pid}"))
        self._marked = True

    def _serve(self) -> None:
        host, port = self._options.get("host", LOOPBACK), self._options.get("port", 0)
        command = [sys.executable, "-m", "headway.web.background", self._path, host, str(port), self._folder]
        try:
            process = subprocess.Popen(  # noqa: S603  # our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=self._folder,  # Python looks for modules there, too
                env=_environment(),
                start_new_session=True,  # so that Ctrl-C is for the program alone
            )
        except OSError as error:
            self._fail(in_words(error))
            return
        finally:
            self._started.set()
        with process:
            said, errors = process.communicate()
        self._address = said.strip()
        if self._address:
            self._tell()
        else:
            self._fail(errors.strip().rpartition("\n")[2] or f"it ended with {process.returncode}")

    def _fail(self, words: str) -> None:
        self._alone = True
        tell("serving a page", f"The page of this run cannot be served: {words}. The program goes on without it.")

    def _tell(self) -> None:
        """Tell the address while a bar is open: later the program prints its results."""
        with self._shared.lock:
            address, self._address = (self._address, "") if self._shared.journal.busy else ("", self._address)
        if address and sys.stderr is not None:
            print(f"headway: the page of this run is {address}", file=sys.stderr)


def flaw() -> str:
    """Return the reason why no page can be served here, with the cure; empty if one can."""
    if not hasattr(os, "fork"):
        return "this system has no fork. Write an event file, and run `headway watch --web` beside it"
    if getattr(sys, "frozen", False) or not sys.executable:
        return "this program has no Python to start. Write an event file, and run `headway watch --web` beside it"
    missing = [name for name in NEEDED if find_spec(name) is None]
    return f"{missing[0]} is not installed: pip install 'headway[web]'" if missing else ""


def _environment() -> dict[str, str]:
    """Return the environment of the process that serves the page: no module of the program's is to be taken there."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    if "PYTHONPATH" in env:
        env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, env["PYTHONPATH"].split(os.pathsep)))
    return env


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
