"""The hooks of Lightning, for the progress bars of both of its packages.

`lightning.pytorch` and `pytorch_lightning` have classes of their own: a Trainer of the one does not take a subclass of
the other's `ProgressBar` for a progress bar, and adds its own bar.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from headway.drawing.hub import hub
from headway.host import endings, ranks
from headway.integrations._faults import contained
from headway.integrations._look import Look
from headway.integrations._training_callback import TrainingCallback
from headway.integrations._training_run import Run, length
from headway.training.plan import Settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from headway.reporting.totals import Length

__all__ = ["Hooks"]

BOUND = ("_trainer", "log", "log_dict")
"""Attributes that Lightning ties to a callback in each fit, and that are not to be pickled with it."""


class Hooks(TrainingCallback):
    """Makes a `ProgressBar` of either package show its Trainer's progress through headway.

    Takes the keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
    `options`, `backend`, `name`, `leave`, `file`.

    A fit is one run with a row of its own, and each epoch has one that shows whether it trains or validates and
    stays with the epoch's metrics. Metrics that are logged with `prog_bar=True` are read as often as they can be seen,
    by `get_metrics`, which may be overridden as in Lightning's own. Nothing is computed for it: on a step it reads
    the numbers that each rank has computed, and at the end of an epoch it waits for the hook behind Lightning's own
    computing.
    """

    _framework = "lightning.pytorch"

    if TYPE_CHECKING:  # of Lightning's own class
        get_metrics: Callable[[Any, Any], dict[str, Any]]
        has_dataloader_changed: Callable[[int], bool]
        reset_dataloader_idx_tracker: Callable[[], None]

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__(look)
        self._enabled = True
        self._done = 0

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: value for name, value in super().__getstate__().items() if name not in BOUND}
        return {**kept, "_trainer": None}

    # ── what a Trainer asks of its bar ───────────────────────────────────────────────────────────────────────────

    @property
    def is_enabled(self) -> bool:
        """Whether this process shows progress, or reports it to the one that does."""
        return self._enabled

    @property
    def is_disabled(self) -> bool:
        """Whether it does not."""
        return not self._enabled

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Get to know the Trainer, which disables the bar on every rank but the first.

        Those that headway knows as ranks stay enabled: they draw nothing, and report to the one that draws.
        """
        enabled = self._enabled
        super().setup(trainer, pl_module, stage)  # type: ignore[misc]
        if trainer.world_size > 1:  # `ddp_spawn` leaves no size in the environment
            ranks.tell(trainer.global_rank, trainer.world_size)
        if enabled and ranks.another():
            self.enable()

    def enable(self) -> None:
        """Show progress from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Show no progress from now on."""
        self._enabled = False

    def print(self, *values: Any, sep: str = " ", end: str = "\n", **keywords: Any) -> None:
        """Print, above the bars where both are on a terminal: `LightningModule.print` calls this."""
        if keywords or not self._enabled or sys.stdout is None or not sys.stdout.isatty():
            print(*values, sep=sep, end=end, **keywords)
        else:
            hub.texts.write(sep.join(map(str, values)) + end.removesuffix("\n"))

    # ── fit ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @contained
    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Open the run's row."""
        if not self._enabled:
            return
        self._close()
        by_hand = not pl_module.automatic_optimization
        steps = trainer.max_steps if trainer.max_steps is not None and trainer.max_steps > 0 else None
        epochs = trainer.max_epochs if trainer.max_epochs is not None and trainer.max_epochs > 0 else None
        batches = length(trainer.num_training_batches)
        every, validation = _validates_every(trainer), _in_all(trainer.num_val_batches)
        self._run = Run(
            Settings(
                epochs=epochs,
                batches=batches,
                validation=validation,
                validates=validation is None or validation.items > 0,
                validate_every=trainer.check_val_every_n_epoch or 1,
                validate_every_batches=every,
                accumulate=1 if by_hand else trainer.accumulate_grad_batches,
                max_steps=None if by_hand and epochs is not None else steps,
            ),
            self._look,
            name=self._framework,
            epoch=trainer.current_epoch,
            steps=lambda: int(trainer.global_step),
            steps_before=int(trainer.global_step),
            regular=not by_hand,
        )

    @contained
    def on_train_epoch_start(self, trainer: Any, *_: Any) -> None:
        """Open the epoch's row."""
        if self._run is not None:
            if trainer.world_size > 1:
                self._run.metrics(self._computed(trainer))
            else:
                self._read(trainer, trainer.lightning_module)
            self._run.begin_epoch(trainer.current_epoch, length(trainer.num_training_batches))

    @contained
    def on_train_batch_start(self, trainer: Any, _module: Any, _batch: Any, batch_idx: int) -> None:
        """Open the row of an epoch that is resumed in its middle, for which Lightning calls no other hook."""
        run = self._run
        if run is not None and not run.in_epoch:
            run.begin_epoch(trainer.current_epoch, length(trainer.num_training_batches), done=batch_idx)

    @contained
    def on_train_batch_end(self, trainer: Any, pl_module: Any, _outputs: Any, _batch: Any, batch_idx: int) -> None:
        """Count."""
        run = self._run
        if run is not None:
            run.trained(batch_idx + 1)
            if run.reads_metrics:
                run.metrics(self._metrics(trainer, pl_module))

    @contained
    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Read the metrics; with several ranks not yet, for to ask for them now would compute them on this one only."""
        if trainer.world_size == 1:
            self._read(trainer, pl_module)

    @contained
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Close the run."""
        if self._run is not None:
            self._read(trainer, pl_module)
            self._run.end("finished", _why(trainer))
            self._run = None

    @contained
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Close what is open as failed or interrupted: no other hook is called any more."""
        self._close(*endings.explained(exception))

    @contained
    def teardown(self, *_: Any, **__: Any) -> None:
        """Close what is still open."""
        self._close()

    # ── validation, test, predict ────────────────────────────────────────────────────────────────────────────────

    @contained
    def on_validation_start(self, trainer: Any, *_: Any) -> None:
        """Begin a validation: that of a run, the sanity check before it, or one by itself."""
        if trainer.sanity_checking:
            self._evaluate("sanity check", trainer.num_sanity_val_batches, leave=False)
        elif self._run is not None:
            self._done = 0
            self._run.begin_validation(_in_all(trainer.num_val_batches))
        else:
            self._evaluate("validation", trainer.num_val_batches)

    @contained
    def on_validation_batch_start(
        self, trainer: Any, _module: Any, _batch: Any, _batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Say which loader it is, where there are several."""
        self._loader(trainer.num_val_batches, dataloader_idx)

    @contained
    def on_validation_batch_end(self, trainer: Any, pl_module: Any, *_: Any, **__: Any) -> None:
        """Count."""
        run = self._run
        if run is None or self._bar is not None:
            self._evaluated()
            return
        self._done += 1
        run.validated(self._done)
        if run.reads_metrics:
            run.metrics(self._metrics(trainer, pl_module))

    @contained
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """End the validation, with its metrics: Lightning has computed them by now, on each rank."""
        self.reset_dataloader_idx_tracker()
        run = self._run
        if run is None or self._bar is not None:
            self._end_evaluation(trainer, pl_module)
            return
        run.end_validation()
        run.message("")
        run.metrics(self._metrics(trainer, pl_module))

    @contained
    def on_sanity_check_end(self, *_: Any) -> None:
        """Close the sanity check's row."""
        self._close_bar()

    @contained
    def on_test_start(self, trainer: Any, *_: Any) -> None:
        """Open the row of a test."""
        self._evaluate("test", trainer.num_test_batches)

    @contained
    def on_test_batch_start(
        self, trainer: Any, _module: Any, _batch: Any, _batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Say which loader it is, where there are several."""
        self._loader(trainer.num_test_batches, dataloader_idx)

    @contained
    def on_test_batch_end(self, *_: Any, **__: Any) -> None:
        """Count."""
        self._evaluated()

    @contained
    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        """Close the row of a test, with its metrics."""
        self.reset_dataloader_idx_tracker()
        self._end_evaluation(trainer, pl_module)

    @contained
    def on_predict_start(self, trainer: Any, *_: Any) -> None:
        """Open the row of a prediction."""
        self._evaluate("predict", trainer.num_predict_batches)

    @contained
    def on_predict_batch_start(
        self, trainer: Any, _module: Any, _batch: Any, _batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Say which loader it is, where there are several."""
        self._loader(trainer.num_predict_batches, dataloader_idx)

    @contained
    def on_predict_batch_end(self, *_: Any, **__: Any) -> None:
        """Count."""
        self._evaluated()

    @contained
    def on_predict_end(self, *_: Any) -> None:
        """Close the row of a prediction."""
        self.reset_dataloader_idx_tracker()
        self._close_bar()

    # ── small print ──────────────────────────────────────────────────────────────────────────────────────────────

    @contained
    def _asked(self, trainer: Any, pl_module: Any) -> dict[str, Any]:
        return self.get_metrics(trainer, pl_module)

    def _metrics(self, trainer: Any, pl_module: Any) -> dict[str, Any]:
        """Return the metrics; none where the user's `get_metrics` raises, which must not keep a row open."""
        return self._asked(trainer, pl_module) or {}

    def _read(self, trainer: Any, pl_module: Any) -> None:
        if self._run is not None and self._run.drawn:
            self._run.metrics(self._metrics(trainer, pl_module))

    def _computed(self, trainer: Any) -> dict[str, Any]:
        """Return the metrics that Lightning has computed on each rank, and compute none.

        `get_metrics` would compute one that another callback has logged for the epoch that begins, on this rank only,
        and wait for the others for ever.
        """
        if type(self).get_metrics.__module__.partition(".")[0] not in ("lightning", "pytorch_lightning"):
            return {}  # the user's own, which may leave some out
        return dict(getattr(trainer._logger_connector, "_progress_bar_metrics", {}))

    def _evaluate(self, desc: str, batches: Any, **wishes: Any) -> None:
        self._close_bar()
        if self._enabled:
            total = _in_all(batches)
            self._open_bar(desc, None if total is None else total.items, **wishes)

    def _evaluated(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def _loader(self, batches: Any, index: int) -> None:
        """Take note of the loader that the batches come from now."""
        if self.has_dataloader_changed(index) and isinstance(batches, list) and len(batches) > 1:
            text = f"loader {index + 1}/{len(batches)}"
            if self._bar is not None:
                self._bar.message(text)
            elif self._run is not None:
                self._run.message(text)

    def _end_evaluation(self, trainer: Any, pl_module: Any) -> None:
        shows_metrics = self._bar is not None and not trainer.sanity_checking
        self._close_bar(self._metrics(trainer, pl_module) if shows_metrics else None)


def _in_all(batches: Any) -> Length | None:
    """Add up the batches of several loaders; `None` where one of them is endless."""
    return length(sum(batches) if isinstance(batches, list) else batches)


def _validates_every(trainer: Any) -> int | None:
    """Return the batches from one validation of an epoch to the next, where an epoch has several."""
    every = getattr(trainer, "val_check_batch", None)
    if every is None or every == float("inf") or every >= trainer.num_training_batches:
        return None
    return int(every)


def _why(trainer: Any) -> str:
    """Return the reason that one of the Trainer's callbacks gives for an early end."""
    reasons = (getattr(callback, "stopping_reason_message", None) for callback in trainer.callbacks)
    return next((reason for reason in reasons if isinstance(reason, str)), "")
