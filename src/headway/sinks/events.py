"""An event file: one JSON object a line, in the schema of `docs/events.md`."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

from headway.events.appender import Appender
from headway.events.journal import Journal, Out
from headway.host import fork
from headway.sink import Context, Draws, PerBar, Renderer, Stream
from headway.snapshot import Snapshot

__all__ = ["RENDERER", "EventSink"]

INTERVAL = 1.0
LEAST_BYTES = 4096
_SINCE = monotonic()


class File:
    """A journal, for the sinks that write into the same file: those of bars with one path and other options."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.lock = threading.RLock()
        self.users: list[EventSink] = []
        """The sinks that have bars here; the first one writes the texts."""
        self.bars: dict[int, int] = {}
        """How many sinks have each bar open: it is written once."""


class Files(fork.Part):
    """The event files of this process by their paths. The options of the first sink count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, File] = {}
        fork.register(self)

    def at(self, path: str, options: Mapping[str, Any]) -> File:
        """Return the file at a path."""
        with self._lock:
            if path not in self._files:
                out = Appender(path, options.get("max_bytes"), options.get("keep", 1))
                self._files[path] = File(_journal(path, out, options))
            return self._files[path]

    def after_fork_in_child(self) -> None:
        """Let go of the files, which are the parent's."""
        self._lock = threading.Lock()
        self._files = {}


_all_files = Files()


def _journal(name: str, out: Out, options: Mapping[str, Any]) -> Journal:
    return Journal(name, out, options.get("interval", INTERVAL), _SINCE)


class EventSink(PerBar):
    """Appends events to the file `path`, or to the stream if none was given.

    The file is the one that was meant when the bar opened, whatever the working directory becomes. It is closed while
    no bar is open.
    """

    def __init__(self, context: Context) -> None:
        path = context.options.get("path", "")
        if path:
            self._shared = _all_files.at(path, context.options)
        else:
            self._shared = File(_journal("", _Lines(context.stream), context.options))
        self._bars = 0

    def open(self, snapshot: Snapshot) -> None:
        """Write the `open` event; opens the file at the first one."""
        with self._shared.lock:
            sinks = self._shared.bars.get(snapshot.id, 0)
            if not sinks:
                self._shared.journal.open(snapshot)
            self._shared.bars[snapshot.id] = sinks + 1
            if not self._bars:
                self._shared.users.append(self)
            self._bars += 1

    def update(self, snapshot: Snapshot) -> None:
        """Write an `update` event, if it is time to."""
        with self._shared.lock:
            self._shared.journal.update(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Write the `close` event; closes the file with the last bar that uses it."""
        with self._shared.lock:
            self._bars -= 1
            if not self._bars:
                self._shared.users.remove(self)
            sinks = self._shared.bars.pop(snapshot.id, 1) - 1
            if sinks:
                self._shared.bars[snapshot.id] = sinks
                return
            try:
                self._shared.journal.close(snapshot)
            finally:
                if not self._shared.journal.busy:
                    self._shared.journal.release()

    def write(self, text: str) -> None:
        """Write a `write` event, if any bar is reported here."""
        with self._shared.lock:
            if self._shared.users[:1] == [self]:
                self._shared.journal.write(text)


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
