"""An event file: one JSON object a line, in the schema of `Snapshot.to_event`."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from headway.sink import Capabilities, Renderer
from headway.snapshot import SCHEMA, Snapshot
from headway.stream import Stream

__all__ = ["RENDERER", "EventSink"]


class EventSink:
    """Appends events to a file, or writes them to the stream where no `path` was given.

    Each line is `{"v": 1, "event": "open" | "update" | "close", "time": ..., ...}` with the picture's fields, or
    `{"v": 1, "event": "write", "time": ..., "text": ...}`; `time` is seconds since the epoch, a label only. A line goes
    out in one write to a file opened for appending, so that several processes can share one and a crash tears at most
    the last line.
    """

    capabilities = Capabilities(needs_terminal=False, interval=1.0)

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._files: dict[str, int] = {}
        self._paths: dict[int, str] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Write the `open` event; opens the file at the first one."""
        path = os.path.abspath(snapshot.options["path"]) if "path" in snapshot.options else ""
        self._paths[snapshot.id] = path
        if path and path not in self._files:
            self._files[path] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self._emit(path, {"event": "open", **snapshot.to_event()})

    def update(self, snapshot: Snapshot) -> None:
        """Write an `update` event."""
        self._emit(self._paths[snapshot.id], {"event": "update", **snapshot.to_event()})

    def close(self, snapshot: Snapshot) -> None:
        """Write the `close` event; closes the file with the last bar that uses it."""
        path = self._paths.pop(snapshot.id)
        try:
            self._emit(path, {"event": "close", **snapshot.to_event()})
        finally:
            if path and path not in self._paths.values():
                os.close(self._files.pop(path))

    def write(self, text: str) -> None:
        """Write a `write` event wherever bars are being reported."""
        for path in sorted(set(self._paths.values())):
            self._emit(path, {"event": "write", "v": SCHEMA, "text": text})

    def _emit(self, path: str, event: dict[str, Any]) -> None:
        line = json.dumps({**event, "time": round(time.time(), 3)}, allow_nan=False) + "\n"
        if path:
            os.write(self._files[path], line.encode())
        else:
            self._stream.write(line)
            self._stream.flush()


RENDERER = Renderer(sink=EventSink, options={"path": str})
