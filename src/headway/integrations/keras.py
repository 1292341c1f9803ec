"""For Keras 3: `model.fit(x, y, verbose=0, callbacks=[headway.integrations.keras.Progress()])`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.host import endings
from headway.host.faults import tell
from headway.integrations._endings import LOST
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look
from headway.integrations._training_callback import TrainingCallback
from headway.integrations._training_run import Run, length
from headway.training.plan import Settings

try:
    from keras.callbacks import Callback
except ImportError as error:
    raise missing("keras", "keras", error) from error

if TYPE_CHECKING:
    from typing_extensions import Unpack


__all__ = ["Progress"]


class Progress(TrainingCallback, Callback):  # type: ignore[misc]
    """Shows `fit`, `evaluate` and `predict`, which are to be called with `verbose=0`.

    Keras has no other way to be rid of its own bar.

    Takes the keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`, `options`,
    `backend`, `name`, `leave`, `file`.

    The run has a row, and each epoch one that shows whether it trains or validates and stays with the epoch's logs.
    """

    _framework = "keras"

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__(look)

    @contained
    def set_params(self, params: Any) -> None:
        """Begin anew, as each `fit`, `evaluate` and `predict` does.

        What an interrupted one has left open is closed: Keras does not tell of its end.
        """
        super().set_params(params)
        error = endings.last_error()
        self._close(*(LOST if error is None else endings.explained(error)))
        if self.params.get("verbose"):
            tell(
                "keras verbose",
                "Keras shows its own progress bar, too, and the two tear each other: call fit(), evaluate() and "
                "predict() with verbose=0.",
            )

    @contained
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Open the epoch's row, and at the first one the run's: only now it is said where it begins."""
        batches = length(self.params.get("steps"))
        if self._run is None:
            settings = Settings(epochs=self.params["epochs"], batches=batches)
            self._run = Run(settings, self._look, name=self._framework, epoch=epoch)
        self._run.begin_epoch(epoch, batches)

    @contained
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count, with the logs."""
        run = self._run
        if run is not None:
            run.trained(self._batches(batch))
            if run.reads_metrics:
                run.metrics(logs or {})

    @contained
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take the epoch's logs."""
        if self._run is not None:
            self._run.metrics(logs or {})

    @contained
    def on_train_end(self, logs: Any = None) -> None:
        """Close the run."""
        self._close("finished")

    @contained
    def on_test_begin(self, logs: Any = None) -> None:
        """Begin a validation. During `fit` Keras does not say how many batches it has; the first one tells."""
        if self._run is not None:
            self._run.begin_validation(None)
        else:
            self._open_bar("evaluate", self.params.get("steps"))

    @contained
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count."""
        if self._run is not None:
            self._run.validated(batch + 1)  # Keras does not say how many there are to be
        else:
            self._counted(batch)

    @contained
    def on_test_end(self, logs: Any = None) -> None:
        """End the validation, with its logs."""
        if self._run is not None:
            self._run.end_validation()
        else:
            self._close_bar(logs)

    @contained
    def on_predict_begin(self, logs: Any = None) -> None:
        """Open the row of a prediction."""
        self._open_bar("predict", self.params.get("steps"))

    @contained
    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count."""
        self._counted(batch)

    @contained
    def on_predict_end(self, logs: Any = None) -> None:
        """Close the row of a prediction."""
        self._close_bar()

    def _counted(self, batch: int) -> None:
        if self._bar is not None:
            self._bar.set(self._batches(batch))

    def _batches(self, batch: int) -> int:
        """Tell how many batches are done; of the last group of `steps_per_execution` Keras tells the full size."""
        steps = length(self.params.get("steps"))
        return batch + 1 if steps is None else min(batch + 1, steps.items)
