"""The side of the relay that a process is on: one class for each, with the fields that make sense there alone.

    Alone     it has drawn nothing, and has found no process to report to
    Offering  it draws, and its children know an address that nobody listens at yet
    Listening it draws, and takes in what workers say
    Reporting another process draws for it
    Over      the process has ended, or can have no sockets

An event returns the next side, often the same one; `Relay` puts it in place. `seek` leads from the first three to
`Reporting`, `offer` from `Alone` to `Offering`, `listen` on to `Listening` and `rest` back, and `end` to `Over`.
"""

from __future__ import annotations

import os
from itertools import count
from time import monotonic, sleep

from headway.host import clock, pty, ranks, run
from headway.notation import TYPE_CHECKING
from headway.processes import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.processes.address import Station
    from headway.processes.claim import Claim
    from headway.processes.merger import Merger
    from headway.processes.past import Past
    from headway.processes.receiver import Peer, Receiver
    from headway.processes.reporter import RelaySink
    from headway.processes.rows import Unmerged
    from headway.processes.wire import Event

__all__ = ["RELAY", "Alone", "Listening", "Offering", "Over", "Reporting", "Side"]

PUMP = 0.05
"""Seconds between two attempts to send what the pipe had no room for."""
LOOK_EVERY = 0.05
"""Seconds that a process takes itself for alone after it has found nobody to report to."""
IDLE = 0.4
"""Seconds without a bar or a worker after which this process stops listening."""
LOOK_UP = 0.1
"""Seconds from one look for a process that comes before the one that holds the claim to the next."""
AT_HAND = 0.02
"""Seconds from one poll to the next if workers wait for the end of their bars to be seen."""
LOOK_AFTER = 0.5
"""Seconds between two looks whether the process that draws is still there, of one without a bar."""
DRAIN_WITHIN = 0.2
"""Seconds that the end of the process takes at most to read what workers have sent, and ranks that end with it send."""

RELAY = "relay"
"""How the name begins that the sink to the process that draws has as a backend."""
_sinks = count(1)


class Side:
    """What the sides have in common: an event that means nothing on a side leaves the process there."""

    sink: RelaySink | None = None
    """The sink that this process reports to; `None` where it reports to nobody."""
    name = ""
    """The sink's name as a backend."""
    claim: Claim | None = None
    """The claim to draw for the command, if this process holds it: see `claim.py`."""
    idle = False
    """Whether nobody has needed this process to listen for a while: then it is to `rest`."""

    def stays(self, *, drawing: bool) -> bool:
        """Tell whether there is no use in seeking now.

        Args:
            drawing: Whether a bar is open here.
        """
        del drawing
        return True

    def seek(self, past: Callable[[], Past], *, drawing: bool, anew: bool = False) -> Side:
        """Look for a process to report to.

        Args:
            past: Returns what this process has done, for the one that is found.
            drawing: Whether a bar is open here: a process that draws goes on drawing.
            anew: Whether a look in vain a moment ago does not count.
        """
        del past, drawing, anew
        return self

    def offer(self) -> Side:
        """Choose the address where workers are to report to, once the first bar is drawn."""
        return self

    def listen(self, deliver: Callable[[Peer, Event], None], lose: Callable[[Peer], None]) -> Side:
        """Begin to listen at that address.

        Args:
            deliver: Gets each event of a worker.
            lose: Gets each worker whose connection has ended.
        """
        del deliver, lose
        return self

    def rest(self) -> Side:
        """Stop listening until a bar is open again."""
        return self

    def end(self) -> Side:
        """End with the process."""
        self.close()
        return Over()

    def enter(self, before: Side) -> None:
        """Do what is to be done once this side is in place."""

    def poll(self, now: float, merger: Merger | Unmerged, *, drawing: bool) -> float | None:
        """Do what is due, and return the seconds until something is due again; `None` while there is nothing.

        Args:
            now: The monotonic time.
            merger: Keeps the rows of workers.
            drawing: Whether a bar is open here.
        """
        del now, merger, drawing
        return None

    def hear(self, *, expected: bool) -> None:
        """Take in what workers have said already.

        Args:
            expected: Whether there may be one that has not connected yet.
        """

    def drain(self, merger: Merger | Unmerged) -> None:
        """Take in what workers have sent, at the end of this process; ranks that end with it get a moment."""

    def withdraw(self) -> None:
        """Tell nobody any more to report to this process."""

    def close(self) -> None:
        """Let go of what is open, in the thread that draws."""

    def forget(self) -> None:
        """Let go of it without a word to the other side: as in the child of a fork, where it is the parent's."""


class _Own(Side):
    """A side on which the process shows its bars itself, and may find another one that draws."""

    def __init__(self) -> None:
        self._alone_until = 0.0

    @property
    def connected(self) -> bool:
        """Whether a worker reports here."""
        return False

    def stays(self, *, drawing: bool) -> bool:
        """Stay while a bar is open or a worker reports here, and for `LOOK_EVERY` seconds after a look in vain."""
        return drawing or self.connected or monotonic() < self._alone_until

    def seek(self, past: Callable[[], Past], *, drawing: bool, anew: bool = False) -> Side:
        """Look for a process to report to, unless it is no use now."""
        if anew:
            self._alone_until = 0.0
        if self.stays(drawing=drawing):
            return self
        others = address.wanted() and ranks.another() and not ranks.leads_machine()
        if not others and next(address.candidates(), None) is None:
            self._alone_until = monotonic() + LOOK_EVERY
            return self
        from headway.processes import (  # with the first process to report to, not with the first bar
            connection,
            reporter,
        )

        found = connection.find()
        if found is None and not others:
            return self
        sink = reporter.RelaySink(connection.find, past())
        if found is not None:
            sink.join(*found)
        return Reporting(sink)


class Alone(_Own):
    """The process has drawn nothing, and has found no other to report to."""

    def offer(self) -> Side:
        """Choose an address, where the environment allows it."""
        return Offering(address.new_station()) if address.wanted() else self


class Offering(_Own):
    """The process draws, and has told its children where to report to; it listens once one of them may be there.

    Args:
        station: Where that is.
    """

    def __init__(self, station: Station) -> None:
        super().__init__()
        self.station = station
        self._opening = False

    def enter(self, before: Side) -> None:
        """Tell the processes that this one starts from now on, by the environment: the address, and the run's id."""
        if self.station.address.where:
            os.environ[address.VARIABLE] = str(self.station.address)
            os.environ[address.KEY] = self.station.key
            os.environ.pop(pty.VARIABLE, None)  # they report to this one, which reads no pseudo-terminal of theirs
        else:
            before.withdraw()  # its port may be another program's by now
        run.identity()

    def listen(self, deliver: Callable[[Peer, Event], None], lose: Callable[[Peer], None]) -> Side:
        """Open the sockets; where there are none workers show their bars themselves."""
        if self._opening:  # a signal handler has come in between
            return self
        from headway.processes.receiver import Receiver  # with the first bar that is drawn, not with headway

        self._opening = True
        try:
            return Listening(Receiver(self.station, deliver, lose))
        except OSError:  # there are no sockets here, or none left
            return Over()
        finally:
            self._opening = False

    def withdraw(self) -> None:
        """Take the address out of the environment."""
        for name in (address.VARIABLE, address.KEY):
            os.environ.pop(name, None)


class Listening(Offering):
    """The process draws, and workers report to it.

    Args:
        receiver: Takes in what they say.
    """

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(receiver.station)
        self.receiver = receiver
        self.expected: set[int] = set()
        """The processes that have reported to the one which drew before this one, and will to this one."""
        self.displaced = False
        """Whether a process has begun to draw that comes before this one."""
        self.lasts = False
        """Whether it listens to its end, whether or not anybody needs it."""
        self._makes_way = ranks.leads_machine()
        """Whether another process may come before this one, as rank 0 does if it runs on the same machine after all."""
        self._due = self._look_up = 0.0
        self._idle_since: float | None = None
        self._hearing = False

    @property
    def connected(self) -> bool:
        """Whether a worker reports here."""
        return self.receiver.connected > 0

    def stays(self, *, drawing: bool) -> bool:
        """Stay as long as this process holds the claim, too: `displaced` tells of one that comes before it."""
        return self.claim is not None or super().stays(drawing=drawing)

    def listen(self, deliver: Callable[[Peer, Event], None], lose: Callable[[Peer], None]) -> Side:
        """Go on listening."""
        del deliver, lose
        return self

    def rest(self) -> Side:
        """Close the sockets: workers that come now show their bars themselves. A port is given back for good."""
        self.close()
        at = self.station.address
        return Offering(self.station if at.kind == "unix" else self.station._replace(address=at._replace(where="")))

    def poll(self, now: float, merger: Merger | Unmerged, *, drawing: bool) -> float | None:
        """Read workers, and tend their rows."""
        if now < self._due:
            return self._due - now
        wait = self._hear()
        merger.tend()
        if self.claim is not None or self._makes_way:
            wait = min(wait, LOOK_UP if self.claim is None or not self.connected else AT_HAND)
            if now >= self._look_up:
                self._look_up = now + LOOK_UP
                self.displaced = next(address.candidates(), None) is not None
        self._due = monotonic() + wait
        if drawing or self.connected or merger.open or self.lasts:
            self._idle_since = None
            return wait
        age = clock.monotonic()
        self._idle_since = self._idle_since or age
        self.idle = age - self._idle_since >= IDLE
        return None

    def hear(self, *, expected: bool) -> None:
        """Take in what workers have said already; not from within that, as where a worker's text is being written."""
        if not self._hearing and (expected or self.connected):
            self._hear()

    def drain(self, merger: Merger | Unmerged) -> None:
        """Take in what workers have sent, for `DRAIN_WITHIN` seconds at most."""
        self._hear_while(lambda: self.receiver.behind or merger.waits_for_ranks)

    def wait_for_others(self) -> None:
        """Give those that report here as long to end as well, or to begin their next bar."""
        self._hear_while(lambda: self.receiver.behind or self.connected or self.expects)

    def _hear_while(self, waits: Callable[[], bool]) -> None:
        if self._hearing:
            return
        deadline = monotonic() + DRAIN_WITHIN
        self._hear()
        while waits() and monotonic() < deadline:
            if not self.receiver.behind:
                sleep(0.005)
            self._hear()

    @property
    def expects(self) -> bool:
        """Whether a process has not found this one yet."""
        self.expected = {pid for pid in self.expected - self.receiver.pids if address.runs(pid)}
        return bool(self.expected)

    def _hear(self) -> float:
        self._hearing = True
        try:
            return self.receiver.poll(clock.monotonic())
        finally:
            self._hearing = False

    def close(self, left: bytes = b"") -> None:
        """Close the sockets, take their files away, and let another process hold the claim.

        Args:
            left: What that one is to find.
        """
        self.receiver.close()
        if self.claim is not None:
            self.claim.release(left)

    def forget(self) -> None:
        """Close the sockets alone."""
        self.receiver.forget()
        if self.claim is not None:
            self.claim.forget()


class Reporting(Side):
    """Another process draws the bars of this one.

    Args:
        sink: Passes them on.
    """

    sink: RelaySink

    def __init__(self, sink: RelaySink) -> None:
        self.sink = sink
        self.name = f"{RELAY} {next(_sinks)}"

    def seek(self, past: Callable[[], Past], *, drawing: bool, anew: bool = False) -> Side:
        """Look if the process that drew is gone."""
        del anew  # it looks at each call
        if not self.sink.gone:
            return self
        found = Alone().seek(past, drawing=drawing)
        if found.sink is not None and (self.sink.station or self.sink.search.follows):
            found.sink.follow(self.sink)
        return found

    def enter(self, before: Side) -> None:
        """Tell nobody any more to report to this process, which drew before."""
        before.withdraw()

    def poll(self, now: float, merger: Merger | Unmerged, *, drawing: bool) -> float | None:
        """Send what there was no room for, and notice if the process that draws is gone."""
        del now, merger, drawing
        if self.sink.pump():
            return PUMP
        return LOOK_AFTER if self.sink.tells_again else None

    def close(self) -> None:
        """Send what is left."""
        self.sink.flush()

    def forget(self) -> None:
        """Close the connection alone."""
        self.sink.forget()


class Over(Side):
    """The process neither reports nor listens any more."""

    def enter(self, before: Side) -> None:
        """Tell nobody any more to report to this process."""
        before.withdraw()
