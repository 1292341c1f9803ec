"""Shows recorded bars through the hub, as if they were reported here: one source a bar, fed by events."""

from __future__ import annotations

import os
from typing import NamedTuple, TextIO

from headway import api
from headway.choosing import selection
from headway.choosing.selection import Choice
from headway.drawing.hub import hub
from headway.events.reader import Event
from headway.processes.reported import Reported
from headway.reporting.opening import opener
from headway.snapshot import Snapshot, State

__all__ = ["Stage"]


MOST = 1000
"""Bars that are open at once, at most. No run of a person's has as many, and each frame has them all."""


class Recorded(Reported):
    """A bar of another process, as the hub sees a bar: its snapshot is the last one that was read."""

    def __init__(self) -> None:
        self.id = hub.new_id()
        self._snapshot = Snapshot(self.id)

    def turn(self, snapshot: Snapshot, parent: int | None) -> None:
        """Take a newer snapshot, in which ids are those of the other process."""
        self._snapshot = snapshot._replace(id=self.id, parent=parent)

    def snapshot(self) -> Snapshot:
        """Return the last snapshot."""
        return self._snapshot

    def end(self, state: State, reason: str = "", *, leave: bool | None = None) -> None:
        """End the bar as the recording does not say."""
        snapshot = self._snapshot
        self._snapshot = snapshot._replace(
            state=state,
            reason=reason,
            paused=False,
            stalled=None,
            eta=None,
            eta_low=None,
            eta_high=None,
            blocked="",
            leave=snapshot.leave if leave is None else leave,
        )
        hub.close(self)


class Stage:
    """Where events are shown, by the backend that is chosen here and now, but never in the file that they are from.

    Args:
        source: The path of that file.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._bars: dict[tuple[str, int], Recorded] = {}
        self._crowded = False
        """Whether it was told that there are too many bars."""
        self._hosts: dict[str, str] = {}
        """The machine of each process, as far as it was said."""
        self._opens = opener(None, None, None, None)

    @property
    def busy(self) -> bool:
        """Whether any bar is open."""
        return bool(self._bars)

    def take(self, event: Event) -> None:
        """Show what an event says."""
        if event.host:
            self._hosts[event.writer] = event.host
        if event.snapshot is not None:
            self._turn(event, event.snapshot)
        elif event.kind == "write":
            api.write(event.text)
        elif event.kind == "lost":
            api.write(f"headway: {event.lines} events are missing here, there was no space for them")

    def slow_down(self) -> None:
        """Do nothing: it is played back, and does not report."""

    def end(self, state: State, reason: str, writer: str | None = None) -> None:
        """End bars as the recording does not say, the innermost first: all of them, or those of one process."""
        for key in [key for key in reversed(self._bars) if writer in (None, key[0])]:
            self._bars.pop(key).end(state, reason)

    def clear(self) -> None:
        """Take all bars off the screen: they go on elsewhere."""
        while self._bars:
            _, bar = self._bars.popitem()
            bar.end("stopped", leave=False)

    def _turn(self, event: Event, snapshot: Snapshot) -> None:
        key = event.writer, snapshot.id
        bar = self._bars.get(key)
        new = bar is None
        if bar is None and len(self._bars) >= MOST:
            self._leave_out()
            return
        if bar is None:
            bar = self._bars[key] = Recorded()
        around = None if snapshot.parent is None else self._bars.get((event.writer, snapshot.parent))
        if around is None:
            snapshot = self._of_machine(event.writer, snapshot)
        bar.turn(snapshot, None if around is None else around.id)
        if new:
            self._opens(_Opening(bar, self._source))
        if event.kind == "close":
            del self._bars[key]
            hub.close(bar)

    def _of_machine(self, writer: str, snapshot: Snapshot) -> Snapshot:
        """Name the machine in front of a bar of ranks, as soon as there are several machines."""
        host = self._hosts.get(writer, "")
        if not (host and snapshot.workers and snapshot.workers.ranks) or len({*self._hosts.values()}) < 2:
            return snapshot
        return snapshot._replace(desc=f"{host.partition('.')[0]} {snapshot.desc}".strip())

    def _leave_out(self) -> None:
        if not self._crowded:
            self._crowded = True
            api.write(f"headway: more than {MOST} bars are open at once; the others are not shown")


class _Opening(NamedTuple):
    """A bar that is about to be opened with the sinks that were chosen."""

    bar: Recorded
    source: str

    @property
    def name(self) -> str:
        """The dotted name that filters go by."""
        return self.bar.snapshot().name

    def open(self, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Show the first snapshot."""
        if not choices:
            return
        others = tuple(choice for choice in choices if not self._is_source(choice))
        hub.open(self.bar, others or selection.detect(file).choices, file)

    def _is_source(self, choice: Choice) -> bool:
        path = choice.options.get("path") if choice.name == "events" else None
        return path is not None and os.path.realpath(path) == os.path.realpath(self.source)
