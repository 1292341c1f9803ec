"""Events of workers among the texts that they write on a terminal."""

from typing import Any

import pytest

from headway.processes.order import WAITS, Order
from headway.processes.wire import Ended, Report, Seen, Text
from headway.snapshot import Snapshot


class Worker:
    """Somebody who reports."""

    rank, own = None, True

    def __init__(self, number: int) -> None:
        self.number, self.pid, self.label = number, 1000 + number, f"process {number}"


A, B = Worker(1), Worker(2)


class Course:
    """An order, what it has delivered, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.delivered: list[Any] = []
        self.order = Order(lambda worker, event: self.delivered.append((worker.number, event)), lambda: self.now)


@pytest.fixture
def course() -> Course:
    """An order."""
    return Course()


def closes(mark: int) -> Report:
    """Return an event with a mark."""
    return Report("close", Snapshot(mark), "", mark)


def test_an_event_waits_for_its_mark(course: Course) -> None:
    """What has a mark is delivered as the text comes to it, with what stands behind it; others do not wait."""
    opens = Report("open", Snapshot(9), "")
    for event in (closes(1), opens, closes(2), None):
        course.order.take(A, event)
    course.order.take(B, opens)
    assert course.delivered == [(2, opens)]

    assert course.order.meet(A.pid, 1)
    assert course.delivered[1:] == [(1, closes(1)), (1, opens)]
    assert course.order.meet(A.pid, 2)
    assert course.delivered[3:] == [(1, closes(2)), (1, None)]


def test_text_waits_for_an_event_until_it_is_late(course: Course) -> None:
    """Text that is first waits; once it has waited in vain, the next one does not."""
    assert not course.order.meet(A.pid, 1)
    course.order.meet(A.pid, 1, late=True)
    assert course.order.meet(A.pid, 2)

    course.order.take(A, closes(2))
    assert course.delivered == [(1, closes(2))]
    assert not course.order.meet(A.pid, 3)
    course.order.take(A, Text("text", None, 3))
    assert course.order.meet(A.pid, 3)


def test_a_mark_that_is_lost_holds_nothing_up_for_long(course: Course) -> None:
    """Without its mark an event comes after a while, and a later mark brings it at once."""
    course.order.take(A, closes(1))
    course.order.tend()
    assert course.delivered == []
    course.now += WAITS + 0.1
    course.order.tend()
    assert course.delivered == [(1, closes(1))]

    course.order.take(A, closes(2))
    course.order.meet(A.pid, 3)
    assert course.delivered[1:] == [(1, closes(2))]


def test_a_number_of_a_process_may_come_again(course: Course) -> None:
    """The marks of a process are forgotten with it."""
    course.order.take(A, closes(5))
    course.order.meet(A.pid, 5)
    course.order.take(A, None)
    course.delivered.clear()
    course.order.take(A, closes(1))

    assert course.delivered == []


def test_all_is_let_go_at_the_end(course: Course) -> None:
    """Nothing that was said is lost."""
    course.order.take(A, closes(1))
    course.order.take(A, None)
    course.order.let_go()

    assert course.delivered == [(1, closes(1)), (1, None)]


def test_what_has_no_mark_never_waits(course: Course) -> None:
    """Nor do messages that a worker gets, and has no business to send."""
    events = [Report("open", Snapshot(1), ""), Text("a"), Ended("work", "", ""), Seen(1)]
    for event in events:
        course.order.take(A, event)

    assert [event for _, event in course.delivered] == events
