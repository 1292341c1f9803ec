"""What a training run consists of, and what of it is done.

Knows phases and their counts; knows nothing of who reports or draws. A plan is the count of a run's bar.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any

from headway import format as fmt
from headway.reporting.totals import Length
from headway.snapshot import Number
from headway.training.phases import BETWEEN, SKIP, TRAIN, VALIDATE, Phase

if TYPE_CHECKING:
    from headway.reporting.weights import Weights

__all__ = ["Plan", "Settings"]

NEARLY = 0.999
"""As far as a run by the clock counts, at most, before it is over."""

FURTHEST = 1e10
"""Seconds of a time budget, some three hundred years, beyond which it is none."""


@dataclass(frozen=True)
class Settings:
    """What is known of a run beforehand."""

    epochs: int | None = None
    batches: Length | None = None
    """Batches of an epoch."""
    validation: Length | None = None
    """Batches of a validation."""
    validates: bool = False
    validate_every: int = 1
    """Epochs from one validation to the next."""
    validate_every_batches: int | None = None
    """Batches of an epoch from one validation to the next, where there are several in an epoch."""
    accumulate: int = 1
    """Batches that an optimizer step takes."""
    max_steps: int | None = None
    """Optimizer steps after which the run ends."""
    max_time: float | None = None
    """Seconds after which the run ends."""

    @property
    def by_steps(self) -> bool:
        """Whether it is the number of steps that ends the run, and not that of epochs."""
        if self.max_steps is None or self.epochs is None:
            return self.max_steps is not None
        if self.batches is None:
            return False
        return self.max_steps <= self.epochs * -(-self.batches.items // self.accumulate)

    @property
    def by_time(self) -> bool:
        """Whether nothing but the time ends the run."""
        return self.max_time is not None and self.epochs is None and self.max_steps is None

    @property
    def total(self) -> Number | None:
        """How much the run is, in its `unit`."""
        return self.max_steps if self.by_steps else self.max_time if self.by_time else self.epochs

    @property
    def unit(self) -> str:
        """What the run is measured in."""
        return "step" if self.by_steps else "s" if self.by_time else "epoch"


class Plan:
    """A run as it goes on.

    Args:
        settings: What is known of it.
        units: Other units of a batch.
        weights: How much work each batch of an epoch's training is.
    """

    def __init__(self, settings: Settings, units: Mapping[str, float], weights: Weights | None = None) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self.epoch = 0
        self.steps_before = 0
        """Optimizer steps before the present time through the training."""
        self.trained = False
        """Whether this epoch has been trained to its end."""
        self.cut = False
        """Whether a budget has ended the training of this epoch."""
        self.to_skip = 0
        """Batches of this epoch that an earlier session has trained, and that were not passed over yet."""
        self.ended = False
        """Whether the run is over."""
        self.regular = True
        """Whether `accumulate` batches make a step; if not, nothing can be worked out from one for the other."""
        self.elapsed: Callable[[], float] = lambda: 0.0
        """Tells the seconds of the run."""
        self.batches = settings.batches
        """Batches of an epoch, as far as that is known by now."""
        self._batches_before = 0
        self._carried = 0
        self._at_epoch = 0, 0
        self._resumed = False
        self.begun = 0
        """How many phases with batches have begun."""
        self.validates = settings.validates
        """Whether there are validations to come."""
        others = {unit: share for unit, share in units.items() if share >= 1}  # steps are of the training only
        self.train = Phase(TRAIN, units, weights)
        self.validate = Phase(VALIDATE, others)
        self.skip = Phase(SKIP, others)
        self._between = Phase(BETWEEN)
        self._phases = {phase.name: phase for phase in (self.train, self.validate, self.skip, self._between)}
        self._stack: list[Phase] = []

    # ── what goes on ─────────────────────────────────────────────────────────────────────────────────────────────────

    def phase(self, name: str) -> Phase:
        """Return the phase of that name."""
        with self.lock:
            if name not in self._phases:
                self._phases[name] = Phase(name)
            return self._phases[name]

    @property
    def now(self) -> Phase:
        """The phase that the run is in; between phases the training."""
        with self.lock:
            inner = self._stack[-1] if self._stack else self._between
            return self.train if inner is self._between else inner

    @property
    def phases(self) -> tuple[Phase, ...]:
        """All phases so far."""
        with self.lock:
            return tuple(self._phases.values())

    @property
    def busy(self) -> bool:
        """Whether an epoch goes on."""
        return bool(self._stack)

    def is_in(self, phase: Phase) -> bool:
        """Whether a phase goes on, another one inside of it or not."""
        return phase in self._stack

    def begin(self, phase: Phase, length: Length | None) -> None:
        """Start a phase over with a number of batches; what the epochs before came to is better than an estimate."""
        with self.lock:
            self.begun += 1
            if phase is self.train:
                if phase.times:  # the epoch is trained in several passes
                    self._batches_before += int(phase.given)
                    self._end_pass()
                if (length is None or length.estimated) and self.batches is not None:
                    length = self.batches
                self.trained = self.cut = False
            phase.begin(length)

    def enter(self, phase: Phase) -> None:
        """Stop the clock of the phase around and start that of this one."""
        with self.lock:
            if self._stack:
                self._stack[-1].work.halt()
            self._stack.append(phase)
            phase.work.go_on()

    def leave(self, phase: Phase) -> None:
        """Go back to the phase around; what was entered since ends with it."""
        with self.lock:
            if phase not in self._stack:
                return
            while self._stack.pop() is not phase:
                pass
            phase.work.halt()
            if self._stack:
                self._stack[-1].work.go_on()

    @contextmanager
    def inside(self, phase: Phase) -> Iterator[None]:
        """Be in a phase for the length of a block."""
        self.enter(phase)
        try:
            yield
        finally:
            self.leave(phase)

    def begin_epoch(self) -> None:
        """Start an epoch."""
        with self.lock:
            self.trained = self.cut = False
            self.train.length = self.batches
            self.enter(self._between)

    def resume(self, batches: int) -> None:
        """Count batches of this epoch's training that an earlier session has done."""
        with self.lock:
            self._resumed = True
            self.train.credit(batches)

    def halt(self) -> None:
        """Stop the clocks, in the middle of an epoch that is left."""
        self.leave(self._between)

    def end_epoch(self) -> None:
        """Learn from the epoch that is over, and go on to the next."""
        with self.lock:
            self.halt()
            self._end_pass()
            self._batches_before = 0
            self._at_epoch = self.steps_before, self._carried
            if self.trained:
                self.batches = Length(int(self.train.n), estimated=self.train.exact is None)
            if self.validation_times(self.epoch) and not self.validate.times and not self._resumed:
                self.validates = False  # it was said that there would be one, and there was none
            for phase in self._phases.values():
                phase.end_epoch(whole=not self._resumed)
            self.epoch += 1
            self.to_skip = 0
            self.trained = self.cut = self._resumed = False

    def _end_pass(self) -> None:
        """Count the steps of a time through the training; the rest of one that is no step is carried on."""
        self.steps_before, self._carried = self.steps, self._rest_after

    @property
    def _rest_after(self) -> int:
        """Batches behind the last complete step."""
        return 0 if self._rest_counts else (self._carried + int(self.train.n)) % self.settings.accumulate

    # ── how far ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> int:
        """Optimizer steps that are complete; a rest makes one where `step_due` could say so."""
        whole, rest = divmod(self._carried + int(self.train.n), self.settings.accumulate)
        return self.steps_before + whole + (1 if rest and self._rest_counts else 0)

    @property
    def _rest_counts(self) -> bool:
        return self.trained and self.train.exact is not None

    def steps_with(self, batches: Number) -> int:
        """Return the optimizer steps of the run with so many batches of this time through, the one begun included."""
        return self.steps_before - int(-(self._carried + batches) // self.settings.accumulate)

    @property
    def step_due(self) -> bool:
        """Whether the batch in hand completes an optimizer step."""
        given, exact = self.train.given, self.train.exact
        return (self._carried + given) % self.settings.accumulate == 0 or (exact is not None and given >= exact)

    def step_at(self, given: Number) -> Number:
        """Return the optimizer step at which so many batches of all epochs of this session were given out."""
        return self.steps_with(given - self.train.work.given + self.train.given)

    @property
    def completed(self) -> Number:
        """Epochs, steps or seconds that are done: the count of the run's bar."""
        with self.lock:
            limit = self.settings.max_time
            if not self.settings.by_time or limit is None:
                return self.steps if self.settings.by_steps else self.epoch
            return limit if self.ended and self.late else min(int(self.elapsed()), limit * NEARLY)

    def given_out(self) -> Number:
        """Return the same: what is in hand is not done."""
        return self.completed

    @property
    def deadline(self) -> float | None:
        """Seconds since the epoch at which the time budget is used up, if the clock of the run goes on."""
        limit = self.settings.max_time
        if limit is None or limit > FURTHEST:
            return None
        return round(time() + limit - self.elapsed(), 3)

    @property
    def late(self) -> bool:
        """Whether the time budget is used up."""
        return self.settings.max_time is not None and self.elapsed() >= self.settings.max_time

    @property
    def out_of_steps(self) -> bool:
        """Whether the step budget is used up."""
        return self.settings.max_steps is not None and self.steps >= self.settings.max_steps

    @property
    def complete(self) -> bool:
        """Whether all is done of what the run is measured in."""
        s = self.settings
        return self.late if s.by_time else self.out_of_steps if s.by_steps else self.epoch == s.epochs

    @property
    def over(self) -> bool:
        """Whether there is no further epoch to come."""
        return (
            self.late or self.out_of_steps or (self.settings.epochs is not None and self.epoch >= self.settings.epochs)
        )

    @property
    def idle(self) -> bool:
        """Whether this epoch was trained with no batch."""
        return bool(self.train.times and not self._batches_before and not self.train.given and not self.cut)

    @property
    def budget_in_words(self) -> str:
        """Say which budget has ended the run."""
        if self.out_of_steps:
            return f"step budget of {self.settings.max_steps} used"
        return f"time budget of {fmt.duration(self.settings.max_time or 0)} used"

    @property
    def batches_in_budget(self) -> int:
        """Batches of this time through that the step budget still allows."""
        if self.settings.max_steps is None:
            return sys.maxsize
        return min(sys.maxsize, max(0, self.batches_for(self.settings.max_steps - self.steps_before)))

    def batches_for(self, steps: int) -> int:
        """Return the batches that so many steps still take, counted from the beginning of this time through."""
        return steps * self.settings.accumulate - self._carried - int(self.train.n)

    def validation_times(self, epoch: int) -> int:
        """Tell how often an epoch is validated."""
        every, length = self.settings.validate_every_batches, self.train.length
        if not self.validates:
            return 0
        if every is not None:
            return 0 if length is None else length.items // every
        return self.validations_between(epoch, epoch + 1)

    def validations_between(self, start: int, end: int) -> int:
        """Count the epochs of a range that end with a validation."""
        every = self.settings.validate_every
        return end // every - start // every

    # ── resume ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """Return where the run is, as plain data. An epoch that was trained to its end is over."""
        with self.lock:
            over = self.trained
            given = self.to_skip + self._batches_before + int(self.train.given)
            return {
                "epoch": self.epoch + 1 if over else self.epoch,
                "batches": 0 if over else given,
                "steps": self.steps if over else self._at_epoch[0],
                "rest": self._rest_after if over else self._at_epoch[1],
                "phases": {name: phase.state(over=over) for name, phase in self._phases.items()},
            }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        with self.lock:
            self.epoch, self.to_skip = state["epoch"], state["batches"]
            self._at_epoch = self.steps_before, self._carried = state["steps"], state["rest"]
            self._resumed = bool(self.to_skip)
            for name, phase in state["phases"].items():
                self.phase(name).load(phase)
            self.train.times = 0
