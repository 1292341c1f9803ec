"""A training run, described once and reported as one: epochs of batches, validation, checkpoints.

`Loop` is what `headway.loop` returns; `plan.py` knows what is still to come.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from headway import format as fmt
from headway.drawing.hub import hub
from headway.host import endings
from headway.host.faults import tell, warn_once
from headway.reporting import arguments, counter
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.reporting.totals import Length, length_of
from headway.snapshot import State
from headway.training.bars import Rows
from headway.training.phases import SKIP, TRAIN, VALIDATE, Phase
from headway.training.plan import Plan

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Loop"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar as Defaulting

    T = Defaulting("T", default=Any)
    V = Defaulting("V", default=Any)
else:
    T, V = TypeVar("T"), TypeVar("V")


class Loop(Generic[T, V]):
    """Reports a training run. Made by `headway.loop`.

    ::

        loop = headway.loop(train_loader, epochs=10, validation=val_loader)
        for epoch in loop:
            for batch in loop.train():
                ...
                loop.metrics(loss=loss)
            for batch in loop.validate():
                ...

    The run has a row with percentage and remaining time over all that is to come, and each epoch one that shows the
    present phase, and stays with the epoch's metrics. Each phase has its own clock, count and rate. Budgets, skipping
    after a resume, `step_due` and `state_dict` are the same with progress off: a run computes what it would without us.
    """

    def __init__(
        self,
        plan: Plan,
        bar: Bar,
        batches: Iterable[T] | None,
        validation: Iterable[V] | None,
        metrics: Metrics,
    ) -> None:
        self.plan = plan
        """What the run consists of."""
        self.bar = bar
        """The bar of the whole run."""
        self._batches = batches
        self._validation = validation
        self._rows = Rows(plan, bar, metrics)
        self._open: Callable[[Rows], None] | None = None
        self._asked: tuple[State, str] | None = None

    # ── the run and its epochs ───────────────────────────────────────────────────────────────────────────────────────

    def opens(self, opening: Callable[[Rows], None]) -> None:
        """Have the run's row opened when the loop over the epochs begins. `headway.loop` does this."""
        self._open = opening

    def __iter__(self) -> Iterator[int]:
        """Yield the number of each epoch, from 0 or from where a checkpoint was."""
        opening, self._open = self._open, None
        try:
            if opening is not None:
                self.bar.follow(self.plan)
                opening(self._rows)
            if hub.throttle.inline or sys.implementation.name != "cpython":
                return counter.polled(self._epochs(), hub.throttle.poll, self.end)[0]
            return counter.looped(self._epochs(), self.end)[0]
        except BaseException as error:  # Ctrl-C may come just here
            self.end(endings.of_exception(error))
            raise

    def _epochs(self) -> Iterator[int]:
        plan = self.plan
        while self.bar.state == "running" and not (plan.over or self._asked):
            self._begin_epoch()
            yield plan.epoch
            if self.bar.state != "running":
                return
            self._rows.end_epoch("stopped" if plan.train.times and not plan.trained else "finished")
            if plan.cut:
                plan.halt()
                return
            idle = plan.idle
            plan.end_epoch()
            if idle:
                self._say_idle(plan.epoch)

    def _say_idle(self, epoch: int) -> None:
        """Tell that an epoch had no batches; a run that only batches can end has come to its end."""
        words = f"epoch {epoch} had no batches: is the iterable of batches empty, or used up?"
        tell(f"idle {self.bar.id}", f"In the loop {self.bar.desc!r} {words}", stacklevel=4)
        if self.plan.settings.epochs is None:
            self._asked = "failed", words

    def _begin_epoch(self) -> None:
        self.plan.begin_epoch()
        self._rows.begin_epoch()

    def end(self, state: State, reason: str = "") -> None:
        """End the run, and its epoch, in a state; only the first end counts. The loop over the epochs does this."""
        if self.bar.state != "running":
            return
        plan = self.plan
        if self._rows.epoch is not None:  # in the middle of an epoch
            whole = plan.trained and state in ("finished", "stopped")
            self._rows.end_epoch("finished" if whole else state)
            if whole:
                plan.end_epoch()
            plan.halt()
        if state in ("finished", "stopped") and self._asked is not None:
            state, reason = self._asked
        elif state == "finished" and not plan.complete:
            state, reason = "stopped", plan.budget_in_words
        self._rows.end(state, reason)

    def stop(self, reason: str = "") -> None:
        """End the run early and on purpose, which is a success: `loop.stop("no better for 5 epochs")`.

        The present epoch goes on to its end, or until the program leaves it, and is the last one.
        """
        self._ask("stopped", arguments.text("reason", reason))

    def fail(self, reason: str = "") -> None:
        """End the run as failed, with the present epoch."""
        self._ask("failed", arguments.text("reason", reason))

    def _ask(self, state: State, reason: str) -> None:
        if self._asked is None:
            self._asked = state, reason
        if self._rows.epoch is None:  # between epochs, or before the first
            self.end("stopped")

    def close(self) -> None:
        """End the run now: `finished` if all of it was done, else `stopped`. The loop over the epochs does this."""
        self.end("finished" if self.plan.over else "stopped")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.end(*endings.explained(error))

    # ── phases ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def train(self, batches: Iterable[T] | None = None) -> Iterator[T]:
        """Yield the batches of this epoch's training.

        After a resume in the middle of an epoch, those that were trained before are taken from the iterable and passed
        over, which shows as the phase `skip`. When a step or time budget is used up there are no more batches.

        Args:
            batches: The batches; by default those that `headway.loop` was given.

        Raises:
            RuntimeError: This is not inside of `for epoch in loop`.
            TypeError: There are no batches.
        """
        given = self._given("train", batches, self._batches)
        self.plan.begin(self.plan.train, length_of(given))
        if self.plan.to_skip:
            given = self._after_skipping(iter(given))
        return self._through(self.plan.train, self._within_budget(given), self._after_training)

    def validate(self, batches: Iterable[V] | None = None) -> Iterator[V]:
        """Yield the batches of a validation, between trainings or in the middle of one.

        Args:
            batches: The batches; by default those that `headway.loop` was given.

        Raises:
            RuntimeError: This is not inside of `for epoch in loop`.
            TypeError: There are no batches.
        """
        given = self._given("validate", batches, self._validation)
        self.plan.begin(self.plan.validate, length_of(given))
        return self._through(self.plan.validate, given, lambda _state: None)

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Be in a phase for the length of a `with` block: `with loop.phase("checkpoint"): torch.save(...)`.

        Its time counts neither for training nor for validation; what it takes in an epoch is part of the remaining time
        from the second epoch on.

        Raises:
            TypeError: The name is no text.
            ValueError: The name is empty, or that of a phase with batches.
        """
        name = fmt.clean(arguments.text("name", name)).strip()
        if name in ("", TRAIN, VALIDATE, SKIP):
            raise ValueError(
                f"phase() is for work without batches, such as 'checkpoint', not for {name!r}. "
                f"Training and validation are loop.train() and loop.validate()."
            )
        return self.plan.inside(self.plan.phase(name))

    def _given(self, verb: str, batches: Iterable[Any] | None, default: Iterable[Any] | None) -> Iterable[Any]:
        if self._rows.epoch is None and self.bar.state == "running":
            raise RuntimeError(f"{verb}() belongs inside of the loop over the epochs: for epoch in loop: ...")
        given = default if batches is None else batches
        if given is None:
            raise TypeError(f"{verb}() has no batches: give them to it or to headway.loop().")
        return given

    def _through(self, phase: Phase, items: Iterable[Any], after: Callable[[State], None]) -> Iterator[Any]:
        def end(state: State) -> None:
            with self.plan.lock:
                phase.work.absorb_loop(given=state in ("finished", "stopped"))  # what was left is done
                after(state)
                self.plan.leave(phase)

        iterator = phase.work.counted(items, end)
        self.plan.enter(phase)
        return iterator

    def _after_training(self, state: State) -> None:
        plan = self.plan
        short = plan.train.length is None or plan.train.n < plan.train.length.items
        plan.cut = plan.cut or (plan.out_of_steps and short)
        left_at_the_last = state == "stopped" and plan.train.exact is not None and not short
        plan.trained = not plan.cut and (state == "finished" or left_at_the_last)

    def _after_skipping(self, items: Iterator[Any]) -> Iterator[Any]:
        """Take from the iterable what an earlier session has trained, and return the rest."""
        plan, before = self.plan, self.plan.skip.work.given
        plan.begin(plan.skip, Length(plan.to_skip, estimated=False))
        with plan.inside(plan.skip):
            deque(plan.skip.work.counted(islice(items, plan.to_skip), lambda _state: None), maxlen=0)
            plan.skip.work.absorb_loop(given=True)
        skipped = int(plan.skip.work.given - before)
        with plan.lock:
            plan.to_skip -= skipped
            plan.train.credit(skipped)
        self.bar.rebase()
        return items

    def _within_budget(self, items: Iterable[Any]) -> Iterable[Any]:
        if self.plan.settings.max_steps is not None:
            items = islice(items, self.plan.batches_in_budget)
        return items if self.plan.settings.max_time is None else self._until_late(iter(items))

    def _until_late(self, items: Iterator[Any]) -> Iterator[Any]:
        """Yield the items until the time is up, and then the rest of the optimizer step."""
        train, given = self.plan.train, -1
        while train.given > given:
            if self.plan.late and (self.step_due or not train.given):
                self.plan.cut = train.length is None or train.given < train.length.items
                return
            given = int(train.given)
            yield from islice(items, 1)  # no variable that would keep the batch

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def epoch(self) -> int:
        """The number of the present epoch, from 0."""
        return self.plan.epoch

    @property
    def step(self) -> int:
        """Optimizer steps of the run that are done, or being done with the batch in hand."""
        return self.plan.steps_with(self.plan.train.given)

    @property
    def step_due(self) -> bool:
        """Whether the batch in hand completes an optimizer step: `if loop.step_due: optimizer.step()`.

        Every `accumulate` batches, and at the last batch of an epoch whose length is known exactly. Any other rest is
        carried on, as the gradients are.
        """
        return self.plan.step_due

    @property
    def validation_due(self) -> bool:
        """Whether it is time to validate, by `validate_every` or `validate_every_batches`."""
        settings, given = self.plan.settings, self.plan.train.given
        if settings.validate_every_batches is not None:
            return bool(given and given % settings.validate_every_batches == 0)
        return (self.plan.trained or self.plan.cut) and (self.plan.epoch + 1) % settings.validate_every == 0

    @property
    def state(self) -> State:
        """`running`, `finished`, `stopped`, `failed` or `interrupted`."""
        return self.bar.state

    @property
    def elapsed(self) -> float:
        """Seconds of the run, sessions before a resume included."""
        return self.bar.elapsed

    @property
    def eta(self) -> float | None:
        """Seconds that are left of the run; `None` while nothing is known."""
        return self.bar.eta

    # ── saying more ──────────────────────────────────────────────────────────────────────────────────────────────────

    def metrics(self, /, **values: Any) -> None:
        """Report metrics: `loop.metrics(loss=loss, lr=lr)`. Storing is all that this does; see `Bar.metrics`."""
        if self.bar._state != "running":
            self._say_over("metrics")
            return
        self._rows.report(values)

    def message(self, text: str) -> None:
        """Show a short text beside the epoch; the next one, or the next epoch, replaces it."""
        arguments.text("message", text)
        if self.bar.state == "running":
            self._rows.message(text)
        else:
            self._say_over("message")

    def write(self, text: str) -> None:
        """Put a line (or several) above the rows; it is out when this returns."""
        self.bar.write(text)

    def _say_over(self, verb: str) -> None:
        warn_once(f"{verb}() on a loop that is over ({self!r}) does nothing.", stacklevel=4)

    # ── resume from a checkpoint ─────────────────────────────────────────────────────────────────────────────────────

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs to go on with this run: small, plain data for JSON, pickle or `torch.save`.

        The batch in hand counts as trained: a checkpoint is taken after its optimizer step. An epoch that was trained
        to its end is over, whether or not it was validated yet.
        """
        return {"version": 1, "elapsed": self.elapsed, "metrics": self._rows.metrics.state(), **self.plan.state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`, to be called before the loop over the epochs begins.

        Epoch, steps, elapsed time and the metrics' summaries continue. Rates are of this session only; until it has
        them, the remaining time goes by those of the session before.

        Raises:
            RuntimeError: The loop has begun.
            ValueError: The state is not one of this version's, or a value in it cannot be.
        """
        if self._open is None:
            raise RuntimeError("load_state_dict() of a loop belongs before `for epoch in loop`.")
        arguments.loop_state(state)
        self.plan.load(state)
        self._rows.metrics.load(state["metrics"])
        self.bar.load_state_dict({"version": 1, "n": 0, "total": self.bar.total, "elapsed": state["elapsed"]})

    def __repr__(self) -> str:
        epochs = self.plan.settings.epochs
        of = "" if epochs is None else f"/{epochs}"
        return f"<headway.Loop {self.bar.desc!r} epoch {self.plan.epoch + 1}{of}, step {self.step}, {self.state}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy it as a run that stands where this one does and is not shown."""
        from headway.reporting import copies

        settings, units = self.plan.settings, self.plan.train.units
        said = ("epochs", "validate_every", "validate_every_batches", "accumulate", "max_steps", "max_time")
        arguments = {
            **{name: getattr(settings, name) for name in said},
            "batches": self._batches,
            "validation": self._validation,
            "desc": self.bar.desc,
            "name": self.bar.name,
            "weights": self.plan.train.work.weights,
            "units": {unit: share for unit, share in units.items() if unit != "step"},
        }
        return copies.revive_loop, (arguments, self.state_dict())
