"""For engines of pytorch-ignite: `headway.integrations.ignite.Progress().attach(trainer, validation=evaluator)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from headway.host import endings
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look, open_bar
from headway.integrations._training_callback import TrainingCallback
from headway.integrations._training_run import Pace, Run, flat, length
from headway.training.plan import Settings

try:
    from ignite.engine import Events
except ImportError as error:
    raise missing("ignite", "pytorch-ignite", error) from error

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


__all__ = ["Progress"]


class Progress(TrainingCallback):
    """Shows the run of an engine, each epoch in a row of its own, and the evaluators that run within it.

    An engine of one epoch, such as an evaluator by itself, is one row of batches.

    Args:
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    _framework = "ignite"

    def __init__(self, **look: Unpack[Look]) -> None:
        super().__init__(look)
        self._names: str | list[str] | None = None
        self._transform: Callable[[Any], Any] | None = None
        self._pace = Pace()
        self._unread = False
        self._done = 0
        self._resumes = False

    def attach(
        self,
        engine: Any,
        metric_names: str | list[str] | None = None,
        output_transform: Callable[[Any], Any] | None = None,
        *,
        validation: Any = None,
    ) -> Self:
        """Show an engine from now on.

        Args:
            engine: The engine.
            metric_names: Which of `engine.state.metrics` are shown beside the count, or `"all"`.
            output_transform: Makes values to be shown of the engine's output: a mapping, or one value, which is
                named `output`. It is called as often as they can be seen.
            validation: An evaluator, or several, that run within the engine's epochs; their metrics are shown.

        Returns:
            This.
        """
        self._names, self._transform = metric_names, output_transform
        for event, handler in (
            (Events.STARTED, self._started),
            (Events.EPOCH_STARTED, self._epoch_started),
            (Events.ITERATION_COMPLETED, self._iterated),
            (Events.EPOCH_COMPLETED, self._epoch_completed),
            (Events.COMPLETED, self._completed),
            (Events.TERMINATE, self._completed),
            (Events.EXCEPTION_RAISED, self._raised),
        ):
            engine.add_event_handler(event, handler)
        evaluators = validation if isinstance(validation, Iterable) else () if validation is None else (validation,)
        for evaluator in evaluators:
            evaluator.add_event_handler(Events.STARTED, self._validation_started)
            evaluator.add_event_handler(Events.ITERATION_COMPLETED, self._validated)
            evaluator.add_event_handler(Events.COMPLETED, self._validation_completed)
        return self

    @contained
    def _started(self, engine: Any) -> None:
        state = engine.state
        self._close()
        self._resumes = True
        if state.max_epochs == 1:
            batches = length(state.epoch_length)
            total = None if batches is None else batches.items
            self._bar = open_bar(self._look, total, desc="run", unit="batch", name=self._framework)
            self._bar.enter()
            return
        settings = Settings(
            epochs=state.max_epochs, batches=length(state.epoch_length), max_steps=getattr(state, "max_iters", None)
        )
        self._run = Run(settings, self._look, name=self._framework, epoch=state.epoch)

    @contained
    def _epoch_started(self, engine: Any) -> None:
        if self._run is not None:
            state = engine.state
            before = state.iteration % state.epoch_length if state.epoch_length else 0
            self._done = before if self._resumes else 0
            self._resumes = False
            self._run.begin_epoch(state.epoch - 1, length(state.epoch_length), self._done)

    @contained
    def _iterated(self, engine: Any) -> None:
        if self._bar is not None:
            self._bar.update()
        elif self._run is not None:
            self._done += 1  # the count of iterations is not that of batches once an epoch has been cut
            self._run.trained(self._done)
        self._unread = True
        if self._pace.is_due():
            self._show(engine)

    @contained
    def _epoch_completed(self, engine: Any) -> None:
        self._show(engine, values=True)

    @contained
    def _completed(self, engine: Any) -> None:
        if self._unread:
            self._show(engine)
        if self._bar is not None and self._bar.total is None:
            self._bar.total = engine.state.epoch_length  # it is known now
        if self._run is not None and not engine.should_terminate and engine.state.max_epochs is not None:
            self._run.end_epoch()  # the last one, too, counts if it has been cut
        self._close("finished")

    def _raised(self, engine: Any, error: BaseException) -> None:
        self._fail(error)
        if len(engine._event_handlers[Events.EXCEPTION_RAISED]) == 1:
            raise error  # a handler swallows it, and nobody has asked for one but us

    @contained
    def _fail(self, error: BaseException) -> None:
        self._close(*endings.explained(error))

    @contained
    def _validation_started(self, evaluator: Any) -> None:
        if self._run is not None and self._run.in_epoch:
            self._run.begin_validation(length(evaluator.state.epoch_length))

    @contained
    def _validated(self, evaluator: Any) -> None:
        if self._run is not None and self._run.validating:
            self._run.validated(evaluator.state.iteration)

    @contained
    def _validation_completed(self, evaluator: Any) -> None:
        if self._run is not None and self._run.validating:
            self._run.end_validation()
            self._run.metrics(evaluator.state.metrics)

    def _show(self, engine: Any, *, values: bool = False) -> None:
        """Show the output of the last batch, and the engine's metrics where they are those of now."""
        self._unread = False
        run, bar = self._run, self._bar
        if run is not None and run.drawn:
            run.metrics(self._read(engine, values))
        elif bar is not None and bar.drawn:
            bar.metrics(**self._read(engine, values))

    def _read(self, engine: Any, values: bool) -> dict[str, Any]:
        return {**self._output(engine), **(self._values(engine) if values else {})}

    def _output(self, engine: Any) -> dict[str, Any]:
        if self._transform is None:
            return {}
        output = self._transform(engine.state.output)
        return flat(output) if isinstance(output, dict) else {"output": output}

    def _values(self, engine: Any) -> dict[str, Any]:
        of = engine.state.metrics
        names = list(of) if self._names == "all" else [self._names] if isinstance(self._names, str) else self._names
        return flat({name: of[name] for name in names or () if name in of})
