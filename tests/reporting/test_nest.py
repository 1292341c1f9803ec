"""How bars find their parents: by themselves, also across threads and tasks."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import headway
from headway.reporting.bar import Bar
from headway.testing import Recorder

pytestmark = pytest.mark.usefixtures("recorded")


def inner_parent(desc: str = "inner") -> Bar | None:
    """Open a bar, close it, and return who its parent was."""
    with headway.get_bar(1, desc=desc) as bar:
        return bar.parent


def test_a_bar_inside_a_block_is_a_child(recorded: Recorder) -> None:
    """A bar that is opened while another one is open is nested in it, at any depth."""
    with headway.get_bar(1) as a, headway.get_bar(1) as b, headway.get_bar(1) as c:
        assert (None, a, b) == (a.parent, b.parent, c.parent)

    first, second, third = recorded.opened
    assert (None, first.id, second.id) == (first.parent, second.parent, third.parent)


def test_a_bar_that_is_updated_by_hand_surrounds_none() -> None:
    """Bars that are opened one after the other are beside each other, however long the first one is open."""
    first = headway.get_bar(1)
    first.update()
    second = headway.get_bar(1)

    assert (second.parent, inner_parent()) == (None, None)
    first.close()
    second.close()


@pytest.mark.parametrize("threaded", [False, True])
def test_a_parent_that_is_given_is_the_parent(threaded: bool) -> None:
    """Also in another thread, and inside of another bar."""
    given = headway.get_bar(4)

    def work() -> list[Any]:
        with headway.get_bar(1, parent=given) as bar:
            track = headway.track(range(1), parent=given)
            loop = headway.loop([1], epochs=1, parent=given)
            beside = headway.track(range(1), parent=None)
            for _ in track, loop, beside:
                [None for _ in _]
            return [bar.parent, track.bar.parent, loop.bar.parent, beside.bar.parent]

    with headway.get_bar(1):
        assert (in_thread(work) if threaded else work()) == [given, given, given, None]
    given.close()


def test_a_parent_that_has_ended_is_none() -> None:
    """A bar whose parent has ended meanwhile, in another thread say, is beside all others."""
    given = headway.get_bar(4)
    given.close()
    with headway.get_bar(1), headway.get_bar(1, parent=given) as bar:
        assert bar.parent is None


@pytest.mark.parametrize("parent", ["outer", 1, headway.track([1])])
def test_a_parent_of_another_type_raises(parent: Any) -> None:
    """The message says where the bar of a track is."""
    with pytest.raises(TypeError, match="parent must be a headway bar.*The bar of a track or a loop is its `bar`"):
        headway.get_bar(1, parent=parent)


def test_loops_that_are_zipped_are_beside_each_other() -> None:
    """A loop that has given out no item surrounds nothing; from the first item on it does."""
    a, b = headway.track(range(2)), headway.track(range(3))
    for _ in zip(a, b, strict=False):
        assert (a.bar.parent, b.bar.parent) == (None, None)
        assert inner_parent() is b.bar
    b.bar.close()

    assert inner_parent() is None


def test_a_loop_of_a_generator_surrounds_until_it_is_left() -> None:
    """An iterator that was dropped, and one that has run out, surround nothing."""

    def items() -> Iterator[int]:
        yield from headway.track(range(3))

    given = items()
    next(given)
    outer = inner_parent()
    assert outer is not None
    del outer, given

    assert inner_parent() is None


def test_a_loop_is_a_parent() -> None:
    """A bar that is opened in a loop's body is nested in the loop's."""
    track = headway.track(range(2))
    for _ in track:
        assert inner_parent() is track.bar
        inner = headway.track(range(2))
        for _ in inner:
            assert inner.bar.parent is track.bar


def test_bars_one_after_another_are_siblings() -> None:
    """A bar that has been closed is nobody's parent."""
    with headway.get_bar(1) as outer:
        assert inner_parent() is outer
        assert inner_parent() is outer
        for _ in headway.track(range(3)):
            break

        assert inner_parent() is outer


def test_closing_in_any_order_keeps_the_tree() -> None:
    """Where the outer bar is closed first, the inner one is still a parent; then there is none."""
    with headway.get_bar(1) as outer, headway.get_bar(1) as inner:
        outer.close()
        assert inner_parent() is inner

    assert inner_parent() is None


def test_a_dropped_bar_is_no_parent() -> None:
    """After a bar that nobody holds any longer, its own parent is the parent."""
    with headway.get_bar(1) as outer:
        headway.get_bar(1)

        assert inner_parent() is outer


def test_a_dropped_bar_in_a_cycle_is_no_parent() -> None:
    """The same holds where the garbage collector has to find it."""

    class Trainer:
        def __init__(self) -> None:
            self.me = self
            self.bar = headway.get_bar(1)

    with headway.get_bar(1) as outer:
        Trainer()
        gc.collect()

        assert inner_parent() is outer


def test_a_hidden_bar_that_is_dropped_is_no_parent() -> None:
    """A bar with progress off, once dropped, hides no parent."""
    with headway.get_bar(1) as outer:
        off = Bar(1)
        off.open((), None)
        del off

        assert inner_parent() is outer


def test_a_bar_that_another_thread_closed_hides_no_parent() -> None:
    """A bar may be closed elsewhere and dropped; the one outside of it is the parent again."""
    with headway.get_bar(1) as outer:
        inner = headway.get_bar(1)
        thread = threading.Thread(target=inner.close)
        thread.start()
        thread.join()
        del inner, thread
        gc.collect()

        assert inner_parent() is outer


def in_thread(work: Any) -> Any:
    """Run something in a new thread and return what it returned."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_nests_in_the_bar_of_the_main_thread() -> None:
    """A worker's bar belongs to what the main thread is doing; with nothing open it has no parent."""
    with headway.get_bar(1) as outer:
        assert in_thread(inner_parent) is outer

    assert in_thread(inner_parent) is None


def test_a_thread_nests_in_its_own_bars_first() -> None:
    """Inside a worker the worker's bar is the parent, and it is none for the main thread."""

    def work() -> tuple[Bar, Bar | None]:
        with headway.get_bar(1) as bar:
            return bar, inner_parent()

    with headway.get_bar(1) as outer:
        bar, parent = in_thread(work)
        assert parent is bar
        assert bar.parent is outer
        assert inner_parent() is outer


def test_workers_of_a_pool_are_siblings() -> None:
    """Bars of the workers of one pool are all nested in the one that the pool works for."""
    together = threading.Barrier(4)

    def work(i: int) -> Bar | None:
        with headway.get_bar(1, desc=f"worker {i}") as bar:
            together.wait()
            return bar.parent

    with headway.get_bar(4) as outer, ThreadPoolExecutor(4) as pool:
        assert [outer] * 4 == list(pool.map(work, range(4)))
        assert [outer] * 4 == list(pool.map(work, range(4)))


def test_tasks_are_siblings() -> None:
    """Bars of tasks that run side by side are nested in the bar around them, not in one another."""

    async def work(i: int) -> list[Bar | None]:
        with headway.get_bar(1, desc=f"task {i}") as bar:
            await asyncio.sleep(0)
            parent = inner_parent()
            await asyncio.sleep(0)
            return [bar.parent, None if parent is bar else parent]

    async def main() -> None:
        with headway.get_bar(3) as outer:
            found = await asyncio.gather(*map(work, range(3)))
            assert [[outer, None]] * 3 == found
            assert inner_parent() is outer

    asyncio.run(main())


def test_a_thread_of_a_task_nests_in_the_bar_of_the_task() -> None:
    """What `asyncio.to_thread` runs belongs to the task that runs it."""

    async def work() -> bool:
        with headway.get_bar(1) as bar:
            await asyncio.sleep(0)
            return await asyncio.to_thread(inner_parent) is bar

    async def main() -> list[bool]:
        return await asyncio.gather(work(), work())

    assert asyncio.run(main()) == [True, True]


def test_a_task_that_outlives_the_bar_it_was_made_in() -> None:
    """A task made in a bar that is gone by now nests in what is still open around it."""

    async def main() -> None:
        with headway.get_bar(1) as outer:
            with headway.get_bar(1):
                task = asyncio.create_task(asyncio.to_thread(inner_parent))
            gc.collect()
            assert await task is outer
            assert inner_parent() is outer

    asyncio.run(main())


def test_only_the_outer_bar_is_left_by_default(recorded: Recorder) -> None:
    """A nested bar vanishes at its end, an outer one stays, and `leave` says otherwise."""
    with headway.get_bar(1, desc="outer"), headway.get_bar(1, desc="inner"):
        headway.get_bar(1, desc="kept", leave=True).close()
    headway.get_bar(1, desc="hidden", leave=False).close()

    assert {s.desc: s.leave for s in recorded.closed} == {"outer": True, "inner": False, "kept": True, "hidden": False}
