"""The account of a bar: its total, its words and its metrics, and all of it as a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headway import format as fmt
from headway.choosing.wishes import NOTHING
from headway.drawing.hub import hub
from headway.host.compilers import opaque
from headway.host.faults import warn_once
from headway.notation import TYPE_CHECKING, Any, Literal
from headway.reporting import arguments, counter
from headway.reporting.metric import Metric
from headway.reporting.metrics import Metrics
from headway.reporting.nest import Nest, Nested, Outlook
from headway.reporting.work import Work
from headway.snapshot import LARGEST, Number, Snapshot, State

if TYPE_CHECKING:
    from headway.points import Stretch
    from headway.reporting.weights import Weights

__all__ = ["Account"]


class Account(Work):
    """The work of a bar with everything that is said of it. `headway.Bar` opens it, counts it and ends it."""

    __slots__ = (
        "__weakref__",
        "_began",
        "_blocked",
        "_desc",
        "_drawn",
        "_message",
        "_metrics",
        "_outlook",
        "_reason",
        "_reported",
        "_state",
        "_total",
        "cell",
        "depth",
        "estimated",
        "id",
        "leave",
        "name",
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
        self.id: int = hub.new_id()
        self.estimated: bool = arguments.flag("estimated", estimated)
        """Whether the total is an estimate, marked `~`; the count of a loop that ran to its end takes its place."""
        self._desc = arguments.words("desc", desc)
        self.unit: str = arguments.words("unit", unit)
        self.unit_scale: Literal["", "si", "iec"] = arguments.scale(unit_scale)
        self.units: dict[str, float] = arguments.units(units)
        self.leave: bool | None = None if leave is None else arguments.flag("leave", leave)
        self.name: str = arguments.words("name", name)
        self._metrics = Metrics(metrics, unit="" if self.unit == "it" else self.unit)
        self._reported: Stretch | None = None
        """The values that have been reported, if a sink asks for each."""
        self._outlook: Outlook | None = None
        self._message = ""
        self._blocked: tuple[str, ...] = ()
        self._began: float | None = None
        self.depth: int = 0
        """How many bars are around it: 0 for an outermost one."""
        self.cell: Any = None
        """The cell of a notebook that it was opened in; `None` elsewhere."""
        self._state: State = "running"
        self._reason = ""
        self._drawn = False
        if self.weights is not None:
            self.rebase()

    # ── words and values ──────────────────────────────────────────────────────────────────────────────────────────────

    @opaque
    def metrics(self, values: Mapping[str, Any] = NOTHING, /, **named: Any) -> None:
        """Report metrics: `bar.metrics(loss=loss, lr=lr)`. Storing is all that this does.

        Names that are no keywords come in a mapping: `bar.metrics({"val/loss": loss}, lr=lr)`. A keyword wins over the
        same name in it.

        A value may be a number, a scalar of NumPy, torch, JAX or MLX, a list of a few numbers, a short text, or a
        function or method that gives one. Other objects are not called: an object that computes a metric may change by
        it. A value is converted when a frame is drawn, at most once a frame, and never with progress off; a tensor's
        graph is let go at once. (A tensor that is changed in place before that frame shows the new value.)

        Raises:
            TypeError: `values` is no mapping of names to values.
        """
        if values is not NOTHING:
            named = arguments.metrics(values, named)
        if self._state != "running":
            self.say_closed("metrics")
            return
        self._metrics.report(named, self.given)
        hub.throttle.tick()

    def message(self, text: str) -> None:
        """Show a short text beside the bar; the next one replaces it."""
        text = arguments.text("message", text)
        if self._is_open("message"):
            self._message = text
            hub.throttle.tick()

    def hold(self, reason: str) -> None:
        """Show what holds the work up, until `let_go`."""
        with self._lock:
            self._blocked = (*self._blocked, reason)
        hub.throttle.tick()

    def let_go(self, reason: str) -> None:
        """Show no more what has held the work up."""
        with self._lock:
            left = list(self._blocked)
            left.remove(reason)
            self._blocked = tuple(left)
        hub.throttle.tick()

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
            hub.throttle.tick()

    @property
    def desc(self) -> str:
        """The description in front of the bar. May be set at any time."""
        return self._desc

    @desc.setter
    def desc(self, desc: str) -> None:
        desc = arguments.words("desc", desc)
        if self._is_open("desc"):
            self._desc = desc
            hub.throttle.tick()

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
        """Take a snapshot without what the user's code would have to be asked for: the metrics."""
        share = self._share
        with self._lock:
            running = self._state == "running"
            n, estimator, outlook = self._bounded, self._estimator, self._outlook
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
                parent=self.parent_id,
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
                began=self._began,
                depth=self.depth,
                share=share,
                step=None if outlook is None else outlook.step,
                deadline=None if outlook is None else outlook.deadline,
                blocked=self._blocked[-1] if running and self._blocked else "",
                cell=self.cell,
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
        """Take the snapshot that sinks get. Metrics are read now, outside of any lock, for they are users' code."""
        numbers = self._numbers()
        metrics = self._metrics.read(final=numbers.state != "running")
        if metrics:
            numbers = numbers._replace(metrics=metrics)
        return numbers if self._reported is None else numbers._replace(points=self._reported.until_now())

    def stop_reading(self) -> None:
        """Read no metric any more: one of them hangs."""
        self._metrics.release()

    # ── bars in this one ─────────────────────────────────────────────────────────────────────────────────────────────

    def nest(self, bar: Nested) -> None:
        """Have a bar that is opened inside count as a part of the next unit."""
        with self._lock:
            if self._outlook is None:
                self._outlook = Nest()
            outlook = self._outlook
        outlook.opened(bar, self._bounded)

    def unnest(self, bar: Nested) -> None:
        """Take note that a bar inside has ended."""
        if self._outlook is not None:
            self._outlook.closed(bar, self._bounded)

    def share_of(self, bar: Nested) -> float | None:
        """Tell how much of one unit all of a bar inside is; `None` where that is not known."""
        outlook = self._outlook
        return None if outlook is None or self._total is None else outlook.share(bar)

    @property
    def _share(self) -> float | None:
        """How much of one unit of the bar around this one is; `None` if there is none, or nothing is known of it."""
        return None

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

    def show_metrics(self, metrics: Metrics) -> None:
        """Show these metrics from now on."""
        self._metrics = metrics

    # ── small print ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def drawn(self) -> bool:
        """Whether it is being shown."""
        return self._drawn

    @property
    def parent_id(self) -> int | None:
        """The id of the bar around, `None` if there is none."""
        return None

    def _is_open(self, verb: str) -> bool:
        if self._state == "running":
            return True
        self.say_closed(verb)
        return False

    def say_closed(self, verb: str) -> None:
        """Warn that a method does nothing, for the bar is closed."""
        warn_once(f"{verb}() on a bar that is closed ({self!r}) does nothing. Make a new bar for new work.")
