"""A training run, described once and reported as one: epochs of batches, validation, checkpoints.

`Loop` is what `headway.loop` returns; `plan.py` knows what is still to come.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from headway import format as fmt
from headway.choosing.wishes import NOTHING
from headway.drawing.hub import hub
from headway.host import endings
from headway.host.compilers import opaque
from headway.host.faults import tell, warn_once
from headway.reporting import arguments, counter
from headway.reporting.bar import Bar
from headway.reporting.block import Block
from headway.reporting.halts import Blocked
from headway.reporting.metric import Metric
from headway.reporting.metrics import Metrics
from headway.reporting.offer import Offer
from headway.reporting.totals import Length, length_of
from headway.reporting.weights import Weights
from headway.snapshot import State
from headway.training.bars import Rows
from headway.training.passes import Passes, T, V
from headway.training.plan import Plan, Settings

__all__ = ["Loop", "describe", "revive"]


class Loop(Passes[T, V], Block, Offer):
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

    _offered = (
        "blocked close elapsed epoch eta fail load_state_dict message metrics phase state state_dict step step_due "
        "stop train validate validation_due write"
    )

    def __init__(
        self,
        plan: Plan,
        bar: Bar,
        batches: Iterable[T] | None,
        validation: Iterable[V] | None,
        metrics: Metrics,
    ) -> None:
        super().__init__(plan, bar, batches, validation, metrics)
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
                return counter.polled(self._epochs(), hub.throttle.tick, self.end)[0]
            return counter.looped(self._epochs(), self.end)[0]
        except BaseException as error:  # Ctrl-C may come just here
            self.end(*endings.explained(error))
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
        tell(f"idle {self.bar.id}", f"In the loop {self.bar.desc!r} {words}")
        if self.plan.settings.epochs is None:
            self._asked = "failed", words

    def _begin_epoch(self) -> None:
        self.bar.enter()
        self.plan.begin_epoch()
        self._rows.begin_epoch()

    def end(self, state: State, reason: str = "") -> None:
        """End the run, and its epoch, in a state; only the first end counts. The loop over the epochs does this."""
        if self.bar.state != "running":
            return
        plan = self.plan
        if self._rows.epoch is not None:  # in the middle of an epoch
            whole = plan.trained and state in ("finished", "stopped")
            self._rows.end_epoch(*(("finished", "") if whole else (state, reason)))
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

    @opaque
    def metrics(self, values: Mapping[str, Any] = NOTHING, /, **named: Any) -> None:
        """Report metrics: `loop.metrics(loss=loss, lr=lr)`. Storing is all that this does; see `Bar.metrics`.

        Raises:
            TypeError: `values` is no mapping of names to values.
        """
        if values is not NOTHING:
            named = arguments.metrics(values, named)
        if self.bar.state != "running":
            self._say_over("metrics")
            return
        self._rows.report(named)

    def message(self, text: str) -> None:
        """Show a short text beside the epoch; the next one, or the next epoch, replaces it."""
        arguments.text("message", text)
        if self.bar.state == "running":
            self._rows.message(text)
        else:
            self._say_over("message")

    def blocked(self, reason: str) -> Blocked[Bar]:
        """Say what holds the run up, for the length of a block: `with loop.blocked("waiting for data"): fetch()`."""
        return self.bar.blocked(reason)

    def write(self, text: str) -> None:
        """Put a line (or several) above the rows; it is out when this returns."""
        self.bar.write(text)

    def _say_over(self, verb: str) -> None:
        warn_once(f"{verb}() on a loop that is over ({self!r}) does nothing.")

    # ── resume from a checkpoint ─────────────────────────────────────────────────────────────────────────────────────

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs to go on with this run: small, plain data for JSON, pickle or `torch.save`.

        The batch in hand counts as trained: a checkpoint is taken after its optimizer step. An epoch that was trained
        to its end is over, whether or not it was validated yet.
        """
        return {"version": 1, "elapsed": self.elapsed, "metrics": self._rows.metrics.state(), **self.plan.state()}

    def load_state_dict(self, state: Mapping[str, Any], *, skip: bool | None = None) -> None:
        """Go on from a `state_dict()`, to be called before the loop over the epochs begins.

        Epoch, steps, elapsed time and the metrics' summaries continue. Rates are of this session only; until it has
        them, the remaining time goes by those of the session before.

        Args:
            state: The state.
            skip: Whether the batches of the present epoch that were trained before are taken from the loader and
                passed over. By default they are, unless the loader is known to have done so: torchdata's
                `StatefulDataLoader`, litdata's `StreamingDataLoader` and the `IterableDataset` of datasets after a
                `load_state_dict()` of their own, and the loaders of `accelerate.skip_first_batches()`. Say `False` for
                any other loader that goes on by itself.

        Raises:
            RuntimeError: The loop has begun.
            TypeError: `skip` is not `True`, `False` or `None`.
            ValueError: The state is not one of this version's, or a value in it cannot be.
        """
        if self._open is None:
            raise RuntimeError("load_state_dict() of a loop belongs before `for epoch in loop`.")
        arguments.loop_state(state)
        self.plan.load(state)
        self._skips = None if skip is None else arguments.flag("skip", skip)
        self._rows.metrics.load(state["metrics"])
        self.bar.load_state_dict({"version": 1, "n": 0, "total": self.bar.total, "elapsed": state["elapsed"]})

    def __repr__(self) -> str:
        epochs = self.plan.settings.epochs
        epoch = self.plan.epoch + (self._rows.epoch is not None)
        of = "" if epochs is None else f"/{epochs}"
        return f"<headway.Loop {self.bar.desc!r} epoch {epoch}{of}, step {self.step}, {self.state}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy it as a run that stands where this one does and is not shown."""
        settings, units = self.plan.settings, self.plan.train.units
        said = ("epochs", "validate_every", "validate_every_batches", "accumulate", "max_steps", "max_time")
        description = {
            **{name: getattr(settings, name) for name in said},
            "batches": self._batches,
            "validation": self._validation,
            "desc": self.bar.desc,
            "name": self.bar.name,
            "weights": self.plan.train.work.weights,
            "units": {unit: share for unit, share in units.items() if unit != "step"},
        }
        return revive, (description, self.state_dict())


def describe(
    batches: Iterable[T] | None = None,
    *,
    epochs: int | None = None,
    validation: Iterable[V] | None = None,
    validate_every: int = 1,
    validate_every_batches: int | None = None,
    accumulate: int = 1,
    max_steps: int | None = None,
    max_time: float | None = None,
    desc: str = "training",
    units: Mapping[str, float] | None = None,
    weights: Iterable[float] | None = None,
    metrics: Iterable[Metric | str] = (),
    name: str = "",
    parent: Bar | Literal["around"] | None = "around",
    leave: bool | None = None,
) -> Loop[T, V]:
    """Check the description of a run and return the run, not yet open. `headway.loop` explains each argument.

    Raises:
        TypeError: `batches` is no iterable, or an argument is of the wrong type.
        ValueError: Nothing ends the run, or a number is out of its range.
    """
    for argument, given in (("batches", batches), ("validation", validation)):
        if given is not None and not hasattr(given, "__iter__") and not hasattr(given, "__getitem__"):
            raise TypeError(f"{argument} must be an iterable such as a DataLoader or a list, not {fmt.shown(given)}.")
    length = None if batches is None else length_of(batches)
    weighed = None
    if weights is not None:
        weighed = Weights(weights, None if length is None or length.estimated else length.items, 0)
        length = Length(int(weighed.total), estimated=False)
    settings = Settings(
        epochs=arguments.positive("epochs", epochs),
        batches=length,
        validation=None if validation is None else length_of(validation),
        validates=validation is not None,
        validate_every=arguments.positive("validate_every", validate_every) or 1,
        validate_every_batches=arguments.positive("validate_every_batches", validate_every_batches),
        accumulate=arguments.positive("accumulate", accumulate) or 1,
        max_steps=arguments.positive("max_steps", max_steps),
        max_time=arguments.seconds("max_time", max_time),
    )
    if settings.epochs is None and settings.max_steps is None and settings.max_time is None:
        raise ValueError("loop() must be told when the run ends: by epochs=, max_steps= or max_time= (seconds).")
    bar = Bar(settings.total, desc=desc, unit=settings.unit, leave=leave, name=name, parent=parent)
    plan = Plan(settings, {**_sizes(batches, settings.accumulate), **arguments.units(units)}, weighed)
    return Loop(plan, bar, batches, validation, Metrics(metrics, plan.step_at, "step"))


def _sizes(batches: object, accumulate: int) -> dict[str, float]:
    """Return other units of a batch: its samples if a loader has a batch size, and the optimizer steps."""
    size = getattr(batches, "batch_size", None) or getattr(getattr(batches, "batch_sampler", None), "batch_size", None)
    samples = {"sample": float(size)} if isinstance(size, int) and size > 1 else {}
    return {**samples, **({"step": 1 / accumulate} if accumulate > 1 else {})}


def revive(description: dict[str, Any], state: dict[str, Any]) -> Loop[Any, Any]:
    """Return the copy of a run: it is not shown, and goes on from where the original was."""
    loop = describe(**description)
    loop.opens(lambda rows: rows.open((), sys.stderr))
    loop.load_state_dict(state)
    return loop
