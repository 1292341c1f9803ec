"""The bars that are open, and where they are shown: all that is done with them in the thread that draws.

A frame takes the snapshots of the bars that can be seen in the views that are due.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import functools
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from itertools import chain, count
from time import monotonic

from headway.choosing.selection import Choice, decide
from headway.choosing.wishes import preferred
from headway.drawing import failures
from headway.drawing.agenda import Asked, Asking
from headway.drawing.arrivals import Arrival, Arrivals
from headway.drawing.looks import Looks
from headway.drawing.maker import get_ready
from headway.drawing.outlets import Outlets
from headway.drawing.pacing import Cost
from headway.drawing.source import Shown, Source
from headway.drawing.texts import Texts
from headway.drawing.throttle import Throttle
from headway.drawing.view import View
from headway.host import environment, pty
from headway.host.console import Console
from headway.host.environment import terminal_of
from headway.notation import TYPE_CHECKING, TextIO
from headway.processes.relay import Relay, shared
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.drawing.side import SideView

__all__ = ["Stage", "weakly"]


class Stage:
    """Opens, draws and closes rows.

    All methods are for the thread that draws, but for the properties and `new_id`.

    Args:
        at_exit: Called at the exit of the process: it has to tell all sinks the end.
        suspended: Takes the rows of all renderers away for a block.
    """

    relay: Relay
    """The processes that report to this one, or the one that it reports to."""

    def __init__(self, at_exit: Callable[[], object], suspended: Callable[[], AbstractContextManager[None]]) -> None:
        self.throttle = Throttle(self._draw, self._slow_down, get_ready, inline=not environment.threads_wanted())
        self.outlets = Outlets(self.throttle, lambda: self.throttle.inline, at_exit, self._return)
        """The sinks."""
        self.texts = Texts(self.throttle, self.outlets, self.relay, self.views_of)
        """Texts above the rows."""
        bystander = self.texts.bystander
        self.console = Console(
            self.throttle, self.texts.above, self.texts.cleared, suspended, self._make_way, others=bystander
        )
        """The program's own streams."""
        self._ids = count(1)
        self._look: tuple[tuple[Choice, ...], Callable[[], TextIO | None]] = ((), lambda: None)
        self.begin()

    def begin(self) -> None:
        """Be without any bar, as in the child of a fork."""
        self.open_ids: set[int] = set()
        """The bars of the program that have not ended, those among them that still wait."""
        self.arrivals = Arrivals()
        self._looks = Looks()
        self.bars: dict[int, Shown] = {}
        """All rows, those of workers among them."""

    @property
    def drawing(self) -> bool:
        """Whether a bar is open in this process."""
        return bool(self.bars or self.arrivals)

    @property
    def reporting(self) -> bool:
        """Whether a bar of this process is open."""
        return bool(self.open_ids)

    def new_id(self) -> int:
        """Return a number that no other bar of the process has."""
        return next(self._ids)

    def views_of(self, bar_id: int | None) -> list[View | SideView]:
        """Return the views that show a bar."""
        shown = self.bars.get(bar_id or 0)
        return [] if shown is None else shown.views

    def _slow_down(self) -> None:
        """Have open bars draw what is due when they report."""
        for shown in list(self.bars.values()):
            bar = shown.bar()
            if bar is not None:
                bar.slow_down()

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def open_own(
        self, bar: Source, choices: tuple[Choice, ...], file: TextIO, delay: float, deaf: Collection[View | SideView]
    ) -> None:
        """Open a bar of the program.

        Args:
            bar: The bar.
            choices: The sinks that show it.
            file: The stream that it is for.
            delay: Seconds before it is shown.
            deaf: Views that it is not for, since their sinks report it.
        """
        snapshot = self._snapshot(bar, lambda: self.open_own(bar, choices, file, delay, deaf))
        if self.relay.has_left and self.relay.leads_nowhere(choices):  # since they were chosen
            choices = self._chosen_now(file)
        if not self.relay.name and (self.relay.side.claim is None or shared(file)):
            self._look = choices, weakly(file)
            if self.relay.opened(snapshot) and not self.outlets.recorders:
                self.bars[snapshot.id] = Shown(bar)
                self._looks.begin(snapshot.id)
                self.relay.make_way()
                return
        if deaf:
            choices = tuple(choice for choice in choices if self.outlets.find(choice, file) not in deaf)
        self._open(bar, self.relay.joined(snapshot), choices, file, delay)

    def _chosen_now(self, file: TextIO) -> tuple[Choice, ...]:
        """Return the sinks of this process's bars as things are."""
        return self.relay.placed(decide(file, used=preferred()).choices)

    def after_arrivals(self, step: Callable[[], object]) -> None:
        """Open the bars that have waited, then do something."""
        if self.arrivals:
            self.throttle.do((self.admit, step))
        else:
            step()

    def admit(self) -> None:
        """Open the bars that have waited, in their order."""
        for arrival in self.arrivals.take_each():
            self._open_arrival(arrival)

    def _open_arrival(self, arrival: Arrival) -> None:
        bar = arrival.bar()
        if bar is not None:
            self.open_own(bar, arrival.choices, arrival.file, 0.0, ())

    def _open(self, bar: Source, snapshot: Snapshot, choices: tuple[Choice, ...], file: TextIO, delay: float) -> None:
        self.bars[snapshot.id] = Shown(bar)
        self._looks.begin(snapshot.id)
        if self.outlets.recorders:
            self._open_on(self.outlets.recorder(file), snapshot, delay)
            return
        drawn = [choice for choice in choices if choice.draws != "nothing"]
        aside = [choice for choice in choices if choice.draws == "nothing"]  # when the stand-ins are in place
        opening = [functools.partial(self._open_by, choice, file, snapshot, delay) for choice in (*drawn, *aside)]
        self.throttle.do((*opening[: len(drawn)], self.follow, *opening[len(drawn) :]))

    def _open_by(self, choice: Choice, file: TextIO, snapshot: Snapshot, delay: float) -> None:
        choice = self.outlets.maker.usable(choice, file)
        again = functools.partial(self._open_by, choice, file, snapshot, delay)
        view = self.outlets.of(choice, file, again, to_relay=choice.name == self.relay.name)
        self._open_on(view, snapshot.dressed(choice.look, choice.layout), delay)

    def restyle(self, bar_id: int, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Give a bar another look, from its next snapshot on, where it is shown by what is chosen."""
        for choice in choices:
            view = self.outlets.find(choice, file)
            if view is not None:
                view.restyle(bar_id, choice.look, choice.layout)

    def _open_on(self, view: View | SideView, snapshot: Snapshot, delay: float) -> None:
        self.bars[snapshot.id].views.append(view)
        if self.outlets.away:
            view.suspend()
        else:
            view.resume(())
        with self.outlets.driving(view):
            view.open(snapshot, delay)

    # ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def close_own(self, bar: Source) -> None:
        """Close a bar of the program, which is opened before if it still waits."""
        arrival = self.arrivals.take(bar.id)
        if arrival is None:
            self._close(bar)
        elif self.relay.merges or self.outlets.recorders:
            self.throttle.do((lambda: self._open_arrival(arrival), lambda: self._close(bar)))
        else:
            self._pass(bar, arrival)

    def _pass(self, bar: Source, arrival: Arrival) -> None:
        """Show a bar that has ended before its first frame, in one frame with one snapshot.

        If the bar around it waits, too, both are opened, for a failed bar stands under that one.
        """
        self.relay.hear()  # as below
        snapshot = self._snapshot(bar, lambda: self._pass(bar, arrival))
        if snapshot.parent in self.arrivals:
            steps = (self.admit, lambda: self._open_arrival(arrival), lambda: self._close(bar))
            self.throttle.do(steps)
            return
        self.open_ids.discard(snapshot.id)
        self._look = arrival.choices, weakly(arrival.file)
        around = self._snapshots(failures.parent_of(snapshot), lambda: self._pass(bar, arrival))
        passing = [functools.partial(self._pass_by, each, arrival.file, snapshot, around) for each in arrival.choices]
        self.throttle.do((*passing, self._settle))

    def _pass_by(self, choice: Choice, file: TextIO, snapshot: Snapshot, around: Sequence[Snapshot]) -> None:
        choice = self.outlets.maker.usable(choice, file)
        again = functools.partial(self._pass_by, choice, file, snapshot, around)
        view = self.outlets.of(choice, file, again, to_relay=False)
        with self.outlets.driving(view):
            view.flash(snapshot.dressed(choice.look, choice.layout), around)

    def _close(self, bar: Source) -> None:
        self.relay.hear()  # what workers have said until now belongs above the last frame
        snapshot = self._snapshot(bar, lambda: self._close(bar))
        self.open_ids.discard(snapshot.id)
        if snapshot.state == "interrupted":
            self.relay.forgive()
        if not self.open_ids:
            self.relay.settle()
        ended = self.relay.closed(snapshot)
        if isinstance(ended, Snapshot):
            self.finish(ended)
        else:
            self.bars[snapshot.id].bar = _weakref.ref(ended)
        self.relay.make_way()

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last snapshot."""
        views = self.views_of(snapshot.id)
        ids = {each for view in views for each in view.coming(snapshot.id)} | failures.parent_of(snapshot)
        coming = self._snapshots(ids, lambda: self.finish(snapshot)) if ids else ()
        self.bars.pop(snapshot.id, None)
        views.sort(key=lambda view: not view.aside)  # those that draw may hang; the others have the end by then
        self.outlets.each(views, lambda view: view.close(snapshot, coming), self._settle)

    # ── making way ───────────────────────────────────────────────────────────────────────────────────────────────────

    def suspend(self, token: object) -> None:
        """Take all rows away, for as long as anybody wants that."""
        self.outlets.away.add(token)
        self.outlets.each(self.outlets, lambda view: view.suspend(), self.console.rest)

    def _make_way(self) -> None:
        """Take all rows away for a prompt that comes now."""
        steps = (lambda view: view.make_way(), self.console.precede_prompt)
        self.throttle.call(lambda: self.outlets.each(self.outlets, *steps))

    def resume(self, token: object) -> None:
        """Show all rows again, if nobody else wants them to be away."""
        self.outlets.away.discard(token)
        if not self.outlets.away:
            self._return()

    def _return(self) -> None:
        """Show all rows again that have been away."""
        snapshots = self._snapshots(self.bars, self._return)
        self.outlets.each(self.outlets, lambda view: view.resume(snapshots), self._settle)

    def _settle(self) -> None:
        self.outlets.settle()
        self.follow()

    def follow(self) -> None:
        """See that the program's own streams know on which terminals rows are drawn now."""
        self.outlets.follow()
        if self.relay.name:
            leads_to = [terminal_of(file) for file in (sys.stdout, sys.stderr) if not pty.holds(file)]
            self.texts.elsewhere = {terminal for terminal in leads_to if terminal is not None}
        terminals, beside = self.outlets.terminals | self.texts.elsewhere, self.texts.bystander.terminal
        if terminals or beside is None:
            self.console.follow(terminals, resting=bool(self.outlets.away), alone=not self.texts.elsewhere)
        else:
            self.console.stand_by(beside)

    # ── frames ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _draw(self, now: float) -> float | None:
        polled = self.relay.poll(now, drawing=self.drawing)
        drawn = self.draw_bars(monotonic())
        return min((wait for wait in (polled, drawn) if wait is not None), default=None)

    def draw_bars(self, now: float) -> float | None:
        """Draw the frames that are due at a monotonic time, and return the seconds until the next, if there is any."""
        if self.arrivals and self.arrivals.due <= now:
            self.admit()
        views = chain.from_iterable([shown.views for shown in self.bars.values()])
        showing = [view for view in dict.fromkeys(views) if view.has_sink]
        coming = [self.arrivals.due] if self.arrivals.due > now else []
        if not showing and not coming:
            return None
        if self._looks.due <= now:
            self._looks.take(self.bars)
        self._draw_frames([view for view in showing if view.due <= now])
        return min(*coming, *(view.due for view in showing), self._looks.due) - monotonic()

    def refresh(self, bar_id: int) -> None:
        """Draw a bar as it is now on the screens that show it, whatever is due."""
        shown = (view for view in self.views_of(bar_id) if isinstance(view, View))
        screens = [view for view in shown if view.has_sink and view.is_screen]
        for view in screens:
            view.be_asked()
        self._draw_frames(screens)

    def _draw_frames(self, due: Sequence[View | SideView]) -> None:
        if due:
            cost = Cost()
            snapshots = self._snapshots({each for view in due for each in view.seen()}, lambda: None)
            sampling = cost.seconds
            for view in due:
                with self.outlets.driving(view):
                    view.update(snapshots, sampling)
            self.follow()

    def _snapshots(self, ids: Collection[int], again: Callable[[], None]) -> list[Snapshot]:
        for guest in self.relay.guests(ids):
            bar = self.bars[guest].bar()
            if bar is not None:
                self.relay.joined(self._snapshot(bar, again))
        asked = [shown.bar() for shown in map(self.bars.get, sorted(ids)) if shown is not None]
        return [self.relay.joined(self._snapshot(bar, again)) for bar in asked if bar is not None]

    # ── the code of others, which may hang ───────────────────────────────────────────────────────────────────────────

    def _snapshot(self, bar: Source, again: Callable[[], None]) -> Snapshot:
        """Take a snapshot, which reads metrics: users' code."""
        asked = Asked(lambda: f"Reading a metric of {bar!r}", bar.stop_reading, again, "its metrics are read no more")
        with Asking(self.throttle, asked):
            return bar.snapshot()


def weakly(file: TextIO) -> Callable[[], TextIO | None]:
    """Refer to a stream without keeping it open, where that can be done."""
    try:
        return _weakref.ref(file)
    except TypeError:
        return lambda: file
