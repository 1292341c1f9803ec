"""The tree of open bars, and the road from them to the sinks. Everything here runs in the throttle's thread."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Protocol, TextIO

from headway import ending
from headway.choosing import Choice, make_sink
from headway.discovery import load
from headway.errors import in_words, tell
from headway.relay.role import Relay
from headway.sink import ProgressSink
from headway.snapshot import Snapshot, State
from headway.stream import Stream
from headway.throttle import Throttle, threads_wanted
from headway.view import View

__all__ = ["Hub", "Source", "hub"]


class Source(Protocol):
    """**Protocol:** what the hub needs of a bar."""

    @property
    def id(self) -> int:
        """A number that no other bar of the process has."""

    def snapshot(self) -> Snapshot:
        """Take a picture now."""

    def end(self, state: State) -> None:
        """End the bar in a state, and hand it to `Hub.close`."""


class Hub:
    """Routes the pictures of all open bars of the process to the sinks that show them."""

    def __init__(self) -> None:
        self.throttle = Throttle(self._draw, inline=not threads_wanted())
        self.recorders: list[ProgressSink] = []
        """Sinks that take the place of all others, the last one counts; see `headway.testing.record`."""
        self.silent = False
        """Whether this is the child of a process that was drawing when it forked: the display is the parent's."""
        self._open_ids: set[int] = set()
        self._bars: dict[int, weakref.ref[Source]] = {}
        self._views: dict[tuple[str, int], View] = {}
        self._views_of: dict[int, list[View]] = {}
        self._broken: set[str] = set()
        self._look: tuple[tuple[Choice, ...], Callable[[], TextIO | None]] = ((), lambda: None)
        self.relay = Relay(_Rows(self))
        """The processes that report to this one, or the one that it reports to."""

    def route(self, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return what shows a bar in this process: what was chosen, the relay, or nothing."""
        return choices if self.recorders else self.relay.route(choices, silent=self.silent)

    def open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show a bar's first picture; it is out when this returns."""
        self._open_ids.add(bar.id)
        self.throttle.call(lambda: self._open_own(bar, choices, file))
        if self.relay.drew():
            self.throttle.nudge()

    def close(self, bar: Source) -> None:
        """Show a bar's last picture; it is out when this returns.

        A bar of the process that forked is not ours: no picture is taken, for that would read its metrics here.
        """
        if bar.id in self._open_ids:
            self._open_ids.discard(bar.id)
            snapshot = bar.snapshot()
            self.throttle.call(lambda: self._close(snapshot))

    def write(self, text: str, bar_id: int | None = None) -> None:
        """Put a text above the bars, or above those that are shown where one bar is; on stderr where none is shown."""
        self.throttle.call(lambda: self._write(text, bar_id))

    @contextmanager
    def recording(self, sink: ProgressSink) -> Iterator[None]:
        """Send every bar that is opened inside the block to one sink, and to no other."""
        self.recorders.append(sink)
        try:
            yield
        finally:
            if sink in self.recorders:  # not in the child of a fork
                self.recorders.remove(sink)

    def _open_own(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
        snapshot = self._open(bar, choices, file)
        if not self.relay.name:
            self._look = choices, _weakly(file)
            self.relay.opened(snapshot)

    def show(self, group: Source) -> None:
        """Open the row of a group of workers' bars, where this process shows its own."""
        choices, file = self._look
        stream = file() or sys.stderr
        if stream is not None:
            self._open(group, tuple(choice._replace(layout=None) for choice in choices), stream)

    def _open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> Snapshot:
        snapshot = bar.snapshot()
        self._bars[snapshot.id] = weakref.ref(bar)
        if self.recorders:
            views = [self._recorder(self.recorders[-1], file)]
        else:
            views = [self._view(choice, file) for choice in choices]
        self._views_of[snapshot.id] = views
        looks = [(choice.options, choice.layout) for choice in choices] or [({}, None)]
        for view, (options, layout) in zip(views, looks, strict=False):
            view.open(replace(snapshot, options=options, layout=layout))
        return snapshot

    def _recorder(self, sink: ProgressSink, file: TextIO) -> View:
        key = ("recorder", id(sink))
        if key not in self._views:
            self._views[key] = View("recorder", sink, Stream(file), lambda: None)
        return self._views[key]

    def _view(self, choice: Choice, file: TextIO) -> View:
        if choice.name in self._broken:
            choice = Choice("plain", load("plain"))
        key = (choice.name, id(file))
        view = self._views.get(key)
        if view is None:
            stream = Stream(file)
            name, sink = self._make_sink(choice, stream)

            def on_broken() -> ProgressSink | None:
                self._broken.add(choice.name)
                return None if name in ("plain", self.relay.name) else load("plain").sink(stream)

            view = self._views[key] = View(name, sink, stream, on_broken)
        return view

    def _make_sink(self, choice: Choice, stream: Stream) -> tuple[str, ProgressSink]:
        try:
            return make_sink(choice, stream)
        except (Exception, SystemExit) as error:  # a renderer's own code, as in View
            tell(
                f"making {choice.name} {type(error)}",
                f"The progress renderer {choice.name!r} raised {in_words(error)} when it was made. "
                f"Plain lines are shown instead.",
            )
            return "plain", load("plain").sink(stream)

    def _close(self, snapshot: Snapshot) -> None:
        ended = self.relay.closed(snapshot)
        if isinstance(ended, Snapshot):
            self.finish(ended)
        else:
            self._bars[snapshot.id] = weakref.ref(ended)

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last picture."""
        self._bars.pop(snapshot.id, None)
        for view in self._views_of.pop(snapshot.id, ()):
            view.close(snapshot)
        self._views = {key: view for key, view in self._views.items() if view.busy}

    def _write(self, text: str, bar_id: int | None) -> None:
        views = self._views_of.get(bar_id or 0) or self._views.values()
        shown = [view for view in views if view.busy and view.draws]
        for view in shown:
            view.write(text)
        if shown:
            return
        sink = None if self.recorders else self.relay.reports()
        if sink is not None:
            sink.write(text)
        elif sys.stderr is not None:
            print(text, file=sys.stderr, flush=True)

    def _draw(self, now: float) -> float | None:
        polled = self.relay.poll(now, drawing=bool(self._views_of))
        drawn = self._draw_bars(monotonic())
        return min((wait for wait in (polled, drawn) if wait is not None), default=None)

    def _draw_bars(self, now: float) -> float | None:
        live = {id(view): view for views in self._views_of.values() for view in views if view.draws}
        if not live:
            return None
        due = [view for view in live.values() if view.due <= now]
        if due:
            bars = [bar for ref in list(self._bars.values()) if (bar := ref()) is not None]
            snapshots = [self.relay.joined(bar.snapshot()) for bar in bars]
            sampling = monotonic() - now
            for view in due:
                view.update(snapshots, sampling)
        return min(view.due for view in live.values()) - monotonic()

    def close_all(self) -> None:
        """Close what is still open when the interpreter exits, with the state that the exit stands for."""
        error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
        state = "stopped" if error is None else ending.of_exception(error)
        self.throttle.call(self.relay.drain)
        for ref in reversed(list(self._bars.values())):
            bar = ref()
            if bar is not None and bar.id in self._open_ids:  # the rows of workers come later
                bar.end(state)
        self.throttle.call(lambda: self.relay.finish(state))

    def park(self) -> None:
        """Stop drawing before a fork."""
        self.throttle.park()
        self.relay.before_fork(drawing=bool(self._bars))

    def unpark(self) -> None:
        """Go on drawing after a fork, in the parent."""
        self.throttle.unpark()

    def forget(self) -> None:
        """Let go of everything in the child of a fork: the bars and the display are the parent's.

        Bars that the child opens go to the parent by the relay, or are silent where there is none.
        """
        self.silent = self.silent or bool(self._bars)
        for view in self._views.values():
            view.stream.muted = True
        self.throttle = Throttle(self._draw, inline=not threads_wanted())
        self._open_ids, self._bars, self._views, self._views_of = set(), {}, {}, {}
        self.recorders = []
        self.relay.forget()
        self.relay = Relay(_Rows(self))


class _Rows:
    """Where the relay shows what workers report."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def show(self, group: Source) -> None:
        """Open a row."""
        self._hub.show(group)

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last picture."""
        self._hub.finish(snapshot)

    def write(self, text: str) -> None:
        """Put a text above the rows."""
        self._hub.write(text)

    @property
    def drawing(self) -> bool:
        """Whether a bar is open in this process."""
        return bool(self._hub._views_of)

    def new_id(self) -> int:
        """Return a number that no bar of this process has."""
        from headway.bar import new_id

        return new_id()


def _weakly(file: TextIO) -> Callable[[], TextIO | None]:
    """Refer to a stream without keeping it open, where that can be done."""
    try:
        return weakref.ref(file)
    except TypeError:
        return lambda: file


hub = Hub()
atexit.register(hub.close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=hub.park,
        after_in_parent=hub.unpark,
        after_in_child=hub.forget,
    )
