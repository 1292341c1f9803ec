"""Bars on a page of Gradio's, for a function that asks for them: `progress=gr.Progress(track_tqdm=True)`.

Gradio learns of bars by changing tqdm's own class, which `headway.tqdm` does not use. It is not imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from headway.choosing.selection import Choice
from headway.reporting.bar import Bar
from headway.sink import PerBar, Renderer
from headway.snapshot import Snapshot

__all__ = ["choices"]


class _Tracked(NamedTuple):
    """A bar as Gradio keeps it."""

    all: list[Any]
    """Those of the same call of a function, the outermost first."""
    own: Any
    tell: Callable[[list[Any]], object]
    """Brings all of them to the page."""


_tracked: dict[int, _Tracked] = {}


class _GradioSink(PerBar):
    def open(self, snapshot: Snapshot) -> None:
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        every, own, tell = _tracked[snapshot.id]
        own.index, own.length, own.desc, own.unit = snapshot.n, snapshot.total, snapshot.desc, snapshot.unit
        tell(every)

    def close(self, snapshot: Snapshot) -> None:
        self.update(snapshot)
        every, own, tell = _tracked.pop(snapshot.id)
        every.remove(own)
        tell(every)


_RENDERER = Renderer(lambda _: _GradioSink(), protocol=2, draws="nothing", interval=0.1)


def choices(bar: Bar) -> tuple[Choice, ...]:
    """Return the sinks that show a bar on the page for which this thread works; none if it works for none."""
    context = sys.modules.get("gradio.context")
    if context is None:
        return ()
    try:
        progress = context.LocalContext.progress.get(None)
        tell = None if progress is None else progress._progress_callback()
        if tell is None:
            return ()
        own = sys.modules["gradio.helpers"].TrackedIterable(None, 0, None, "", bar.unit, bar)
        _tracked[bar.id] = _Tracked(progress.iterables, own, tell)
        progress.iterables.append(own)
    except (AttributeError, KeyError, TypeError):  # a Gradio that keeps them otherwise
        return ()
    return (Choice("gradio", _RENDERER),)
