"""The passes over the batches of an epoch: training, validation, and the skipping after a resume."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from headway import format as fmt
from headway.reporting import arguments
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.reporting.totals import Length, length_of
from headway.snapshot import State
from headway.training.bars import Rows
from headway.training.phases import SKIP, TRAIN, VALIDATE, Phase
from headway.training.plan import Plan
from headway.training.resumption import skipped_by

__all__ = ["Passes", "T", "V"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar as Defaulting

    T = Defaulting("T", default=Any)
    V = Defaulting("V", default=Any)
else:
    T, V = TypeVar("T"), TypeVar("V")


class Passes(Generic[T, V]):
    """Gives the batches of a run, pass by pass, and counts them. `headway.training.loop.Loop` runs the epochs around.

    Args:
        plan: The parts of the run.
        bar: The bar of the whole run.
        batches: The batches of each training.
        validation: The batches of each validation.
        metrics: The metrics of the epochs.
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
        """The parts of the run, and the progress of each."""
        self.bar = bar
        """The bar of the whole run."""
        self._batches = batches
        self._validation = validation
        self._rows = Rows(plan, bar, metrics)
        self._skips: bool | None = None
        """Whether batches that an earlier session has trained are passed over; `None` if the loader tells."""

    # ── phases ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def train(self, batches: Iterable[T] | None = None) -> Iterator[T]:
        """Yield the batches of this epoch's training.

        After a resume in the middle of an epoch, those that were trained before are taken from the iterable and passed
        over, which shows as the phase `skip`. If the loader goes on by itself, see `load_state_dict`, nothing is passed
        over. When a step or time budget is used up there are no more batches.

        Args:
            batches: The batches; by default those that `headway.loop` was given.

        Raises:
            RuntimeError: This is not inside of `for epoch in loop`.
            TypeError: There are no batches.
        """
        given, plan = self._given("train", batches, self._batches), self.plan
        length = length_of(given)
        lacking = self._lacking(given) if plan.to_skip else None
        plan.begin(plan.train, length and length._replace(items=length.items + (lacking or 0)))
        if lacking is not None:
            self._credit(plan.to_skip)
        elif plan.to_skip:
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
        def end(state: State, _reason: str) -> None:
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
            deque(plan.skip.work.counted(islice(items, plan.to_skip), lambda *_end: None), maxlen=0)
            plan.skip.work.absorb_loop(given=True)
        self._credit(int(plan.skip.work.given - before))
        return items

    def _lacking(self, batches: Iterable[Any]) -> int | None:
        """Return how many batches the length of a loader lacks that skips by itself; `None` if it does not skip."""
        if self._skips is None:
            return skipped_by(batches)
        return None if self._skips else 0

    def _credit(self, skipped: int) -> None:
        """Count batches that an earlier session has trained."""
        with self.plan.lock:
            self.plan.to_skip -= skipped
            self.plan.train.credit(skipped)
        self.bar.rebase()

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

    @property
    def step_due(self) -> bool:
        """Whether the batch in hand completes an optimizer step: `if loop.step_due: optimizer.step()`.

        Every `accumulate` batches, and at the last batch of an epoch whose length is known exactly. Any other rest is
        carried on, as the gradients are.
        """
        return self.plan.step_due
