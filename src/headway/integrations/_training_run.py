"""A training run that a framework reports hook by hook, shown as `headway.loop` shows one.

The framework has the loop and says what it has done; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headway.drawing.hub import hub
from headway.host.clock import monotonic
from headway.integrations._endings import LOST
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.reporting.opening import opener
from headway.reporting.totals import Length
from headway.training.bars import Rows
from headway.training.plan import Plan, Settings

if TYPE_CHECKING:
    from headway.integrations._look import Look
    from headway.snapshot import State
    from headway.training.phases import Phase

__all__ = ["READ_EVERY", "Pace", "Run", "flat", "length"]

READ_EVERY = 0.1
"""Seconds from one reading of a framework's metrics to the next, where reading them costs something: as often as
terminals are drawn."""


class Pace:
    """Says when it is time to read metrics."""

    def __init__(self) -> None:
        self._read_at = 0.0

    def is_due(self) -> bool:
        """Tell whether the last reading, which is when this was true before, is long enough ago."""
        now = monotonic()
        if now - self._read_at < READ_EVERY:
            return False
        self._read_at = now
        return True


def length(batches: Any) -> Length | None:
    """Return a framework's number of batches as a length; infinite, unknown and negative numbers are none."""
    return Length(int(batches), estimated=False) if batches is not None and 0 <= batches < float("inf") else None


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics with those of nested mappings named `outer.inner`."""
    read: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            read.update({f"{name}.{inner}": each for inner, each in flat(value).items()})
        else:
            read[str(name)] = value
    return read


class _Reported(Plan):
    """A plan whose optimizer steps are those that the framework has counted.

    Args:
        settings: What is known of the run.
        units: Other units of a batch.
        steps: Tells the framework's count; it is asked when a snapshot is taken. `None` to go by the batches.
    """

    def __init__(self, settings: Settings, units: Mapping[str, float], steps: Callable[[], int] | None) -> None:
        super().__init__(settings, units)
        self._told = steps
        self._last_told = 0

    @property
    def steps(self) -> int:
        """Optimizer steps that are complete."""
        if self._told is None:
            return super().steps
        with suppress(Exception):  # the framework's own state, which may be half torn down by now
            self._last_told = self._told()
        return self._last_told


class Run:
    """Reports a training run from a framework's hooks.

    Args:
        settings: What is known of it beforehand.
        look: The look of its rows.
        name: The dotted name of its bars.
        epoch: Epochs that were done before.
        steps: Tells the optimizer steps that the framework has counted, those of earlier sessions included.
        steps_before: How many these are now.
        regular: Whether each `accumulate` batches make a step.
    """

    def __init__(
        self,
        settings: Settings,
        look: Look,
        *,
        name: str,
        epoch: int = 0,
        steps: Callable[[], int] | None = None,
        steps_before: int = 0,
        regular: bool = True,
    ) -> None:
        units = dict(look.get("units", {}))
        if settings.accumulate > 1 and regular:
            units["step"] = 1 / settings.accumulate
        self._plan = _Reported(settings, units, steps)
        self._plan.regular = regular
        self._plan.epoch, self._plan.steps_before = epoch, steps_before
        desc, name = look.get("desc", "training"), look.get("name", name)
        bar = Bar(settings.total, desc=desc, unit=settings.unit, leave=look.get("leave"), name=name)
        self._rows = Rows(self._plan, bar, Metrics(look.get("metrics", ()), self._plan.step_at, "step"))
        bar.follow(self._plan)
        opener(look.get("widgets"), look.get("options"), look.get("backend"), look.get("file"))(self._rows)
        bar.enter()
        self._in_epoch = False
        self._phase: Phase = self._plan.train
        self._pace = Pace()

    def __del__(self) -> None:
        rows = getattr(self, "_rows", None)
        if rows is not None and rows.bar.state == "running":
            self.end(*LOST)

    # ── what the framework does ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def in_epoch(self) -> bool:
        """Whether an epoch has begun, and the next one has not."""
        return self._in_epoch

    @property
    def drawn(self) -> bool:
        """Whether it is being shown."""
        return self._rows.bar.drawn

    def begin_epoch(self, epoch: int, batches: Length | None, done: int = 0) -> None:
        """Begin an epoch; the one before is over. Its row was kept open for the metrics that come after its end.

        Args:
            epoch: Its number, from 0.
            batches: How many it has.
            done: How many of them an earlier session did.
        """
        self.end_epoch()
        plan = self._plan
        plan.epoch = epoch
        plan.begin_epoch()
        self._in_epoch = True
        plan.begin(plan.train, batches)
        if done:
            plan.resume(done)
            self._rows.bar.rebase()
        plan.enter(plan.train)
        self._phase = plan.train
        self._rows.begin_epoch()

    def trained(self, batches: int) -> None:
        """Say how many batches of the epoch's training are done."""
        self._plan.train.reach(batches)
        hub.throttle.tick()

    def begin_validation(self, batches: Length | None) -> None:
        """Begin a validation, in the middle of an epoch's training or after it."""
        plan = self._plan
        if plan.settings.validation is None and batches is not None:
            plan.settings = replace(plan.settings, validation=batches)
        plan.begin(plan.validate, batches)
        plan.enter(plan.validate)
        self._phase = plan.validate

    def validated(self, batches: int) -> None:
        """Say how many batches of the validation are done."""
        self._plan.validate.reach(batches)
        hub.throttle.tick()

    @property
    def validating(self) -> bool:
        """Whether a validation is going on."""
        return self._phase is self._plan.validate

    def end_validation(self) -> None:
        """End the validation."""
        if self.validating:
            self._plan.leave(self._plan.validate)
            self._phase = self._plan.train

    def end_epoch(self) -> None:
        """Close the epoch's row, with the metrics that it has by now; the run goes on, or is all done."""
        if self._in_epoch:
            self._leave_epoch()
            self._rows.end_epoch("finished" if self._plan.trained else "stopped")
            self._plan.end_epoch()

    def _leave_epoch(self) -> None:
        plan, train = self._plan, self._plan.train
        self._in_epoch = False
        self.end_validation()
        plan.leave(train)
        plan.trained = train.length is None or train.n >= train.length.items

    def end(self, state: State, reason: str = "") -> None:
        """End the run, and its epoch.

        Args:
            state: The state; `finished` where not all was done becomes `stopped`.
            reason: Why it was stopped.
        """
        if self._in_epoch:
            self._leave_epoch()
            whole = self._plan.trained and state in ("finished", "stopped")
            self._rows.end_epoch("finished" if whole else "stopped" if state == "finished" else state)
            if whole:
                self._plan.end_epoch()
            self._plan.halt()
        if state == "finished" and not self._plan.complete:
            state = "stopped"
        self._rows.end(state, "" if state == "finished" else reason)

    # ── what it says ─────────────────────────────────────────────────────────────────────────────────────────────────

    def metrics(self, values: Mapping[str, Any]) -> None:
        """Report metrics; those of nested mappings are named `outer.inner`."""
        if values and self._rows.bar.state == "running":
            self._rows.report(flat(values))

    @property
    def reads_metrics(self) -> bool:
        """Whether it is time to read metrics that cost something to read."""
        return self.drawn and self._pace.is_due()

    def message(self, text: str) -> None:
        """Show a short text beside the epoch."""
        if self._rows.bar.state == "running":
            self._rows.message(text)

    def write(self, text: str) -> None:
        """Put a line above the rows."""
        self._rows.bar.write(text)
