"""What is still to come of a training run, and how far it is: its percentage and its remaining time.

Adds up what a plan knows: batches at the paces of their phases, other phases by the seconds that they usually take.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from headway.reporting.nest import Nested
from headway.reporting.totals import Length
from headway.snapshot import Number
from headway.training.phases import Phase
from headway.training.plan import Plan

__all__ = ["Forecast"]

FORWARD = 1 / 3
"""What a batch of validation is taken to cost, in batches of training, before one was seen: the backward pass takes
about twice as long as the forward one (Kaplan et al., Scaling Laws for Neural Language Models, 2020, section 2.1)."""
NEARLY = 0.999
"""As far as a run, or an epoch, is at most before it is over."""


class Forecast:
    """The outlook of a run's bar, see `headway.reporting.nest.Outlook`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._furthest = 0, 0.0

    def opened(self, bar: Nested, n: Number) -> None:
        """Bars that the program opens inside of a run are no part of the plan."""

    def closed(self, bar: Nested, n: Number) -> None:
        """As for `opened`."""

    def position(self, _n: Number, total: Number) -> Number:
        """Tell how far the run is, in the units of its bar; it is not all of it before the run is over."""
        plan = self._plan
        with plan.lock:
            n = plan.completed
            if plan.ended:
                return n
            share = n / total
            if not (plan.settings.by_steps or plan.settings.by_time):
                share = (n + self._share_of_epoch()) / total
            if plan.settings.max_time is not None:
                elapsed = plan.elapsed()
                share = max(share, elapsed / (max(plan.settings.max_time, elapsed) + self._epoch_left()))
            return min(share, NEARLY) * total

    def _share_of_epoch(self) -> float:
        """Weigh what is done of the epoch by what it costs."""
        plan = self._plan
        pace, length = plan.train.work.pace, plan.train.length
        if not plan.busy or pace is None or length is None or not length.items:
            return 0.0
        done, whole = min(plan.train.position, length.items) * pace, length.items * pace
        each, times = self._validation_seconds(1), plan.validation_times(plan.epoch)
        validating = plan.validate if plan.is_in(plan.validate) and plan.settings.validation else None
        gone = plan.validate.times - (1 if validating else 0)
        inside = validating.n / plan.settings.validation.items if validating and plan.settings.validation else 0.0
        done += min(gone + inside, times) * each
        whole += times * each
        for phase in self._by_time():
            done += min(phase.spent, phase.usual or 0.0)
            whole += phase.usual or 0.0
        epoch, furthest = self._furthest
        furthest = max(furthest if epoch == plan.epoch else 0.0, min(NEARLY, done / whole) if whole else 0.0)
        self._furthest = plan.epoch, furthest
        return furthest

    def _by_time(self) -> Iterator[Phase]:
        """The phases that are known by the seconds that they take in an epoch, not by their batches."""
        plan = self._plan
        planned = plan.validates and plan.settings.validation is not None
        for phase in plan.phases:
            if phase is not plan.train and phase is not plan.skip and not (phase is plan.validate and planned):
                yield phase

    def share(self, _bar: Nested) -> float | None:
        """As for `opened`."""
        return None

    @property
    def step(self) -> int | None:
        """Optimizer steps that are done."""
        return self._plan.steps

    @property
    def deadline(self) -> float | None:
        """Seconds since the epoch at which the time budget is used up, if the clock of the run does not stand."""
        return self._plan.deadline

    # ── what is to come ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def busy(self) -> bool:
        """Whether an epoch goes on, whose row says how that goes on."""
        return self._plan.busy

    @property
    def stalled(self) -> float | None:
        """Seconds since the last batch of the present phase, where that is implausibly long; else `None`."""
        return self._plan.now.stalled

    def eta(self, own: float | None) -> float | None:
        """Add up what is to come: each phase's batches at its own pace, or its seconds an epoch.

        Where too little is known of them it is the bar's own estimate, and unknown where nothing seems to be left.
        """
        plan = self._plan
        with plan.lock:
            seconds = self._work_left()
            if plan.settings.max_time is not None:
                left = max(0.0, plan.settings.max_time - plan.elapsed()) + self._epoch_left()
                seconds = left if seconds is None else min(left, seconds)
        return own if seconds is None else seconds or None

    def _work_left(self) -> float | None:
        plan, ahead = self._plan, self._ahead()
        if ahead is None:
            return None
        epochs, batches, last = ahead
        training = plan.train.work.seconds_for(batches)
        if training is None:
            return None
        every = plan.settings.validate_every_batches
        if every is None:
            times = plan.validations_between(plan.epoch + 1, plan.epoch + 1 + epochs)
        else:
            times = (epochs - (1 if last else 0)) * (self._later // every) + last // every
        usual = sum(phase.usual or 0.0 for phase in self._by_time())
        later = (self._validation_seconds(times) if plan.validates else 0.0) + usual * epochs
        return training + self._skip_left() + self._epoch_left() + later

    def _ahead(self) -> tuple[int, Number, int] | None:
        """Return epochs after this one, batches from now on, and batches of the last epoch where a budget cuts it."""
        if not self._plan.regular:
            return None
        by_steps, by_epochs = self._ahead_by_steps(), self._ahead_by_epochs()
        if by_steps is None or by_epochs is None:
            return by_epochs if by_steps is None else by_steps
        return min(by_steps, by_epochs, key=lambda ahead: ahead[1])

    def _ahead_by_epochs(self) -> tuple[int, Number, int] | None:
        plan = self._plan
        if plan.settings.epochs is None or plan.train.length is None:
            return None
        epochs = max(0, plan.settings.epochs - 1 - plan.epoch)
        return epochs, max(0, plan.train.length.items - plan.train.position) + epochs * self._later, 0

    def _ahead_by_steps(self) -> tuple[int, Number, int] | None:
        plan = self._plan
        s, length = plan.settings, plan.train.length
        if s.max_steps is None:
            return None
        steps, here, later = (
            s.max_steps - plan.steps_before,
            self._steps_in(length),
            self._steps_in(plan.batches or length),
        )
        if length is None or steps <= here or not later:
            most = sys.maxsize if length is None else length.items - plan.train.n
            return 0, max(0, min(plan.batches_for(steps), most)), 0
        whole, more = divmod(steps - here, later)
        last = min(more * s.accumulate, self._later)
        batches = max(0, length.items - plan.train.position) + whole * self._later + last
        return whole + (1 if last else 0), batches, last

    @property
    def _later(self) -> int:
        """Batches of an epoch that is to come."""
        plan = self._plan
        return (plan.batches or plan.train.length or Length(0, estimated=True)).items

    def _steps_in(self, length: Length | None) -> int:
        if length is None:
            return 0
        accumulate = self._plan.settings.accumulate
        return max(1, length.items // accumulate) if length.estimated else -(-length.items // accumulate)

    def _epoch_left(self) -> float:
        """Seconds of what is to come of this epoch beside its training."""
        plan = self._plan
        if plan.ended:
            return 0.0
        usual = sum(max(0.0, (phase.usual or 0.0) - phase.spent) for phase in self._by_time())
        length = plan.settings.validation
        if not plan.validates or length is None:
            return usual
        validating = plan.is_in(plan.validate)
        units = max(0, length.items - plan.validate.n) if validating else 0
        times = max(0, plan.validation_times(plan.epoch) - plan.validate.times)
        seconds = plan.validate.work.seconds_for(units) if units else 0.0
        return usual + self._validation_seconds(times) + (seconds or 0.0)

    def _skip_left(self) -> float:
        plan, skip = self._plan, self._plan.skip
        if skip.length is None or not plan.is_in(skip):
            return 0.0
        return skip.work.seconds_for(max(0, skip.length.items - skip.n)) or 0.0

    def _validation_seconds(self, times: Number) -> float:
        plan = self._plan
        length = plan.settings.validation
        pace = plan.validate.work.pace or (plan.train.work.pace or 0.0) * FORWARD
        return times * length.items * pace if length is not None else 0.0
