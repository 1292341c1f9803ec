"""The sinks of the process: each is made once, is used by all bars that have chosen it, and is told the end once."""

from __future__ import annotations

import _thread
import atexit
import functools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from time import monotonic

from headway.choosing.selection import Choice
from headway.drawing.agenda import Agenda, Asked, Asking
from headway.drawing.made import Made
from headway.drawing.maker import Maker
from headway.drawing.view import View
from headway.host import fork
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING, Any, TextIO, cast
from headway.processes.address import started_by
from headway.sink import ProgressSink, Renderer

if TYPE_CHECKING:
    from headway.drawing.side import SideView

__all__ = ["STOP_WITHIN", "Outlets"]

STOP_WITHIN = 5.0
"""Seconds that the end of the process waits at most for the sinks to end, all together.

For those that draw it waits only for `throttle.ANSWER_WITHIN`, for they are called in the thread that draws, unless a
terminal takes nothing at the moment.
"""

EXECUTORS = "concurrent.futures.thread"
LEAST = 1.0
"""Seconds of those that sinks have for their end itself, after they were told what waited."""


class Outlets(fork.Part):
    """The views of all sinks, and the terminals on which rows are drawn; for the thread that draws.

    A sink ends with the process, with the `headway.use` block that has chosen it, or with the last bar on a stream that
    is not, or not any more, the program's standard output or error.

    Args:
        agenda: Calls the code of sinks, which may hang.
        inline: Tells whether threads are not to be used.
        at_exit: Called at the exit of the process: it has to tell all sinks the end.
        on_return: Called when a sink is there again that had hung on a terminal that was stopped.
    """

    def __init__(
        self,
        agenda: Agenda,
        inline: Callable[[], bool],
        at_exit: Callable[[], object],
        on_return: Callable[[], object],
    ) -> None:
        self.maker = Maker(agenda, inline, self._be_told)
        """Makes the views, and knows the backends that are broken."""
        self.recorders: list[ProgressSink] = []
        """Sinks that take the place of all others, the last one counts; see `headway.testing.record`."""
        self.terminals: set[int] = set()
        """Those on which rows are drawn that other output would get mixed up with."""
        self.waited_for = False
        """Whether a sink has something to do at its end, and draws no rows, for whose sake SIGTERM is held anyway."""
        self.away: set[object] = set()
        """A token for each of those who want the rows to be away."""
        self._agenda = agenda
        self._at_exit = at_exit
        self._on_return = on_return
        self._views: dict[tuple[object, ...], View | SideView] = {}
        self._executors = False
        """Whether the library has executors, whose end is preceded."""
        self._exits_by: float | None = None
        """When the sinks have to have ended, once the process ends."""
        self._retired: set[object] = set()
        """The `use` blocks that are over, but whose bars are not."""
        fork.register(self)

    def __iter__(self) -> Iterator[View | SideView]:
        return iter(list(self._views.values()))

    @property
    def blocked(self) -> bool:
        """Whether a terminal takes nothing now on which rows are drawn: it is slow, or was stopped."""
        views = (view for view in self if not view.aside)
        return any(view.terminal is not None and not view.stream.takes_more for view in views)

    def find(self, choice: Choice, file: TextIO) -> View | SideView | None:
        """Return the view of a choice on a stream, if there is one."""
        return self._views.get(choice.key(file))

    def next_first_frame(self, choices: tuple[Choice, ...], file: TextIO) -> float | None:
        """Return the monotonic time of the frame that a bar of a storm comes with; `None` if it is to be opened now."""
        views = () if self.recorders else [self._views.get(choice.key(file)) for choice in choices]
        frames = [None if view is None else view.next_first_frame for view in views]
        return None if None in frames else max(frames, default=None)  # type: ignore[type-var]

    def of(self, choice: Choice, file: TextIO, again: Callable[[], None], *, to_relay: bool) -> View | SideView:
        """Return the view of a choice on a stream; it is made if there is none, or only one whose sink is gone.

        A sink that draws nothing is made once, whatever becomes of it.

        Args:
            choice: The backend.
            file: The stream.
            again: Opens the bar again, on plain lines, if the renderer hangs while it is made.
            to_relay: Whether the backend is the relay.
        """
        key = choice.key(file)
        view = self._views.get(key)
        if view is None or not (view.has_sink or view.busy or view.aside):
            view = self._views[key] = self.maker.make(choice, SafeStream(file), again, to_relay=to_relay)
            view.fleeting = to_relay
            self.waited_for = self.waited_for or view.has_end
        return view

    def deaf(self) -> list[View | SideView]:
        """Return the sinks that are being called in this thread: what they report themselves is not for them."""
        me = _thread.get_ident()
        return [view for view in self if view.calling == me]

    def catch_up(self, views: Iterable[View | SideView]) -> None:
        """Wait a moment for the sinks that draw nothing, so that a fast one has written what a slow one will."""
        for view in views:
            view.catch_up()

    def recorder(self, file: TextIO) -> View:
        """Return the view of the last recorder."""
        sink = self.recorders[-1]
        view = self._views.get(("recorder", id(sink)))
        if not isinstance(view, View):
            renderer = Renderer(lambda _context: sink, draws="cell", interval=0.05, points=True)
            made = Made(sink, renderer, "of the recorder")
            view = self._views["recorder", id(sink)] = View(made, SafeStream(file), lambda: None)
        return view

    def want_points(self, choices: Iterable[Choice]) -> bool:
        """Tell whether a sink asks for each value that is reported."""
        return bool(self.recorders) or any(choice.shows_each for choice in choices)

    def forget(self, sink: ProgressSink) -> None:
        """Let go of a recorder, unless this is the child of a fork."""
        if sink in self.recorders:
            self.recorders.remove(sink)
        self._views.pop(("recorder", id(sink)), None)

    def driving(self, view: View | SideView) -> AbstractContextManager[object]:
        """Have a view drive its sink in a block, which may hang."""
        if view.aside:
            return nullcontext()
        drawn = cast("View", view)
        asked = Asked(
            lambda: f"The progress renderer {view.title}",
            drawn.give_up,
            drawn.fall_back,
            "the display falls back to plain lines",
            lambda: self._come_back(drawn),
        )
        return Asking(self._agenda, asked)

    def _come_back(self, view: View) -> None:
        with self.driving(view):
            view.come_back()
        if not self.away:
            self._on_return()

    def each(self, views: Iterable[View | SideView], act: Callable[[Any], object], *then: Callable[[], object]) -> None:
        """Have views drive their sinks one after the other, then do the rest; where one hangs, the others go on."""

        def drive(view: View | SideView) -> None:
            with self.driving(view):
                act(view)

        self._agenda.do((*(functools.partial(drive, view) for view in views), *then))

    def follow(self) -> None:
        """See on which terminals rows are drawn now."""
        self.terminals = {view.terminal for view in self._views.values() if view.busy and view.terminal is not None}

    # ── the end of sinks ─────────────────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> list[SideView]:
        """End the sinks that no bar will use again, and return those that may be waited for."""
        idle = [(key, view) for key, view in self._views.items() if not view.busy and self._is_over(view)]
        if idle:
            for key, _ in idle:
                del self._views[key]
            self.waited_for = any(view.has_end for view in self._views.values())
        ending = self._end([view for _, view in idle]) if idle else []
        if not self._executors and EXECUTORS in sys.modules:
            self._precede_executors()
        self.follow()
        return ending

    def retire(self, scope: object) -> list[SideView]:
        """End the sinks that a `use` block has chosen, each as soon as its last bar has ended."""
        self._retired.add(scope)
        ending = self.settle()
        if not any(view.scope is scope for view in self._views.values()):
            self._retired.discard(scope)
        return ending

    def end_aside(self) -> list[SideView]:
        """End the sinks that draw nothing, in any thread, and return those that are to be waited for."""
        return self._end(self._take(aside=True))

    def end_drawn(self) -> None:
        """End the sinks that draw."""
        self._end(self._take(aside=False))

    def _take(self, *, aside: bool) -> list[View | SideView]:
        taken = {key: view for key, view in list(self._views.items()) if view.aside is aside}
        for key in taken:
            self._views.pop(key, None)
        return list(taken.values())

    def _is_over(self, view: View | SideView) -> bool:
        if view.scope in self._retired or view.fleeting or not (view.has_sink or view.aside):
            return True
        standard = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
        return not view.aside and not any(view.is_on(stream) for stream in standard)

    def _end(self, views: list[View | SideView]) -> list[SideView]:
        """Tell sinks the end: those that draw one after the other, the others all at once in their own threads."""
        by = max(self._exits_by or monotonic() + STOP_WITHIN, monotonic() + LEAST)
        aside = [cast("SideView", view) for view in views if view.aside]
        for beside in aside:
            beside.stop(by)
        self.each([view for view in views if not view.aside], lambda view: view.stop(by))
        for view in views:
            getattr(view.renderer.make, "over", bool)()  # a sink that code has given has one life
        return aside

    def _be_told(self) -> None:
        """Come before the exit handlers of the library that has just been loaded, and be told in pool workers, too."""
        atexit.unregister(self._at_exit)
        atexit.register(self._at_exit)
        if started_by() is not None:
            from multiprocessing.util import Finalize  # it is loaded in such a process

            Finalize(None, self._at_exit, exitpriority=0)
        if not self._executors and EXECUTORS in sys.modules:
            self._precede_executors()

    def _precede_executors(self) -> None:
        """Have what waits told before executors are closed, which is when the main thread ends."""
        self._executors = True
        with suppress(RuntimeError):  # the process ends already
            threading._register_atexit(self._tell_all)  # type: ignore[attr-defined]  # as they do

    def _tell_all(self) -> None:
        """Have the sinks that draw nothing told all that waits."""
        self._exits_by = monotonic() + STOP_WITHIN
        for view in list(self._views.values()):
            if view.aside:
                cast("SideView", view).tell_all(self._exits_by - LEAST)

    # ── forks ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def before_fork(self) -> None:
        """End the threads of sinks."""
        for view in self._views.values():
            view.park()

    def after_fork_in_parent(self) -> None:
        """Have them go on."""
        for view in self._views.values():
            view.unpark()

    def leave_to_parent(self) -> None:
        """Let go of all sinks in the child of a fork, without a call: they are the parent's."""
        for view in self._views.values():
            view.stream.muted = True
        self._views, self.recorders, self.away, self.waited_for = {}, [], set(), False
        self.terminals = set()
        self._retired = set()
