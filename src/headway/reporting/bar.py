"""The reporting side: what a program holds to say how far it is. Reporting counts, and nothing else.

A bar never draws, never waits for a renderer but at its first and last frame, and never raises because of one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeVar

from headway import format as fmt
from headway.drawing.hub import hub
from headway.host import endings
from headway.host.faults import warn_once
from headway.reporting import arguments, counter
from headway.reporting.metrics import Metric, Metrics
from headway.reporting.nest import Nest, Outlook
from headway.reporting.place import Place
from headway.reporting.work import Work
from headway.snapshot import LARGEST, Number, Snapshot, State

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from headway.choosing.selection import Choice
    from headway.reporting.weights import Weights

__all__ = ["Bar", "Pause"]

T = TypeVar("T")

_NO_GIL = not getattr(sys, "_is_gil_enabled", lambda: True)()


class Bar(Work):
    """Reports the progress of one piece of work. Made by `headway.get_bar` or `headway.track`.

    Use it as a context manager, call it, or call its methods; from any thread. `update` costs tens of nanoseconds and
    loses no count between threads.

    A `with` block ends the bar by how the block ends: an exception means `failed`, Ctrl-C `interrupted`, and coming to
    the end means `finished`, or `stopped` where the total was not reached.
    """

    __slots__ = (
        "__weakref__",
        "_desc",
        "_drawn",
        "_ending",
        "_message",
        "_metrics",
        "_outlook",
        "_place",
        "_plain",
        "_reason",
        "_state",
        "_total",
        "estimated",
        "id",
        "leave",
        "name",
        "parent",
        "unit",
        "unit_scale",
        "units",
        "weights",
    )

    def __init__(
        self,
        total: Number | None = None,
        *,
        desc: str = "",
        unit: str = "it",
        unit_scale: bool | Literal["", "si", "iec"] = False,
        units: Mapping[str, float] | None = None,
        weights: Iterable[float] | None = None,
        initial: Number = 0,
        estimated: bool = False,
        metrics: Iterable[Metric | str] = (),
        leave: bool | None = None,
        name: str = "",
    ) -> None:
        self._total, initial = arguments.total(total), arguments.count("initial", initial)
        self.weights: Weights | None = None
        """How much work each unit is, where they are not alike."""
        if weights is not None:
            from headway.reporting.weights import Weights  # most bars have none

            self.weights = Weights(weights, self._total, initial)
            self._total = self.weights.total
        super().__init__(self._total, initial)
        self.id = hub.new_id()
        self.estimated = arguments.flag("estimated", estimated)
        """Whether the total is an estimate: it is marked `~`, and the count of a loop that ran to its end takes its
        place."""
        self._desc = fmt.clean(arguments.text("desc", desc))
        self.unit = fmt.clean(arguments.text("unit", unit))
        self.unit_scale: Literal["", "si", "iec"] = arguments.scale(unit_scale)
        self.units = arguments.units(units)
        self.leave = None if leave is None else arguments.flag("leave", leave)
        self.name = fmt.clean(arguments.text("name", name))
        self.parent: Bar | None = None
        self._place: Place | None = None
        self._metrics = Metrics(metrics)
        self._outlook: Outlook | None = None
        self._message = ""
        self._state: State = "running"
        self._reason = ""
        self._drawn = False
        self._ending = False
        self._plain: type | None = None if _NO_GIL else int
        if self.weights is not None:
            self.rebase()

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, choices: tuple[Choice, ...], file: TextIO, delay: float = 0.0) -> None:
        """Find the parent, start the clock and show the first frame. `get_bar` and `track` do this.

        Args:
            choices: The sinks that show it; with none, progress is off for this bar.
            file: The stream that it is shown on.
            delay: Seconds before it is shown; the clock runs at once.
        """
        self._place = Place(self)
        self.parent = self._place.parent
        if self.leave is None:
            self.leave = self.parent is None
        self.begin()
        choices = hub.route(choices)
        if choices or hub.recorders:
            self._drawn = True
            if self.parent is not None:
                self.parent.nest(self)
            if hub.throttle.inline:
                self._plain = None
            hub.open(self, choices, file, delay)
        self._metrics.unseen = not self._drawn

    def close(self) -> None:
        """End the bar: `finished`, or `stopped` where a known total was not reached. Closing twice is harmless."""
        reached = self._total is None or self.n >= self._total or math.isclose(self.n, self._total)
        self.end("finished" if reached else "stopped")

    def stop(self, reason: str = "") -> None:
        """End the bar early and on purpose, which is a success: `bar.stop("no better for 5 epochs")`."""
        self.end("stopped", arguments.text("reason", reason))

    def fail(self, reason: str = "") -> None:
        """End the bar as failed."""
        self.end("failed", arguments.text("reason", reason))

    def end(self, state: State, reason: str = "") -> None:
        """End the bar in a state; the last frame is out when this returns. Only the first end counts.

        A Ctrl-C that strikes in here leaves no bar half ended, and goes on.
        """
        try:
            self._end(state, reason)
        except KeyboardInterrupt:
            self._end(state, reason)
            raise

    def _end(self, state: State, reason: str) -> None:
        with self._lock:
            if self._state == "running":
                self._settle(state, reason)
            elif self._ending or not self._drawn:
                return
            self._ending = True
        try:
            self._withdraw()
        finally:
            self._ending = False

    def _settle(self, state: State, reason: str) -> None:
        """Make the numbers and words final."""
        self.absorb_loop()
        self.halt()
        self._plain = None
        self._reason = fmt.clean(reason)
        if self.estimated and state == "finished":
            self._total, self.estimated = max(0, self._count), False
        self._state = state

    def _withdraw(self) -> None:
        """Show the last frame, and let go of what only an open bar needs."""
        if self._place is not None:
            self._place.leave()
        if self._drawn:
            hub.close(self)
            if self.parent is not None:
                self.parent.unnest(self)
            self._drawn = False
        self._outlook = None
        self._metrics.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.end(*endings.explained(error))

    def __del__(self) -> None:
        try:
            if getattr(self, "_drawn", False):
                self.end("stopped")
        except KeyboardInterrupt:
            endings.interrupt_after(sys._getframe())

    # ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def update(self, n: Number = 1) -> None:
        """Report that `n` more units are done; negative takes back.

        Raises:
            TypeError: `n` is no number.
            ValueError: `n` is not finite.
        """
        if n.__class__ is not self._plain:
            n = self._slowly(n)
        self._count += n  # one bytecode step from read to write under the GIL: threads lose nothing

    __call__ = update

    def _slowly(self, n: Number) -> Number:
        """Take the road for whatever is not plain: other number types, a closed bar, no thread to draw, no GIL."""
        n = arguments.number("n", n)
        if self._state != "running":
            self._say_closed("update")
            return 0
        if _NO_GIL:
            with self._lock:
                self._count += n
            n = 0
        if hub.throttle.inline:
            hub.throttle.poll()
        return n

    def set(self, n: Number) -> None:
        """Report that `n` units are done in all.

        Raises:
            TypeError: `n` is no number.
            ValueError: `n` is negative or not finite.
        """
        n = arguments.count("n", n)
        if self._is_open("set"):
            with self._lock:
                self._count = n - self._looped
            self._poll()

    def reset(self, total: Number | None = None) -> None:
        """Start over: count 0, clock at 0, nothing learnt.

        Args:
            total: The new total; `None` keeps the present one.
        """
        if not self._is_open("reset"):
            return
        if total is not None:
            self._total = arguments.total(total)
        with self._lock:
            self.go_on()
            self.start_over(0, self._total)
        self._poll()

    def iterate(self, iterable: Iterable[T]) -> Iterator[T]:
        """Yield the items, count them, and end this bar with the loop. `track` does this."""
        return self.counted(iterable, self.end) if self._drawn else iter(iterable)

    # ── bars in this one ─────────────────────────────────────────────────────────────────────────────────────────────

    def nest(self, bar: Bar) -> None:
        """Have a bar that is opened inside count as a part of the next unit."""
        with self._lock:
            if self._outlook is None:
                self._outlook = Nest()
            outlook = self._outlook
        outlook.opened(bar, self._bounded)

    def unnest(self, bar: Bar) -> None:
        """Take note that a bar inside has ended."""
        if self._outlook is not None:
            self._outlook.closed(bar, self._bounded)

    @property
    def position(self) -> Number:
        """Units that are done, with the share of the next one that bars inside have done; by their weights."""
        return self._position_at(self._bounded)

    def _position_at(self, n: Number) -> Number:
        outlook = self._outlook
        if outlook is not None and self._total is not None:
            n = outlook.position(n, self._total)
        return self._weighed(n)

    def _weighed(self, n: Number) -> Number:
        return n if self.weights is None else self.weights.position(n, self._total)

    @property
    def _bounded(self) -> Number:
        """The count for arithmetic: updates may have taken it beyond what a float can hold."""
        return min(self.n, LARGEST)

    # ── saying more ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metrics(self, /, **values: Any) -> None:
        """Report metrics: `bar.metrics(loss=loss, lr=lr)`. Storing is all that this does.

        A value may be a number, a scalar of NumPy or torch, a short text, or a callable that gives one. It is
        converted when a frame is drawn, at most once a frame, and never with progress off; a tensor's graph is let
        go at once. (A tensor that is changed in place before that frame shows what it was changed to.)
        """
        if self._state != "running":
            self._say_closed("metrics")
            return
        self._metrics.report(values, self.given)
        if hub.throttle.inline:
            self._poll()

    def message(self, text: str) -> None:
        """Show a short text beside the bar; the next one replaces it."""
        text = arguments.text("message", text)
        if self._is_open("message"):
            self._message = text
            self._poll()

    def write(self, text: str) -> None:
        """Put a line (or several) above the bars; it is out when this returns. With progress off it goes to stderr."""
        hub.write(arguments.text("text", text), self.id)

    def pause(self) -> Pause:
        """Stop the clock, so that what happens now counts neither as work nor as time, until `resume()`.

        `with bar.pause(): validate()` resumes by itself.
        """
        if self._is_open("pause"):
            self.halt()
            self._poll()
        return Pause(self)

    def resume(self) -> None:
        """Let the clock go on after `pause()`."""
        with self._lock:
            if self._state == "running":
                self.go_on()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def total(self) -> Number | None:
        """Units in all, `None` while unknown. May be set at any time.

        Raises:
            TypeError: When set to what is no number.
            ValueError: When set to a negative number or NaN. Infinity means unknown.
        """
        return self._total

    @total.setter
    def total(self, total: Number | None) -> None:
        total = arguments.total(total)
        if self._is_open("total"):
            self._total = total
            self._poll()

    @property
    def desc(self) -> str:
        """The description in front of the bar. May be set at any time."""
        return self._desc

    @desc.setter
    def desc(self, desc: str) -> None:
        desc = fmt.clean(arguments.text("desc", desc))
        if self._is_open("desc"):
            self._desc = desc
            self._poll()

    @property
    def state(self) -> State:
        """`running`, `finished`, `stopped`, `failed` or `interrupted`."""
        return self._state

    @property
    def rate(self) -> float | None:
        """Units a second as of late, of this session's work only; `None` before there is any."""
        return self._numbers().rate

    @property
    def eta(self) -> float | None:
        """Seconds that are left; `None` while the total is unknown or nothing is known yet."""
        return self._numbers().eta

    @property
    def stalled(self) -> float | None:
        """Seconds since anything has moved, here or in the bars inside, where that is implausibly long; else `None`."""
        inside = self._inside
        return super().stalled if inside is None else inside.stalled

    def _numbers(self) -> Snapshot:
        """Take a picture without what the user's code would have to be asked for: the metrics."""
        with self._lock:
            running = self._state == "running"
            n, estimator = self._bounded, self._estimator
            position = self._position_at(n) if running else self._weighed(n)
            estimator.total = self._total
            seconds = self._observe(position) if running else self._learning
            own = estimator.eta(seconds) if running else None
            inside = self._inside if running else None
            stalled = estimator.stalled(seconds) if running and inside is None else None
            still = stalled if inside is None else inside.stalled
            eta = self._left(own, position) if running and still is None else None
            low, high = (estimator.interval(seconds) if eta is not None and eta == own else None) or (None, None)
            return Snapshot(
                id=self.id,
                parent=None if self.parent is None else self.parent.id,
                name=self.name,
                desc=self._desc,
                unit=self.unit,
                unit_scale=self.unit_scale,
                units=self.units,
                n=n,
                position=None if position == n else position,
                total=self._total,
                estimated=self.estimated,
                initial=self.initial,
                elapsed=self.elapsed,
                rate=estimator.rate(seconds) if running else estimator.average(seconds, position),
                eta=eta,
                eta_low=low,
                eta_high=high,
                message=fmt.clean(self._message),
                state=self._state,
                reason=self._reason,
                paused=running and self._paused_at is not None,
                stalled=stalled,
                leave=bool(self.leave),
            )

    @property
    def _inside(self) -> Outlook | None:
        """What is known of the work inside, while that has a row of its own, which says how that goes on."""
        outlook = self._outlook
        return outlook if outlook is not None and outlook.busy else None

    def _left(self, left: float | None, position: Number) -> float | None:
        """Seconds that are left, by this session or else the one before, and by what is known of the work inside."""
        if left is None and self._total is not None and self._rate_before:
            left = max(0.0, (self._total - position) / self._rate_before)
        return left if self._outlook is None else self._outlook.eta(left)

    def snapshot(self) -> Snapshot:
        """Take a picture: what every sink gets. Metrics are read now, outside of any lock, for they are users' code."""
        numbers = self._numbers()
        metrics = self._metrics.read(final=numbers.state != "running")
        return replace(numbers, metrics=metrics) if metrics else numbers

    def stop_reading(self) -> None:
        """Read no metric any more: one of them hangs."""
        self._metrics.release()

    # ── resume from a checkpoint ─────────────────────────────────────────────────────────────────────────────────────

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs to go on with this bar: small, plain data for JSON, pickle or `torch.save`.

        A loop's item in hand counts as done: a checkpoint is taken after the work on it. Of metrics it has
        what was read so far.
        """
        pace = self.pace
        return {
            "version": 1,
            "n": max(0, self.given),
            "total": self._total,
            "elapsed": self.elapsed,
            "rate": None if pace is None else 1 / pace,
            "metrics": self._metrics.state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`: count, elapsed time and the metrics' summaries continue.

        The rate is of this session only; until it has one, the remaining time goes by that of the session before.

        Raises:
            TypeError: A value in the state is of the wrong type.
            ValueError: The state is not one of this version's, or a value in it cannot be.
        """
        n, total, elapsed = arguments.state(state)
        rate, metrics = arguments.state_rate(state), arguments.state_metrics(state)
        if not self._is_open("load_state_dict"):
            return
        with self._lock:
            self._total = total
            self.start_over(n, total, elapsed)
            self.rebase()
            self.expect(rate)
            self._metrics.load(metrics)

    # ── for a training run ───────────────────────────────────────────────────────────────────────────────────────────

    def look_ahead(self, outlook: Outlook) -> None:
        """Go by what an outlook knows of the work inside, instead of by the bars that come."""
        self._outlook = outlook

    def follow(self, count: counter.Counted) -> None:
        """Look the count up from now on instead of having it reported; what it says now was done before."""
        with self._lock:
            self._course = count
            self._count = 0
            self.initial = count.completed
            self.rebase()

    def rebase(self) -> None:
        """Take what is done now for what was done before this session."""
        with self._lock:
            self._learn_anew(self._total, self.position)

    def show_at_the_end(self, metrics: Metrics) -> None:
        """Show these metrics in the last frame."""
        self._metrics = metrics

    @property
    def drawn(self) -> bool:
        """Whether it is being shown."""
        return self._drawn

    # ── copies ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it as a handle: in a process that reports to this one it counts for this bar, else for itself."""
        from headway.reporting import copies

        return copies.revive, tuple(copies.pickled(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Bar:
        """Copy it as a bar that counts for itself and is not shown."""
        from headway.reporting import copies

        return copies.copy_of(self)

    # ── small print ──────────────────────────────────────────────────────────────────────────────────────────────────

    def __repr__(self) -> str:
        total = "" if self._total is None else f"/{self._total}"
        return f"<headway.Bar {self._desc or self.name!r} {self.n}{total} {self._state}>"

    def _poll(self) -> None:
        if hub.throttle.inline and self._drawn:
            hub.throttle.poll()

    def _is_open(self, verb: str) -> bool:
        if self._state == "running":
            return True
        self._say_closed(verb)
        return False

    def _say_closed(self, verb: str) -> None:
        warn_once(
            f"{verb}() on a bar that is closed ({self!r}) does nothing. Make a new bar for new work.", stacklevel=5
        )


class Pause:
    """What `Bar.pause` returns: leaving it as a `with` block resumes the bar."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar

    def __enter__(self) -> Bar:
        return self._bar

    def __exit__(self, *error: object) -> None:
        self._bar.resume()
