"""Calls of renderers and of users' metrics, which may hang, and the work that is left over when one does.

`Throttle.give_up_hanging` decides that a call hangs. Then `Asking.give_up` marks the call as abandoned and returns the
rest of the work for the next drawing thread. The thread that hung ends if its call returns after all.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable
from threading import Thread

from headway.drawing.throttle import HANGS_AFTER, Abandoned
from headway.host import fork
from headway.host.faults import tell
from headway.notation import NamedTuple, TypeVar

__all__ = ["Asked", "Asking"]

T = TypeVar("T")
Job = Callable[[], object]


class Asked(NamedTuple):
    """Code of others that is waited for."""

    name: Callable[[], str]
    """Says what it is, for the message."""
    give_up: Callable[[], object]
    """Has it asked no more, or returns false where it may come back; called in another thread."""
    go_on: Job
    """Does without it what it was asked for."""
    instead: str
    """What becomes of it, for the message."""
    come_back: Job = lambda: None
    """Goes on with it after all."""


class Asking(fork.Part):
    """What the drawing thread waits for, and what it has to do after that.

    Args:
        post: Has the drawing thread do something soon.
    """

    def __init__(self, post: Callable[[Job], object]) -> None:
        self._post = post
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        self._asked: Asked | None = None
        self._steps: deque[Job] = deque()

    def ask(self, asked: Asked, question: Callable[[], T]) -> T:
        """Wait for code of others; if it was given up, the thread that waits ends when it comes back after all."""
        around, self._asked = self._asked, asked
        try:
            return question()
        finally:
            if self._asked is not asked:
                self._post(asked.come_back)
                raise Abandoned
            self._asked = around

    def do(self, steps: Iterable[Job]) -> None:
        """Do one thing after the other; where one hangs, the next thread does the rest."""
        around, self._steps = self._steps, deque(steps)
        while self._steps:
            self._steps.popleft()()
        self._steps = around

    def give_up(self, thread: Thread) -> tuple[Job, ...]:
        """Give up what a thread hangs in, and return what the next thread has to do: say so, and go on without it."""
        import traceback  # at the first fault, not at the first bar

        asked, self._asked = self._asked, None
        steps, self._steps = self._steps, deque()
        if asked is None:
            return ()
        if asked.give_up() is False:
            return tuple(steps)
        name = asked.name()
        message = f"{name} has not come back for {HANGS_AFTER:.0f} s. The program goes on; {asked.instead}."
        where = "".join(traceback.format_stack(sys._current_frames().get(thread.ident or 0)))
        return (asked.go_on, *steps, lambda: tell(name, message, details=where))

    def after_fork_in_child(self) -> None:
        """Wait for nothing."""
        self._begin()
