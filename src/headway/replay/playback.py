"""`headway replay`: shows a recorded run again, at the pace at which it went or another one."""

from __future__ import annotations

from itertools import islice
from time import monotonic, sleep

from headway.events.follower import events_of
from headway.events.reader import Event, Reader
from headway.events.writers import is_alive
from headway.replay.stage import Stage
from headway.snapshot import State

__all__ = ["replay"]

LONGEST_PAUSE = 1.0
"""Seconds at most where no bar is open: between two runs in one file there may be days."""


class Pace:
    """Waits until it is time for an event.

    Args:
        speed: Seconds of the recording that a second takes; infinity does not wait.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._due = monotonic()
        self._time: float | None = None

    def wait(self, time: float, *, idle: bool) -> None:
        """Wait as long as it took from the last event to this one, if the clock did not go backwards."""
        passed = 0.0 if self._time is None else max(0.0, time - self._time)
        self._time = time
        self._due += (min(passed, LONGEST_PAUSE) if idle else passed) / self._speed
        sleep(max(0.0, self._due - monotonic()))


def replay(path: str, speed: float, reader: Reader) -> bool:
    """Show a recorded run, and tell whether there was anything to show.

    Raises:
        OSError: The file cannot be read.
        KeyboardInterrupt: The user has seen enough; the bars say so.
    """
    count, left_open = _survey(path, reader)
    stage, pace = Stage(path), Pace(speed)
    try:
        for number, event in enumerate(islice(events_of(path, Reader()), count), start=1):
            if event.time:
                pace.wait(event.time, idle=not stage.busy)
            stage.take(event)
            if number in left_open:
                stage.end(*left_open[number], event.writer)
    except KeyboardInterrupt:
        stage.end("interrupted", "the replay")
        raise
    return count > 0


def _survey(path: str, reader: Reader) -> tuple[int, dict[int, tuple[State, str]]]:
    """Count the events, and number the last ones of those who left bars open, with what became of these."""
    count = 0
    last: dict[str, int] = {}
    opened: dict[str, Event] = {}
    open_bars: dict[str, set[int]] = {}
    for count, event in enumerate(events_of(path, reader), start=1):
        last[event.writer] = count
        if event.pid is not None:
            opened[event.writer] = event
        if event.snapshot is not None:
            bars = open_bars.setdefault(event.writer, set())
            (bars.discard if event.kind == "close" else bars.add)(event.snapshot.id)
    return count, {last[writer]: _became(opened.get(writer)) for writer, bars in open_bars.items() if bars}


def _became(opened: Event | None) -> tuple[State, str]:
    alive = None if opened is None else is_alive(opened.pid, opened.host, opened.time)
    if alive:
        return "stopped", "the recording, so far"
    return "failed", "lost: the recording ends here"
