"""The way of a bar to the display, for any thread: what is drawn is handed over to the thread that draws."""

from __future__ import annotations

import atexit
import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from headway.choosing.selection import Choice
from headway.drawing.display import Display
from headway.drawing.source import Source
from headway.host import endings, environment, fork, handlers, notebook, pty
from headway.host.environment import terminal_of
from headway.host.signals import Signals
from headway.notation import TYPE_CHECKING, TextIO
from headway.processes import address
from headway.sink import ProgressSink
from headway.snapshot import State

if TYPE_CHECKING:
    from headway.drawing.side import SideView
    from headway.drawing.throttle import Throttle
    from headway.processes.relay import Relay

__all__ = ["Hub", "hub"]


class Hub(fork.Part):
    """Hands bars, texts and requests over to the display, and sees to signals, forks and the end of the process."""

    def __init__(self) -> None:
        self.display = Display(self.close_all, self.suspended)
        self.relay: Relay = self.display.relay
        self.throttle: Throttle = self.display.throttle
        self.outlets = self.display.outlets
        self.texts = self.display.texts
        fork.register(self)
        self._signals: Signals = Signals(self)
        self.throttle.mind = self._signals.mind
        self._forks = self._parent = 0
        """The process that forks, and the one that was drawing when it forked this one: the display is that one's."""

    def soon(self, job: Callable[[], object]) -> None:
        """Have something done after the frame that this is called in."""
        self.throttle.afterwards(job)

    @property
    def in_a_frame(self) -> bool:
        """Whether this is called from within a frame."""
        return self.throttle.inside

    @property
    def silent(self) -> bool:
        """Whether this process may not draw, for its parent may, and does not tell.

        With a relay the parent is found as long as it draws.
        """
        return bool(self._parent) and not address.wanted() and os.getppid() == self._parent

    def route(self, choices: tuple[Choice, ...], file: TextIO) -> tuple[Choice, ...]:
        """Return what shows a bar in this process: what was chosen, the relay, or nothing.

        Args:
            choices: What was chosen.
            file: The stream that the bar is for.
        """
        if self.outlets.recorders:
            return choices
        if not pty.is_own():
            return self.relay.route(choices, file, silent=self.silent)
        drawn = tuple(choice for choice in choices if choice.draws == "rows" and pty.holds(file))
        stays = tuple(choice for choice in choices if choice not in drawn)
        return (*self.relay.route(drawn, file, silent=self.silent), *stays)

    def open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO, delay: float = 0.0) -> None:
        """Show the first snapshot of a bar, after a delay in seconds. It is out now, but for a bar of a storm."""
        self.display.open_ids.add(bar.id)
        deaf = self.outlets.deaf()
        waits = not (delay or deaf or self.relay.name or self.relay.merges) and self.throttle.takes_turns
        frame = self.outlets.next_first_frame(choices, file) if waits else None
        if frame is not None or (not self.draws_rows and terminal_of(file) is not None):
            self._follow_signals(rows=True)  # before the first row: a signal may come as soon as it is there
        if frame is None:
            opening = functools.partial(self.display.open_own, bar, choices, file, delay, deaf)
            self.throttle.call(lambda: self.display.after_arrivals(opening))
            self.outlets.catch_up(self.display.views_of(bar.id))
            self._follow_signals(rows=self.draws_rows)
        elif self.display.arrivals.add(bar, choices, file, frame) and not self.throttle.wake():
            self.throttle.call(self.display.admit)
        if self.relay.drew():
            self.throttle.nudge()

    def close(self, bar: Source, *, leave: bool = True) -> None:
        """Show a bar's last snapshot; it is out when this returns.

        A bar of the process that forked is not ours: no snapshot is taken, for that would read its metrics here.

        Args:
            bar: The bar.
            leave: Whether its last row stays: if not, and if it still waits for its first frame, nothing is shown.
        """
        if not (leave or self.relay.merges) and self.display.arrivals.take(bar.id) is not None:
            self.display.open_ids.discard(bar.id)
        elif bar.id in self.display.open_ids:
            views = self.display.views_of(bar.id)
            self.throttle.call(lambda: self.display.close_own(bar))
            self.outlets.catch_up(views)
            lines = [view for view in views if view.renderer.draws == "lines" and view.stream.is_of_cells]
            if lines and not self.display.drawing:
                self.throttle.rest()
                if self.display.drawing:  # another thread has opened a bar just now
                    self.throttle.call(lambda: None)
        self._follow_signals(rows=self.draws_rows)

    def refresh(self, bar: Source) -> None:
        """Draw a bar as it is now, and those that are seen with it; the frame is out when this returns."""
        if bar.id in self.display.open_ids:
            self.throttle.call(lambda: self.display.after_arrivals(lambda: self.display.refresh(bar.id)))

    def restyle(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Give a bar that is open another look, from its next snapshot on, where it is shown by what is chosen."""
        self.throttle.call(lambda: self.display.after_arrivals(lambda: self.display.restyle(bar.id, choices, file)))

    def _follow_signals(self, *, rows: bool) -> None:
        ends = self.outlets.waited_for or self.relay.awaited
        self._signals.follow(rows=rows, ends=ends, bars=self.display.reporting)

    @property
    def draws_rows(self) -> bool:
        """Whether there are rows on a terminal that other output would get mixed up with."""
        return bool(self.outlets.terminals)

    def new_id(self) -> int:
        """Return a number that no other bar of the process has."""
        return self.display.new_id()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Take the rows of all terminal renderers away, and show them again at the end of the block."""
        token = object()
        try:
            if not self.silent:
                self.throttle.call(lambda: self.display.suspend(token))
            yield
        finally:
            if not self.silent:
                self.throttle.surely(lambda: self.display.resume(token))

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
        self._follow_signals(rows=self.draws_rows)

    # ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────

    def close_all(self, state: State | None = None) -> None:
        """Close what is still open, in a state; by default in the one that the interpreter's exit stands for."""
        if state is None:
            error = endings.last_error()
            state = "stopped" if error is None else endings.of_exception(error)
        if self.throttle.late and self.outlets.blocked:
            self.throttle.wait_for_answers()
        for token in list(self.outlets.away):  # what leaves rows shall leave them
            self.throttle.call(lambda token=token: self.display.resume(token))  # type: ignore[misc]
        self.throttle.call(self.relay.drain)
        self.texts.hang = self.throttle.late
        if self.texts.hang:
            self.relay.drain()  # what workers have said is not lost with the display
        self.throttle.call(self.display.admit)
        for shown in reversed(list(self.display.bars.values())):
            bar = shown.bar()
            if bar is not None and bar.id in self.display.open_ids:  # the rows of workers come later
                bar.end(state)
        self.throttle.call(lambda: self.relay.finish(state))
        aside = self.outlets.end_aside()
        self.throttle.call(self.outlets.end_drawn)
        self.texts.bystander.end()
        self.throttle.call(self.display.console.leave)
        if address.started_by() is not None:  # a worker may have more to print, such as the traceback of Ctrl-C
            self.texts.elsewhere = set()
            self.stand_by()
            self.throttle.call(self.display.follow)
        for view in aside:
            view.join()
        if self.draws_rows:  # a renderer has not come back
            environment.show_cursor()

    def before_fork(self) -> None:
        """Say which process forks: it may be gone when the child asks."""
        self._forks = os.getpid()
        self.stand_by()

    def expect_workers(self) -> None:
        """See that bars of workers which are started from now on neither tear lines of this process nor go astray.

        A notebook shows them itself, for none of its workers can show one in a cell.
        """
        if not notebook.in_notebook():
            self.stand_by()
        elif address.wanted():
            notebook.at_end_of_cells(self._end_cell)
            self.display.attend()
            self.throttle.call(lambda: None)

    def stand_by(self) -> None:
        """Have lines of this process go above the rows of workers that it starts from now on, if it has none itself."""
        bystander = self.texts.bystander
        if bystander.terminal is None and address.wanted() and sys.stderr is not None and not pty.holds(sys.stderr):
            bystander.terminal = terminal_of(sys.stderr)
            if self.throttle.runs:
                self.throttle.post(self.display.follow)
            else:
                self.display.follow()

    def _end_cell(self, _error: BaseException | None) -> None:
        """End the rows of workers in a cell that is over, if none of them has a bar there now."""
        self.throttle.call(self.relay.hear)
        self.throttle.call(self.relay.settle)

    def after_fork_in_child(self) -> None:
        """Let go of the bars and the display, which are the parent's.

        A bar that the child has inherited is shown nowhere; `reporting/copies.py` has its counts reach the parent. A
        bar that the child opens goes to the process that `Relay.route` finds; if it finds none, this process draws,
        unless it is `silent`.
        """
        self._parent = self._forks if self.display.drawing else self._parent
        self.texts.elsewhere |= self.outlets.terminals
        self.outlets.leave_to_parent()
        self.display.begin()
        if address.wanted():
            self.display.follow()


hub = Hub()
atexit.register(hub.close_all)
handlers.keep_signals()
