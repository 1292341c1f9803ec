"""The open bars of the process, and the road from them to the sinks.

The methods under "in the drawing thread" run there alone; the others are called from any thread. A frame takes the
snapshots of the bars that can be seen in the views that are due.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import atexit
import functools
import math
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import chain, count
from time import monotonic

from headway.choosing.selection import Choice
from headway.drawing.agenda import Asked, Asking
from headway.drawing.arrivals import Arrival, Arrivals
from headway.drawing.maker import get_ready
from headway.drawing.outlets import Outlets
from headway.drawing.pacing import Cost
from headway.drawing.source import Shown, Source
from headway.drawing.texts import Texts
from headway.drawing.throttle import Throttle
from headway.drawing.view import View
from headway.host import endings, environment, fork
from headway.host.console import Console
from headway.host.environment import terminal_of
from headway.host.signals import Signals
from headway.notation import TYPE_CHECKING, TextIO
from headway.processes import address
from headway.processes.relay import Relay
from headway.sink import ProgressSink
from headway.snapshot import Snapshot, State

if TYPE_CHECKING:
    from headway.drawing.side import SideView

__all__ = ["Hub", "hub"]


class Hub(fork.Part):
    """Routes the snapshots of all open bars of the process to the sinks that show them."""

    def __init__(self) -> None:
        # at a fork those that come first are the last to get ready, and the first to go on
        self.relay: Relay = Relay(self)
        """The processes that report to this one, or the one that it reports to."""
        self.throttle = Throttle(self._draw, self._slow_down, get_ready, inline=not environment.threads_wanted())
        self.outlets = Outlets(self.throttle, lambda: self.throttle.inline, self.close_all, self._return)
        """The sinks."""
        self.texts = Texts(self.throttle, self.outlets, self.relay, self._views_of)
        """Texts above the rows."""
        self._console = Console(self.throttle, self.texts.above, self.suspended)
        fork.register(self)
        self._signals: Signals = Signals(self)
        self.silent = False
        """Whether this is the child of a process that was drawing when it forked: the display is the parent's."""
        self._ids = count(1)
        self._look: tuple[tuple[Choice, ...], Callable[[], TextIO | None]] = ((), lambda: None)
        self._begin()

    def _begin(self) -> None:
        self._open_ids: set[int] = set()
        self._arrivals = Arrivals()
        self._bars: dict[int, Shown] = {}

    def _views_of(self, bar_id: int | None) -> list[View | SideView]:
        shown = self._bars.get(bar_id or 0)
        return [] if shown is None else shown.views

    def soon(self, job: Callable[[], object]) -> None:
        """Have something done after the frame that this is called in."""
        self.throttle.afterwards(job)

    def _slow_down(self) -> None:
        """Have open bars draw what is due when they report."""
        for shown in list(self._bars.values()):
            bar = shown.bar()
            if bar is not None:
                bar.slow_down()

    @property
    def in_a_frame(self) -> bool:
        """Whether this is called from within a frame."""
        return self.throttle.inside

    def route(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return what shows a bar in this process: what was chosen, the relay, or nothing."""
        return choices if self.outlets.recorders else self.relay.route(choices, silent=self.silent)

    def open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO, delay: float = 0.0) -> None:
        """Show the first snapshot of a bar, after a delay in seconds. It is out now, but for a bar of a storm."""
        self._open_ids.add(bar.id)
        if not self.draws_rows and terminal_of(file) is not None:
            self._follow_signals(rows=True)  # before the first row: a signal may come as soon as it is there
        deaf = self.outlets.deaf()
        waits = not (delay or deaf or self.relay.name or self.relay.merges) and self.throttle.takes_turns
        frame = self.outlets.next_first_frame(choices, file) if waits else None
        if frame is None:
            self.throttle.call(lambda: self._after_arrivals(lambda: self._open_own(bar, choices, file, delay, deaf)))
            self.outlets.catch_up(self._views_of(bar.id))
        elif self._arrivals.add(bar, choices, file, frame) and not self.throttle.wake():
            self.throttle.call(self._admit)
        if self.relay.drew():
            self.throttle.nudge()
        self._follow_signals(rows=self.draws_rows or frame is not None)

    def close(self, bar: Source, *, leave: bool = True) -> None:
        """Show a bar's last snapshot; it is out when this returns.

        A bar of the process that forked is not ours: no snapshot is taken, for that would read its metrics here.

        Args:
            bar: The bar.
            leave: Whether its last row stays: if not, and if it still waits for its first frame, nothing is shown.
        """
        if not (leave or self.relay.merges) and self._arrivals.take(bar.id) is not None:
            self._open_ids.discard(bar.id)
        elif bar.id in self._open_ids:
            views = self._views_of(bar.id)
            self.throttle.call(lambda: self._close_own(bar))
            self.outlets.catch_up(views)
        self._follow_signals(rows=self.draws_rows)

    def restyle(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Give a bar that is open another look, from its next snapshot on, where it is shown by what is chosen."""
        self.throttle.call(lambda: self._after_arrivals(lambda: self._restyle(bar.id, choices, file)))

    def _follow_signals(self, *, rows: bool) -> None:
        self._signals.follow(rows=rows, ends=self.outlets.waited_for, bars=bool(self._open_ids))

    @property
    def drawing(self) -> bool:
        """Whether a bar is open in this process."""
        return bool(self._bars or self._arrivals)

    @property
    def draws_rows(self) -> bool:
        """Whether there are rows on a terminal that other output would get mixed up with."""
        return bool(self.outlets.terminals)

    def new_id(self) -> int:
        """Return a number that no other bar of the process has."""
        return next(self._ids)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Take the rows of all terminal renderers away, and show them again at the end of the block."""
        token = object()
        try:
            if not self.silent:
                self.throttle.call(lambda: self._suspend(token))
            yield
        finally:
            if not self.silent:
                self.throttle.surely(lambda: self._resume(token))

    @contextmanager
    def parked(self) -> Iterator[None]:
        """Have nothing drawn in the block, and no thread running."""
        self.throttle.park()
        try:
            yield
        finally:
            self.throttle.unpark()

    @contextmanager
    def recording(self, sink: ProgressSink) -> Iterator[None]:
        """Send every bar that is opened inside the block to one sink, and to no other."""
        self.outlets.recorders.append(sink)
        try:
            yield
        finally:
            self.outlets.forget(sink)

    def retire(self, scope: object) -> None:
        """Tell the sinks that a `use` block has chosen the end."""
        ending: list[SideView] = []
        self.throttle.call(lambda: ending.extend(self.outlets.retire(scope)))
        for view in ending:
            view.join()

    # ── in the drawing thread ────────────────────────────────────────────────────────────────────────────────────────

    def _open_own(
        self, bar: Source, choices: tuple[Choice, ...], file: TextIO, delay: float, deaf: Collection[View | SideView]
    ) -> None:
        snapshot = self._snapshot(bar, lambda: self._open_own(bar, choices, file, delay, deaf))
        if not self.relay.name:
            self._look = choices, _weakly(file)
            self.relay.opened(snapshot)
        if deaf:
            choices = tuple(choice for choice in choices if self.outlets.find(choice, file) not in deaf)
        self._open(bar, snapshot, choices, file, delay)

    def _after_arrivals(self, step: Callable[[], object]) -> None:
        """Open the bars that have waited, then do something."""
        if self._arrivals:
            self.throttle.do((self._admit, step))
        else:
            step()

    def _admit(self) -> None:
        """Open the bars that have waited, in their order."""
        for arrival in self._arrivals.take_each():
            self._open_arrival(arrival)

    def _open_arrival(self, arrival: Arrival) -> None:
        bar = arrival.bar()
        if bar is not None:
            self._open_own(bar, arrival.choices, arrival.file, 0.0, ())

    def say(self, text: str, terminal: int | None) -> None:
        """Put what a worker has printed on a terminal, or written, above the rows."""
        self.texts.say(text, terminal)

    def show(self, group: Source) -> None:
        """Open the row of a group of workers' bars, where this process shows its own."""
        choices, file = self._look
        stream = file() or sys.stderr
        if stream is not None:
            bare = tuple(choice._replace(layout=None) for choice in choices)
            self._open(group, group.snapshot(), bare, stream, 0.0)

    def _open(self, bar: Source, snapshot: Snapshot, choices: tuple[Choice, ...], file: TextIO, delay: float) -> None:
        self._bars[snapshot.id] = Shown(bar)
        if self.outlets.recorders:
            self._open_on(self.outlets.recorder(file), snapshot, delay)
            return
        drawn = [choice for choice in choices if choice.draws != "nothing"]
        aside = [choice for choice in choices if choice.draws == "nothing"]  # when the stand-ins are in place
        opening = [functools.partial(self._open_by, choice, file, snapshot, delay) for choice in (*drawn, *aside)]
        self.throttle.do((*opening[: len(drawn)], self._follow, *opening[len(drawn) :]))

    def _open_by(self, choice: Choice, file: TextIO, snapshot: Snapshot, delay: float) -> None:
        choice = self.outlets.maker.usable(choice)
        again = functools.partial(self._open_by, choice, file, snapshot, delay)
        view = self.outlets.of(choice, file, again, to_relay=choice.name == self.relay.name)
        self._open_on(view, snapshot.dressed(choice.look, choice.layout), delay)

    def _restyle(self, bar_id: int, choices: tuple[Choice, ...], file: TextIO) -> None:
        for choice in choices:
            view = self.outlets.find(choice, file)
            if view is not None:
                view.restyle(bar_id, choice.look, choice.layout)

    def _open_on(self, view: View | SideView, snapshot: Snapshot, delay: float) -> None:
        self._bars[snapshot.id].views.append(view)
        if self.outlets.away:
            view.suspend()
        with self.outlets.driving(view):
            view.open(snapshot, delay)

    def _close_own(self, bar: Source) -> None:
        arrival = self._arrivals.take(bar.id)
        first = () if arrival is None else (lambda: self._open_arrival(arrival),)
        self.throttle.do((*first, lambda: self._close(bar)))

    def _close(self, bar: Source) -> None:
        self.relay.hear()  # what workers have said until now belongs above the last frame
        snapshot = self._snapshot(bar, lambda: self._close(bar))
        self._open_ids.discard(snapshot.id)
        if not self._open_ids:
            self.relay.settle()
        ended = self.relay.closed(snapshot)
        if isinstance(ended, Snapshot):
            self.finish(ended)
        else:
            self._bars[snapshot.id].bar = _weakref.ref(ended)

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last snapshot."""
        views = self._views_of(snapshot.id)
        ids = {each for view in views for each in view.coming(snapshot.id)}
        coming = self._snapshots(ids, lambda: self.finish(snapshot)) if ids else ()
        self._bars.pop(snapshot.id, None)
        views.sort(key=lambda view: not view.aside)  # those that draw may hang; the others have the end by then
        self.outlets.each(views, lambda view: view.close(snapshot, coming), self._settle)

    def _suspend(self, token: object) -> None:
        self.outlets.away.add(token)
        self.outlets.each(self.outlets, lambda view: view.suspend(), self._console.rest)

    def _resume(self, token: object) -> None:
        self.outlets.away.discard(token)
        if not self.outlets.away:
            self._return()

    def _return(self) -> None:
        """Show all rows again that have been away."""
        snapshots = self._snapshots(self._bars, self._return)
        self.outlets.each(self.outlets, lambda view: view.resume(snapshots), self._settle)

    def _settle(self) -> None:
        self.outlets.settle()
        self._follow()

    def _follow(self) -> None:
        """See that the program's own streams know on which terminals rows are drawn now."""
        self.outlets.follow()
        if self.relay.name:
            leads_to = map(terminal_of, (sys.stdout, sys.stderr))
            self.texts.elsewhere = {terminal for terminal in leads_to if terminal is not None}
        terminals = self.outlets.terminals | self.texts.elsewhere
        self._console.follow(terminals, resting=bool(self.outlets.away), alone=not self.texts.elsewhere)

    def _draw(self, now: float) -> float | None:
        polled = self.relay.poll(now, drawing=self.drawing)
        drawn = self._draw_bars(monotonic())
        return min((wait for wait in (polled, drawn) if wait is not None), default=None)

    def _draw_bars(self, now: float) -> float | None:
        if self._arrivals and self._arrivals.due <= now:
            self._admit()
        views = chain.from_iterable([shown.views for shown in self._bars.values()])
        showing = [view for view in dict.fromkeys(views) if view.has_sink]
        coming = [self._arrivals.due] if self._arrivals.due > now else []
        if not showing and not coming:
            return None
        due = [view for view in showing if view.due <= now]
        if due:
            cost = Cost()
            snapshots = self._snapshots({each for view in due for each in view.seen()}, lambda: None)
            sampling = cost.seconds
            for view in due:
                with self.outlets.driving(view):
                    view.update(snapshots, sampling)
            self._follow()
        return min(*coming, *(view.due for view in showing), math.inf) - monotonic()

    def _snapshots(self, ids: Collection[int], again: Callable[[], None]) -> list[Snapshot]:
        asked = [shown.bar() for shown in map(self._bars.get, sorted(ids)) if shown is not None]
        return [self.relay.joined(self._snapshot(bar, again)) for bar in asked if bar is not None]

    # ── the code of others, which may hang ───────────────────────────────────────────────────────────────────────────

    def _snapshot(self, bar: Source, again: Callable[[], None]) -> Snapshot:
        """Take a snapshot, which reads metrics: users' code."""
        asked = Asked(lambda: f"Reading a metric of {bar!r}", bar.stop_reading, again, "its metrics are read no more")
        with Asking(self.throttle, asked):
            return bar.snapshot()

    # ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────

    def close_all(self, state: State | None = None) -> None:
        """Close what is still open, in a state; by default in the one that the interpreter's exit stands for."""
        if state is None:
            error = endings.last_error()
            state = "stopped" if error is None else endings.of_exception(error)
        for token in list(self.outlets.away):  # what leaves rows shall leave them
            self.throttle.call(lambda token=token: self._resume(token))  # type: ignore[misc]
        self.throttle.call(self.relay.drain)
        self.texts.hang = self.throttle.late
        if self.texts.hang:
            self.relay.drain()  # what workers have said is not lost with the display
        self.throttle.call(self._admit)
        for shown in reversed(list(self._bars.values())):
            bar = shown.bar()
            if bar is not None and bar.id in self._open_ids:  # the rows of workers come later
                bar.end(state)
        self.throttle.call(lambda: self.relay.finish(state))
        aside = self.outlets.end_aside()
        self.throttle.call(self.outlets.end_drawn)
        self.throttle.call(self._console.leave)
        for view in aside:
            view.join()
        if self.draws_rows:  # a renderer has not come back
            environment.show_cursor()

    def after_fork_in_child(self) -> None:
        """Let go of the bars and the display, which are the parent's.

        A bar that the child has inherited goes on counting there, but it is shown nowhere, and its counts reach no
        other process (unlike those of a pickled bar, see `reporting/copies.py`). A bar that the child opens goes to the
        process that `Relay.route` finds; if it finds none, the bar is silent.
        """
        self.silent = self.silent or self.drawing
        self.texts.elsewhere |= self.outlets.terminals
        self.outlets.leave_to_parent()
        self._begin()
        if address.wanted():
            self._follow()


def _weakly(file: TextIO) -> Callable[[], TextIO | None]:
    """Refer to a stream without keeping it open, where that can be done."""
    try:
        return _weakref.ref(file)
    except TypeError:
        return lambda: file


hub = Hub()
atexit.register(hub.close_all)
