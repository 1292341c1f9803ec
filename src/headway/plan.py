"""What a training run consists of, how far it is, and what is still to come.

Knows phases, their counts and their paces; knows nothing of who reports or draws. A plan is the outlook of a run's bar,
see `headway.nesting.Outlook`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headway.nesting import Nested
from headway.phases import BETWEEN, SKIP, TRAIN, VALIDATE, Phase
from headway.snapshot import Number
from headway.totals import Length

if TYPE_CHECKING:
    from headway.bar import Bar

__all__ = ["Plan", "Settings"]

FORWARD = 1 / 3
"""What a batch of validation is taken to cost, in batches of training, before one was seen: the backward pass takes
about twice as long as the forward one (Kaplan et al., Scaling Laws for Neural Language Models, 2020, section 2.1)."""


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
    def steps_an_epoch(self) -> int | None:
        """Optimizer steps of an epoch: the batches that are left at its end make one more."""
        return None if self.batches is None else -(-self.batches.items // self.accumulate)

    @property
    def by_steps(self) -> bool:
        """Whether it is the number of steps that ends the run, and not that of epochs."""
        if self.max_steps is None:
            return False
        if self.epochs is None or self.steps_an_epoch is None:
            return True
        return self.max_steps <= self.epochs * self.steps_an_epoch

    @property
    def by_time(self) -> bool:
        """Whether nothing but the time ends the run."""
        return self.max_time is not None and self.epochs is None and self.max_steps is None

    @property
    def measured(self) -> bool:
        """Whether the run is measured in steps or seconds, not in epochs."""
        return self.by_steps or self.by_time

    @property
    def total(self) -> Number | None:
        """How much the run is, in its `unit`."""
        return self.max_steps if self.by_steps else self.max_time if self.by_time else self.epochs

    @property
    def unit(self) -> str:
        """What the run is measured in."""
        return "step" if self.by_steps else "s" if self.by_time else "epoch"


class Plan:
    """A run as it goes on."""

    def __init__(self, settings: Settings, units: Mapping[str, float]) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self.epoch = 0
        self.steps_before = 0
        """Optimizer steps of the epochs before this one."""
        self.trained = False
        """Whether this epoch has been trained to its end."""
        self.batches: Length | None = settings.batches
        self._validates = settings.validates
        others = {unit: share for unit, share in units.items() if share >= 1}  # steps are of the training only
        self._phases = {
            TRAIN: Phase(TRAIN, units),
            VALIDATE: Phase(VALIDATE, others),
            SKIP: Phase(SKIP, others),
            BETWEEN: Phase(BETWEEN),
        }
        self._stack: list[Phase] = []
        self._furthest = 0.0
        self._run: Bar | None = None

    def bind(self, run: Bar) -> None:
        """Be the outlook of a run's bar, whose clock the budget goes by."""
        self._run = run
        run.look_ahead(self)

    def start(self) -> None:
        """Have the run's bar count steps or seconds, where those are what it is measured in."""
        if self._run is not None and self.settings.measured:
            self._run.follow(self)

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
            inner = self._stack[-1] if self._stack else self._phases[BETWEEN]
            return self._phases[TRAIN] if inner.name == BETWEEN else inner

    def begin(self, phase: Phase, length: Length | None) -> None:
        """Start a phase over with a number of batches."""
        with self.lock:
            phase.begin(length)
            if phase.name == TRAIN and self.batches is None:
                self.batches = length

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
            self._furthest = 0.0
            self.trained = False
            self.phase(TRAIN).length = self.batches
            self.enter(self.phase(BETWEEN))

    def end_epoch(self) -> None:
        """Learn from the epoch that is over, and go on to the next."""
        with self.lock:
            self.leave(self.phase(BETWEEN))
            train, validate = self.phase(TRAIN), self.phase(VALIDATE)
            self.steps_before = self.steps
            if self.trained and (self.batches is None or self.batches.estimated):
                self.batches = Length(int(train.n), estimated=True)
            if self.validation_times(self.epoch) and not validate.times:
                self._validates = False  # it was said that there would be one, and there was none
            for phase in self._phases.values():
                phase.end_epoch()
            self.epoch += 1
            self.trained = False

    # ── how far ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def steps_after(self, batches: Number) -> int:
        """Return the optimizer steps of the run that are complete after so many batches of this epoch."""
        whole, rest = divmod(int(batches), self.settings.accumulate)
        return self.steps_before + whole + (1 if rest and self.trained else 0)

    def steps_with(self, batches: Number) -> int:
        """Return the optimizer steps of the run with so many batches of this epoch, the one begun included."""
        return self.steps_before - int(-batches // self.settings.accumulate)

    def step_at(self, given: Number) -> Number:
        """Return the optimizer step at which so many batches of all epochs of this session were given out."""
        train = self.phase(TRAIN)
        return self.steps_with(given - train.work.given + train.given)

    @property
    def steps(self) -> int:
        """Optimizer steps that are done."""
        return self.steps_after(self.phase(TRAIN).n)

    @property
    def completed(self) -> Number:
        """Steps or seconds that are done, for the bar of a run that is measured in them."""
        if not self.settings.by_time or self.settings.max_time is None:
            return self.steps
        return int(self._elapsed) if self._elapsed < self.settings.max_time else self.settings.max_time

    def given_out(self) -> Number:
        """Return the same: the batch in hand is no step that is done."""
        return self.completed

    @property
    def _elapsed(self) -> float:
        return 0.0 if self._run is None else self._run.elapsed

    @property
    def late(self) -> bool:
        """Whether the time budget is used up."""
        return self.settings.max_time is not None and self._elapsed >= self.settings.max_time

    @property
    def out_of_steps(self) -> bool:
        """Whether the step budget is used up."""
        return self.settings.max_steps is not None and self.steps >= self.settings.max_steps

    @property
    def done(self) -> bool:
        """Whether all that was to be done is done."""
        all_epochs = self.settings.epochs is not None and self.epoch >= self.settings.epochs
        return all_epochs or self.out_of_steps or (self.settings.by_time and self.late)

    @property
    def over(self) -> bool:
        """Whether there is no further epoch to come."""
        return self.done or self.late

    @property
    def batches_in_budget(self) -> int | None:
        """Batches of this epoch that the step budget still allows, `None` without one."""
        if self.settings.max_steps is None:
            return None
        batches = (self.settings.max_steps - self.steps_before) * self.settings.accumulate
        return max(0, batches - int(self.phase(TRAIN).n))

    def validation_times(self, epoch: int) -> int:
        """Tell how often an epoch is validated."""
        s = self.settings
        if not self._validates:
            return 0
        if s.validate_every_batches is not None:
            return 0 if self.batches is None else self.batches.items // s.validate_every_batches
        return 1 if (epoch + 1) % s.validate_every == 0 else 0

    def opened(self, bar: Nested, n: Number) -> None:
        """Bars that the program opens inside of a run are no part of the plan."""

    def closed(self, bar: Nested, n: Number) -> None:
        """As for `opened`."""

    def position(self, n: Number, total: Number) -> Number:
        """Tell how far the run is, in the units of its bar."""
        share = self._time_share()
        if not self.settings.measured and n < total:
            share = max(share, (n + self._share_of_epoch()) / total)
        return max(n, share * total)

    def _time_share(self) -> float:
        limit = self.settings.max_time
        return min(1.0, self._elapsed / limit) if limit else 0.0

    def _share_of_epoch(self) -> float:
        """Weigh what is done of the epoch by what it costs."""
        with self.lock:
            train, validate = self.phase(TRAIN), self.phase(VALIDATE)
            pace = train.work.pace
            if not self._stack or pace is None or self.batches is None or not self.batches.items:
                return 0.0
            done, whole = min(train.n, self.batches.items) * pace, self.batches.items * pace
            length, times = self.settings.validation, self.validation_times(self.epoch)
            if length is not None and times:
                each = validate.work.pace or pace * FORWARD
                gone = max(0, validate.times - 1) * length.items + min(validate.n, length.items)
                done += min(gone, times * length.items) * each
                whole += times * length.items * each
            for phase in self._by_time():
                done += min(phase.spent, phase.usual or 0.0)
                whole += phase.usual or 0.0
            self._furthest = max(self._furthest, min(1.0, done / whole) if whole else 0.0)
            return self._furthest

    def _by_time(self) -> Iterator[Phase]:
        """The phases that are known by the seconds that they take in an epoch, not by their batches."""
        planned = self._validates and self.settings.validation is not None
        for name, phase in tuple(self._phases.items()):
            if name not in (TRAIN, SKIP) and not (name == VALIDATE and planned):
                yield phase

    # ── what is to come ──────────────────────────────────────────────────────────────────────────────────────────────

    def eta(self) -> float | None:
        """Add up what is to come: each phase's batches at its own pace, or its seconds an epoch."""
        left = self._time_left()
        with self.lock:
            work = self._work_left()
        if left is None or work is None:
            return work if left is None else left
        return min(left, work)

    def _time_left(self) -> float | None:
        limit = self.settings.max_time
        return None if limit is None else max(0.0, limit - self._elapsed)

    def _work_left(self) -> float | None:
        batches = self._batches_left()
        seconds = None if batches is None else self.phase(TRAIN).work.seconds_for(batches)
        if batches is None or seconds is None:
            return None
        skip = self.phase(SKIP)
        if skip.length is not None and skip in self._stack:
            seconds += skip.work.seconds_for(max(0, skip.length.items - skip.n)) or 0.0
        epochs = self._epochs_left(batches)
        for phase in self._by_time():
            usual = phase.usual or 0.0
            seconds += usual * epochs + max(0.0, usual - phase.spent)
        return seconds + self._validation_left(batches, epochs)

    def _batches_left(self) -> Number | None:
        s, train = self.settings, self.phase(TRAIN)
        if s.by_steps and s.max_steps is not None:
            return max(0, (s.max_steps - self.steps_before) * s.accumulate - train.n)
        if s.epochs is None or self.batches is None:
            return None
        return max(0, self.batches.items - train.n) + (s.epochs - 1 - self.epoch) * self.batches.items

    def _epochs_left(self, batches: Number) -> int:
        """Epochs after this one."""
        s, length = self.settings, self.batches
        if not s.by_steps and s.epochs is not None:
            return max(0, s.epochs - 1 - self.epoch)
        if length is None or not length.items:
            return 0
        rest = max(0, batches - max(0, length.items - self.phase(TRAIN).n))
        return int(-(-rest // length.items))

    def _validation_left(self, batches: Number, epochs: int) -> float:
        s, length, validate = self.settings, self.settings.validation, self.phase(VALIDATE)
        if not self._validates or length is None:
            return 0.0
        every = s.validate_every_batches
        if every is not None:
            times = int(batches // every)
        else:
            times = (self.epoch + 1 + epochs) // s.validate_every - self.epoch // s.validate_every
            times -= min(validate.times, self.validation_times(self.epoch))
        units = times * length.items + (max(0, length.items - validate.n) if validate in self._stack else 0)
        seconds = validate.work.seconds_for(units)
        train = self.phase(TRAIN).work.pace
        return units * (train or 0.0) * FORWARD if seconds is None else seconds

    # ── resume ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """Return where the run is, as plain data. An epoch that was trained to its end is over."""
        with self.lock:
            over = self.trained
            return {
                "epoch": self.epoch + 1 if over else self.epoch,
                "batches": 0 if over else int(self.phase(TRAIN).given),
                "steps": self.steps if over else self.steps_before,
                "phases": {name: phase.state() for name, phase in self._phases.items()},
            }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        with self.lock:
            self.epoch, self.steps_before = state["epoch"], state["steps"]
            for name, phase in state["phases"].items():
                self.phase(name).load(phase)
