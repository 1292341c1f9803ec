"""Futures and tasks of the standard library, shown as they are done."""

import asyncio
import threading
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeoutError
from typing import Any

import pytest

from headway.drawing.hub import hub
from headway.integrations import asyncio as aio
from headway.integrations import futures
from headway.testing import Recorder


def rows(recorded: Recorder) -> list[tuple[Any, ...]]:
    return [(s.desc, s.n, s.total, s.state) for s in recorded.closed]


def test_as_completed(recorded: Recorder) -> None:
    """All futures come, and all are counted."""
    with ThreadPoolExecutor(4) as pool:
        fs = [pool.submit(abs, -i) for i in range(200)]
        done = {f.result() for f in futures.as_completed([*fs, fs[0]], desc="work")}

    assert done == set(range(200))
    assert rows(recorded) == [("work", 200, 200, "finished")]


def test_as_completed_that_is_left(recorded: Recorder) -> None:
    """A loop that is left, one that fails and one that runs out of time end as what they are."""
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        fs = [pool.submit(abs, 1), pool.submit(release.wait)]
        with pytest.raises(FuturesTimeoutError):
            list(futures.as_completed(fs, timeout=0.05))
        for _ in futures.as_completed(fs):
            break
        release.set()

    assert [row[2:] for row in rows(recorded)] == [(2, "failed"), (2, "stopped")]


ERRORS = [(ValueError("boom"), "failed"), (KeyboardInterrupt(), "interrupted")]


@pytest.mark.parametrize(("error", "state"), ERRORS, ids=["fails", "Ctrl-C"])
def test_a_loop_that_raises(error: BaseException, state: str, recorded: Recorder) -> None:
    """What raises in the loop, such as `future.result()`, ends the bar as what it is, and is not counted."""
    seen: list[Any] = []
    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(type(error)):
            for future in futures.as_completed([pool.submit(abs, i) for i in range(5)]):
                seen.append(future)
                if len(seen) == 4:
                    raise error
        with pytest.raises(type(error)):
            for i in futures.map(pool, abs, range(5)):
                if i == 3:
                    raise error

    assert (3, 5, state) == rows(recorded)[0][1:]
    assert rows(recorded)[1][-1] == state


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_map(pool: Any, recorded: Recorder) -> None:
    """The results are in their order, of threads and of processes."""
    with pool(2) as executor:
        assert list(futures.map(executor, pow, range(3), [2, 2, 2, 2])) == [0, 1, 4]

    assert rows(recorded) == [("tasks", 3, 3, "finished")]


def test_map_counts_what_is_done_behind_the_first(recorded: Recorder, until: Any) -> None:
    """While the first call goes on, the others are counted already."""
    first = threading.Event()

    def watch() -> None:
        until(lambda: recorded.opened)
        bar = hub.display.bars[recorded.opened[0].id].bar()
        until(lambda: bar is not None and bar.n == 49)
        first.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(2) as executor:
        results = list(futures.map(executor, lambda i: bool(i or first.wait(20)), range(50)))
    watcher.join()

    assert results == [True] * 50
    assert rows(recorded) == [("tasks", 50, 50, "finished")]


def test_map_that_fails_cancels_the_rest(recorded: Recorder) -> None:
    """A failure is raised in its place, and what has not begun is not done any more."""
    called: list[int] = []
    release = threading.Event()

    def call(i: int) -> int:
        called.append(i)
        if i > 3:
            release.wait(20)
        return 1 // (i - 3)

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(ZeroDivisionError):
            list(futures.map(executor, call, range(100)))
        release.set()

    assert called in ([0, 1, 2, 3], [0, 1, 2, 3, 4])
    assert rows(recorded) == [("tasks", 3, 100, "failed")]


def test_gather(recorded: Recorder) -> None:
    """Results are in their order, exceptions are raised or returned as asked."""

    async def fails() -> None:
        raise ValueError("boom")

    async def main() -> None:
        assert await aio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2), desc="work") == [1, 2]
        results = await aio.gather(fails(), asyncio.sleep(0, 2), return_exceptions=True)
        assert [str(results[0]), results[1]] == ["boom", 2]
        with pytest.raises(ValueError, match="boom"):
            await aio.gather(fails(), asyncio.sleep(0))

    asyncio.run(main())

    assert rows(recorded)[:2] == [("work", 2, 2, "finished"), ("tasks", 2, 2, "finished")]
    assert rows(recorded)[2][-1] == "failed"


@pytest.mark.parametrize("return_exceptions", [False, True])
def test_gather_that_is_cancelled(return_exceptions: bool, recorded: Recorder) -> None:
    """What was done by then is counted, and not what is cancelled with all."""

    async def main() -> None:
        never = asyncio.Event().wait
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(
                aio.gather(asyncio.sleep(0), never(), never(), return_exceptions=return_exceptions), timeout=0.05
            )

    asyncio.run(main())

    assert rows(recorded) == [("tasks", 1, 3, "interrupted")]


def test_a_cancelled_task_is_a_result_where_exceptions_are(recorded: Recorder) -> None:
    """Somebody has cancelled one of the tasks: the others go on, and in the end all are done."""

    async def main() -> list[Any]:
        one = asyncio.ensure_future(asyncio.Event().wait())
        asyncio.get_running_loop().call_soon(one.cancel)
        return await aio.gather(one, asyncio.sleep(0, 2), return_exceptions=True)

    cancelled, two = asyncio.run(main())

    assert (asyncio.CancelledError, 2) == (type(cancelled), two)
    assert rows(recorded) == [("tasks", 2, 2, "finished")]


def test_a_loop_over_tasks_that_raises(recorded: Recorder) -> None:
    """A task whose exception leaves the loop fails the bar."""

    async def fails() -> None:
        await asyncio.sleep(0.05)
        raise ValueError("boom")

    async def main() -> None:
        with pytest.raises(ValueError, match="boom"):
            for each in aio.as_completed([asyncio.sleep(0), fails()]):
                await each

    asyncio.run(main())

    assert rows(recorded) == [("tasks", 1, 2, "failed")]


def test_tasks_as_they_are_completed(recorded: Recorder) -> None:
    """The first that is done comes first; each is counted."""

    async def main() -> list[int]:
        return [await each for each in aio.as_completed([asyncio.sleep(0.05, 1), asyncio.sleep(0, 2)])]

    assert asyncio.run(main()) == [2, 1]
    assert rows(recorded) == [("tasks", 2, 2, "finished")]


def test_a_look_that_cannot_be_raises_at_the_call() -> None:
    """A typing error is found before anything runs."""
    with pytest.raises(TypeError, match="There is no keyword 'colour'"):
        futures.as_completed([], colour="red")  # type: ignore[call-arg]


def test_a_loop_that_counts_what_is_done_keeps_no_result(recorded: Recorder) -> None:
    """A result that was given and dropped is gone at once, however long the others take."""

    class Result:
        pass

    with ThreadPoolExecutor(1) as executor:
        results = futures.map(executor, lambda _: Result(), range(3))
        gone = weakref.ref(next(results))
        assert gone() is None
        assert len(list(results)) == 2

    assert rows(recorded) == [("tasks", 3, 3, "finished")]


def test_a_task_that_is_given_twice_counts_once(recorded: Recorder) -> None:
    """The same task at two places is one."""

    async def main() -> None:
        task = asyncio.ensure_future(asyncio.sleep(0, 1))
        assert await aio.gather(task, task, asyncio.sleep(0, 2)) == [1, 1, 2]

    asyncio.run(main())

    assert rows(recorded) == [("tasks", 2, 2, "finished")]


def test_gather_counts_what_is_done_behind_the_first(recorded: Recorder, until: Any) -> None:
    """While the first task goes on, the others are counted already."""

    async def main() -> None:
        first = asyncio.Event()
        loop = asyncio.get_running_loop()

        def watch() -> None:
            until(lambda: recorded.opened)
            bar = hub.display.bars[recorded.opened[0].id].bar()
            until(lambda: bar is not None and bar.n == 9)
            loop.call_soon_threadsafe(first.set)

        watcher = threading.Thread(target=watch)
        watcher.start()
        await aio.gather(first.wait(), *(asyncio.sleep(0) for _ in range(9)))
        watcher.join()

    asyncio.run(main())

    assert rows(recorded) == [("tasks", 10, 10, "finished")]


def test_time_that_is_up_says_so(recorded: Recorder) -> None:
    """What came in time is counted, and the row says why it ended."""
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        fs = [pool.submit(abs, 1), pool.submit(release.wait)]
        with pytest.raises(FuturesTimeoutError):
            list(futures.as_completed(fs, timeout=0.05))
        release.set()

    assert [(s.n, s.total, s.state) for s in recorded.closed] == [(1, 2, "failed")]
    assert "unfinished" in recorded.closed[0].reason
