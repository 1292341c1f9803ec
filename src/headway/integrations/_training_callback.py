"""The base of the callbacks that show a training run, or an evaluation by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from headway.integrations._look import Look, open_bar, read_look
from headway.integrations._training_run import flat

if TYPE_CHECKING:
    from headway.integrations._training_run import Run
    from headway.reporting.bar import Bar
    from headway.snapshot import State

__all__ = ["TrainingCallback"]


class TrainingCallback:
    """Holds the run that a framework is in, and the bar of an evaluation that no run has asked for.

    Stands in front of the framework's own class among the bases.

    Args:
        look: The look of the rows.
    """

    _framework: ClassVar[str]
    """The dotted name of the bars."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = read_look(look)
        self._run: Run | None = None
        self._bar: Bar | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_run": None, "_bar": None}

    def _open_bar(self, desc: str, batches: float | None, **wishes: Any) -> None:
        """Open the bar of an evaluation, which has a description of its own."""
        look: Any = {**self._look, "desc": desc, **wishes}
        self._bar = open_bar(look, batches, desc=desc, unit="batch", name=self._framework)
        self._bar.enter()

    def _close_bar(self, metrics: Mapping[str, Any] | None = None) -> None:
        """Close the bar of an evaluation, with its metrics."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.metrics(**flat(metrics or {}))
            bar.message("")
            bar.close()

    def _close(self, state: State = "stopped", reason: str = "") -> None:
        """End the run and the bar, if they are open."""
        run, self._run = self._run, None
        bar, self._bar = self._bar, None
        if bar is not None and state == "finished":
            bar.close()
        elif bar is not None:
            bar.end(state, reason)
        if run is not None:
            run.end(state, reason)
