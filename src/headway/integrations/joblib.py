"""For joblib: `headway.integrations.joblib.Parallel` in the place of `joblib.Parallel`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from headway.host import endings
from headway.integrations._endings import left
from headway.integrations._faults import contained, missing
from headway.integrations._look import Look, open_bar, read_look
from headway.reporting.totals import length_of

try:
    import joblib
except ImportError as error:
    raise missing("joblib", "joblib", error) from error

if TYPE_CHECKING:
    from headway.reporting.bar import Bar
    from headway.snapshot import State

__all__ = ["Parallel"]

LOOK = Look.__annotations__.keys() - {"backend"}


class Parallel(joblib.Parallel):  # type: ignore[misc]
    """A `joblib.Parallel` that shows how many of its tasks are done, with any backend of joblib.

    Args:
        arguments: Those of `joblib.Parallel`.
        total: Tasks in all. By default what the tasks say of their number, which a list does and a generator does not.
        keywords: Those of `joblib.Parallel`, and those of `headway.get_bar` that are about the look: `desc`, `metrics`,
            `units`, `widgets`, `options`, `name`, `leave`, `file`. (`backend` is joblib's.)
    """

    def __init__(self, *arguments: Any, total: int | None = None, **keywords: Any) -> None:
        look: Any = {name: keywords.pop(name) for name in LOOK if name in keywords}
        super().__init__(*arguments, **keywords)
        self._look: Look = read_look(look)
        self._total = total
        self._bar: Bar | None = None
        self._counted = 0

    def __call__(self, iterable: Iterable[Any]) -> Any:
        """Run the tasks: as `joblib.Parallel` does."""
        self._open(iterable)
        try:
            results = super().__call__(iterable)
        except BaseException as error:
            self._end(*endings.explained(error))
            raise
        if self.return_generator:
            return self._through(results)
        self._finish()
        return results

    def print_progress(self) -> None:
        """Count what is done; joblib calls this whenever a task is, one at a time, and prints if it is `verbose`."""
        if self.verbose:
            super().print_progress()
        bar, done = self._bar, self.n_completed_tasks
        if bar is not None:
            bar.update(done - self._counted)
            self._counted = done

    def _through(self, results: Iterator[Any]) -> Iterator[Any]:
        interrupts = endings.interrupts()
        try:
            yield from results
        except GeneratorExit:
            self._end(*left(interrupts))
            raise
        except BaseException as error:
            self._end(*endings.explained(error))
            raise
        self._finish()

    @contained
    def _open(self, iterable: Iterable[Any]) -> None:
        length = length_of(iterable) if self._total is None else None
        total = self._total if length is None else length.items
        self._counted = 0
        self._bar = open_bar(self._look, total, desc="tasks", unit="task", name="joblib")
        self._bar.enter()

    @contained
    def _finish(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.set(self.n_completed_tasks)
            bar.close()

    @contained
    def _end(self, state: State, reason: str = "") -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.end(state, reason)
