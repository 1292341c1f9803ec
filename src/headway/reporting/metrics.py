"""Metrics: how they are to be shown, what was reported of them, and what they read as when a snapshot is taken.

A report stores its value. The value is converted (a tensor's `.item()`) when the next snapshot is taken, once: later
snapshots show the same number until another value is reported. A callable is called at each snapshot. Snapshots are
taken for a bar's first and last frame and for each frame that is due in between, see `Hub`.
"""

from __future__ import annotations

import math
import operator
import threading
from collections.abc import Callable, Iterable, Mapping

from headway import format as fmt
from headway.format import in_words, shown
from headway.host import ranks
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING, Any, Literal
from headway.reporting import arguments
from headway.snapshot import Number, Reading

if TYPE_CHECKING:
    from typing import Final  # from typing itself, or pyright does not know it

__all__ = ["Metric", "Metrics", "detached"]

UNREADABLE = "?"
LARGEST = 2**63
"""Whole numbers below it stay whole."""
NARROWEST = 6
"""Columns of a number such as `0.1234`."""
COURSE = 16
"""Values that the course of a metric is kept in."""
_HOST: set[Any] = {int, float, bool}
"""Types of numbers that are on this side already: nothing to let go of, nothing to wait for."""


class Metric:
    """How one metric is to be shown: `headway.get_bar(100, metrics=[Metric("accuracy", best="max", format=".1%")])`.

    Metrics stand in the order of this list, then in that of their first report.

    Args:
        name: The name that it is reported by.
        format: A format spec for the number, such as `.2f` or `.1%`; by default four significant digits.
        smooth: Show an exponential mean over about so many units of the bar instead of the last value; 0 for none.
            With `d` units since the value before, `mean += (1 - exp(-d / smooth)) * (value - mean)`.
        best: Which side is better, `"min"` or `"max"`. The best value so far is marked `*`, and the last frame says
            what it was and at which count it was reported. Python numbers are all compared; of tensors and callables
            those that were read for a frame, and the last one.
        summary: Whether the last frame says the first and, where there is a better side, the best value.
            By default where there is a better side.
        priority: How soon it gives way in a narrow row: the lower, the sooner. Rate 4, elapsed 5, remaining time 6.
        local: Whether a callable of it asks no other process. In a job of several ranks only such callables are called,
            for only the rank that draws would call it: one that gathers from all ranks would wait for ever.

    Raises:
        TypeError: The name or the format is no text, or a number is none.
        ValueError: There is no such format or side, or `smooth` is negative.
    """

    __slots__ = ("best", "format", "local", "name", "priority", "smooth", "summary")

    def __init__(  # noqa: PLR0917  # some have been written with values in their order
        self,
        name: str,
        format: str = "",  # noqa: A002  # the word of Python's own format()
        smooth: float = 0.0,
        best: Literal["", "min", "max"] = "",
        summary: bool | None = None,
        priority: int = 5,
        local: bool = False,
    ) -> None:
        name = arguments.text("The name of a Metric", name)
        spec = arguments.text("The format of a Metric", format)
        try:
            (0.5).__format__("much too wide" if fmt.excessive(spec) else spec)
        except ValueError as error:
            raise ValueError(
                f"The metric {name!r} cannot be formatted with {spec!r}: {error}. "
                f"Expected a format spec for a number, such as '.2f' or '.1%'."
            ) from None
        if not isinstance(best, str) or best not in ("", "min", "max"):
            raise ValueError(f"The better side of the metric {name!r} must be 'min' or 'max', not {shown(best)}.")
        if not isinstance(priority, int):
            raise TypeError(f"The priority of the metric {name!r} must be a whole number, not {shown(priority)}.")
        smooth = float(arguments.count(f"smooth of the metric {name!r}", smooth))
        self.name: Final[str] = name
        self.format: Final[str] = spec
        self.smooth: Final[float] = smooth
        self.best: Final[Literal["", "min", "max"]] = best
        self.summary: Final[bool | None] = summary
        self.priority: Final[int] = priority
        self.local: Final[bool] = local

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise AttributeError(f"A Metric cannot be changed: {name!r} belongs where it is made.")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A Metric cannot be changed: {name!r} stays.")

    def _values(self) -> tuple[object, ...]:
        return (self.name, self.format, self.smooth, self.best, self.summary, self.priority, self.local)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Metric) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        names = ("name", "format", "smooth", "best", "summary", "priority", "local")
        return f"Metric({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    @property
    def compares(self) -> bool:
        """Whether each value matters, not only the one that is shown."""
        return bool(self.best or self.smooth)


class _Course:
    """What has become of one metric so far."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.report: tuple[Any, Number] | None = None
        """The report that was taken in last."""
        self.first: float | None = None
        self.last: float | str = ""
        self.best: float | None = None
        self.best_at: Number | None = None
        self.since: Number | None = None
        self._mean: float | None = None
        self._at: Number = 0
        self._columns = 0
        self._history: list[float] = []
        self._stride = 1
        self._skipped = 0

    def take(self, value: float | str, at: Number) -> None:
        """Take a value in that was reported at a count."""
        self.last = value
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

    def reading(self, *, final: bool) -> Reading:
        """Read it as it stands."""
        value = self.last
        shown = self._mean if self._mean is not None and self.since is None and not isinstance(value, str) else value
        text = self._in_words(shown)
        least = NARROWEST if isinstance(shown, float) else 0
        if not isinstance(shown, str):
            self._columns = max(self._columns, max(len(text), least) + (1 if self.metric.best else 0))
        return Reading(
            value=value,
            text=text,
            mark=self._mark(final=final),
            columns=self._columns,
            priority=self.metric.priority,
            first=self.first if final and self._summarised else None,
            best=self.best,
            best_at=self.best_at,
            since=self.since,
            history=tuple(self._history),
            format=self.metric.format,
        )

    @property
    def _summarised(self) -> bool:
        return bool(self.metric.best) if self.metric.summary is None else self.metric.summary

    def _mark(self, *, final: bool) -> str:
        if self.since is not None:
            return f" since {fmt.count(self.since)}"
        if final and self._summarised and self.first is not None:
            best = "" if self.best is None else f", best {self._in_words(self.best)} at {fmt.count(self.best_at or 0)}"
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
        self._mean, self._at = state["mean"], state["at"]


class Metrics:
    """All metrics of a bar.

    Args:
        asked: How some of them are to be shown; a name alone stands for its place in the order.
        step: Makes the count that is told of a report the one that is shown.

    Raises:
        TypeError: Something in `asked` is neither.
    """

    def __init__(self, asked: Iterable[Metric | str] = (), step: Callable[[Number], Number] = lambda at: at) -> None:
        self._step = step
        self._courses: dict[str, _Course] = {}
        self._reports: dict[str, tuple[Any, Number]] = {}
        self._comparing: set[str] = set()
        self._lock = threading.RLock()
        self.unseen = False
        """Whether nobody will see them: then only what the summaries of a checkpoint need is kept."""
        for each in asked:
            metric = Metric(each) if isinstance(each, str) else each
            if not isinstance(metric, Metric):
                raise TypeError(f"metrics must be a list of names and headway.Metric objects, not {shown(each)}.")
            self._courses[fmt.clean(metric.name)] = _Course(metric)
            if metric.compares:
                self._comparing.add(metric.name)

    def report(self, values: Mapping[str, Any], at: Number) -> None:
        """Store values that were reported at a count; a tensor's graph is let go."""
        if self.unseen and not self._comparing:
            return
        for name, value in values.items():
            if value.__class__ not in _HOST:
                if self.unseen:
                    continue
                self._reports[name] = detached(value), at
            else:
                report = self._reports[name] = value, at
                matters = name in self._comparing or value - value != 0.0  # NaN or infinity
                if matters and (value.__class__ is float or -LARGEST < value < LARGEST):
                    with self._lock:
                        self._take(name, report, value)

    def read(self, *, final: bool = False) -> dict[str, Reading]:
        """Convert what is new, and read all of it. This is users' code: to be called outside of other locks.

        Args:
            final: Whether this is for the last snapshot, which has the summaries.
        """
        for name, report in self._reports.copy().items():  # whole at any moment, unlike a tuple of its items
            course = self._courses.get(fmt.clean(name))
            if course is None or report is not course.report or callable(report[0]):
                converted = _converted(name, report[0], local=course is not None and course.metric.local)
                with self._lock:
                    self._take(name, report, converted)
        with self._lock:
            courses = [(name, course) for name, course in self._courses.items() if course.last != ""]
            return {name: course.reading(final=final) for name, course in courses}

    def release(self) -> None:
        """Let go of the values that were reported; what they read as stays."""
        with self._lock:
            self._reports = {}
            self.unseen = True
            for course in self._courses.values():
                course.report = None

    def _take(self, name: str, report: tuple[Any, Number], value: float | str) -> None:
        """Take a value in, unless a newer report has been while it was converted."""
        course = self._course(name)
        if course.report is None or course.report is report or self._reports.get(name) is report:
            course.report = report
            course.take(value, self._step(report[1]))

    def _course(self, name: str) -> _Course:
        clean = fmt.clean(name)
        with self._lock:
            if clean not in self._courses:
                self._courses[clean] = _Course(Metric(clean))
            return self._courses[clean]

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: plain numbers of what was read so far. It converts nothing."""
        with self._lock:
            return {name: course.state() for name, course in self._courses.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        with self._lock:
            for name, course in state.items():
                self._course(name).load(course)


def detached(value: Any) -> Any:
    """Let go of what a reported value drags along: a tensor's autograd graph."""
    try:
        return value.detach() if getattr(value, "requires_grad", False) else value
    except Exception:  # no tensor: it is read, or found unreadable, when a frame is drawn
        return value


def _converted(name: str, value: Any, *, local: bool) -> float | str:
    """Convert one reported value to a number (or a short text) now.

    Callables are called, scalars of NumPy, torch and the like give their `.item()`. Whatever raises reads as `?`, and
    is told once.
    """
    try:
        if _may_gather(value) and not local and ranks.several():
            if not ranks.another():  # what concerns all ranks is said by one
                _say_left_out(name, value)
            return UNREADABLE
        if callable(value):
            value = value()
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, str):
            return fmt.clean(value)
        if isinstance(value, int) and not isinstance(value, bool):
            value = operator.index(value)  # a class of its own may read as anything
        return value if isinstance(value, int) and abs(value) < LARGEST else float(value)
    except (Exception, SystemExit, GeneratorExit) as error:  # the user's code: nothing of it may reach the loop
        what = f"The metric {name!r} could not be read"
        tell(f"{what} {type(error)}", f"{what} and shows as {UNREADABLE!r}: {in_words(error)}")
        return UNREADABLE


def _may_gather(value: Any) -> bool:
    """Tell whether reading a value may need all ranks: a callable, and a tensor that is spread over them."""
    return callable(value) or type(value).__name__ == "DTensor"


def _say_left_out(name: str, value: Any) -> None:
    what = "a callable" if callable(value) else "a distributed tensor"
    cure = (
        f"If it asks no other rank, say so: metrics=[headway.Metric({name!r}, local=True)]. If it does, compute it "
        f"on all ranks and report the number."
    )
    if not callable(value):
        cure = "Report its full or its local value instead, computed on all ranks: .full_tensor() or .to_local()."
    tell(
        f"left out {name!r} {what}",
        f"The metric {name!r} is {what}, which is not read in a job of several ranks and shows as {UNREADABLE!r}: only "
        f"the rank that draws would read it, and a collective in it would hang the job. {cure}",
    )
