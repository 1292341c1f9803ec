"""`headway replay`: shows a recorded run again, at the pace at which it went or another one."""

from __future__ import annotations

from itertools import islice
from time import monotonic, sleep

from headway.events.follower import events_of
from headway.events.reader import Event, Reader, last_sign
from headway.events.writers import is_alive
from headway.replay.stage import Stage
from headway.snapshot import Snapshot, State

__all__ = ["replay"]

LONGEST_PAUSE = 1.0
"""Seconds at most where no bar is open: between two runs in one file there may be days."""
LONGEST_WAIT = 60.0
"""Seconds from one event of a process to the next at most: more is a clock that jumped, or a bar that was silent."""


class Course:
    """The seconds of a run at which its events came, from the first one on, whatever the clocks of its processes do.

    Between two events of a bar they are those that the bar has been at work; else those of the clock of the process.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._writers: dict[str, tuple[float, float]] = {}
        """The time of the last event of each process, and when that was."""
        self._bars: dict[tuple[str, int], tuple[Snapshot, float]] = {}
        """The last snapshot of each bar that is open, and when that was."""

    def of(self, event: Event) -> float:
        """Return when an event came, which is not before the one that was asked for last."""
        time, then = self._writers.get(event.writer, (event.time, self._now))
        passed = event.time - time
        came = then + (passed if passed <= LONGEST_WAIT else LONGEST_PAUSE)
        if event.snapshot is not None:
            came = self._at_work(event.writer, event.kind, event.snapshot, came)
        self._now = max(self._now, came)
        self._writers[event.writer] = event.time, self._now
        return self._now

    def _at_work(self, writer: str, kind: str, snapshot: Snapshot, came: float) -> float:
        before, then = self._bars.pop((writer, snapshot.id), (snapshot, self._now))
        worked = snapshot.elapsed - before.elapsed
        if before is not snapshot and worked >= 0 and not before.paused:
            came = then + min(worked, LONGEST_WAIT)
        if kind != "close":
            self._bars[writer, snapshot.id] = snapshot, max(self._now, came)
        return came


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
    stage, course, pace = Stage(path), Course(), Pace(speed)
    try:
        for number, event in enumerate(islice(events_of(path, Reader()), count), start=1):
            if event.time:
                pace.wait(course.of(event), idle=not stage.busy)
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
    opened: dict[str, Event | None] = {}
    open_bars: dict[str, set[int]] = {}
    for count, event in enumerate(events_of(path, reader), start=1):
        last[event.writer] = count
        opened[event.writer] = last_sign(opened.get(event.writer), event)
        if event.snapshot is not None:
            bars = open_bars.setdefault(event.writer, set())
            (bars.discard if event.kind == "close" else bars.add)(event.snapshot.id)
    return count, {last[writer]: _became(opened.get(writer)) for writer, bars in open_bars.items() if bars}


def _became(opened: Event | None) -> tuple[State, str]:
    alive = None if opened is None else is_alive(opened.pid, opened.host, opened.time)
    if alive:
        return "stopped", "the recording, so far"
    return "failed", "lost: the recording ends here"
