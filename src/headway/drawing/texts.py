"""Texts above the rows: those that the program prints or writes, and those of its workers.

The methods under "in the drawing thread" run there alone; `write` is called from any thread.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from headway import format as fmt
from headway.drawing.outlets import Outlets
from headway.drawing.throttle import Throttle
from headway.drawing.view import View
from headway.host import environment, notebook
from headway.host.environment import terminal_of
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING
from headway.processes.bystander import Bystander
from headway.processes.relay import Relay

if TYPE_CHECKING:
    from headway.drawing.side import SideView

__all__ = ["Texts"]


class Texts:
    """Puts texts above the rows.

    Args:
        throttle: Has the sinks called.
        outlets: The sinks.
        relay: The process that draws, if it is another one.
        views_of: Returns the views of a bar, none if it is shown nowhere.
    """

    def __init__(
        self,
        throttle: Throttle,
        outlets: Outlets,
        relay: Relay,
        views_of: Callable[[int | None], Sequence[View | SideView]],
    ) -> None:
        self._throttle = throttle
        self._outlets = outlets
        self._relay = relay
        self._views_of = views_of
        self.elsewhere: set[int] = set()
        """Terminals of this process on which another one draws, which puts above its rows what is printed here."""
        self.hang = False
        """Whether the thread that draws hangs, at the end of the process."""
        self.bystander = Bystander(self.say)
        """Has a worker put lines above its rows, if this process has none."""
        self._clearing: dict[View | SideView, set[object]] = {}
        """The views whose rows are away for texts, with a token for each text."""

    def write(self, text: str, bar_id: int | None = None) -> None:
        """Put a text above the bars, or above those that are shown where one bar is; on stderr where none is shown."""
        deaf = self._outlets.deaf()
        self._throttle.call(functools.partial(self._write, text, bar_id, deaf))
        self._outlets.catch_up(self._views_of(bar_id) or self._outlets)

    @contextmanager
    def cleared(self, terminal: int) -> Iterator[bool]:
        """Take this process's rows off a terminal for a block that writes there; the value is false if there are none.

        Rows that cannot be taken away in time are written over.
        """
        token = object()
        found: list[View | SideView] = []
        self._throttle.call(lambda: found.extend(self._clear(terminal, token)))
        try:
            yield bool(found) or terminal not in self.elsewhere
        finally:
            self._throttle.surely(lambda: self._show_again(found, token))

    # ── in the drawing thread ────────────────────────────────────────────────────────────────────────────────────────

    def above(self, terminal: int) -> tuple[AbstractContextManager[object], Callable[[str], bool]]:
        """Return the call that puts text of the program above the rows on a terminal, and the block to make it in.

        The rows may be another process's; if there are none, the call returns false.
        """
        self._relay.hear()
        view = self._view_on(terminal)
        if view is not None:
            return self._outlets.driving(view), view.put
        if terminal in self.elsewhere:
            return nullcontext(), functools.partial(self._relay.passes_on, terminal=terminal)
        return nullcontext(), lambda _text: False

    def say(self, text: str, terminal: int | None) -> None:
        """Put what a worker has printed on a terminal, or written, above the rows; straight out if that cannot be."""
        if not self.hang:
            if terminal is None:
                self.write(text)
                return
            view = self._view_on(terminal)
            if view is not None:
                with self._outlets.driving(view):
                    if view.put(text):
                        return
        streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__) if terminal is not None else ()
        stream = next((stream for stream in streams if terminal_of(stream) == terminal), sys.stderr)
        if stream is not None:
            SafeStream(stream).put(text)

    def _clear(self, terminal: int, token: object) -> Sequence[View | SideView]:
        view = self._view_on(terminal)
        if view is None:
            return ()
        self._clearing.setdefault(view, set()).add(token)
        with self._outlets.driving(view):
            view.suspend()
        return (view,)

    def _show_again(self, views: Sequence[View | SideView], token: object) -> None:
        for view in views:
            waiting = self._clearing.get(view, set())
            waiting.discard(token)
            if not waiting:
                self._clearing.pop(view, None)
            if not (waiting or self._outlets.away):
                with self._outlets.driving(view):
                    view.resume(())

    def _view_on(self, terminal: int) -> View | SideView | None:
        """Return the view that has rows on a terminal."""
        return next((view for view in self._outlets if view.busy and view.has_sink and view.terminal == terminal), None)

    def _write(self, text: str, bar_id: int | None, deaf: Collection[View | SideView]) -> None:
        shown = [view for view in self._views_of(bar_id) or self._outlets if view.busy and view.has_sink]
        self._throttle.do([functools.partial(self._put, view, text) for view in shown if view not in deaf])
        sink = None if shown or self._outlets.recorders else self._relay.seek()
        if sink is not None:
            sink.write(text)
            return
        file = sys.stdout if notebook.in_notebook() else sys.stderr  # front ends frame errors in red
        if (not shown or self._relay.only_records) and file is not None:
            stream = SafeStream(file)
            text = fmt.written(text, colours=environment.is_terminal(stream))
            terminal = terminal_of(file) if self.bystander.has_rows_beside else None
            if terminal is None or not self.bystander.print(text, terminal):
                stream.put(text)

    def _put(self, view: View | SideView, text: str) -> None:
        """Put a text above the bars; of control sequences only colours get through, and those only to a terminal."""
        text = fmt.written(text, colours=view.draws_rows)
        with self._outlets.driving(view):
            put = view.put(text)
        if not put and view.redirected:
            SafeStream(view.stream.file).put(text)
