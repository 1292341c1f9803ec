"""How many of a number of tasks are done, without a callback for each: it is counted when a frame is drawn."""

from __future__ import annotations

from collections.abc import Collection
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Protocol

from headway.hub import hub

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.bar import Bar

__all__ = ["count_done"]

_IS_DONE: Callable[[Task], bool] = methodcaller("done")


class Task(Protocol):
    """**Protocol:** a future of asyncio or of `concurrent.futures`."""

    def done(self) -> bool:
        """Tell whether it is done."""

    def add_done_callback(self, callback: Callable[[Any], object], /) -> object:
        """Have it called when it is done."""


class Done:
    """Counts the tasks that are done; one that whoever gave them takes out of the list was done."""

    def __init__(self, tasks: Collection[Task]) -> None:
        self._tasks = tasks
        self._total = len(tasks)

    def given_out(self) -> int:
        """Ask each of them."""
        tasks = tuple(self._tasks)
        return self._total - len(tasks) + sum(map(_IS_DONE, tasks))

    @property
    def completed(self) -> int:
        """What is done."""
        return self.given_out()


def count_done(tasks: Collection[Task], bar: Bar) -> None:
    """Have a bar show how many of these tasks are done, each of which is given once."""
    if not bar.drawn:
        return
    bar.look_up(Done(tasks))
    if hub.throttle.inline:  # nobody else looks now and then
        for task in tasks:
            task.add_done_callback(lambda _task: hub.throttle.poll())
