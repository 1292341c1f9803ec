"""For Hugging Face transformers: `headway.integrations.transformers.attach(trainer)` shows the work of a Trainer.

`show_bars()` is for the bars that transformers opens by itself, such as that of loading weights.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from headway.host import endings
from headway.imitation.tqdm import tqdm
from headway.integrations._endings import LOST
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look
from headway.integrations._training_callback import TrainingCallback
from headway.integrations._training_run import Run
from headway.reporting.metric import Metric
from headway.reporting.totals import Length, length_of
from headway.training.plan import Settings

try:
    from transformers.trainer_callback import PrinterCallback, ProgressCallback, TrainerCallback
    from transformers.utils.logging import is_progress_bar_enabled, set_tqdm_hook
except ImportError as error:
    raise missing("transformers", "transformers accelerate", error) from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self, Unpack

    from headway.snapshot import State

__all__ = ["Bars", "Progress", "attach", "show_bars"]

UNSHOWN = ("total_flos",)
"""Logs of a Trainer that its own bar leaves out, too."""
TIMES = ("runtime", "samples_per_second", "steps_per_second")

SHOWN = (
    Metric("loss"),
    Metric("eval_loss"),
    *(Metric(f"{of}_{what}", priority=1) for of in ("eval", "train", "test") for what in TIMES),
    Metric("epoch", priority=1),
)
"""The order, by default: the times that each evaluation logs, and what the rows say anyway, give way first."""

T = TypeVar("T")


def attach(trainer: T, **look: Unpack[Look]) -> T:
    """Have headway show a Trainer's progress, in place of its own bar, or of the logs that it prints without one.

    Args:
        trainer: The Trainer, or a Trainer of a library that is made on it, such as trl's.
        look: See `Progress`.

    Returns:
        The Trainer.
    """
    handler: Any = trainer
    for own in [c for c in handler.callback_handler.callbacks if isinstance(c, _own())]:
        handler.remove_callback(own)
    handler.add_callback(Progress(**look))
    return trainer


def _own() -> tuple[type, ...]:
    """The callbacks that show progress by themselves."""
    try:
        from transformers.utils.notebook import NotebookProgressCallback  # IPython need not be there
    except ImportError:
        return ProgressCallback, PrinterCallback, Progress
    return ProgressCallback, PrinterCallback, NotebookProgressCallback, Progress


class Progress(TrainingCallback, TrainerCallback):  # type: ignore[misc]
    """The callback, for a Trainer whose own progress bar is removed: see `attach`.

    Takes the keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`, `options`,
    `backend`, `name`, `leave`, `file`.

    The run has a row that is measured in optimizer steps, each epoch one that counts batches. What the Trainer logs
    stands beside them as metrics.
    """

    _framework = "transformers.trainer"

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__({"metrics": SHOWN, **look})
        self._batches: Length | None = None
        self._epoch = 0
        self._begins = False
        """Whether the epoch has begun, and nothing of it has been trained."""
        self._done = 0
        self._evaluated = 0

    @contained
    def on_train_begin(self, args: Any, state: Any, _control: Any, *, train_dataloader: Any = None, **_: Any) -> None:
        """Open the run's row. What an interrupted run has left open is closed: a Trainer does not tell of its end."""
        error = endings.last_error()
        self._close(*(LOST if error is None else endings.explained(error)))
        if not state.is_world_process_zero:
            return
        accumulate = args.gradient_accumulation_steps
        self._batches = None if train_dataloader is None else length_of(train_dataloader)
        kind = getattr(args.eval_strategy, "value", args.eval_strategy)
        every = int(state.eval_steps or args.eval_steps) * accumulate if kind == "steps" else None
        # `state.epoch` of data without a length is no count of epochs, and a resumed run begins with the first one anew
        self._epoch = int(state.epoch or 0) if self._batches is not None else 0
        self._done = self._skipped(args, state)
        self._run = Run(
            Settings(
                epochs=None if self._batches is None else state.num_train_epochs,
                batches=self._batches,
                validates=kind != "no",
                validate_every_batches=every,
                accumulate=accumulate,
                max_steps=state.max_steps,
            ),
            self._look,
            name=self._framework,
            epoch=self._epoch,
            steps=lambda: int(state.global_step),
            steps_before=state.global_step,
        )

    @contained
    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """Open the epoch's row. Of data without a length all may have been skipped: there the first step opens it."""
        self._begins = True
        if self._batches is not None:
            self._begin_epoch()

    @contained
    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """Open the epoch's row, if it is not open yet."""
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        if self._run is not None and self._begins:
            self._run.begin_epoch(self._epoch, self._batches, self._done)
        self._begins = False

    @contained
    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        """Take note that the next epoch begins with its first batch."""
        self._epoch += 1
        self._done = 0
        self._begins = False

    @contained
    def on_substep_end(self, *_: Any, **__: Any) -> None:
        """Count a batch whose gradients are kept for the next step."""
        self._trained()

    @contained
    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Count the batch that completes a step."""
        self._trained()

    def _skipped(self, args: Any, state: Any) -> int:
        """Tell how many batches a Trainer that goes on from a checkpoint passes over in its first epoch."""
        accumulate, steps = int(args.gradient_accumulation_steps), int(state.global_step)
        if args.ignore_data_skip:
            return 0
        if self._batches is None:
            return steps * accumulate
        steps_an_epoch = -(-self._batches.items // accumulate)
        return max(0, min(self._batches.items, (steps - self._epoch * steps_an_epoch) * accumulate))

    def _trained(self) -> None:
        if self._run is not None:
            self._done += 1
            self._run.trained(self._done)

    @contained
    def on_prediction_step(
        self, _args: Any, state: Any, control: Any, *, eval_dataloader: Any = None, **_: Any
    ) -> None:
        """Count a batch of an evaluation or a prediction; its first one begins it, for there is no other hook.

        One that the run has not asked for has a row of its own: the run may have been left by an exception.
        """
        if not state.is_world_process_zero:
            return
        if self._evaluated == 0:
            batches = None if eval_dataloader is None else length_of(eval_dataloader)
            if self._run is not None and self._run.in_epoch and (control.should_evaluate or _is_training()):
                self._run.begin_validation(batches)
            else:
                self._open_bar("evaluation", None if batches is None else batches.items)
        self._evaluated += 1
        if self._bar is not None:
            self._bar.update()
        elif self._run is not None:
            self._run.validated(self._evaluated)

    @contained
    def on_evaluate(self, _args: Any, _state: Any, _control: Any, *, metrics: Any = None, **_: Any) -> None:
        """End an evaluation, with its metrics."""
        self._end_evaluation(metrics)

    @contained
    def on_predict(self, _args: Any, _state: Any, _control: Any, *, metrics: Any = None, **_: Any) -> None:
        """End a prediction, with its metrics."""
        self._end_evaluation(metrics)

    @contained
    def on_log(self, _args: Any, _state: Any, _control: Any, *, logs: Any = None, **_: Any) -> None:
        """Report what the Trainer logs."""
        if self._run is not None and logs:
            self._run.metrics({name: value for name, value in logs.items() if name not in UNSHOWN})

    @contained
    def on_train_end(self, *_: Any, **__: Any) -> None:
        """Close the run."""
        self._close("finished")

    def _end_evaluation(self, metrics: Any) -> None:
        self._evaluated = 0
        if self._bar is not None:
            self._close_bar(metrics)
        elif self._run is not None:
            self._run.end_validation()
            self._run.metrics(metrics or {})

    def _close(self, state: State = "stopped", reason: str = "") -> None:
        self._evaluated = 0
        super()._close(state, reason)


def _is_training() -> bool:
    """Tell whether a Trainer trains just now: of several evaluation sets it asks for the first one only."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "train" and frame.f_globals.get("__name__") == "transformers.trainer":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


# ── the bars that transformers opens by itself ───────────────────────────────────────────────────────────────────────


def show_bars() -> Bars:
    """Have headway show the bars that transformers opens by itself, from now on or for a `with` block.

    Those of loading weights and of writing shards go through the hook of `transformers.utils.logging`. They are off
    where transformers has them off, as after `disable_progress_bar()`.
    """
    return Bars()


class Bars:
    """Puts the hook back that was there before, by `undo()` or at the end of a `with` block; `show_bars` returns it."""

    def __init__(self) -> None:
        self._on = True
        self._before = set_tqdm_hook(self._open)

    def undo(self) -> None:
        """Have transformers show its own bars again. A hook that was set since stays."""
        self._on = False
        now = set_tqdm_hook(self._before)
        if now != self._open:
            set_tqdm_hook(now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.undo()

    def _open(self, factory: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bar = _made(args, kwargs) if self._on and is_progress_bar_enabled() else None
        if bar is not None:
            return bar
        return factory(*args, **kwargs) if self._before is None else self._before(factory, args, kwargs)


@contained
def _made(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return tqdm(*args, **kwargs)
