"""The relay of one process: it holds the side that the process is on, and puts the next one in place.

`sides.py` has the sides and what each of them does, such as listening or reporting to another process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

from headway.host import fork, ranks
from headway.host.signals import deferring_interrupts
from headway.notation import TYPE_CHECKING
from headway.processes import address
from headway.processes.copies import Copies, Uncounted
from headway.processes.rows import Rows, Unmerged
from headway.processes.sides import PUMP, Alone, Listening, Offering, Side
from headway.sink import PROTOCOL, Renderer

if TYPE_CHECKING:
    from headway.choosing.selection import Choice
    from headway.processes.group import Group
    from headway.processes.merger import Merger  # with the first worker, not with the first bar
    from headway.processes.receiver import Peer
    from headway.processes.reporter import RelaySink
    from headway.processes.wire import Event
    from headway.snapshot import Snapshot, State

__all__ = ["Relay", "describe"]

INTERVAL = 0.1
"""Seconds between two snapshots of a bar that another process shows."""


class Relay(fork.Part):
    """The relay of one process. Its rows are tended by the thread that draws; what opens bars may call from any other.

    The side changes under one lock, so that a process has one side whichever of its threads begins. The lock is
    reentrant, for a signal handler may report. It is not held while workers are read, since that runs users' code.

    Args:
        rows: Shows the rows of workers, and their texts.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.copies: Copies = Uncounted()
        """Counts in the work of bars' copies in other processes; whoever makes copies registers itself here."""
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self.side: Side = Alone()
        self._left: Side | None = None
        """The side that this process was on until it began to report; the thread that draws closes it."""
        self._merger: Merger | Unmerged = Unmerged()
        self._forked = False

    def _go(self, before: Side, after: Side) -> Side:
        """Put a side in the place of the one that it was made from, under the lock, and return the one that is there.

        A signal handler may have come in between: then its side stays.
        """
        if self.side is not before:
            if after is not before:
                after.forget()
        elif after is not before:
            self.side = after
            after.enter(before)
        return self.side

    # ── a worker ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def sink(self) -> RelaySink | None:
        """The sink that this process reports to; `None` where it draws, or has found nobody yet: see `seek`."""
        sink = self.side.sink
        return None if sink is None or sink.gone else sink

    def seek(self) -> RelaySink | None:
        """Look for a process to report to, unless one is found or this one draws, and return the sink that leads there.

        That connects, and the environment says no more that this process draws.
        """
        side, sink = self.side, self.side.sink
        if sink is None and side.stays(drawing=self._rows.drawing):
            return None
        if sink is not None and not sink.gone:
            return sink
        with self._lock:
            before = self.side
            after = self._go(before, before.seek(drawing=self._rows.drawing))
            if before.sink is None and after is not before:
                self._left = before
        return self.sink

    def route(self, choices: tuple[Choice, ...], *, silent: bool) -> tuple[Choice, ...]:
        """Send what was to be shown here to where this process reports, if it does.

        Args:
            choices: What was chosen.
            silent: Whether this process may not draw whatever comes.
        """
        if not choices:
            return choices
        sink = self.seek()
        if sink is not None:
            options = {"of": choices[0].options["of"]} if "of" in choices[0].options else {}
            renderer = Renderer(lambda _context: sink, protocol=PROTOCOL, draws="lines", interval=INTERVAL)
            return (choices[0]._replace(name=self.name, renderer=renderer, options=options, layout=None),)
        return () if silent or ranks.another() else choices

    def passes_on(self, text: str, terminal: int) -> bool:
        """Have the process that draws put lines that are printed here above its rows, and tell whether it will."""
        sink = self.seek()
        return sink is not None and sink.print(text, terminal)

    @property
    def name(self) -> str:
        """The backend's name of the sink that this process reports to."""
        return self.side.name

    # ── the process that draws ───────────────────────────────────────────────────────────────────────────────────────

    def drew(self) -> bool:
        """Tell the processes that this one starts from now on where to report to, once its first bar is drawn.

        Returns whether the thread has to listen there.
        """
        if not isinstance(self.side, Alone) or not address.wanted():
            return False
        try:
            _load()  # before there is a station: the thread that draws begins to listen where there is one
        except Exception:  # there are no sockets here; Python 3.13.0 cannot import them where its directory is gone
            with self._lock:
                self._go(self.side, self.side.end())
            return False
        with self._lock:
            before = self.side
            offering = self._go(before, before.offer())
        if offering is before or not isinstance(offering, Offering):
            return False
        if self._forked or "multiprocessing.process" in sys.modules or not offering.station.address.where:
            self.listen()  # workers may be waiting already, and a port is not known before it is open
        return True

    def listen(self) -> None:
        """Listen, if this process draws and does not listen yet; at the latest before it forks."""
        with self._lock:
            before = self.side
            if isinstance(self._go(before, before.listen(self._deliver, self._lose)), Listening):
                self._merge()

    def before_fork(self) -> None:
        """Listen if a bar is open, and import the module that each child would have to import by itself."""
        self._forked = True
        if self._rows.drawing:
            self.listen()
            from headway.processes import reporter  # noqa: F401  # so that no child has to load it

    def poll(self, now: float, *, drawing: bool) -> float | None:
        """Do what is due, and return the seconds until something is due again; `None` while there is nothing.

        Args:
            now: The monotonic time.
            drawing: Whether a bar is open here.
        """
        left, self._left = self._left, None
        if left is not None:
            left.close()
        if drawing and type(self.side) is Offering and not self._listen_if_free():
            return PUMP
        side = self.side
        wait = side.poll(now, self._merger, drawing=drawing)
        if side.idle:
            with self._lock:
                if self.side is side:
                    self._go(side, side.rest())
        return wait

    def _listen_if_free(self) -> bool:
        """Listen, but leave it to the next time where another thread is about to change sides: this one never waits."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self.listen()
        finally:
            self._lock.release()
        return True

    def hear(self) -> None:
        """Take in what workers have said already, for what this process says next comes after it."""
        self.side.hear(expected=self._forked)

    def _merge(self) -> Merger:
        if isinstance(self._merger, Unmerged):
            from headway.processes.merger import Merger  # with the first worker, not with the first bar

            self._merger = Merger(self._rows, ranked=ranks.several())
        return self._merger

    def _deliver(self, peer: Peer, event: Event) -> None:
        from headway.processes import wire  # with the first worker, not with the first bar

        if isinstance(event, wire.Text):
            self._rows.say(event.text, event.terminal)
        elif isinstance(event, wire.Report) and event.of:
            self.copies.count_in(peer, event)
        elif isinstance(event, wire.Report):
            self._merge().take(peer, event.kind, event.snapshot)

    def _lose(self, peer: Peer) -> None:
        self.copies.forget(peer)
        self._merge().lose(peer)

    # ── its own bars, in a job of several ranks ──────────────────────────────────────────────────────────────────────

    def opened(self, snapshot: Snapshot) -> None:
        """Take note of a bar of this process."""
        if ranks.several() and address.wanted():
            self._merge()
        self._merger.opened(snapshot)

    @property
    def merges(self) -> bool:
        """Whether bars of this process, or their ends, have to do with those of others."""
        return self._merger.merges

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return its snapshot together with those of other ranks."""
        return self._merger.joined(snapshot)

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Return its last snapshot, or what its row belongs to from now on."""
        return self._merger.closed(snapshot)

    def settle(self) -> None:
        """End the rows of workers that are done, with the last bar of this process: what comes next stands below."""
        self._merger.settle()

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def drain(self) -> None:
        """Take in what workers have sent, at the end of this process; ranks that end with it get a moment."""
        self.side.drain(self._merger)

    def finish(self, state: State) -> None:
        """End all rows of workers, send what is left to be sent, and close."""
        self.drain()
        self._merger.end_all(state)
        with self._lock:
            self._go(self.side, self.side.end())

    def after_fork_in_child(self) -> None:
        """Close the sockets that are the parent's, and begin on no side; copies are counted in as before."""
        for side in (self.side, self._left):
            if side is not None:
                side.forget()
        self._begin()


def _load() -> None:
    """Import now, in the thread that opens the first bar, what listening takes.

    An import evaluates strings, and where another thread does that after a Ctrl-C that nobody caught, Python forgets
    that it was one: the program would end with the status 1.
    """
    with deferring_interrupts():
        from headway.processes import merger, receiver  # noqa: F401


def describe() -> Iterator[str]:
    """Say which side of the relay this process would be on, for `headway doctor`."""
    rank = ranks.current()
    if rank is not None:
        of = f" of {rank.size}" if rank.size else ""
        does = (
            "draws for all" if rank.number == 0 else "does not draw, and reports to rank 0 if it runs on this machine"
        )
        yield f"rank {rank.number}{of} (by {rank.variable}): {does}"
    if not address.wanted():
        yield f"relay: off ({address.VARIABLE}={address.OFF})"
        return
    with suppress(OSError):
        from headway.processes import reporter  # not for a process without workers

        found = reporter.find()
        if found is not None:
            station, pipe = found
            if pipe is not None:
                pipe.close()
            yield f"relay: bars go to process {station.address.pid}, which draws them ({station.address.kind})"
            return
    yield "relay: no process to report to; worker processes of this one would report to it"
