"""A page of runs that is served, and its visitors, by real connections."""

import http.client
import json
import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from queue import Queue
from time import time
from typing import Any
from urllib.parse import urlsplit

from headway.events.schema import to_event
from headway.events.writers import host
from headway.snapshot import Snapshot

__all__ = ["Page", "Threaded", "Visitor", "Watching", "Written"]


class Visitor:
    """A browser that listens to a page's events.

    Args:
        address: The address of the page.
        gzip: Whether it takes compressed events, as browsers do.
    """

    def __init__(self, address: str, *, gzip: bool = False) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        self._connection.request("GET", f"{parts.path}events", headers={"Accept-Encoding": "gzip"} if gzip else {})
        self._answer = self._connection.getresponse()
        self._unpack = zlib.decompressobj(wbits=31).decompress if gzip else bytes
        self._rest = b""
        self.bytes = 0
        """Bytes of events so far."""
        self.document: dict[str, Any] = {}
        """The document as the events have made it."""
        self.over = False
        """Whether the page has said goodbye."""

    def read(self) -> bool:
        """Read one event, and tell whether there was one."""
        kind, data = "", ""
        while line := self._line():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif not name and kind:
                self._take(kind, json.loads(data))
                return True
        return False

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            data = self._answer.read1(65536)
            if not data:
                return b""
            self.bytes += len(data)
            self._rest += self._unpack(data)
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"

    def until(self, text: str) -> None:
        """Read until a text is among those of the program."""
        while not any(text in run["texts"].values() for run in self.document.get("runs", {}).values()):
            assert self.read(), f"The page has ended without {text!r}."

    def close(self) -> None:
        """Leave."""
        self._answer.close()
        self._connection.close()

    def _take(self, kind: str, data: Any) -> None:
        if kind == "end":
            self.over = True
        else:
            self.document = merged({} if kind == "whole" else self.document, data)


def merged(target: Any, patch: Any) -> Any:
    """Apply a merge patch by the pseudocode of RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


class Page:
    """A page that is served.

    Args:
        address: Its address.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._visitors: list[Visitor] = []

    def get(self, path: str = "", *, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of an answer.

        Args:
            path: The path, which the page's address is put before unless it begins with a slash.
            method: The method.
            headers: The headers of the request.
        """
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        connection.request(method, path if path.startswith("/") else parts.path + path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def visitor(self, *, gzip: bool = False) -> Visitor:
        """Return a new visitor."""
        self._visitors.append(Visitor(self.address, gzip=gzip))
        return self._visitors[-1]

    def end(self) -> None:
        """Have the visitors leave."""
        for visitor in self._visitors:
            visitor.close()


class Watching(Page):
    """The page of a running `headway watch --web`.

    Args:
        arguments: The files, and options.
    """

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "headway", "watch", "--web", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        super().__init__(self.process.stdout.readline().strip())

    def end(self) -> None:
        """Have the visitors leave, and kill it, if it has not ended."""
        super().end()
        self.process.kill()
        self.process.communicate()


class Threaded(Page):
    """A page that a thread of this process serves.

    Args:
        path: The event file.
    """

    def __init__(self, path: str) -> None:
        from headway.web.run import Run
        from headway.web.server import serve  # it takes Uvicorn

        addresses: Queue[str] = Queue()
        self._over = threading.Event()
        options = {"over": lambda _runs: self._over.is_set(), "on_ready": lambda address, _port: addresses.put(address)}
        self._run = Run(path, patience=300.0)
        self._thread = threading.Thread(target=serve, args=([self._run], "127.0.0.1", 0), kwargs=options)
        self._thread.start()
        super().__init__(addresses.get(timeout=20))

    def end(self) -> None:
        """Have the visitors leave, and end it."""
        self._over.set()
        super().end()
        self._thread.join(20)
        self._run.close()


class Written:
    """An event file of a process, by hand.

    Args:
        path: The file.
        pid: The process; by default this one.
        apart: Seconds from one event to the next.
    """

    def __init__(self, path: Path, pid: int | None = None, *, apart: float = 1.0) -> None:
        self.path = path
        self._apart = apart
        self._time = time()
        process = os.getpid() if pid is None else pid
        self.add("run", run="1" * 16, program="train.py", digest="0" * 16, pid=process, host=host())

    def add(self, kind: str, snapshot: Snapshot | None = None, **fields: Any) -> None:
        """Write an event."""
        self._time += self._apart
        event = {"v": 1, "event": kind, "time": self._time, "writer": "aaaaaaaa", **fields}
        with self.path.open("a") as file:
            file.write(json.dumps(event if snapshot is None else {**to_event(snapshot), **event}) + "\n")
