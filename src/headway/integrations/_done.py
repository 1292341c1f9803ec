"""How many of a number of tasks are done, without a callback for each: it is counted when a frame is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from headway.hub import hub

if TYPE_CHECKING:
    from collections.abc import Callable

    from headway.bar import Bar

__all__ = ["count_done"]


class Task(Protocol):
    """**Protocol:** a future of asyncio or of `concurrent.futures`."""

    def done(self) -> bool:
        """Tell whether it is done."""

    def add_done_callback(self, callback: Callable[[Any], object], /) -> object:
        """Have it called when it is done."""


class Done:
    """Counts the tasks that are done. Keeps none of them alive: one that is gone was done."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._pending = list(map(ref, tasks))
        self._total = len(self._pending)

    def given_out(self) -> int:
        """Look through those that were not done before."""
        pending = [each for each in self._pending if (task := each()) is not None and not task.done()]
        self._pending = pending  # whichever thread looks: what one of them finds done stays done
        return self._total - len(pending)

    @property
    def completed(self) -> int:
        """What is done."""
        return self.given_out()


def count_done(tasks: Iterable[Task], bar: Bar) -> None:
    """Have a bar show how many of these tasks are done; each counts once."""
    if not bar.drawn:
        return
    tasks = set(tasks)
    bar.look_up(Done(tasks))
    if hub.throttle.inline:  # nobody else looks now and then
        for task in tasks:
            task.add_done_callback(lambda _task: hub.throttle.poll())
