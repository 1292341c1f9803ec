"""Metrics: the values that were reported of them, and how they read when a snapshot is taken.

A report stores its value. The value is converted (a tensor's `.item()`) when the next snapshot is taken, once: later
snapshots show the same number until another value is reported. A function is called at each snapshot. Snapshots are
taken for a bar's first and last frame and for each frame that is due in between, see `Hub`.

Two kinds of values cannot wait for a snapshot. Of one whose memory the program may give away, the first report after
each snapshot is copied. One that only its own thread can read is read there, by the next report after a snapshot.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from headway import format as fmt
from headway.format import shown
from headway.notation import Any
from headway.points import KEPT, Log, Stretch
from headway.reporting import values as kinds
from headway.reporting.metric import Metric
from headway.reporting.values import HOST, LARGEST, detached, is_function, is_host
from headway.snapshot import COURSE, Number, Reading

__all__ = ["Metrics"]

NARROWEST = 6
"""Columns of a number such as `0.1234`."""


class _Course:
    """What has become of one metric so far."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.report: tuple[Any, Number] | None = None
        """The report that was taken in last."""
        self.first: float | None = None
        self.last: float | str = ""
        self.old = False
        """Whether nothing has been taken in since `Metrics.turn`."""
        self.best: float | None = None
        self.best_at: Number | None = None
        self.since: Number | None = None
        self._mean: float | None = None
        self._at: Number = 0
        self._columns = 0
        self._read: Reading | None = None
        """What it reads as, while nothing new has come."""
        self._history: list[float] = []
        self._stride = 1
        self._skipped = 0

    def take(self, value: float | str, at: Number) -> None:
        """Take a value in that was reported at a count."""
        self.last, self.old, self._read = value, False, None
        if isinstance(value, str):
            return
        if not math.isfinite(value):
            self.since = at if self.since is None else self.since
            return
        self.since = None
        self.first = value if self.first is None else self.first
        side = self.metric.best
        if side and (self.best is None or (value < self.best if side == "min" else value > self.best)):
            self.best, self.best_at = value, at
        if self.metric.smooth:
            passed = max(1, at - self._at)
            start = value if self._mean is None else self._mean
            self._mean = start - math.expm1(-passed / self.metric.smooth) * (value - start)
        self._at = at
        self._keep(value)

    def _keep(self, value: float) -> None:
        """Keep every so manyth value, so many that the whole course stays within bounds."""
        self._skipped += 1
        if self._skipped >= self._stride:
            self._skipped = 0
            self._history.append(value)
            if len(self._history) > COURSE:
                self._history = self._history[1::2]
                self._stride *= 2

    def reading(self, unit: str = "", *, final: bool) -> Reading:
        """Read it as it stands.

        Args:
            unit: The name of one of the units at which values are reported, empty if it says nothing.
            final: Whether this is for the last snapshot.
        """
        if self._read is not None and not final:
            return self._read
        value = self.last
        shown = self._mean if self._mean is not None and self.since is None and not isinstance(value, str) else value
        text = self._in_words(shown)
        least = NARROWEST if isinstance(shown, float) else 0
        if not isinstance(shown, str):
            self._columns = max(self._columns, max(len(text), least) + (1 if self.metric.best else 0))
        reading = Reading(
            value=value,
            text=text,
            mark=self._mark(unit, final=final),
            columns=self._columns,
            priority=self.metric.priority,
            first=self.first if final and self._summarised else None,
            best=self.best,
            best_at=self.best_at,
            since=self.since,
            history=tuple(self._history),
            format=self.metric.format,
        )
        self._read = None if final else reading
        return reading

    @property
    def _summarised(self) -> bool:
        return bool(self.metric.best) if self.metric.summary is None else self.metric.summary

    def _at_best(self, unit: str) -> str:
        return f"{unit} {fmt.count(self.best_at or 0)}".lstrip()

    def _mark(self, unit: str, *, final: bool) -> str:
        if self.since is not None:
            return f" since {fmt.count(self.since)}"
        if final and self._summarised and self.first is not None:
            best = "" if self.best is None else f", best {self._in_words(self.best)} at {self._at_best(unit)}"
            return f" (first {self._in_words(self.first)}{best})"
        return "*" if self.metric.best and self.best == self.last else ""

    def _in_words(self, value: float | str) -> str:
        if isinstance(value, str):
            return value
        if self.metric.format and math.isfinite(value):
            return fmt.clean(format(value, self.metric.format))
        return fmt.number(value)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of it."""
        return {"first": self.first, "best": self.best, "best_at": self.best_at, "mean": self._mean, "at": self._at}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.first, self.best, self.best_at = state["first"], state["best"], state["best_at"]
        self._mean, self._at, self._read = state["mean"], state["at"], None


_NONE: frozenset[str] = frozenset()


class Metrics:
    """All metrics of a bar.

    Args:
        asked: How some of them are to be shown; a name alone stands for its place in the order.
        step: Makes the count that is told of a report the one that is shown.
        unit: The name of one of the units that this count is in, empty if it says nothing.

    Raises:
        TypeError: Something in `asked` is neither.
    """

    def __init__(
        self, asked: Iterable[Metric | str] = (), step: Callable[[Number], Number] = lambda at: at, unit: str = ""
    ) -> None:
        self._step = step
        self.unit = unit
        self._courses: dict[str, _Course] = {}
        self._named: dict[str, _Course] = {}
        """The same by their names as they are reported, which may have to be made safe for a row."""
        self._reports: dict[str, tuple[Any, Number]] = {}
        self._comparing = self._every = _NONE
        self._copies: dict[str, tuple[Any, Number]] = {}
        """Copies of reports since the last snapshot, the memory of which the program may have given away."""
        self._bound: dict[str, tuple[Any, Number, int]] = {}
        """Reports that only the thread can read which is named by its number."""
        self._unread: deque[tuple[str, tuple[Any, Number]]] | None = None
        """Reports of metrics each value of which is to be read, but for the last ones; `None` if there are none."""
        self._log: Log | None = None
        self._earlier: dict[str, tuple[Any, Number]] = {}
        """The reports that were the last ones when the present phase began."""
        self._lock = threading.RLock()
        self.unseen = False
        """Whether nobody will see them: then only what the summaries of a checkpoint need is kept."""
        for each in asked:
            metric = Metric(each) if isinstance(each, str) else each
            if not isinstance(metric, Metric):
                raise TypeError(f"metrics must be a list of names and headway.Metric objects, not {shown(each)}.")
            self._courses[fmt.clean(metric.name)] = _Course(metric)
            if metric.compares:
                self._comparing |= {metric.name}
            if metric.every:
                self._every |= {metric.name}
                self._unread = deque(maxlen=KEPT)
        self._asked = frozenset(self._courses)

    def keep(self) -> Stretch:
        """Keep each value from now on, and return the place in the log at which they begin."""
        if self._log is None:
            self._log = Log()
        return Stretch(self._log, self._log.told)

    def report(self, values: Mapping[str, Any], at: Number) -> None:
        """Store values that were reported at a count; a tensor's graph is let go."""
        if self.unseen and not self._comparing:
            return
        if self._log is not None:
            self.tell(values, at)
        for name, value in values.items():
            if value.__class__ not in HOST:
                if not self.unseen:
                    self._store(name, value, at)
            else:
                report = self._reports[name] = value, at
                matters = name in self._comparing or value - value != 0.0  # NaN or infinity
                if matters and (value.__class__ is float or -LARGEST < value < LARGEST):
                    with self._lock:
                        self._take(name, report, value, at)

    def _store(self, name: str, value: Any, at: Number) -> None:
        """Store a value that is no number of the host."""
        if kinds.is_bound(value):
            if name in self._bound and (name in self._every or self._is_read(name)):
                self._settle(name)
            self._bound[name] = value, at, threading.get_ident()
            return
        if name not in self._copies and (copy := kinds.copied(value)) is not None:
            self._copies[name] = copy, at
        report = self._reports[name] = detached(value), at
        if self._unread is not None and name in self._every and not is_function(value):
            self._unread.append((name, report))

    def _is_read(self, name: str) -> bool:
        """Tell whether a snapshot has been taken of the last report, if there is one."""
        report, course = self._reports.get(name), self._named.get(name)
        return report is None or (course is not None and course.report is report)

    def settle(self) -> None:
        """Read the values that only this thread can read."""
        for name in list(self._bound):
            self._settle(name)

    def _settle(self, name: str) -> None:
        value, at, thread = self._bound[name]
        if thread == threading.get_ident():
            del self._bound[name]
            report = self._reports[name] = kinds.converted(name, value, local=True), at
            if self._unread is not None and name in self._every:
                self._unread.append((name, report))

    def tell(self, values: Mapping[str, Any], at: Number) -> None:
        """Tell sinks that ask for each value those that were reported at a count and need not be read."""
        if self._log is None or self.unseen:
            return
        n = self._step(at)
        for name, value in values.items():
            if is_host(value):
                self._log.add(name, value if value.__class__ in HOST else float(value), n)

    def turn(self) -> None:
        """Begin anew, as with an epoch: what was reported before is old."""
        with self._lock:
            for course in self._courses.values():
                course.old = True

    def begin_phase(self) -> None:
        """Begin a phase: metrics that are reported from now on stand before the others, if no order was asked for."""
        self._earlier = self._reports.copy()

    def read(self, *, final: bool = False, fresh: bool = False) -> dict[str, Reading]:
        """Convert what is new, and read all of it. This is users' code: to be called outside of other locks.

        Args:
            final: Whether this is for the last snapshot, which has the summaries.
            fresh: Whether what is old is left out.
        """
        if self._bound:
            self.settle()
        if unread := self._unread:
            with suppress(IndexError):  # all are read, here or in another thread
                while True:
                    self._convert(*unread.popleft(), whatever=True)
        for name, report in self._reports.copy().items():  # whole at any moment, unlike a tuple of its items
            course = self._named.get(name)
            if course is None or report is not course.report or is_function(report[0]):
                self._convert(name, report, self._copies.pop(name, None))
        with self._lock:
            courses = [
                (name, course)
                for name, course in self._courses.items()
                if course.last != "" and not (fresh and course.old)
            ]
            if self._earlier:
                earlier = {self._named.get(name) for name in self._earlier if self._is_earlier(name)}
                courses.sort(key=lambda each: each[0] not in self._asked and 1 + (each[1] in earlier))
            return {name: course.reading(self.unit, final=final) for name, course in courses}

    def _is_earlier(self, name: str) -> bool:
        return self._reports.get(name) is self._earlier[name]

    def _convert(
        self,
        name: str,
        report: tuple[Any, Number],
        copy: tuple[Any, Number] | None = None,
        *,
        whatever: bool = False,
    ) -> None:
        """Convert a report and take it in.

        Args:
            name: The name of the metric.
            report: The value, and the count at which it was reported.
            copy: An earlier value, which is taken if the program has given the memory of the value away.
            whatever: Whether that there are newer reports does not matter.
        """
        value, at = report if copy is None or not kinds.is_gone(report[0]) else copy
        course = self._named.get(name) or self._courses.get(fmt.clean(name))
        converted = kinds.converted(name, value, local=course is not None and course.metric.local)
        with self._lock:
            if whatever:
                self._course(name).report = report
            self._take(name, report, converted, at)
        if self._log is not None and not isinstance(converted, str) and not is_host(value):
            self._log.add(name, converted, self._step(at))

    def release(self) -> None:
        """Let go of the values that were reported; what they read as stays."""
        with self._lock:
            self._reports = {}
            self._copies, self._bound = {}, {}
            if self._unread is not None:
                self._unread.clear()
            self.unseen = True
            for course in self._courses.values():
                course.report = None

    def _take(self, name: str, report: tuple[Any, Number], value: float | str, at: Number) -> None:
        """Take a value in that was reported at a count, unless a newer report has been while it was converted."""
        course = self._course(name)
        if course.report is None or course.report is report or self._reports.get(name) is report:
            course.report = report
            course.take(value, self._step(at))

    def _course(self, name: str) -> _Course:
        course = self._named.get(name)
        if course is None:
            clean = fmt.clean(name)
            with self._lock:
                if clean not in self._courses:
                    self._courses[clean] = _Course(Metric(clean))
                course = self._named[name] = self._courses[clean]
        return course

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: plain numbers of what was read so far. It converts nothing."""
        with self._lock:
            return {name: course.state() for name, course in self._courses.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        with self._lock:
            for name, course in state.items():
                self._course(name).load(course)
