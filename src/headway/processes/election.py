"""The election of the one process that draws for a command whose parent draws nothing.

One process holds the claim of `claim.py`, and the others report to it. It makes way for a process that comes before it.
If it ends or dies while others are at work, the next one of them takes the claim.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from time import monotonic, sleep

from headway.host import pty, ranks
from headway.host.environment import terminal_of
from headway.notation import TYPE_CHECKING
from headway.processes import address
from headway.processes.delivery import Delivery
from headway.processes.rows import Unmerged
from headway.processes.seat import can_listen
from headway.processes.sides import Alone, Listening, Over, Reporting, Side

if TYPE_CHECKING:
    from headway.processes.claim import Claim
    from headway.processes.merger import Place

__all__ = ["Election"]

CLAIM_WITHIN = 1.0
"""Seconds that a process waits at most, before its first frame, for another one of its command to make way, or to say
where it is to be reported to."""
CLAIM_EVERY = 0.005
"""Seconds between two looks meanwhile."""
DIES_WITHIN = 2.0
"""Seconds that another rank waits before it draws in the place of one that died: launchers end all ranks then."""


class Election(Delivery):
    """The part of the relay that settles which process draws."""

    def _begin(self) -> None:
        super()._begin()
        self._settling: int | None = None
        """The thread that settles who draws."""
        self._in_vain = False
        """Whether this process has waited in vain for another one to say where it is to be reported to."""

    def _settle_who_draws(self, within: float) -> bool:
        """See that one process of this command draws: take the claim, or report to the one that holds it.

        Args:
            within: Seconds to wait at most, if the one that holds it has to make way, or has not told its address yet.

        Returns:
            Whether that is settled.
        """
        if (
            self._settling == threading.get_ident()
            or type(self.side) is Over
            or not address.wanted()
            or ranks.another()
        ):
            return True  # in a signal handler it is being settled
        place = self._standing()
        if (place == "above" and not self._may_have_others) or pty.holds(sys.stderr):
            return True  # the process that reads the pseudo-terminal draws
        deadline = monotonic() + (0.0 if self._in_vain else within)
        with self._lock:
            self._settling = threading.get_ident()
            try:
                while not self._settled(place):
                    if monotonic() >= deadline:
                        self._in_vain = self._in_vain or within > 0
                        return False
                    sleep(CLAIM_EVERY)
            except OSError:  # there is no private directory, or it has no locks: each draws for itself
                pass
            finally:
                self._settling = None
        return True

    @property
    def _may_have_others(self) -> bool:
        """Whether processes that this one has started may be drawing, or one that reads its output does."""
        if self._forked or "multiprocessing.process" in sys.modules or _feeds_a_pipe():
            return True
        if "subprocess" not in sys.modules:
            return False
        from headway.processes import claim  # not for a program that starts none

        return claim.is_held()

    def _settled(self, place: Place) -> bool:
        """Try once to settle who draws, and tell whether it is.

        Raises:
            OSError: There is no private directory, or it has no locks.
        """
        from headway.processes import claim, connection, reporter

        if self.side.claim is not None or self.sink is not None:
            return True  # by another thread
        if not (claim.is_held() or can_listen()):  # before the claim is taken: others wait from then on
            raise OSError("there are no sockets")
        taken = claim.take()
        if taken is not None:
            before = self.side
            if self._go(before, before.seek(self._remembered, drawing=False, anew=True)).sink is None:
                self._hold(taken, place)
            else:
                taken.release()  # one that comes before this one has begun to draw meanwhile
            return True
        found = claim.holder()
        if found is None:
            return False
        station, parents = found
        if place == "above" or str(os.getpid()) in parents:
            self._listen_now()  # it sees that, and makes way
            return False
        reached = connection.reached(station)
        if reached is None:
            return False
        sink = reporter.RelaySink(lambda: connection.find() or connection.reached(station), self._remembered())
        sink.join(*reached)
        sink.of_command = True
        sink.beside = terminal_of(sys.stderr) is not None
        before = self.side
        if self._go(before, Reporting(sink)) is not before and before.sink is None:
            self._left = before
        return True

    def _listen_now(self) -> None:
        self._go(self.side, self.side.offer())
        self.listen()

    def _hold(self, taken: Claim, place: Place) -> None:
        """Draw for the command, and go on with what was done before."""
        self._listen_now()
        side = self.side
        if not isinstance(side, Listening):
            taken.release()
            return
        from headway.processes import wire

        self._place, ranked = place, ranks.has_succeeded()
        merger = self._merge()
        merger.stand(place)
        with suppress(wire.MessageError):
            worker = 0
            for event in wire.Decoder().feed(taken.left):
                if isinstance(event, wire.Hello) and event.pid:
                    side.expected.add(event.pid)
                elif isinstance(event, wire.Hello):
                    worker -= 1
                elif isinstance(event, wire.Report):
                    merger.remember([event.snapshot], worker, ranked=ranked)
            side.expected.discard(os.getpid())
        if self._past is not None:
            merger.remember(self._past.all(), ranked=ranked)
            self._past = None
        side.claim = taken
        taken.tell_rows(there=not self._away)
        taken.publish(side.station)

    @property
    def awaited(self) -> bool:
        """Whether this process shows rows for others that it has to end: a worker, which is ended by SIGTERM."""
        return self.side.claim is not None and self._place == "worker"

    def _step_down(self, side: Listening) -> None:
        """Report to a process that has begun to draw and comes before this one, which draws no more."""
        from headway.processes import connection, reporter

        found = connection.find()
        side.displaced = False
        if found is None or not self._lock.acquire(blocking=False):
            return
        try:
            side.hear(expected=True)
            self._tell_seen()
            past = self._remembered()
            for done in self._merger.pasts(side.receiver.numbers):
                for last in done:
                    past.add(last)
            self._rows.displace()
            sink = reporter.RelaySink(connection.find, past)
            sink.join(*found)
            self._merger = Unmerged()
            self._go(side, Reporting(sink))
        finally:
            self._lock.release()
        side.close()
        self._rows.move()

    def _is_settled_now(self) -> bool:
        """Look for the next process that draws, which may be this one, and tell whether that is settled; never wait."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            before = self.side
            if ranks.another() and (settled := self._succeeds(before)) is not None:
                return settled
            after = self._go(before, before.seek(self._remembered, drawing=False))
            return (after.sink is not None and not after.sink.gone) or self._settle_who_draws(0.0)
        finally:
            self._lock.release()

    def _succeeds(self, side: Side, *, ends: bool = False) -> bool | None:
        """Take the place of the first rank of this machine, if that has ended: draw, or record as it did.

        Args:
            side: The side that this process has been on.
            ends: Whether this process ends now: then it does not wait for others.

        Returns:
            Whether that is settled; `None` if another process is to be looked for.
        """
        from headway.processes import claim

        sink = side.sink
        if sink is None or not (sink.station or sink.search.follows):
            return None
        try:
            taken = claim.take(claim.of_job())
        except OSError:
            return None
        if taken is None:
            return None  # another one has it, and tells where it listens
        if not (taken.left or ends or sink.search.follows) and monotonic() - sink.gone_since < DIES_WITHIN:
            taken.release()
            return False
        ranks.succeed(of_machine=sink.of_machine)
        self._go(side, Alone())
        self._hold(taken, "above")
        return True

    @property
    def _is_first_rank(self) -> bool:
        return ranks.several() and (ranks.leads_machine() or not ranks.another())

    def _leave_to_ranks(self, side: Listening) -> None:
        """Have the next rank take this one's place, if ranks are still at work in a row when this one ends."""
        from headway.processes import claim

        if not self._is_first_rank or self._merger.failed:  # others may be about to be killed: the failure is told now
            return
        pids = {pid for pid, number in side.receiver.ranks.items() if self._merger.busy([number])}
        if ranks.has_succeeded() and side.expects:
            pids |= side.expected
        if pids:
            with suppress(OSError):
                taken = side.claim if ranks.has_succeeded() else claim.take(claim.of_job())
                if taken is not None:
                    taken.release(self._leave(side, pids))

    def _leave(self, side: Listening, pids: Collection[int]) -> bytes:
        """End the rows that nobody has a bar in, take the others away, and return what the next process is to know.

        That is a greeting of each process that is to report there, then one without a number for each that is gone,
        with the bars behind it that it has ended.
        """
        from headway.processes import wire

        self._merger.settle_all()
        peers = [wire.hello(wire.Hello(pid, None)) for pid in pids]
        gone = wire.hello(wire.Hello(0, None))
        for past in self._merger.pasts(side.receiver.numbers):
            peers += [gone, *(wire.report("close", last) for last in past)]
        self._rows.displace()
        self._merger = Unmerged()
        return b"".join(peers)


def _feeds_a_pipe() -> bool:
    """Tell whether this process writes into a pipe, and its errors go to a terminal: as `a` in the line `a | b`."""
    try:
        return terminal_of(sys.stderr) is not None and stat.S_ISFIFO(os.fstat(1).st_mode)
    except OSError:
        return False
