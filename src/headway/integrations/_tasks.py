"""How many of a number of tasks are done, without a callback for each: it is counted when a frame is drawn.

While they run, those that are done are counted at C speed; how many of them have a result is asked once, if all
together have failed.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Protocol

from headway.drawing.hub import hub

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.reporting.bar import Bar

__all__ = ["DoneTasks", "count_done"]


class Task(Protocol):
    """**Protocol:** a future of asyncio or of `concurrent.futures`."""

    def done(self) -> bool:
        """Tell whether it is done."""

    def cancelled(self) -> bool:
        """Tell whether it was cancelled."""

    def exception(self) -> BaseException | None:
        """Return what it raised."""

    def add_done_callback(self, callback: Callable[[Any], object], /) -> object:
        """Have it called when it is done."""


class DoneTasks:
    """Counts the tasks that are done; one that is taken out of the list was done."""

    def __init__(self, tasks: Collection[Task]) -> None:
        self._tasks = tasks
        self._total = len(tasks)
        self._counts: Callable[[Task], bool] = methodcaller("done")

    def given_out(self) -> int:
        """Ask each of them."""
        tasks = tuple(self._tasks)
        return self._total - len(tasks) + sum(map(self._counts, tasks))

    @property
    def completed(self) -> int:
        """The tasks that are done."""
        return self.given_out()

    def fail(self, *, exceptions: bool = False) -> None:
        """Count from now on only what has a result: all together have failed, and those not done were cancelled.

        Args:
            exceptions: Whether an exception is a result.
        """
        self._counts = lambda task: task.done() and not task.cancelled() and (exceptions or task.exception() is None)


def count_done(tasks: Collection[Task], bar: Bar) -> DoneTasks:
    """Have a bar show how many of these tasks are done, each of which is given once."""
    count = DoneTasks(tasks)
    if bar.drawn:
        bar.look_up(count)
        if hub.throttle.inline:  # nobody else looks now and then
            for task in tasks:
                task.add_done_callback(lambda _task: hub.throttle.tick())
    return count
