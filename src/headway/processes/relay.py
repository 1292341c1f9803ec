"""The relay of one process: it sends bars to the process that draws, or shows those of other processes.

`sides.py` has the sides that it may be on, such as listening or reporting to another process. `seat.py` holds the side,
`delivery.py` shows the bars of others, and `election.py` settles which of several processes draws.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

from headway.choosing.selection import Choice
from headway.host import fork, ranks
from headway.host.environment import terminal_of
from headway.host.handlers import DeferringAll
from headway.host.stream import beneath
from headway.notation import TYPE_CHECKING, TextIO
from headway.processes import address
from headway.processes.election import CLAIM_WITHIN, Election
from headway.processes.rows import Rows
from headway.processes.seat import can_listen
from headway.processes.sides import PUMP, RELAY, Alone, Listening, Offering
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = ["Relay", "describe", "shared"]

LAST_WORDS = 3
"""Looks more at what workers have said, before a line of the program, as long as they say something: an end may come
behind the last words."""


class Relay(Election, fork.Part):
    """The relay of one process. Its rows are tended by the thread that draws; what opens bars may call from any other.

    Args:
        rows: Shows the rows of workers, and their texts.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        fork.register(self)

    def _begin(self) -> None:
        super()._begin()
        self._open = False
        """Whether it is open who draws for the command, though this process draws: on a stream that is not shared."""

    def route(self, choices: tuple[Choice, ...], file: TextIO, *, silent: bool) -> tuple[Choice, ...]:
        """Send what was to be shown here to where this process reports, if it does.

        Args:
            choices: What was chosen.
            file: The stream that it is to be shown on.
            silent: Whether this process may not draw whatever comes.
        """
        self._silent = silent
        if not choices:
            return choices
        sink = self.seek()
        draws = any(choice.draws != "nothing" for choice in choices)
        if sink is None and draws and (self._open or not self._rows.drawing):
            self._open = not shared(file)
            if not self._open:
                self._settle_who_draws(CLAIM_WITHIN)
        elif sink is not None and sink.of_command and not shared(file):
            return choices
        return self.placed(choices)

    def leads_nowhere(self, choices: tuple[Choice, ...]) -> bool:
        """Tell whether sinks were chosen that lead to a process which this one reports to no more."""
        return any(choice.name.startswith(f"{RELAY} ") and choice.name != self.name for choice in choices)

    def placed(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return the sinks of this process's bars as things are: the chosen ones, or that which leads elsewhere."""
        return self._own_files(choices) if self.only_records else self.redirected(choices)

    @property
    def only_records(self) -> bool:
        """Whether this process shows nothing, and reports to no process that does."""
        return self.sink is None and self._mute

    def _own_files(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return the event files that this process writes though it shows nothing: the first rank of each machine."""
        if not ranks.leads_machine():
            return ()
        from headway.events.machines import beside  # only in a job on several machines
        from headway.events.writers import host

        return tuple(
            choice._replace(options={**choice.options, "path": beside(choice.options["path"], host())})
            for choice in choices
            if choice.name == "events" and "path" in choice.options
        )

    def drew(self) -> bool:
        """Tell the processes that this one starts from now on where to report to, once its first bar is drawn.

        Returns whether the thread has to listen there.
        """
        side = self.side
        if not isinstance(side, Alone):
            if type(side) is not Offering or side.station.address.where:
                return False
            self.listen()  # another port than the one given back, before a process is started that is to report there
            return True
        if not address.wanted():
            return False
        with DeferringAll():
            ready = can_listen()  # before there is a station: the thread that draws begins to listen where there is one
        if not ready:
            return False
        with self._lock:
            before = self.side
            offering = self._go(before, before.offer())
        if offering is before or not isinstance(offering, Offering):
            return False
        if self._forked or "multiprocessing.process" in sys.modules or not offering.station.address.where:
            self.listen()  # workers may be waiting already, and a port is not known before it is open
        return True

    def serve(self) -> bool:
        """Listen from now on to the end, for processes whose texts this one reads, and tell whether that can be."""
        from headway.processes.intake import Intake  # only under `headway run --pty`

        self._intake = Intake(self._rows, self._take, self._forget, self.settle)
        self.drew()
        self.listen()
        if isinstance(self.side, Listening):
            self.side.lasts = True
        return isinstance(self.side, Listening)

    def before_fork(self) -> None:
        """Listen if a bar is open, and import the modules that each child would have to import by itself."""
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
        self._tend()
        if isinstance(side, Listening) and side.displaced:
            self._step_down(side)
        self._take_back()
        if side.sink is not None and side.sink.gone and side is self.side:
            self._adrift = drawing or bool(self._past)
        if self._adrift and self._is_settled_now():
            self._adrift = False
            self._rows.move()
        if self._adrift or self._refused:
            return PUMP
        if side.idle:
            with self._lock:
                if self.side is side:
                    self._go(side, side.rest())
        return wait

    def _take_back(self) -> None:
        """Show here, or by the next process that draws, what the one that was to draw has not taken."""
        side = self.side
        if side.sink is not None and side.sink.refused:
            with self._lock:
                self._go(side, Alone())
        while self._refused:
            sink = self._refused[0]
            elsewhere = sink.lost and not sink.turned_away
            if elsewhere and not self._is_settled_now():
                return
            self._refused.pop(0)
            if elsewhere and self.sink is not None and self.sink.station is None:
                self.sink.follow(sink)
            if elsewhere and (self.sink is not None or self.side.claim is not None):
                for said in sink.unheard:
                    if not isinstance(said, Snapshot):
                        self._rows.say(*said)
                self._rows.move()
            elif sink.unheard or self._rows.drawing:
                self._past = None  # it is shown here
                self._rows.take_back(sink, silent=self._mute)

    def hear(self) -> None:
        """Take in what workers have said already, for what this process says next comes after it.

        What was to be shown elsewhere, and is not, comes before it, too.
        """
        self._take_back()
        side = self.side
        side.hear(expected=self._forked)
        if self._merger.open and isinstance(side, Listening) and self._place == "above" and not self._rows.reporting:
            for _ in range(LAST_WORDS):
                if side.receiver.behind:
                    side.hear(expected=True)
            self._merger.settle_without(side.receiver.numbers)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def drain(self) -> None:
        """Take in what workers have sent, at the end of this process; ranks that end with it get a moment."""
        self.side.drain(self._merger)
        self._tell_seen()

    def finish(self, state: State) -> None:
        """End all rows of workers, send what is left to be sent, and close.

        If it ends while others of its command are at work, whose bars it has shown, the next one of them goes on.
        """
        self._ends_now = True
        self.make_way()
        sink = self.side.sink
        if sink is not None:
            sink.pump()
        if self._past and (self._is_unheard or (sink is not None and sink.looks)):  # nobody else tells of it
            if not (ranks.another() and state == "stopped" and self._succeeds(self.side, ends=True)):
                self._settle_who_draws(CLAIM_WITHIN)
            self._rows.move()
        self.drain()
        if self._intake is not None:
            self._intake.order.let_go()
            self._intake.end_all(state)
        side = self.side
        if isinstance(side, Listening) and state == "stopped":
            self._leave_to_ranks(side)
        if isinstance(side, Listening) and side.claim is not None and state != "interrupted":
            if self._place != "above" or self._merger.busy(side.receiver.successors):
                side.wait_for_others()
            if self._merger.busy(side.receiver.successors):
                side.close(self._leave(side, side.receiver.pids | side.expected))
        self._tell_seen()
        self._merger.end_all(state)
        with self._lock:
            self._go(self.side, self.side.end())
        self._take_back()

    def after_fork_in_child(self) -> None:
        """Close the sockets that are the parent's, and begin on no side; copies are counted in as before."""
        for side in (self.side, self._left):
            if side is not None:
                side.forget()
        self._begin()
        self._child = True


def shared(file: TextIO) -> bool:
    """Tell whether bars on a stream belong to the display of the command, which is where the errors of it go."""
    where = terminal_of(file)
    if where is not None:
        return where == terminal_of(sys.stderr)
    try:
        return file is sys.stderr or beneath(file) is beneath(sys.stderr)
    except Exception:  # a stand-in for a stream may raise anything
        return False


def describe() -> Iterator[str]:
    """Say which side of the relay this process would be on, for `headway doctor`."""
    rank = ranks.current()
    if rank is not None:
        of = f" of {rank.size}" if rank.size else ""
        does = (
            "draws for all" if rank.number == 0 else "does not draw, and reports to rank 0 if it runs on this machine"
        )
        if ranks.leads_machine():
            does += "; if not, it writes an event file for this machine"
        yield f"rank {rank.number}{of} (by {rank.variable}): {does}"
    if not address.wanted():
        yield f"relay: off ({address.VARIABLE}={address.OFF})"
        return
    with suppress(OSError):
        from headway.processes import connection  # not for a process without workers

        found = connection.find()
        if found is not None:
            station, pipe = found
            if pipe is not None:
                pipe.close()
            yield f"relay: bars go to process {station.address.pid}, which draws them ({station.address.kind})"
            return
    yield "relay: no process to report to; worker processes of this one would report to it"
