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

from headway.host import clock, ranks, run
from headway.notation import TYPE_CHECKING
from headway.processes import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.processes.address import Station
    from headway.processes.merger import Merger
    from headway.processes.receiver import Peer, Receiver
    from headway.processes.reporter import RelaySink
    from headway.processes.rows import Unmerged
    from headway.processes.wire import Event

__all__ = ["Alone", "Listening", "Offering", "Over", "Reporting", "Side"]

PUMP = 0.05
"""Seconds between two attempts to send what the pipe had no room for."""
LOOK_EVERY = 0.05
"""Seconds that a process takes itself for alone after it has found nobody to report to."""
IDLE = 0.4
"""Seconds without a bar or a worker after which this process stops listening."""
DRAIN_WITHIN = 0.2
"""Seconds that the end of the process takes at most to read what workers have sent, and ranks that end with it send."""

_sinks = count(1)


class Side:
    """What the sides have in common: an event that means nothing on a side leaves the process there."""

    sink: RelaySink | None = None
    """The sink that this process reports to; `None` where it reports to nobody."""
    name = ""
    """The sink's name as a backend."""
    idle = False
    """Whether nobody has needed this process to listen for a while: then it is to `rest`."""

    def stays(self, *, drawing: bool) -> bool:
        """Tell whether there is no use in seeking now.

        Args:
            drawing: Whether a bar is open here.
        """
        del drawing
        return True

    def seek(self, *, drawing: bool) -> Side:
        """Look for a process to report to.

        Args:
            drawing: Whether a bar is open here: a process that draws goes on drawing.
        """
        del drawing
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

    def seek(self, *, drawing: bool) -> Side:
        """Look for a process to report to, unless it is no use now."""
        if self.stays(drawing=drawing):
            return self
        others = address.wanted() and ranks.another()
        if not others and next(address.candidates(), None) is None:
            self._alone_until = monotonic() + LOOK_EVERY
            return self
        from headway.processes import reporter  # with the first process to report to, not with the first bar

        found = reporter.find()
        if found is None and not others:
            return self
        sink = reporter.RelaySink(reporter.find)
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
        del before
        if self.station.address.where:
            os.environ[address.VARIABLE] = str(self.station.address)
            os.environ[address.KEY] = self.station.key
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
        self._due = 0.0
        self._idle_since: float | None = None
        self._hearing = False

    @property
    def connected(self) -> bool:
        """Whether a worker reports here."""
        return self.receiver.connected > 0

    def listen(self, deliver: Callable[[Peer, Event], None], lose: Callable[[Peer], None]) -> Side:
        """Go on listening."""
        del deliver, lose
        return self

    def rest(self) -> Side:
        """Close the sockets: workers that come now show their bars themselves."""
        self.close()
        return Offering(self.station)

    def poll(self, now: float, merger: Merger | Unmerged, *, drawing: bool) -> float | None:
        """Read workers, and tend their rows."""
        if now < self._due:
            return self._due - now
        wait = self._hear()
        merger.tend()
        self._due = monotonic() + wait
        if drawing or self.connected or merger.open:
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
        if self._hearing:
            return
        deadline = monotonic() + DRAIN_WITHIN
        self._hear()
        while (self.receiver.behind or merger.waits_for_ranks) and monotonic() < deadline:
            if not self.receiver.behind:
                sleep(0.005)
            self._hear()

    def _hear(self) -> float:
        self._hearing = True
        try:
            return self.receiver.poll(clock.monotonic())
        finally:
            self._hearing = False

    def close(self) -> None:
        """Close the sockets, and take their files away."""
        self.receiver.close()

    def forget(self) -> None:
        """Close the sockets alone."""
        self.receiver.forget()


class Reporting(Side):
    """Another process draws the bars of this one.

    Args:
        sink: Passes them on.
    """

    sink: RelaySink

    def __init__(self, sink: RelaySink) -> None:
        self.sink = sink
        self.name = f"relay {next(_sinks)}"

    def seek(self, *, drawing: bool) -> Side:
        """Look anew if the process that drew is gone."""
        return Alone().seek(drawing=drawing) if self.sink.gone else self

    def enter(self, before: Side) -> None:
        """Tell nobody any more to report to this process, which drew before."""
        before.withdraw()

    def poll(self, now: float, merger: Merger | Unmerged, *, drawing: bool) -> float | None:
        """Send what there was no room for."""
        del now, merger, drawing
        return PUMP if self.sink.pump() else None

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
