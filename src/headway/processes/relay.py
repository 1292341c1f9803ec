"""Which side of the relay this process is on: it draws and listens, it reports to another, or it is on its own."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

from headway.host.signals import deferring_interrupts
from headway.processes import address, ranks
from headway.sink import Renderer

if TYPE_CHECKING:
    from headway.choosing.selection import Choice
    from headway.processes.address import Station
    from headway.processes.group import Group
    from headway.processes.merger import Merger, Rows
    from headway.processes.receiver import Peer, Receiver
    from headway.processes.reporter import RelaySink
    from headway.processes.wire import Event
    from headway.snapshot import Snapshot, State

__all__ = ["Relay", "describe"]

PUMP = 0.05
"""Seconds between two attempts to send what the pipe had no room for."""
LOOK_EVERY = 0.05
"""Seconds that a process takes itself for alone after it has found nobody to report to."""
IDLE = 0.4
"""Seconds without a bar or a worker after which this process stops listening."""
DRAIN_WITHIN = 0.2
"""Seconds that the end of the process takes at most to read what workers have sent, and ranks that end with it send."""

_sinks = count(1)


class Relay:
    """The relay of one process. Its rows are tended by the thread that draws; what opens bars may call from any other.

    Args:
        rows: Shows the rows of workers, and their texts.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lock = threading.Lock()
        self._sink: RelaySink | None = None
        self._name = ""
        self._station: Station | None = None
        self._receiver: Receiver | None = None
        self._merger: Merger | None = None
        self._due = 0.0
        self._idle_since: float | None = None
        self._forked = False
        self._alone_until = 0.0
        self._over = False
        self._hearing = False

    # ── a worker ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def reports(self) -> RelaySink | None:
        """Return the sink that this process reports to; `None` where it draws, or has nobody to report to."""
        sink = self._sink
        if sink is not None and not sink.gone:
            return sink
        self._sink = None
        if self._over or self._rows.drawing or (self._receiver is not None and self._receiver.connected):
            return None  # who draws goes on drawing
        if monotonic() < self._alone_until:
            return None
        others = address.wanted() and ranks.another()
        if not others and next(address.candidates(), None) is None:
            self._alone_until = monotonic() + LOOK_EVERY
            return None
        from headway.processes import reporter as sinks

        found = sinks.find()
        if found is None and not others:
            return None
        self._name = f"relay {next(_sinks)}"
        self._sink = sinks.RelaySink(sinks.find)
        if found is not None:
            self._sink.join(*found)
        self._withdraw()
        return self._sink

    def _withdraw(self) -> None:
        """Tell nobody any more to report to this process, which drew before."""
        if self._station is not None:
            self._station = None
            for name in (address.VARIABLE, address.KEY):
                os.environ.pop(name, None)

    def route(self, choices: tuple[Choice, ...], *, silent: bool) -> tuple[Choice, ...]:
        """Send what was to be shown here to where this process reports, if it does.

        Args:
            choices: What was chosen.
            silent: Whether this process may not draw whatever comes.
        """
        if not choices:
            return choices
        sink = self.reports()
        if sink is not None:
            options = {"of": choices[0].options["of"]} if "of" in choices[0].options else {}
            renderer = Renderer(sink=lambda _stream: sink)
            return (choices[0]._replace(name=self._name, renderer=renderer, options=options, layout=None),)
        return () if silent or ranks.another() else choices

    def passes_on(self, text: str, terminal: int) -> bool:
        """Have the process that draws put lines that are printed here above its rows, and tell whether it will."""
        sink = self.reports()
        return sink is not None and sink.print(text, terminal)

    @property
    def name(self) -> str:
        """The backend's name of the sink that this process reports to."""
        return self._name if self._sink is not None else ""

    # ── the process that draws ───────────────────────────────────────────────────────────────────────────────────────

    def drew(self) -> bool:
        """Tell the processes that this one starts from now on where to report to, once its first bar is drawn.

        Returns whether the thread has to listen there.
        """
        if self._station is not None or self._sink is not None or self._over or not address.wanted():
            return False
        with self._lock:
            self._station = address.new_station()
            self._export()
        try:
            _load()
        except Exception:  # there are no sockets here; Python 3.13.0 cannot import them where its directory is gone
            self._over = True
            self._withdraw()
            return False
        if self._forked or "multiprocessing.process" in sys.modules or not self._station.address.where:
            self.ready()  # workers may be waiting already, and a port is not known before it is open
        return True

    def ready(self) -> None:
        """Listen, if this process draws and does not listen yet; at the latest before it forks."""
        with self._lock:
            if self._station is None or self._receiver is not None or self._over:
                return
            from headway.processes.receiver import Receiver

            try:
                self._receiver = Receiver(self._station, self._deliver, self._lose)
            except OSError:  # there are no sockets here, or none left: workers show their bars themselves
                self._over = True
                return
            self._station = self._receiver.station
            self._export()
        self._merge()

    def before_fork(self, *, drawing: bool) -> None:
        """Listen if a bar is open, and import what each child would have to import by itself."""
        self._forked = True
        if not drawing:
            return
        self.ready()
        from headway.processes import reporter  # noqa: F401

    def _export(self) -> None:
        if self._station is not None and self._station.address.where:
            os.environ[address.VARIABLE] = str(self._station.address)
            os.environ[address.KEY] = self._station.key

    def poll(self, now: float, *, drawing: bool) -> float | None:
        """Do what is due, and return the seconds until something is due again; `None` while there is nothing.

        Args:
            now: The monotonic time.
            drawing: Whether a bar is open here.
        """
        if self._sink is not None:
            if self._receiver is not None:
                self._receiver.close()
                self._receiver = None
            return PUMP if self._sink.pump() else None
        if self._station is None or (self._receiver is None and not drawing):
            return None
        if now < self._due:
            return self._due - now
        self.ready()
        if self._receiver is None or self._merger is None:
            return None
        wait = self._hear(self._receiver)
        self._merger.tend()
        if drawing or self._receiver.connected or self._merger.open:
            self._idle_since = None
        elif self._idle(now):
            return None
        self._due = monotonic() + wait
        return None if self._idle_since is not None else wait

    def hear(self) -> None:
        """Take in what workers have said already, for what this process says next comes after it."""
        receiver = self._receiver
        if receiver is not None and not self._hearing and (self._forked or receiver.connected):
            self._hear(receiver)

    def _hear(self, receiver: Receiver) -> float:
        self._hearing = True
        try:
            return receiver.poll(monotonic())
        finally:
            self._hearing = False

    def _idle(self, now: float) -> bool:
        """Stop listening when nobody has needed it for a while: then workers show their bars themselves."""
        self._idle_since = self._idle_since or now
        if now - self._idle_since < IDLE or self._receiver is None:
            self._due = 0.0
            return False
        self._receiver.close()
        self._receiver, self._idle_since = None, None
        return True

    def _merge(self) -> Merger:
        if self._merger is None:
            from headway.processes.merger import Merger

            self._merger = Merger(self._rows, ranked=ranks.several())
        return self._merger

    def _deliver(self, peer: Peer, event: Event) -> None:
        from headway.processes import wire
        from headway.reporting import copies

        if isinstance(event, wire.Text):
            self._rows.say(event.text, event.terminal)
        elif isinstance(event, wire.Picture) and event.of:
            copies.count_in(peer, event)
        elif isinstance(event, wire.Picture):
            self._merge().take(peer, event.kind, event.snapshot)

    def _lose(self, peer: Peer) -> None:
        from headway.reporting import copies

        copies.forget(peer)
        self._merge().lose(peer)

    # ── its own bars, in a job of several ranks ──────────────────────────────────────────────────────────────────────

    def opened(self, snapshot: Snapshot) -> None:
        """Take note of a bar of this process."""
        if self._merger is not None or (ranks.several() and address.wanted()):
            self._merge().opened(snapshot)

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return its picture together with those of other ranks."""
        return snapshot if self._merger is None else self._merger.joined(snapshot)

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Return its last picture, or what its row belongs to from now on."""
        return snapshot if self._merger is None else self._merger.closed(snapshot)

    def settle(self) -> None:
        """End the rows of workers that are done, with the last bar of this process: what comes next stands below."""
        if self._merger is not None:
            self._merger.settle()

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def drain(self) -> None:
        """Take in what workers have sent, at the end of this process; ranks that end with it get a moment."""
        if self._receiver is None or self._merger is None or self._hearing:
            return
        deadline = monotonic() + DRAIN_WITHIN
        self._hear(self._receiver)
        while (self._receiver.behind or self._merger.waits_for_ranks) and monotonic() < deadline:
            if not self._receiver.behind:
                time.sleep(0.005)
            self._hear(self._receiver)

    def finish(self, state: State) -> None:
        """End all rows of workers, send what is left to be sent, and close."""
        self.drain()
        if self._merger is not None:
            self._merger.end_all(state)
        if self._sink is not None:
            self._sink.flush()
        if self._receiver is not None:
            self._receiver.close()
        self._receiver, self._over = None, True

    def forget(self) -> None:
        """Close what a child of a fork has inherited: it is the parent's."""
        if self._receiver is not None:
            self._receiver.forget()
        if self._sink is not None:
            self._sink.forget()


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
        from headway.processes import reporter

        found = reporter.find()
        if found is not None:
            station, pipe = found
            if pipe is not None:
                pipe.close()
            yield f"relay: bars go to process {station.address.pid}, which draws them ({station.address.kind})"
            return
    yield "relay: no process to report to; worker processes of this one would report to it"
