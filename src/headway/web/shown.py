"""The bars of a run that are shown, the courses of their metrics and the last texts, in bounded memory."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from headway.events.reader import Event
from headway.events.schema import to_event
from headway.format import written
from headway.snapshot import BROKEN_OFF, Snapshot, State
from headway.web.bar import described
from headway.web.course import Course
from headway.web.places import Places

__all__ = ["Bar", "Shown"]

OPEN = 1000
"""Bars that are open at once and are shown, at most."""
ENDED = 100
"""Ended bars of a kind that are kept, at most, the last ones: inner and outermost ones, each whole or broken off."""
COURSES = 40
"""Courses of metrics, at most."""
TEXTS = 200
"""Lines of text that are kept."""
LONGEST = 1000
"""Characters of a line."""


class Bar:
    """A bar, by its last event."""

    def __init__(self, writer: str, place: str) -> None:
        self.writer = writer
        self.place = place
        self.snapshot = Snapshot(0)
        self.time = 0.0
        """The time of the snapshot, in seconds since the epoch."""
        self.lost = ""
        """The words for how its process was lost; empty if it was not."""
        self.members: dict[str, Any] = {}
        """Its members in the page's document."""

    @property
    def outermost(self) -> bool:
        """Whether no bar that was open was around it."""
        return "." not in self.place

    @property
    def state(self) -> State:
        """Its state; a lost one has failed."""
        return "failed" if self.lost else self.snapshot.state

    def take(self, snapshot: Snapshot, time: float) -> None:
        """Take its newest snapshot."""
        self.snapshot, self.time, self.lost = snapshot, time, ""
        self._describe()

    def lose(self, words: str) -> None:
        """Take note that its process is gone."""
        self.lost = words
        self._describe()

    def plain(self) -> dict[str, Any]:
        """Return it for programs, in the schema of events."""
        s = self.snapshot
        more = {"writer": self.writer, "time": self.time, "fraction": s.fraction, "lost": self.lost}
        return {**to_event(s), **more}

    def _describe(self) -> None:
        self.members = described(self.snapshot, self.time, self.place, self.lost, self.members)


class Shown:
    """The things that are shown of a run."""

    def __init__(self) -> None:
        self.began = math.inf
        """The time of the first event, in seconds since the epoch."""
        self.missing = 0
        """Events that the file had no space for."""
        self.texts: deque[str] = deque(maxlen=TEXTS)
        self.bars: dict[str, Bar] = {}
        """By a name of the bar that no other one has."""
        self._open: dict[str, None] = {}
        """The names of the bars that are open, in their order."""
        self._ended: dict[tuple[bool, bool], deque[str]] = {}
        """The names of those that have ended, by whether they are outermost, and whether they broke off."""
        self._places = Places()
        self._courses: dict[tuple[str, str], Course] = {}
        """By place, and name of the metric."""
        self._told = 0
        """Lines of text so far."""

    @property
    def running(self) -> list[Bar]:
        """The bars that are open."""
        return [self.bars[name] for name in self._open]

    @property
    def lasting(self) -> list[Bar]:
        """The bars that are open, and the outermost ones."""
        return [bar for name, bar in self.bars.items() if name in self._open or bar.outermost]

    @property
    def states(self) -> set[State]:
        """How outermost bars have ended."""
        return {bar.state for name, bar in self.bars.items() if bar.outermost and name not in self._open}

    def take(self, event: Event) -> None:
        """Take the next event."""
        self.began = min(self.began, event.time or math.inf)
        self.missing += event.lines
        for line in written(event.text, colours=False).splitlines():
            self.texts.append(line[:LONGEST])
            self._told += 1
        if event.snapshot is not None:
            self._turn(event, event.snapshot)

    def lose(self, writer: str, ids: Iterable[int], words: str) -> None:
        """Take note that a process is gone and has left bars open.

        Args:
            writer: The process.
            ids: Its bars, the outer ones first.
            words: The words for how it was lost.
        """
        for name in reversed([f"{writer}-{id_}" for id_ in ids]):
            if name in self._open:
                self.bars[name].lose(words)
                self._end(name)

    def members(self) -> dict[str, Any]:
        """Return the members of the run in the page's document."""
        first = self._told - len(self.texts)
        return {
            "began": None if self.began == math.inf else self.began,
            "missing": self.missing or None,
            "bars": {name: self._with_parent(bar) for name, bar in self.bars.items()},
            "courses": {
                f"{place} {name}": {"place": place, "name": name, "points": course.points(self.began)}
                for (place, name), course in self._courses.items()
            },
            "texts": {str(first + i): line for i, line in enumerate(self.texts)},
        }

    def _with_parent(self, bar: Bar) -> dict[str, Any]:
        """Return the members of a bar with the bar around it, if that is shown."""
        parent = _name(bar.writer, bar.snapshot.parent)
        return {**bar.members, "parent": parent} if parent in self.bars else bar.members

    def _turn(self, event: Event, snapshot: Snapshot) -> None:
        name = f"{event.writer}-{snapshot.id}"
        if name not in self._open:
            if len(self._open) >= OPEN:
                return
            self.bars[name] = Bar(event.writer, self._places.open(name, _name(event.writer, snapshot.parent)))
            self._open[name] = None
        bar = self.bars[name]
        bar.take(snapshot, event.time)
        if event.time:
            for metric, reading in snapshot.metrics.items():
                if not isinstance(reading.value, str):
                    self._extend(bar.place, metric, event.time, reading.value)
        if event.kind == "close":
            self._end(name)

    def _extend(self, place: str, metric: str, time: float, value: float) -> None:
        course = self._courses.get((place, metric))
        if course is None:
            if len(self._courses) >= COURSES and not self._drop_course():
                return
            course = self._courses[place, metric] = Course()
        course.take(time, value)

    def _drop_course(self) -> bool:
        """Drop the oldest course of a place where no bar is, and tell whether there was one."""
        places = {bar.place for bar in self.running}
        old = next((key for key in self._courses if key[0] not in places), None)
        if old is None:
            return False
        del self._courses[old]
        return True

    def _end(self, name: str) -> None:
        """Take note that a bar is not open any more.

        It goes if it is to leave nothing, and the oldest of its kind if there are too many.
        """
        self._places.close(name)
        del self._open[name]
        bar = self.bars[name]
        broke_off = bar.state in BROKEN_OFF
        if not bar.snapshot.leave and not bar.outermost and not broke_off:
            del self.bars[name]
            return
        ended = self._ended.setdefault((bar.outermost, broke_off), deque())
        ended.append(name)
        if len(ended) <= ENDED:
            return
        old = ended.popleft()
        if old in self._open or old not in self.bars:
            return  # it was lost, and is heard again
        gone = self.bars.pop(old)
        if gone.outermost:
            inside = f"{gone.place}."
            self._courses = {
                key: course for key, course in self._courses.items() if not f"{key[0]}.".startswith(inside)
            }


def _name(writer: str, id_: int | None) -> str | None:
    return None if id_ is None else f"{writer}-{id_}"
