"""Counting a loop: every kind of iterable, exact counts, nothing kept."""

import sys
import threading
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import pytest

import headway
from headway.reporting import counter
from headway.reporting.bar import Bar
from headway.reporting.counter import Course
from headway.testing import Recorder


class Sequence:
    """A class of old, which is looped over by index."""

    def __getitem__(self, i: int) -> int:
        if i >= 20:
            raise IndexError
        return i


class SubList(list):  # type: ignore[type-arg]
    """A list that counts on being iterated its own way."""

    def __iter__(self) -> Iterator[Any]:
        return (x for x in list.__iter__(self))


class Liar(list):  # type: ignore[type-arg]
    """A list whose length cannot be had."""

    def __len__(self) -> int:
        raise RuntimeError("no length")


KINDS: dict[str, tuple[Callable[[], Any], int | None]] = {
    "list": (lambda: list(range(20)), 20),
    "tuple": (lambda: tuple(range(20)), 20),
    "range": (lambda: range(20), 20),
    "range with a step": (lambda: range(100, 0, -5), 20),
    "dict": (lambda: dict.fromkeys(range(20)), 20),
    "items": (lambda: dict.fromkeys(range(20)).items(), 20),
    "set": (lambda: set(range(20)), 20),
    "str": (lambda: "abcdefghijklmnopqrst", 20),
    "bytes": (lambda: bytes(20), 20),
    "deque": (lambda: deque(range(20)), 20),
    "list iterator": (lambda: iter(list(range(20))), 20),
    "list subclass": (lambda: SubList(range(20)), 20),
    "generator": (lambda: (i for i in range(20)), None),
    "enumerate": (lambda: enumerate(range(20)), 20),
    "zip": (lambda: zip(range(20), range(30), strict=False), 20),
    "map": (lambda: map(abs, range(20)), 20),
    "only __getitem__": (Sequence, None),
    "length that raises": (lambda: Liar(range(20)), None),
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


@kinds
def test_a_loop_gets_each_item_and_counts_it(recorded: Recorder, kind: str) -> None:
    """Whatever can be looped over is, unchanged and in order, and its length is the total where it has one."""
    make, total = KINDS[kind]

    assert [x for x in make()] == [x for x in headway.track(make(), desc="a")]  # noqa: C416 - list() asks for a length
    last = recorded.last("a")
    assert (total, 20, "finished") == (recorded.opened[0].total, last.n, last.state)


@kinds
@pytest.mark.parametrize("stop", [0, 1, 7, 19])
def test_a_count_is_of_the_items_whose_body_was_completed(recorded: Recorder, kind: str, stop: int) -> None:
    """After a break in the body of item k the count is k, and on the way it is the items done before."""
    track = headway.track(KINDS[kind][0](), desc="a")
    seen = []
    for i, _ in enumerate(track):
        seen.append(track.bar.n)
        if i == stop:
            break

    assert list(range(stop + 1)) == seen
    assert stop == recorded.last("a").n


@pytest.mark.parametrize("kind", ["list", "tuple", "range"])
def test_items_that_know_what_is_left_are_given_out_by_their_own_iterator(kind: str) -> None:
    """Lists, tuples and ranges need no counting at all: the loop takes the items from their own iterator."""
    items = KINDS[kind][0]()

    assert type(iter(items)) is type(counter.consumption(items)[0])


def test_a_list_may_grow_while_it_is_looped_over(recorded: Recorder) -> None:
    """Items that are appended in the body are looped over and counted, beyond the first total."""
    items = [0, 1, 2]
    for i in headway.track(items, desc="a"):
        if i < 3:
            items.append(i + 10)

    last = recorded.last("a")
    assert (last.n, last.total, last.state) == (6, 3, "finished")


def test_nothing_to_loop_over_is_finished(recorded: Recorder) -> None:
    """Loops over nothing come to their end at once."""
    for items in ([], (), iter(()), {}):
        assert list(headway.track(items, desc="a")) == []

    assert [(s.n, s.state) for s in recorded.closed] == [(0, "finished")] * 4


def test_an_endless_iterator_is_counted(recorded: Recorder) -> None:
    """What never ends has no total, and a count."""
    assert list(range(1000)) == list(islice(headway.track(count(), desc="a"), 1000))
    assert None is recorded.last("a").total


def raising(error: BaseException) -> Iterator[int]:
    """Give three items, then raise."""
    yield from range(3)
    raise error


class NotIterable:
    """Looks like an iterable until it is looped over."""

    def __iter__(self) -> Iterator[int]:
        raise ValueError("no ink")


def test_an_iterable_that_raises_has_failed(recorded: Recorder) -> None:
    """What the iterable raises reaches the loop, and the bar has failed with the items that were done."""
    with pytest.raises(ValueError, match="no ink"):
        for _ in headway.track(raising(ValueError("no ink")), desc="a"):
            pass
    with pytest.raises(ValueError, match="no ink"):
        for _ in headway.track(NotIterable(), desc="b"):
            pass

    a, b = recorded.closed
    assert (a.state, b.state, b.n) == ("failed", "failed", 0)


def test_items_done_before_the_iterable_raised_are_all_counted(recorded: Recorder) -> None:
    """When fetching the fourth item raises, the three before it are done."""
    with pytest.raises(ValueError, match="no ink"):
        for _ in headway.track(raising(ValueError("no ink")), desc="a"):
            pass

    assert recorded.last("a").n == 3


def test_a_dict_that_changes_while_it_is_looped_over_raises_as_ever(recorded: Recorder) -> None:
    """Mistakes in a loop look as they do without a bar."""
    items = {1: 1, 2: 2}
    with pytest.raises(RuntimeError, match="changed size"):
        for i in headway.track(items, desc="a"):
            items[i + 10] = 0

    assert recorded.last("a").state == "failed"


# ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_threads_that_share_a_bar_lose_no_count() -> None:
    """64 threads that update one bar as fast as they can add up exactly, whatever the type of the numbers."""
    bar = headway.get_bar(backend="off")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work() -> None:
        for _ in range(2000):
            bar.update()
            bar()
            bar.update(2)
        bar.update(0.5)

    try:
        threads = [threading.Thread(target=work) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert bar.n == 64 * (2000 * 4 + 0.5)


def test_an_update_while_a_loop_ends_is_not_lost() -> None:
    """A count that another thread reports while a loop's own count is taken over is kept."""
    bar = Bar()

    class Busy(Course):
        """A course that is asked for its count just when another thread updates the bar."""

        completed = property(lambda self: bar.update(5) or 3)  # type: ignore[assignment]

    bar._course = Busy(lambda: 0, bar.end)
    bar.end("stopped")

    assert bar.n == 8


# ── nothing kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Item:
    """An object that can be watched."""


@pytest.mark.parametrize("kind", [list, tuple, iter, Counter, lambda items: (i for i in items)])
@pytest.mark.parametrize("early", [False, True])
def test_no_item_is_kept(recorded: Recorder, kind: Any, early: bool) -> None:
    """After the loop neither the bar nor anything else holds the items, without a run of the collector."""
    items = [Item() for _ in range(3)]
    watched = [weakref.ref(item) for item in items]
    track = headway.track(kind(items))
    bar = track.bar
    for _ in track:
        if early:
            break
    del items, track, _

    assert [ref() for ref in watched] == [None] * 3
    assert bar.state in ("finished", "stopped")


def test_the_iterable_is_not_kept(recorded: Recorder) -> None:
    """A list is let go at the end of the loop, while its bar lives on."""
    items = SubList(range(3))
    watched = weakref.ref(items)
    track = headway.track(items)
    bar = track.bar
    del items
    for _ in track:
        pass
    del track

    assert None is watched()
    assert bar.n == 3


# ── off, and without threads ─────────────────────────────────────────────────────────────────────────────────────────


@kinds
def test_with_progress_off_a_loop_gets_the_plain_iterator(kind: str) -> None:
    """With progress off a loop costs what it costs without a bar."""
    make = KINDS[kind][0]

    assert type(iter(make())) is type(iter(headway.track(make(), backend="off")))


def test_an_iterator_is_given_back_as_it_is_with_progress_off() -> None:
    """With progress off an iterator stays the very same object."""
    items = iter([1, 2])

    assert items is iter(headway.track(items, backend="off"))


WITHOUT_THREADS = """
import headway, sys, threading
from headway.testing import record
with record() as recorded:
    for stop in (0, 3, 100):
        for i in headway.track(iter(range(20)), desc="a"):
            if i == stop: break
    try:
        for i in headway.track([1, 2], desc="a"): 1 / 0
    except ZeroDivisionError: pass
    with headway.get_bar(3, desc="b") as bar:
        bar.update(); bar.set(2); bar(); headway.write("x")
    print([(s.n, s.state) for s in recorded.closed], threading.active_count())
for i in headway.track(range(3), desc="a"): pass
"""


def test_without_threads_the_same_is_told(run: Any) -> None:
    """With `HEADWAY_THREADS=0` counts and ends are the same, and there is no thread."""
    done = run(WITHOUT_THREADS, HEADWAY_THREADS="0", HEADWAY_BACKEND="plain")

    assert done.stdout == "[(0, 'stopped'), (3, 'stopped'), (20, 'finished'), (0, 'failed'), (3, 'finished')] 1\n"
    assert done.stderr.splitlines()[-1].startswith("headway a n=3 total=3 100%")


def test_a_range_beyond_the_machines_word_is_counted() -> None:
    """Its length cannot be had, so its total is not known."""
    tracked = headway.track(range(2**70), backend="plain")
    for _, item in zip(range(5), tracked, strict=False):
        assert (tracked.bar.n, tracked.bar.total) == (item, None)
