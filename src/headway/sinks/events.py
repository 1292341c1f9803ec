"""An event file: one JSON object a line, in the schema of `docs/events.md`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from time import monotonic
from typing import Any

from headway.events.appender import Appender
from headway.events.journal import Journal
from headway.sink import Context, Draws, PerBar, Renderer, Stream
from headway.snapshot import Snapshot

__all__ = ["RENDERER", "EventSink"]

INTERVAL = 1.0
LEAST_BYTES = 4096
_SINCE = monotonic()
_behind: dict[str, Journal] = {}
"""Journals by path that have no bar any more, but something to say that found no space."""


class EventSink(PerBar):
    """Appends events to the file `path`, or to the stream if none was given.

    The file is the one that was meant when the bar opened, whatever the working directory becomes.
    """

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._options = context.options
        self._journals: dict[str, Journal] = {}
        self._paths: dict[int, str] = {}

    def open(self, snapshot: Snapshot) -> None:
        """Write the `open` event; opens the file at the first one."""
        path = self._options.get("path", "")
        journal = self._journals.get(path) or _behind.pop(path, None) or self._journal(path, self._options)
        journal.open(snapshot)
        self._journals[path] = journal
        self._paths[snapshot.id] = path

    def update(self, snapshot: Snapshot) -> None:
        """Write an `update` event, if it is time to."""
        self._journals[self._paths[snapshot.id]].update(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Write the `close` event; closes the file with the last bar that uses it."""
        path = self._paths.pop(snapshot.id)
        journal = self._journals[path]
        try:
            journal.close(snapshot)
        finally:
            if not journal.busy:
                del self._journals[path]
                journal.release()
                if journal.behind:
                    _behind[path] = journal

    def write(self, text: str) -> None:
        """Write a `write` event wherever bars are being reported."""
        for journal in self._journals.values():
            journal.write(text)

    def _journal(self, path: str, options: Any) -> Journal:
        out = Appender(path, options.get("max_bytes"), options.get("keep", 1)) if path else _Lines(self._stream)
        return Journal(path, out, options.get("interval", INTERVAL), _SINCE)


class _Lines:
    """The stream as a place where lines go. What it raises is not contained here: it is the display's stream."""

    floor = 0
    size = 0
    place = None

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._fresh = True

    def ready(self, _size: int) -> bool:
        """Be ready, and new the first time."""
        fresh, self._fresh = self._fresh, False
        return fresh

    def append(self, line: bytes) -> None:
        """Write a line."""
        self._stream.write(line.decode())
        self._stream.flush()

    def close(self) -> None:
        """Leave it to whoever opened it."""


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not INTERVAL <= seconds < float("inf"):
        raise ValueError(f"expected seconds, {INTERVAL:g} at least")
    return seconds


def _bytes(value: Any) -> int:
    size = int(value)
    if size < LEAST_BYTES:
        raise ValueError(f"expected a number of bytes, {LEAST_BYTES} at least")
    return size


def _files(value: Any) -> int:
    files = int(value)
    if not 1 <= files <= 1000:
        raise ValueError("expected a number of files, from 1 to 1000")
    return files


def _draws(options: Mapping[str, Any]) -> Draws:
    return "nothing" if "path" in options else "lines"


OPTIONS: dict[str, Any] = {"path": os.path.abspath, "interval": _seconds, "max_bytes": _bytes, "keep": _files}
RENDERER = Renderer(EventSink, protocol=2, draws=_draws, interval=INTERVAL, options=OPTIONS)
