"""The delivery of all that workers say into the rows of the process that draws, among its own bars."""

from __future__ import annotations

from collections.abc import Collection

from headway.host import ranks
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING
from headway.processes import address
from headway.processes.rows import Unmerged
from headway.processes.seat import Seat
from headway.processes.sides import Listening
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.processes.group import Group
    from headway.processes.intake import Intake
    from headway.processes.merger import Merger, Place
    from headway.processes.receiver import Peer
    from headway.processes.rows import Worker
    from headway.processes.wire import Event

__all__ = ["Delivery"]


class Delivery(Seat):
    """The part of the relay that listens, and hands on what it hears; for the thread that draws."""

    def _begin(self) -> None:
        super()._begin()
        self._merger: Merger | Unmerged = Unmerged()
        self._intake: Intake | None = None
        """Puts what workers say in order with their texts, if this process reads them."""
        self._place: Place = "above"
        self._away = False
        """Whether rows are away, for nobody has a bar in them."""
        self._ends_now = False
        """Whether this process ends."""
        self._ends: list[tuple[Worker, int]] = []
        """Bars of workers that have ended, which those wait for to be seen."""
        self._dismissed: set[int] = set()
        """Worker processes that the program has ended."""
        self._printed: dict[Worker, int] = {}
        """The last lines that are above the rows, by their marks, of processes that only print."""

    def listen(self) -> None:
        """Listen, if this process draws and does not listen yet; at the latest before it forks."""
        with self._lock:
            before = self.side
            after = self._go(before, before.listen(self._deliver, self._lose))
            if isinstance(after, Listening):
                self._merge()
        if isinstance(after, Listening) and after.station.detour:
            tell(
                "relay detour",
                f"Worker processes report over a port of the loopback interface, for there is no private directory: "
                f"{after.station.detour}. Set XDG_RUNTIME_DIR or TMPDIR to one of your own.",
            )

    def _listen_if_free(self) -> bool:
        """Listen, but leave it to the next time where another thread is about to change sides: this one never waits."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self.listen()
        finally:
            self._lock.release()
        return True

    def _merge(self) -> Merger:
        if isinstance(self._merger, Unmerged):
            from headway.processes.merger import Merger  # with the first worker, not with the first bar

            rank = ranks.current()
            ranked = ranks.several() and self._standing() == "above"
            size = 0 if rank is None else rank.size
            self._merger = Merger(self._rows, ranked=ranked, size=size, on_end=self._tell_end)
        return self._merger

    def meet(self, pid: int, number: int, *, late: bool = False) -> bool:
        """Take in what a process has said up to a mark that its text has come to, and tell whether all of it was there.

        Args:
            pid: The process.
            number: The mark.
            late: Whether it is waited for no longer.
        """
        self.side.hear(expected=True)
        return self._intake is None or self._intake.order.meet(pid, number, late=late)

    def _deliver(self, peer: Peer, event: Event) -> None:
        (self._take if self._intake is None else self._intake.order.take)(peer, event)

    def _lose(self, peer: Peer) -> None:
        if self._intake is None:
            self._forget(peer)
        else:
            self._intake.order.take(peer, None)

    def _take(self, peer: Worker, event: Event) -> None:
        from headway.processes import wire  # with the first worker, not with the first bar

        if isinstance(event, wire.Text):
            self._rows.say(event.text, event.terminal)
            if event.mark and event.terminal is not None:
                self._printed[peer] = event.mark
        elif isinstance(event, wire.Report) and event.of:
            self.copies.count_in(peer, event)
        elif isinstance(event, wire.Report):
            self._merge().take(peer, event.kind, event.snapshot)
            if event.kind == "close" and event.snapshot.parent is None and self.side.claim is not None:
                self._ends.append((peer, event.snapshot.id))
                if self._ends_now:
                    self._tell_seen()

    def _forget(self, peer: Worker) -> None:
        self.copies.forget(peer)
        self._merge().lose(peer, dismissed=peer.pid in self._dismissed)

    def dismiss(self, pid: int) -> None:
        """Take note, in any thread, that the program ends a worker process: it is no failure if that is lost now."""
        self._dismissed.add(pid)

    def _tend(self) -> None:
        """See to workers whose texts or ends wait."""
        if self._intake is not None:
            self._intake.order.tend()
        self.make_way()
        if self._ends or self._printed:
            self._tell_seen()

    def make_way(self) -> None:
        """Take rows that nobody has a bar in away until somebody has, or they end, for the program may print now.

        The program is another process, whose lines need not go through this one.
        """
        beside = self.side.claim is not None and self._place != "above" and not self._ends_now
        idle = beside and self._merger.idle and not self._rows.reporting
        if idle is not self._away:
            self._away = idle
            if idle:
                self._rows.suspend(self)
            if self.side.claim is not None:
                self.side.claim.tell_rows(there=not idle)
            if not idle:
                self._rows.resume(self)

    def _tell_seen(self) -> None:
        """Tell workers that the ends of their bars have been seen, or that the rows are away, and so for lines."""
        if not (self._ends or self._printed):
            return
        from headway.processes import wire  # as above

        seen = [*self._ends, *self._printed.items()]
        self._ends, self._printed = [], {}
        for peer, number in seen:
            peer.tell(wire.seen(wire.Seen(number)))

    def _tell_end(self, group: Group) -> None:
        """Tell workers that a row has ended for good, so that they do not tell of it again."""
        from headway.processes import wire  # as above

        outer, *name = group.key
        if outer is None and isinstance(self.side, Listening):
            self.side.receiver.tell(wire.ended(wire.Ended(*name[:3])))

    # ── its own bars, where they go with those of others ──────────────────────────────────────────────────────────────

    def opened(self, snapshot: Snapshot) -> bool:
        """Take note of a bar of this process, and tell whether it is shown in a row that others share."""
        if ranks.several() and address.wanted():
            self._merge()
        return self._merger.opened(snapshot)

    def guests(self, ids: Collection[int]) -> list[int]:
        """Return the bars of this process that are shown in rows of these numbers, which others share."""
        return self._merger.guests(ids)

    @property
    def merges(self) -> bool:
        """Whether bars of this process, or their ends, have to do with those of others."""
        return self._merger.merges

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return its snapshot together with those of other ranks."""
        return self._merger.joined(snapshot)

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Return its last snapshot, or what its row belongs to from now on."""
        if self._is_unheard and "of" not in snapshot.options:  # the next process that draws is told
            self._remembered().add(snapshot)
        return self._merger.closed(snapshot)

    def forgive(self) -> None:
        """Take workers that are lost at about this time for interrupted ones, as a bar of this process is."""
        self._merger.forgive()

    def settle(self) -> None:
        """End the rows of workers that are done, with the last bar of this process: what comes next stands below."""
        self._merger.settle()
