"""The drawing side's ear: takes connections and reads them, without a thread and without ever waiting.

It is polled by the thread that draws. Each poll reads a bounded amount from each peer and takes a bounded time; who was
not read this time comes first the next time. It knows bytes and peers; their meaning is for the relay.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
from collections.abc import Callable
from contextlib import suppress

from headway.host.clock import thread_time
from headway.host.faults import tell
from headway.processes import address
from headway.processes.address import Address, Station
from headway.processes.handshake import Drawer, HandshakeError
from headway.processes.wire import Decoder, Event, Hello, MessageError

__all__ = ["Peer", "Receiver"]

AT_ONCE = 65536
"""Bytes that are read of one peer in one poll."""
AT_A_TIME = 16
"""Peers that are read from one look at the clock to the next."""
POLL_WITHIN = 0.1
"""Seconds of the thread's own time after which a poll stops reading."""
INTERVAL = 0.1
"""Seconds from one poll to the next while somebody is connected."""
IDLE_INTERVAL = 0.25
"""Seconds from one look for a new peer to the next while nobody is."""
SHARE = 0.3
"""The share of one core that reading may take: then polls come less often, and pictures that are superseded meanwhile
are passed over."""
ANSWER_WITHIN = 5.0
"""Seconds within which a peer must have proved that it knows the secret."""
MESSAGE_WITHIN = 30.0
"""Seconds within which a message that has begun must be complete."""
CHECK_EVERY = 1.0
"""Seconds between two looks for peers that have stalled."""
STRANGERS = 64
"""Peers that have not proved it, at once; further ones push out the oldest."""
SPARE = 128
"""File descriptors that are left to the program."""
BACKLOG = 1024
ACCEPTED = 256
"""Connections that one poll takes."""
NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)
"""The program may want to die of a broken pipe of its own, not of a worker's."""


class Peer:
    """A connection."""

    __slots__ = ("decoder", "door", "heard", "number", "own", "pid", "pipe", "prints", "rank")

    def __init__(self, number: int, pipe: socket.socket, door: Drawer, now: float) -> None:
        self.number = number
        self.pipe = pipe
        self.door = door
        self.decoder = Decoder()
        self.heard = now
        """When something came last."""
        self.pid = 0
        self.rank: int | None = None
        self.own = False
        """Whether each of its bars has a row of its own."""
        self.prints = False
        """Whether it passes on printed lines alone."""

    def tell(self, message: bytes) -> None:
        """Send a message, unless there is no room for it, or the peer has gone."""
        with suppress(OSError):
            self.pipe.send(message, NO_SIGNAL)

    @property
    def label(self) -> str:
        """What it is called on the screen."""
        if self.own:
            return f"process {self.pid}"
        return f"worker {self.pid}" if self.rank is None else f"rank {self.rank}"


class Receiver:
    """Listens at a station.

    Args:
        station: The place and the secret.
        deliver: Gets each event.
        lost: Gets each trusted peer whose connection has ended.

    Raises:
        OSError: No socket can be had.
    """

    def __init__(self, station: Station, deliver: Callable[[Peer, Event], None], lost: Callable[[Peer], None]) -> None:
        self._deliver = deliver
        self._lost = lost
        self._listener, self.station = _listen(station)
        self._name = os.path.basename(self.station.address.where) if self.station.address.kind == "unix" else ""
        self._files = address.publish(self.station)
        self._selector = selectors.DefaultSelector()
        self._peers: dict[int, Peer] = {}
        self._strangers: dict[int, Peer] = {}
        self._numbers = 0
        self._last: int | None = None
        self._deaf_until = 0.0
        self._next_check = 0.0
        self.behind = False
        """Whether anything came in the last poll, so that more may be there."""
        self.malformed = 0
        """Connections that were closed for what came over them."""
        self.refused = 0
        """Connections that there was no file descriptor for."""

    @property
    def connected(self) -> int:
        """How many peers there are, but for those that only print."""
        return sum(not peer.prints for peer in self._peers.values())

    def poll(self, now: float) -> float:
        """Take what has come, and return the seconds until the next poll."""
        begun = thread_time()
        self._accept(now)
        ready = [key.data for key, _ in self._selector.select(0)] if self._peers else []
        self.behind = bool(ready)
        self._read_all(self._in_turn(ready), now, begun + POLL_WITHIN)
        if now >= self._next_check:
            self._next_check = now + CHECK_EVERY
            self._drop_stalled(now)
        took = thread_time() - begun
        awaited = self._peers or not self._name  # over a port, workers wait for an answer
        return max(INTERVAL if awaited else IDLE_INTERVAL, took / SHARE - took)

    def tell(self, message: bytes) -> None:
        """Send a message to all peers."""
        for peer in self._peers.values():
            if peer.door.done:
                peer.tell(message)

    @property
    def numbers(self) -> set[int]:
        """The numbers of the peers that are there."""
        return set(self._peers)

    @property
    def successors(self) -> set[int]:
        """The numbers of those that may draw in the place of this process: of the ranks of a job only the first."""
        return {peer.number for peer in self._peers.values() if not (peer.rank or peer.prints)}

    @property
    def ranks(self) -> dict[int, int]:
        """The processes that are ranks of a job, but not its first, with their numbers."""
        return {peer.pid: peer.number for peer in self._peers.values() if peer.rank}

    @property
    def pids(self) -> set[int]:
        """The processes that are there, but for those that only print."""
        return {peer.pid for peer in self._peers.values() if not peer.prints}

    def close(self) -> None:
        """Close everything, and take the files away."""
        self.forget()
        address.withdraw(self.station, self._files)

    def forget(self) -> None:
        """Close this process's ends alone, as in the child of a fork."""
        for pipe in (self._listener, *(peer.pipe for peer in self._peers.values())):
            with suppress(OSError):
                pipe.close()
        with suppress(OSError):
            self._selector.close()
        self._peers, self._strangers = {}, {}

    # ── taking connections ───────────────────────────────────────────────────────────────────────────────────────────

    def _accept(self, now: float) -> None:
        if now < self._deaf_until:
            return
        for _ in range(ACCEPTED):
            try:
                pipe, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError, InterruptedError):
                return
            except OSError as error:
                self._deaf_until = now + 1.0
                if self._peers and error.errno in (errno.EMFILE, errno.ENFILE):  # else nobody may be waiting
                    _say_full()
                return
            if pipe.fileno() >= _most_files():
                pipe.close()
                self.refused += 1
                _say_full()
                continue
            self._welcome(pipe, now)

    def _welcome(self, pipe: socket.socket, now: float) -> None:
        pipe.setblocking(False)
        self._numbers += 1
        peer = Peer(self._numbers, pipe, Drawer(self.station.key, self._name), now)
        try:
            self._selector.register(pipe, selectors.EVENT_READ, peer)
        except (OSError, ValueError):
            pipe.close()
            return
        self._peers[peer.number] = self._strangers[peer.number] = peer
        while len(self._strangers) > STRANGERS:
            oldest = next(iter(self._strangers.values()))
            self._read(oldest, now)
            if oldest.number in self._strangers:
                self._drop(oldest)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _in_turn(self, ready: list[Peer]) -> list[Peer]:
        """Begin with those that the last poll did not come to."""
        if self._last is None:
            return ready
        last, self._last = self._last, None
        ready.sort(key=lambda peer: (peer.number <= last, peer.number))
        return ready

    def _read_all(self, ready: list[Peer], now: float, until: float) -> None:
        for count, peer in enumerate(ready, 1):
            if peer.number in self._peers:
                self._read(peer, now)
            if count % AT_A_TIME == 0 and thread_time() > until:
                self._last = peer.number
                return

    def _read(self, peer: Peer, now: float) -> None:
        try:
            data = peer.pipe.recv(AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        peer.heard = now
        try:
            events = peer.decoder.feed(data if peer.door.done else self._let_in(peer, data))
        except (HandshakeError, MessageError):
            self.malformed += 1
            self._drop(peer)
            return
        for event in events:
            if isinstance(event, Hello):
                peer.pid, peer.rank, peer.own, peer.prints = event.pid, event.rank, event.own, event.prints
            else:
                self._deliver(peer, event)

    def _let_in(self, peer: Peer, data: bytes) -> bytes:
        """Go on with the handshake, and return the bytes behind it.

        Raises:
            HandshakeError: The peer does not know the secret, or has another version.
        """
        try:
            messages = peer.door.feed(data)
        finally:
            answer, peer.door.answer = peer.door.answer, b""
            if answer:
                with suppress(OSError):  # it may have gone already, after it has said all
                    peer.pipe.send(answer, NO_SIGNAL)
        if peer.door.done:
            self._strangers.pop(peer.number, None)
        return messages

    def _drop_stalled(self, now: float) -> None:
        for peer in list(self._peers.values()):
            if not peer.door.done:
                within = ANSWER_WITHIN
            elif peer.decoder.waiting:
                within = MESSAGE_WITHIN
            else:
                continue
            if now - peer.heard > within:
                self._drop(peer)

    def _drop(self, peer: Peer) -> None:
        self._strangers.pop(peer.number, None)
        if self._peers.pop(peer.number, None) is None:
            return
        with suppress(OSError, KeyError, ValueError):
            self._selector.unregister(peer.pipe)
        with suppress(OSError):
            peer.pipe.close()
        if peer.door.done:
            self._lost(peer)


def _listen(station: Station) -> tuple[socket.socket, Station]:
    """Open the socket; a port where the path of a Unix socket cannot be had, or the address asks for one."""
    at, detour = station.address, station.detour
    if at.kind == "unix" and address.directory(make=True) != os.path.dirname(at.where):
        detour = f"{os.path.dirname(at.where)} is not the directory any more"
    elif at.kind == "unix":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.setblocking(False)
            listener.bind(at.where)
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            detour = f"{at.where}: {error.strerror}"
        else:
            return listener, station
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    port = str(listener.getsockname()[1])
    return listener, station._replace(address=Address("tcp", os.getpid(), port), detour=detour)


def _most_files() -> int:
    """The number from which on file descriptors are the program's alone."""
    try:
        import resource  # not on Windows
    except ImportError:
        return 1 << 30
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if soft == resource.RLIM_INFINITY else max(soft - SPARE, soft // 2)


def _say_full() -> None:
    tell(
        "relay file descriptors",
        "More worker processes report progress than this process may have files open: those that are left out are not "
        "shown. Raise the limit, for example with `ulimit -n 4096`, to see them all.",
    )
