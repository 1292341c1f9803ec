"""The worker's side: a sink that passes what a process reports to the process that draws, and never waits for it.

Each bar's newest snapshot waits for room in the pipe and takes the place of the one before. What opens, ends and is
written is kept in order, within bounds. If the other side does not know the secret, has another version, or does not
answer, it is refused, and this process shows its bars itself.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, cast

from headway.events.writers import host
from headway.host import pty, ranks, run
from headway.host.faults import tell
from headway.processes import address, connection, wire
from headway.processes.handshake import HandshakeError, OtherVersionError, Worker
from headway.processes.search import RETRY, Search
from headway.sink import GoneError, PerBar

if TYPE_CHECKING:
    import socket  # heavy: with the first connection

    from headway.processes.address import Station
    from headway.processes.past import Past
    from headway.snapshot import Snapshot

__all__ = ["RelaySink"]

FLUSH_WITHIN = 0.2
"""Seconds that the end of the process waits at most for the last snapshots to go out."""
KEPT = 1000
"""Events that wait at most; what opens or ends a bar beyond that is dropped, and a text goes to stderr."""
AT_ONCE = 65536
"""Bytes that are handed to the system in one piece."""
ROOM_WITHIN = 0.5
"""Seconds that a print waits at most for room in the pipe."""
SEEN_WITHIN, SEEN_SHARE = 0.25, 0.1
"""Seconds that the end of a bar is waited for at most, and the share of the time that the bar has taken."""
ANSWER_WITHIN = 5.0
"""Seconds that an answer is waited for, if messages have to wait for it."""


class RelaySink(PerBar):
    """Passes snapshots and texts on; printed lines alone, if it `prints`.

    Args:
        find: Finds the process that draws: returns its station and a connection, or a station alone while it is busy,
            or `None` while there is none.
        past: What this process has done until now, which is told first.
    """

    prints = False

    def __init__(self, find: Callable[[], tuple[Station, socket.socket | None] | None], past: Past) -> None:
        self.station: Station | None = None
        """Where it reports to, once that is known."""
        self.of_command = False
        """Whether the process that draws does so for its command, and for nobody else."""
        self.beside = False
        """Whether the process that draws is beside this one, so that nobody puts the next line of the program above its
        rows: then the end of a bar is waited for."""
        self.of_machine = False
        """Whether the process that it reports to is the first rank of its machine, which records and draws nothing."""
        self.gone = False
        """Whether the process that drew is gone, or was not to be found."""
        self.gone_since = 0.0
        """Since when it is so, as a monotonic time."""
        self.dropped = 0
        """Events that were dropped for want of room."""
        self.refused = False
        """Whether the process that was to draw has not taken what this one reports, so that it is to be shown here."""
        self.lost = False
        """Whether it is so because that process is gone, rather than that it would not."""
        self.unheard: list[Snapshot | tuple[str, int | None]] = []
        """The last snapshots of bars that have ended, and texts with the terminal that they were printed on, as long as
        there is no answer: see `refused`."""
        self.shares: dict[int, str] = {}
        """The bars of this process that count for bars of others, with the names of those."""
        self.search = Search(find)
        self._pipe: socket.socket | None = None
        self._worker: Worker | None = None
        self._hello = b""
        self._answers_by = 0.0
        self._no_signal = 0
        self._marks = 0
        self._past = past
        self._decoder = wire.Decoder()
        self._seen = 0
        self._queue: deque[tuple[bytes, str | None]] = deque((wire.report("close", last), None) for last in past.all())
        self._latest: dict[int, bytes] = {}
        self._crowded = False
        """Whether a print has waited for room in vain, and there is none yet."""
        self._sending = b""
        self._texts_sending: list[str] = []

    def join(self, station: Station, pipe: socket.socket | None) -> None:
        """Report to a station over a connection; without one it is tried again later."""
        self.station = station
        self.of_machine = ranks.several() and address.read_card(address.card_of_job(address.MACHINE))[0] == station
        if pipe is not None:
            self._greet(pipe, station)

    def follow(self, before: RelaySink) -> None:
        """Expect the process that takes the place of another one: soon, or not at all.

        Args:
            before: The sink that led to that one.
        """
        self.search.follow()
        self.of_machine = self.of_machine or before.of_machine

    @property
    def looks(self) -> bool:
        """Whether the next process that draws has not been found yet."""
        return self.search.follows and self._pipe is None

    # ── the sink ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, snapshot: Snapshot) -> None:
        """Pass a bar's first snapshot on."""
        if "of" in snapshot.options:
            self.shares[snapshot.id] = snapshot.options["of"]
        look = snapshot.options.get("look")
        self._keep(wire.report("open", snapshot, self.shares.get(snapshot.id, ""), look=look))
        self._go_on()

    def update(self, snapshot: Snapshot) -> None:
        """Pass a newer snapshot on, in the place of one that still waits."""
        self._latest[snapshot.id] = self._report("update", snapshot)
        self._go_on()

    def close(self, snapshot: Snapshot) -> None:
        """Pass the last snapshot on."""
        self._latest.pop(snapshot.id, None)
        self._keep(self._report("close", snapshot, self._mark() if snapshot.leave else 0))
        if self.shares.pop(snapshot.id, None) is None:
            self._remember(snapshot)
            if not (self.gone or pty.is_own()):  # no other process goes on with such bars
                self._past.add(snapshot)
        self._go_on()
        if self.beside and snapshot.parent is None:
            self._see_end(snapshot.id, min(SEEN_WITHIN, snapshot.elapsed * SEEN_SHARE))

    def _see_end(self, bar_id: int, within: float) -> None:
        """Wait until the end of a bar is on the screen, if that does not take long."""
        deadline = monotonic() + within
        while self.pump() or not self.gone:
            left = deadline - monotonic()
            if self._seen == bar_id or left <= 0 or self._pipe is None:
                return
            connection.wait_for(self._pipe, left, answer=True)

    def write(self, text: str) -> None:
        """Pass a text on; it goes to stderr where it cannot be."""
        self.pump()
        if self.gone or self._pipe is None or len(self._queue) >= KEPT:
            _to_stderr(text)
            return
        self._queue.extend((piece, text) for piece in wire.pieces(text, self._mark()))
        self._remember((text, None))
        self.pump()

    def print(self, text: str, terminal: int, mark: int = 0) -> bool:
        """Pass on what the program prints on a terminal, and tell whether that went well.

        What is printed is out when that returns, for the process may vanish then. So it waits, as for a slow terminal,
        until all is sent; where that takes longer than `ROOM_WITHIN` seconds nothing more is taken until it is.
        """
        lines = wire.printed(text, terminal, mark)
        self._crowded = self.pump() and self._crowded
        if self._pipe is None or self._crowded or not lines:
            return False
        self._queue.extend((line, text) for line in lines)
        self._remember((text, terminal))
        self._crowded = self._send_within(ROOM_WITHIN)
        return True

    # ── the pipe ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def pump(self) -> bool:
        """Send what there is room for, and tell whether something is left, or an answer is to come."""
        if self.gone or not self._connected():
            return not self.gone and bool(self._queue)
        try:
            try:
                self._hear()
                return self._send()
            except OSError:
                self._hear()  # its last words may say why
                raise
        except HandshakeError as error:
            self._refuse(error)
        except (OSError, wire.MessageError):
            self.lost = True
            self.drop(heard=self._answered)
        return False

    def _send(self) -> bool:
        worker, pipe = cast("Worker", self._worker), cast("socket.socket", self._pipe)
        try:
            while self._sending or (not worker.waits and self._take()):
                sent = pipe.send(self._sending, self._no_signal)
                self._sending = self._sending[sent:]
        except BlockingIOError:
            return True
        if monotonic() < self._answers_by:
            return not worker.done
        if worker.waits:
            raise HandshakeError(f"no answer within {ANSWER_WITHIN:g} seconds")
        return False

    def _hear(self) -> None:
        """Take in what has come: the answer, then which rows have ended.

        Raises:
            HandshakeError: The other side does not know the secret, or has another version.
            OSError: It is gone.
        """
        worker, pipe = cast("Worker", self._worker), cast("socket.socket", self._pipe)
        while True:
            try:
                data = pipe.recv(AT_ONCE)
            except BlockingIOError:
                return
            if not data:
                raise ConnectionResetError
            if not worker.done:
                proof = worker.feed(data)
                if proof:
                    self._sending += proof + self._hello
                if not worker.done:
                    continue
                self.unheard.clear()
                data = worker.rest()
            for event in self._decoder.feed(data):
                if isinstance(event, wire.Ended):
                    self._past.forget(event)
                elif isinstance(event, wire.Seen):
                    self._see(event.id)

    def _see(self, number: int) -> None:
        self._seen = number

    @property
    def _answered(self) -> bool:
        return self._worker is not None and self._worker.done

    @property
    def _waits(self) -> bool:
        return self._worker is not None and self._worker.waits

    def flush(self) -> None:
        """Send what is left, within `FLUSH_WITHIN` seconds; texts that do not get through go to stderr."""
        self._send_within(FLUSH_WITHIN)
        if not self.gone:
            self.drop(heard=not self._waits)

    @property
    def tells_again(self) -> bool:
        """Whether there is anything to be told again if the process that draws is gone."""
        return not self.gone and bool(self._past)

    @property
    def turned_away(self) -> bool:
        """Whether the station has hung up without an answer, but listens on: then it is not asked again."""
        found = None if self.station is None else connection.reached(self.station)
        if found is None:
            return False
        station, pipe = found
        if pipe is not None:
            pipe.close()
        connection.refused.add(station)
        return True

    def _refuse(self, error: HandshakeError) -> None:
        """Report to the station no more, tell why, and have all that was reported shown here."""
        station = cast("Station", self.station)
        connection.refused.add(station)
        if isinstance(error, OtherVersionError):
            address.tell_version(station.address, error.version)
        else:
            tell("relay refused", f"The process {station.address.pid} does not draw for this one: {error}.")
        self.drop(heard=False)

    def _send_within(self, seconds: float) -> bool:
        """Wait until all is sent, and tell whether something is left."""
        deadline = monotonic() + seconds
        while (self._pipe is not None or self.search.follows) and self.pump():
            if not (self._waits or self._sending or self._queue or self._latest):
                break
            left = deadline - monotonic()
            if left <= 0:
                return True
            if self._pipe is None:
                sleep(min(left, RETRY))
            else:
                connection.wait_for(self._pipe, left, answer=self._waits)
        return False

    def drop(self, *, heard: bool = True) -> None:
        """Let go of the connection and of all that waits.

        Args:
            heard: Whether the other side has taken what was sent; else all of it is to be shown here.
        """
        self.gone, self.refused = True, not heard
        self.forget()
        unsent = dict.fromkeys(text for _, text in self._queue if text is not None)
        for text in dict.fromkeys([*self._texts_sending, *unsent]) if heard and (self._sending or unsent) else ():
            _to_stderr(text)
        self._queue.clear()
        self._latest.clear()

    def forget(self) -> None:
        """Close this process's end, as in the child of a fork, without a word to the other side."""
        self.gone, self.gone_since = True, monotonic()
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            with suppress(OSError):
                pipe.close()

    def _report(self, kind: str, snapshot: Snapshot, mark: int = 0) -> bytes:
        return wire.report(kind, snapshot, self.shares.get(snapshot.id, ""), mark)

    def _mark(self) -> int:
        """Mark where an event belongs among the texts on a terminal that the process that draws reads; 0 for nowhere.

        What the program has printed before is there already, and what it prints next comes behind.
        """
        if self._pipe is None or self.gone or not pty.mark(self._marks + 1):
            return 0
        self._marks += 1
        return self._marks

    def _remember(self, said: Snapshot | tuple[str, int | None]) -> None:
        if not (self.gone or self._answered) and len(self.unheard) < KEPT:
            self.unheard.append(said)

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
        found = self.search.look()
        if found is None:
            self.gone = self.search.is_over
            return False
        self.join(*found)
        return self._pipe is not None

    def _greet(self, pipe: socket.socket, station: Station) -> None:
        import socket  # heavy: with the first connection

        self._pipe = pipe
        self._no_signal = getattr(socket, "MSG_NOSIGNAL", 0)  # the program may want to die of a broken pipe of its own
        rank = ranks.current()
        pty.claim()
        me = os.getpid(), None if rank is None else rank.number, run.identity(), host(), pty.is_own(), self.prints
        self._hello = wire.hello(wire.Hello(*me))
        self._worker = Worker(station.key, station.address.known)
        self._answers_by = monotonic() + ANSWER_WITHIN
        self._sending = self._worker.opening + (b"" if self._worker.waits else self._hello)


def _to_stderr(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(text, file=sys.stderr, flush=True)
