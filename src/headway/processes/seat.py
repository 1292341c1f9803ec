"""The seat of one process in the relay: the side that it is on, and the process that it reports to."""

from __future__ import annotations

import sys
import threading

from headway.choosing.discovery import load
from headway.choosing.selection import Choice
from headway.host import environment, pty, ranks
from headway.notation import TYPE_CHECKING
from headway.processes import address
from headway.processes.copies import Copies, Uncounted
from headway.processes.rows import Rows
from headway.processes.sides import Alone, Side
from headway.sink import PROTOCOL, Renderer

if TYPE_CHECKING:
    from headway.processes.merger import Place
    from headway.processes.past import Past
    from headway.processes.reporter import RelaySink

__all__ = ["Seat", "can_listen"]

INTERVAL = 0.1
"""Seconds between two snapshots of a bar that another process shows."""


def can_listen() -> bool:
    """Import now, in the thread that opens the first bar, what listening takes, and tell whether that can be had.

    An import evaluates strings, and where another thread does that after a Ctrl-C that nobody caught, Python forgets
    that it was one: the program would end with the status 1.
    """
    try:
        from headway.processes import merger, receiver  # noqa: F401
    except Exception:  # there are no sockets here, or no descriptors now; or the directory is gone, in Python 3.13.0
        return False
    return True


class Seat:
    """The part of the relay that holds the side.

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

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self.side: Side = Alone()
        self._left: Side | None = None
        """The side that this process was on until it began to report; the thread that draws closes it."""
        self._refused: list[RelaySink] = []
        """Sinks whose bars are to be shown here; the thread that draws sees to it."""
        self._past: Past | None = None
        self.has_left = False
        """Whether it has reported to a process and does so no more."""
        self._adrift = False
        """Whether the process is gone that showed bars of this one which are open."""
        self._child = False
        self._forked = False
        self._silent = False

    def _go(self, before: Side, after: Side) -> Side:
        """Put a side in the place of the one that it was made from, under the lock, and return the one that is there.

        A signal handler may have come in between: then its side stays.
        """
        if self.side is not before:
            if after is not before:
                after.forget()
        elif after is not before:
            self.side = after
            self.has_left = self.has_left or before.sink is not None
            after.enter(before)
            if before.sink is not None and before.sink.refused:
                self._refused.append(before.sink)
        return self.side

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
            after = self._go(before, before.seek(self._remembered, drawing=self._rows.drawing))
            if before.sink is None and after is not before:
                self._left = before
        return self.sink

    @property
    def name(self) -> str:
        """The backend's name of the sink that this process reports to."""
        return self.side.name

    def redirected(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return the sink that leads to the process that draws in the place of what was chosen, if it is another."""
        sink = self.sink
        if sink is None or not choices:
            return choices
        options = {"of": choices[0].options["of"]} if "of" in choices[0].options else {}
        if pty.is_own():
            from headway.processes.own import told  # only under `headway run --pty`

            options["look"] = told(choices[0])
        renderer = Renderer(lambda _context: sink, protocol=PROTOCOL, draws="lines", interval=INTERVAL)
        reporting = choices[0]._replace(name=self.name, renderer=renderer, options=options, layout=None)
        return (reporting, *(self._lines() if not options else ()))

    @property
    def _mute(self) -> bool:
        """Whether this process may not draw: another one does, or is to, though it has not been found."""
        return (self._silent and self.side.claim is None) or ranks.another()

    def _remembered(self) -> Past:
        if self._past is None:
            from headway.processes.past import Past  # with the first process to report to, not with the first bar

            self._past = Past()
        return self._past

    def _lines(self) -> tuple[Choice, ...]:
        """Return plain lines, if the errors of this program go to a log of its own."""
        station = None if self.side.sink is None else self.side.sink.station
        own = station is not None and environment.has_own_log(sys.stderr, station.address.pid)
        return (Choice("plain", load("plain")),) if own else ()

    def passes_on(self, text: str, terminal: int) -> bool:
        """Have the process that draws put lines that are printed here above its rows, and tell whether it will."""
        sink = self.seek()
        return sink is not None and sink.print(text, terminal)

    @property
    def _is_unheard(self) -> bool:
        """Whether the process that drew for this one is gone, and no other one has been found."""
        sink = self.side.sink
        return self._adrift or (sink is not None and sink.gone)

    def _standing(self) -> Place:
        """Return where this process stands among those of its command, as far as it can know."""
        if (self._child or address.started_by() is not None) and not ranks.is_told():
            return "worker"
        return "above" if address.leads() or ranks.several() else "beside"
