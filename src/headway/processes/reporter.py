"""The worker's side: a sink that passes what a process reports to the process that draws, and never waits for it.

Each bar's newest snapshot waits for room in the pipe and takes the place of the one before. What opens, ends and is
written is kept in order, within bounds.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from headway.events.writers import host
from headway.host import clock, ranks, run
from headway.processes import address, wire
from headway.sink import GoneError, PerBar

if TYPE_CHECKING:
    import socket  # heavy: with the first connection

    from headway.processes.address import Address, Station
    from headway.snapshot import Snapshot

__all__ = ["RelaySink", "find"]

FLUSH_WITHIN = 0.2
"""Seconds that the end of the process waits at most for the last snapshots to go out."""
KEPT = 1000
"""Events that wait at most; what opens or ends a bar beyond that is dropped, and a text goes to stderr."""
AT_ONCE = 65536
"""Bytes that are handed to the system in one piece."""
ROOM_WITHIN = 0.5
"""Seconds that a print waits at most for room in the pipe."""
CONNECT_WITHIN = 0.1
"""Seconds that a connection over the loopback interface may take; one to a Unix socket takes none."""
RETRY = 0.02
"""Seconds from the first attempt to find the process that draws to the second; each further wait is twice as long."""
RETRY_LONGEST = 1.0
"""Seconds between two attempts at most."""
PATIENCE = 60.0
"""Seconds that a rank looks for the process that draws; after that its bars are not sampled any more."""


class BusyError(Exception):
    """Raised when the drawing process is there, but has no place for a connection at the moment."""


def connect(at: Address) -> socket.socket:
    """Connect without waiting.

    Raises:
        OSError: Nobody listens there.
        BusyError: It is to be tried again.
    """
    import socket  # heavy: with the first connection

    if not at.alive or not at.where:
        raise ConnectionRefusedError
    unix = at.kind == "unix"
    pipe = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if unix:
            pipe.setblocking(False)
            pipe.connect(at.where)
        else:
            pipe.settimeout(CONNECT_WITHIN)
            pipe.connect(("127.0.0.1", int(at.where)))
            pipe.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe.setblocking(False)
        if hasattr(socket, "SO_NOSIGPIPE"):
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_NOSIGPIPE, 1)
    except (BlockingIOError, TimeoutError):
        pipe.close()
        raise BusyError from None
    except BaseException:
        pipe.close()
        raise
    return pipe


class RelaySink(PerBar):
    """Passes snapshots and texts on.

    Args:
        find: Finds the process that draws: returns its station and a connection, or a station alone while it is busy,
            or `None` while there is none.
    """

    def __init__(self, find: Callable[[], tuple[Station, socket.socket | None] | None]) -> None:
        self.station: Station | None = None
        """Where it reports to, once that is known."""
        self.gone = False
        """Whether the process that drew is gone, or was not to be found."""
        self.dropped = 0
        """Events that were dropped for want of room."""
        self._find = find
        self._pipe: socket.socket | None = None
        self._no_signal = 0
        self._queue: deque[tuple[bytes, str | None]] = deque()
        self._latest: dict[int, bytes] = {}
        self._shares: dict[int, str] = {}
        self._crowded = False
        """Whether a print has waited for room in vain, and there is none yet."""
        self._sending = b""
        self._texts_sending: list[str] = []
        self._next_try = 0.0
        self._wait = RETRY
        self._gives_up = clock.monotonic() + PATIENCE

    def join(self, station: Station, pipe: socket.socket | None) -> None:
        """Report to a station over a connection; without one it is tried again later."""
        self.station = station
        if pipe is not None:
            self._greet(pipe, station.key)

    # ── the sink ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, snapshot: Snapshot) -> None:
        """Pass a bar's first snapshot on."""
        if "of" in snapshot.options:
            self._shares[snapshot.id] = snapshot.options["of"]
        self._keep(self._report("open", snapshot))
        self._go_on()

    def update(self, snapshot: Snapshot) -> None:
        """Pass a newer snapshot on, in the place of one that still waits."""
        self._latest[snapshot.id] = self._report("update", snapshot)
        self._go_on()

    def close(self, snapshot: Snapshot) -> None:
        """Pass the last snapshot on."""
        self._latest.pop(snapshot.id, None)
        self._keep(self._report("close", snapshot))
        self._shares.pop(snapshot.id, None)
        self._go_on()

    def write(self, text: str) -> None:
        """Pass a text on; it goes to stderr where it cannot be."""
        self.pump()
        if self.gone or self._pipe is None or len(self._queue) >= KEPT:
            _to_stderr(text)
            return
        for piece in wire.pieces(text):
            self._queue.append((piece, text))
        self.pump()

    def print(self, text: str, terminal: int) -> bool:
        """Pass on what the program prints on a terminal, and tell whether that went well.

        What is printed is out when that returns, for the process may vanish then. So it waits, as for a slow terminal,
        until all is sent; where that takes longer than `ROOM_WITHIN` seconds nothing more is taken until it is.
        """
        lines = wire.printed(text, terminal)
        self._crowded = self.pump() and self._crowded
        if self._pipe is None or self._crowded or not lines:
            return False
        self._queue.extend((line, text) for line in lines)
        self._crowded = self._send_within(ROOM_WITHIN)
        return True

    # ── the pipe ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def pump(self) -> bool:
        """Send what there is room for, and tell whether something is left."""
        if self.gone or not self._connected():
            return not self.gone and bool(self._queue)
        try:
            while self._sending or self._take():
                sent = self._pipe.send(self._sending, self._no_signal)  # type: ignore[union-attr]
                self._sending = self._sending[sent:]
        except BlockingIOError:
            return True
        except OSError:
            self.drop()
        return False

    def flush(self) -> None:
        """Send what is left, within `FLUSH_WITHIN` seconds; texts that do not get through go to stderr."""
        self._send_within(FLUSH_WITHIN)
        self.drop()

    def _send_within(self, seconds: float) -> bool:
        """Wait until all is sent, and tell whether something is left."""
        deadline = monotonic() + seconds
        while self._pipe is not None and self.pump():
            left = deadline - monotonic()
            if left <= 0:
                return True
            _wait_for_room(self._pipe, left)
        return False

    def drop(self) -> None:
        """Let go of the connection and of all that waits."""
        self.gone = True
        self.forget()
        unsent = dict.fromkeys(text for _, text in self._queue if text is not None)
        for text in dict.fromkeys([*self._texts_sending, *unsent]) if self._sending or unsent else ():
            _to_stderr(text)
        self._queue.clear()
        self._latest.clear()

    def forget(self) -> None:
        """Close this process's end, as in the child of a fork, without a word to the other side."""
        self.gone = True
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            with suppress(OSError):
                pipe.close()

    def _report(self, kind: str, snapshot: Snapshot) -> bytes:
        return wire.report(kind, snapshot, self._shares.get(snapshot.id, ""))

    def _keep(self, event: bytes) -> None:
        if len(self._queue) < KEPT:
            self._queue.append((event, None))
        else:
            self.dropped += 1

    def _go_on(self) -> None:
        self.pump()
        if self.gone:
            raise GoneError

    def _take(self) -> bytes:
        """Make up the next piece: what is kept in order comes first, then the newest snapshots."""
        taken: list[bytes] = []
        size = 0
        self._texts_sending.clear()
        while self._queue and size < AT_ONCE:
            event, text = self._queue.popleft()
            taken.append(event)
            size += len(event)
            if text is not None:
                self._texts_sending.append(text)
        while self._latest and size < AT_ONCE:
            taken.append(self._latest.pop(next(iter(self._latest))))
            size += len(taken[-1])
        self._sending = b"".join(taken)
        return self._sending

    def _connected(self) -> bool:
        if self._pipe is not None:
            return True
        now = monotonic()
        if now < self._next_try:
            return False
        self._next_try = now + self._wait
        self._wait = min(2 * self._wait, RETRY_LONGEST)
        found = self._find()
        if found is None:
            self.gone = clock.monotonic() > self._gives_up
            return False
        self.join(*found)
        return self._pipe is not None

    def _greet(self, pipe: socket.socket, key: str) -> None:
        import socket  # heavy: with the first connection

        self._pipe = pipe
        self._no_signal = getattr(socket, "MSG_NOSIGNAL", 0)  # the program may want to die of a broken pipe of its own
        rank = ranks.current()
        me = wire.Hello(os.getpid(), None if rank is None else rank.number, run.identity(), host())
        self._sending = wire.token(key) + wire.hello(me)


def find() -> tuple[Station, socket.socket | None] | None:
    """Find the process that draws: its station with a connection, or without one while it is busy."""
    return next((found for station in address.candidates() if (found := _reached(station)) is not None), None)


def _reached(station: Station) -> tuple[Station, socket.socket | None] | None:
    try:
        return station, connect(station.address)
    except BusyError:
        return station, None
    except OSError:
        return None


def _wait_for_room(pipe: socket.socket, seconds: float) -> None:
    import selectors  # only if the pipe is full

    with selectors.DefaultSelector() as selector, suppress(OSError, ValueError, KeyError):
        selector.register(pipe, selectors.EVENT_WRITE)
        selector.select(seconds)


def _to_stderr(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(text, file=sys.stderr, flush=True)
