"""Counting a loop's items at C speed.

A loop gets an iterator made of `itertools` parts only, so that no Python code runs between two items; how far it has
come is read from outside, from what is left of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import chain, compress, repeat
from operator import length_hint
from types import FrameType

from headway.host import endings
from headway.host.handlers import Finalising
from headway.notation import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from headway.snapshot import Number, State

__all__ = ["Counted", "Course", "looped", "polled"]

T = TypeVar("T")
OnEnd: TypeAlias = "Callable[[State, str], None]"


def consumption(iterable: Iterable[T]) -> tuple[Iterator[T], Callable[[], int]]:
    """Return an iterator over the items, and a function that tells how many it has given out.

    Lists, tuples and ranges know what is left of them, so their own iterator is the counter. Anything else goes
    through `compress`, which takes one tick from `repeat` for each item. (A list may grow while it is looped over; one
    that is made shorter is miscounted by what it lost.)
    """
    if type(iterable) in (list, tuple, range) and _has_length(iterable):
        iterator, sized = iter(iterable), cast("Sized", iterable)
        return iterator, lambda: len(sized) - length_hint(iterator)
    ticks = repeat(True, sys.maxsize)
    return compress(iterable, ticks), lambda: sys.maxsize - length_hint(ticks)


def _has_length(iterable: Any) -> bool:
    """Tell whether a length fits into the machine's word: that of a range may not."""
    try:
        return len(iterable) >= 0
    except OverflowError:
        return False


class Counted(Protocol):
    """**Protocol:** a count that is looked up."""

    @property
    def completed(self) -> Number:
        """What is done."""

    def given_out(self) -> Number:
        """Tell what is done or being done."""


class Course:
    """How far one loop has come, and how it ended. Held by the loop and by the bar; holds neither items nor loop."""

    def __init__(self, consumed: Callable[[], int], on_end: OnEnd) -> None:
        self.given_out = consumed
        """Tells how many items the loop has got."""
        self._on_end = on_end
        self._exhausted = self._told = False
        self._idle = False
        self._interrupts = endings.interrupts()

    @property
    def completed(self) -> int:
        """Items that the loop's body is done with: the one that was given out last is still being worked on."""
        return self.given_out() if self._idle else max(0, self.given_out() - 1)

    def exhaust(self) -> Iterator[Any]:
        """Yield nothing, when the items before have run out: the loop came to its end."""
        self._exhausted = self._idle = True
        self._on_end("finished", "")
        self._told = True
        yield from ()

    def end(self, state: State, reason: str, *, idle: bool) -> None:
        """Take note of how the loop ended, and whether between two items; too late if it came to its end."""
        if not self._exhausted:
            self._idle = idle
            self._on_end(state, reason)

    def abandon(self, frame: FrameType | None) -> None:
        """Take note that the loop, in that frame, has dropped its iterator."""
        if self._exhausted:
            if not self._told:  # Ctrl-C has cut it short
                self._on_end("finished", "")
            return
        state, reason = self.left(frame)
        self.end(state, reason, idle=frame is not None and state != "stopped" and endings.between_items(frame))

    def left(self, frame: FrameType | None) -> tuple[State, str]:
        """Tell how a loop ended that is left in a frame, and why it failed."""
        return ("stopped", "") if frame is None else endings.of_loop(frame, self._interrupts)


class Loop(chain):  # type: ignore[type-arg]
    """The iterator that a loop gets: items, then `Course.exhaust`.

    It has no `__next__` of its own, so each item takes the C slot of `chain`, and nothing refers back to it, so that
    it is dropped the moment the loop is left.
    """

    course: Course | None = None

    def __del__(self) -> None:
        if self.course is not None:
            with Finalising(sys._getframe()):
                self.course.abandon(_caller())


def _caller() -> FrameType | None:
    """The frame that runs below the finaliser; none when an interpreter or a thread is being torn down."""
    try:
        return sys._getframe(2)
    except ValueError:
        return None


def looped(iterable: Iterable[T], on_end: OnEnd) -> tuple[Iterator[T], Course]:
    """Return a counting iterator over the items, and its course.

    Args:
        iterable: The items.
        on_end: Called once, in the loop's thread, with the state that the loop ended in and the reason of a failure.
    """
    items, consumed = consumption(iterable)
    course = Course(consumed, on_end)
    loop = Loop(items, course.exhaust())
    loop.course = course
    return loop, course


def polled(iterable: Iterable[T], poll: Callable[[], None], on_end: OnEnd) -> tuple[Iterator[T], Course]:
    """Do as `looped` where nothing can look on from outside: without threads, or without reference counting.

    Args:
        iterable: The items.
        poll: Called after each item.
        on_end: Called once with the state that the loop ended in and the reason of a failure.
    """
    items, consumed = consumption(iterable)
    course = Course(consumed, on_end)
    return _polled(items, poll, course), course


def _polled(items: Iterator[T], poll: Callable[[], None], course: Course) -> Iterator[T]:
    try:
        for item in items:
            yield item
            poll()
        yield from course.exhaust()
    except GeneratorExit:
        course.end(*course.left(_caller()), idle=False)
        raise
    except BaseException as error:
        course.end(*endings.explained(error), idle=True)
        raise
