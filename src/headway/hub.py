"""The tree of open bars, and the road from them to the sinks. Everything here runs in the throttle's thread."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Protocol, TextIO

from headway import ending
from headway.choosing import Choice, make_sink
from headway.discovery import load
from headway.errors import in_words, tell
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

    def open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show a bar's first picture; it is out when this returns."""
        self._open_ids.add(bar.id)
        self.throttle.call(lambda: self._open(bar, choices, file))

    def close(self, bar: Source) -> None:
        """Show a bar's last picture; it is out when this returns.

        A bar of the process that forked is not ours: no picture is taken, for that would read its metrics here.
        """
        if bar.id in self._open_ids:
            self._open_ids.discard(bar.id)
            snapshot = bar.snapshot()
            self.throttle.call(lambda: self._close(snapshot))

    @property
    def live(self) -> bool:
        """Whether rows are being drawn on a terminal."""
        return any(view.live for view in list(self._views.values()))

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
            self.recorders.remove(sink)

    def _open(self, bar: Source, choices: tuple[Choice, ...], file: TextIO) -> None:
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
                return None if name == "plain" else load("plain").sink(stream)

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
        self._bars.pop(snapshot.id, None)
        for view in self._views_of.pop(snapshot.id, ()):
            view.close(snapshot)
        self._views = {key: view for key, view in self._views.items() if view.busy}

    def _write(self, text: str, bar_id: int | None) -> None:
        views = self._views_of.get(bar_id or 0) or self._views.values()
        shown = [view for view in views if view.busy]
        for view in shown:
            view.write(text)
        if not shown and sys.stderr is not None:
            print(text, file=sys.stderr, flush=True)

    def _draw(self, now: float) -> float | None:
        live = {id(view): view for views in self._views_of.values() for view in views}
        if not live:
            return None
        due = [view for view in live.values() if view.due <= now]
        if due:
            snapshots = [bar.snapshot() for ref in list(self._bars.values()) if (bar := ref()) is not None]
            sampling = monotonic() - now
            for view in due:
                view.update(snapshots, sampling)
        return min(view.due for view in live.values()) - monotonic()

    def close_all(self) -> None:
        """Close what is still open when the interpreter exits, with the state that the exit stands for."""
        error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
        state = "stopped" if error is None else ending.of_exception(error)
        for ref in reversed(list(self._bars.values())):
            bar = ref()
            if bar is not None:
                bar.end(state)

    def park(self) -> None:
        """Stop drawing before a fork."""
        self.throttle.park()

    def unpark(self) -> None:
        """Go on drawing after a fork, in the parent."""
        self.throttle.unpark()

    def forget(self) -> None:
        """Let go of everything in the child of a fork: the bars and the display are the parent's."""
        self.silent = self.silent or bool(self._bars)
        for view in self._views.values():
            view.stream.muted = True
        self.throttle = Throttle(self._draw, inline=not threads_wanted())
        self._open_ids, self._bars, self._views, self._views_of = set(), {}, {}, {}


hub = Hub()
atexit.register(hub.close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=hub.park,
        after_in_parent=hub.unpark,
        after_in_child=hub.forget,
    )
