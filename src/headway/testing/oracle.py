"""The promises made to every sink, checked at each call: the order of the calls, and the contents of a snapshot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from headway import format as fmt
from headway.drawing.hub import hub
from headway.events.schema import from_event, to_event
from headway.sink import Frame, ProgressSink, Renderer
from headway.snapshot import Snapshot

__all__ = ["Oracle", "watch"]


class Oracle:
    """A sink that checks each call, and passes it on.

    It never raises, for headway contains all that a sink raises: a broken promise is kept in `broken`.

    Args:
        sink: The sink behind it, if any.
        renderer: The renderer that has made that sink.
    """

    def __init__(self, sink: ProgressSink | None = None, renderer: Renderer | None = None) -> None:
        self.renderer = renderer
        """The renderer of the sink behind it."""
        self.broken: list[str] = []
        """The promises that were not kept, in words."""
        self.open_ids: set[int] = set()
        """Bars that are open now."""
        self.closed: dict[int, Snapshot] = {}
        """The last snapshot of each bar that has ended."""
        self._opened: dict[int, Snapshot] = {}
        self._hidden = False
        self.stopped = False
        """Whether the sink was told the end."""
        self._sink = sink
        self._busy = False

    def frame(self, frame: Frame) -> None:
        """Check that the bars that are opened are new, and the others open."""
        self._expect(not self._hidden, "no frame comes while the rows are away")
        for snapshot in frame.opened:
            self._expect(snapshot.id not in self.open_ids, f"bar {snapshot.id} is not opened while it is open")
            self._come(snapshot)
        for snapshot in frame.changed:
            self._expect(snapshot.id in self.open_ids, f"bar {snapshot.id} is updated while it is open")
            self._look(snapshot)
        for snapshot in frame.ended:
            self._expect(snapshot.id in self.open_ids, f"bar {snapshot.id} ends once, and after it was opened")
            self._end(snapshot)
        self._compare(frame)
        self._pass_on(lambda sink: sink.frame(frame))

    def hide(self) -> None:
        """Check that the rows are there."""
        self._expect(not self._hidden, "rows make way once")
        self._hidden = True
        self._pass_on(lambda sink: sink.hide())

    def show(self, frame: Frame) -> None:
        """Check that the rows were away, and that no bar has got lost meanwhile."""
        self._expect(self._hidden, "rows that are shown again were away")
        self._hidden = False
        for snapshot in frame.opened:
            self._come(snapshot)
        for snapshot in frame.ended:
            self._come(snapshot)
            self._end(snapshot)
        for bar_id in self.open_ids - {snapshot.id for snapshot in frame.bars}:
            self.open_ids.discard(bar_id)  # it has ended, and is not to stay visible
        self._compare(frame)
        self._pass_on(lambda sink: sink.show(frame))

    def stop(self, within: float) -> None:
        """Check that it is the first time."""
        self._expect(not self.stopped, "a sink is told the end once")
        self.stopped = True
        self._pass_on(lambda sink: sink.stop(within))

    def write(self, text: str) -> None:
        """Check that the text can be shown."""
        self._expect(not self.stopped, "nothing is written after the end")
        self._expect(text == fmt.written(text, colours=True), f"written text is safe, not {text!r:.80}")
        self._pass_on(lambda sink: sink.write(text))

    def check(self) -> None:
        """Raise an `AssertionError` that lists the promises that were not kept, if any."""
        if self.broken:
            raise AssertionError("It does not hold that\n- " + "\n- ".join(self.broken))

    def _come(self, snapshot: Snapshot) -> None:
        self._expect(snapshot.id not in self.closed, f"bar {snapshot.id} is not opened again when it has ended")
        self._opened.setdefault(snapshot.id, snapshot)
        self.open_ids.add(snapshot.id)
        self._look(snapshot)

    def _end(self, snapshot: Snapshot) -> None:
        self._expect(snapshot.state != "running", f"bar {snapshot.id} has a state when it has ended")
        self.open_ids.discard(snapshot.id)
        self.closed[snapshot.id] = snapshot
        self._look(snapshot)

    def _compare(self, frame: Frame) -> None:
        bars = [snapshot.id for snapshot in frame.bars]
        if frame.more:
            self.open_ids &= {*bars}  # there is no room for the others
        self._expect(self.open_ids == {*bars}, f"a frame has all bars that are open: {bars}, not {self.open_ids}")
        places = {bar_id: place for place, bar_id in enumerate(bars)}
        for snapshot in frame.bars:
            above = places.get(snapshot.parent or 0, -1)
            self._expect(above < places[snapshot.id], f"bar {snapshot.id} follows the bar around it")

    def _pass_on(self, act: Callable[[ProgressSink], None]) -> None:
        self._expect(not self._busy, "a sink is called by one thread at a time")
        self._busy = True
        try:
            if self._sink is not None:
                act(self._sink)
        finally:
            self._busy = False

    def _look(self, s: Snapshot) -> None:
        first = self._opened.get(s.id, s)
        self._expect((s.parent, s.name) == (first.parent, first.name), f"bar {s.id} keeps its parent and its name")
        for field, number in _numbers(s):
            self._expect(number is None or 0 <= number < math.inf, f"{field} of bar {s.id} is a count, not {number}")
        if s.eta is not None and s.eta_low is not None and s.eta_high is not None:
            self._expect(s.eta_low <= s.eta <= s.eta_high, f"{s.eta_low} <= {s.eta} <= {s.eta_high}, the eta of {s.id}")
        for field, text in _texts(s):
            self._expect(text == fmt.printable(text), f"{field} of bar {s.id} is clean, not {text!r:.80}")
        event = to_event(s)
        self._expect(to_event(from_event(event)) == event, f"a snapshot of bar {s.id} survives as an event")

    def _expect(self, truth: bool, promise: str) -> None:
        if not truth:
            self.broken.append(promise)


def _numbers(s: Snapshot) -> Iterator[tuple[str, Any]]:
    for field in ("n", "position", "total", "initial", "elapsed", "rate", "eta", "eta_low", "eta_high", "fraction"):
        yield field, getattr(s, field)


def _texts(s: Snapshot) -> Iterator[tuple[str, str]]:
    for field in ("name", "desc", "phase", "unit", "message", "reason", "around"):
        yield field, getattr(s, field)
    for name, reading in s.metrics.items():
        yield "a metric's name", name
        yield f"the metric {name!r}", reading.text + reading.mark


@contextmanager
def watch() -> Iterator[list[Oracle]]:
    """Put an oracle in front of every sink that is made inside the block, and check them all at its end.

    ::

        with headway.testing.watch():
            my_library.train()

    Raises:
        AssertionError: A promise was not kept.
    """
    oracles: list[Oracle] = []

    def watched(sink: ProgressSink, renderer: Renderer) -> ProgressSink:
        oracles.append(Oracle(sink, renderer))
        return oracles[-1]

    before, hub.outlets.maker.wrap = hub.outlets.maker.wrap, watched
    try:
        yield oracles
    finally:
        hub.outlets.maker.wrap = before
    for oracle in oracles:
        oracle.check()
