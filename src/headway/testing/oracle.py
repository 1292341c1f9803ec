"""The promises made to every sink, checked at each call: the order of the calls, and the contents of a snapshot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from headway import format as fmt
from headway.drawing.hub import hub
from headway.events.schema import from_event, to_event
from headway.sink import Capabilities, ProgressSink
from headway.snapshot import Snapshot

__all__ = ["Oracle", "watch"]


class Oracle:
    """A sink that checks each call, and passes it on.

    It never raises, for headway contains all that a sink raises: a broken promise is kept in `broken`.

    Args:
        sink: The sink behind it, if any.
    """

    def __init__(self, sink: ProgressSink | None = None) -> None:
        self.broken: list[str] = []
        """The promises that were not kept, in words."""
        self.open_ids: set[int] = set()
        """Bars that are open now."""
        self.closed: dict[int, Snapshot] = {}
        """The last snapshot of each bar that has ended."""
        self._opened: dict[int, Snapshot] = {}
        self._over: int | None = None
        self._sink = sink
        self._busy = False

    @property
    def capabilities(self) -> Capabilities:
        """Those of the sink behind it."""
        return Capabilities(needs_terminal=False, interval=0.0) if self._sink is None else self._sink.capabilities

    def open(self, snapshot: Snapshot) -> None:
        """Check that the bar is new, or has made way; one that ended meanwhile has to be closed at once."""
        self._expect(snapshot.id not in self.open_ids, f"bar {snapshot.id} is not opened while it is open")
        self._expect(snapshot.id not in self.closed, f"bar {snapshot.id} is not opened again when it has ended")
        self._expect_end_of_none()
        if snapshot.state != "running":
            self._over = snapshot.id
        self._opened.setdefault(snapshot.id, snapshot)
        self.open_ids.add(snapshot.id)
        self._look(snapshot)
        self._pass_on(lambda sink: sink.open(snapshot))

    def update(self, snapshot: Snapshot) -> None:
        """Check that the bar is open."""
        self._expect(snapshot.id in self.open_ids, f"bar {snapshot.id} is updated while it is open")
        self._expect_end_of_none()
        self._look(snapshot)
        self._pass_on(lambda sink: sink.update(snapshot))

    def close(self, snapshot: Snapshot) -> None:
        """Check that the bar is open, and has ended or makes way."""
        self._expect(snapshot.id in self.open_ids, f"bar {snapshot.id} is closed once, and after it was opened")
        if self._over == snapshot.id:
            self._over = None
        self._expect_end_of_none()
        self.open_ids.discard(snapshot.id)
        if snapshot.state != "running":
            self.closed[snapshot.id] = snapshot
        else:
            self._expect(not snapshot.leave, f"bar {snapshot.id} has ended when it is closed, or makes way")
        self._look(snapshot)
        self._pass_on(lambda sink: sink.close(snapshot))

    def write(self, text: str) -> None:
        """Check that the text can be shown."""
        self._expect(text == fmt.written(text, colours=True), f"written text is safe, not {text!r:.80}")
        self._pass_on(lambda sink: sink.write(text))

    def check(self) -> None:
        """Raise an `AssertionError` that lists the promises that were not kept, if any."""
        if self.broken:
            raise AssertionError("It does not hold that\n- " + "\n- ".join(self.broken))

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

    def _expect_end_of_none(self) -> None:
        self._expect(self._over is None, f"bar {self._over}, opened when it had ended, is closed at once")

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

    def watched(sink: ProgressSink) -> ProgressSink:
        oracles.append(Oracle(sink))
        return oracles[-1]

    before, hub.maker.wrap = hub.maker.wrap, watched
    try:
        yield oracles
    finally:
        hub.maker.wrap = before
    for oracle in oracles:
        oracle.check()
