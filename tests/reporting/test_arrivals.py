"""`async for` over a track: it counts, it tells how the loop ended, and it leaves the source as a plain loop does."""

import asyncio
import contextlib
import copy
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

import headway
from headway.testing import Recorder


async def arriving(n: int, log: list[str] | None = None) -> AsyncIterator[int]:
    """Yield numbers, each after a turn of the event loop, and log when this is closed."""
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield i
    finally:
        if log is not None:
            log.append("closed")


class Sized:
    """An asynchronous iterable of a class of its own: it has a length, and may raise once."""

    def __init__(self, n: int, raises: BaseException | None = None) -> None:
        self.n = n
        self.given = 0
        self.raises = raises

    def __len__(self) -> int:
        return self.n

    def __aiter__(self) -> "Sized":
        return self

    async def __anext__(self) -> int:
        await asyncio.sleep(0)
        if self.raises is not None and self.given == 2:
            error, self.raises = self.raises, None
            raise error
        if self.given == self.n:
            raise StopAsyncIteration
        self.given += 1
        return self.given - 1


class Hinted(Sized):
    """One that has a hint alone."""

    __len__ = None  # type: ignore[assignment]

    def __length_hint__(self) -> int:
        return self.n


class Either(Sized):
    """One that a plain loop may take, too."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.n))


def last(recorded: Recorder) -> tuple[str, float]:
    """Return how the bar ended, and its count."""
    return recorded.last("a").state, recorded.last("a").n


@pytest.mark.parametrize(
    ("make", "total"),
    [(lambda: arriving(20), None), (lambda: Sized(20), 20), (lambda: Hinted(20), 20), (lambda: Either(20), 20)],
    ids=["generator", "length", "hint", "either way"],
)
def test_a_loop_gets_each_item_and_counts_it(
    recorded: Recorder, make: Callable[[], AsyncIterable[int]], total: int | None
) -> None:
    """All items come in order; the total is what the iterable says, or what the argument says."""

    async def main() -> None:
        assert [x async for x in headway.track(make(), desc="a")] == list(range(20))
        assert [x async for x in headway.track(make(), desc="b", total=40)] == list(range(20))

    asyncio.run(main())

    assert [opened.total for opened in recorded.opened] == [total, 40]
    assert last(recorded) == ("finished", 20)


def test_the_count_on_the_way(recorded: Recorder) -> None:
    """In the body the items before are done; while the loop waits for the next one, the one before is done, too."""
    counts = []

    async def main() -> None:
        track = headway.track(waiting(), desc="a")

        async def look() -> None:
            counts.append(track.bar.n)

        async for _ in track:
            counts.append(track.bar.n)
            looks.append(look)

    looks: list[Any] = []

    async def waiting() -> AsyncIterator[int]:
        for i in range(3):
            for look in looks:
                await look()
            yield i

    asyncio.run(main())

    assert counts == [0, 1, 1, 2, 2, 2]
    assert last(recorded) == ("finished", 3)


@pytest.mark.parametrize("k", [0, 3])
def test_a_loop_that_is_left(recorded: Recorder, k: int) -> None:
    """After a `break` or a `return` it is stopped, and the item in hand does not count."""

    async def leave() -> None:
        async for i in headway.track(arriving(9), desc="a"):
            if i == k:
                return

    async def main() -> None:
        async for i in headway.track(arriving(9), desc="a"):
            if i == k:
                break
        assert last(recorded) == ("stopped", k)
        await leave()

    asyncio.run(main())

    assert [(s.state, s.n) for s in recorded.closed] == [("stopped", k)] * 2


@pytest.mark.parametrize("caught", [True, False])
def test_an_exception_in_the_body(recorded: Recorder, caught: bool) -> None:
    """It means failed, at once, and passes unchanged."""
    error = ValueError("no ink")

    async def main() -> None:
        if caught:
            try:
                async for i in headway.track(arriving(9), desc="a"):
                    if i == 3:
                        raise error
            except ValueError:
                assert last(recorded) == ("failed", 3)
            raise error
        async for i in headway.track(arriving(9), desc="a"):
            if i == 3:
                await asyncio.sleep(0)
                raise error

    with pytest.raises(ValueError, match="no ink") as raised:
        asyncio.run(main())

    assert raised.value is error
    assert last(recorded) == ("failed", 3)


@pytest.mark.parametrize(
    ("error", "state"),
    [(OSError("gone"), "failed"), (asyncio.CancelledError(), "interrupted"), (KeyboardInterrupt(), "interrupted")],
    ids=repr,
)
def test_an_exception_of_the_source(recorded: Recorder, error: BaseException, state: str) -> None:
    """The source's own exception ends the bar by what it stands for, also while its traceback is kept."""

    async def main() -> None:
        try:
            async for _ in headway.track(Sized(9, error), desc="a"):
                pass
        except type(error) as kept:
            assert kept is error
            assert last(recorded) == (state, 2)
            raise

    with pytest.raises(type(error)):
        asyncio.run(main())


@pytest.mark.parametrize(
    "where",
    [
        "source",
        pytest.param(
            "body", marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="a task does not say it is cancelled")
        ),
    ],
)
def test_a_cancelled_task(recorded: Recorder, where: str) -> None:
    """A task that is cancelled while it waits, for an item or in the body, was interrupted."""

    async def slow() -> AsyncIterator[int]:
        yield 0
        await asyncio.sleep(60 if where == "source" else 0)
        yield 1

    async def work() -> None:
        async for i in headway.track(slow(), desc="a"):
            if i == 1:
                await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(work())
        for _ in range(9):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert last(recorded) == ("interrupted", 1)


@pytest.mark.parametrize("backend", ["off", None])
@pytest.mark.parametrize("held", [False, True])
def test_the_source_is_left_as_a_plain_loop_leaves_it(recorded: Recorder, backend: str | None, held: bool) -> None:
    """A generator that nothing else holds is closed by the event loop; one that somebody holds goes on."""

    async def leave(wrap: Callable[[Any], Any]) -> list[str]:
        log: list[str] = []
        source = arriving(9, log)
        if held:
            async for _ in wrap(source):
                break
            log.append(f"next {await anext(source)}")
            await source.aclose()  # type: ignore[attr-defined]
            return log
        del source
        async for _ in wrap(arriving(9, log)):
            break
        for _ in range(9):
            await asyncio.sleep(0)
        return log

    def tracked(source: AsyncIterator[int]) -> Any:
        track = headway.track(source, desc="a", backend=backend)
        bars.append(track.bar)
        return track

    bars: list[headway.Bar] = []
    plain = asyncio.run(leave(lambda source: source))

    assert plain == (["next 1", "closed"] if held else ["closed"])
    assert asyncio.run(leave(tracked)) == plain


def test_a_wait_for_an_item_may_be_given_up(recorded: Recorder) -> None:
    """A time limit for one item is no end of the loop, for the source may go on."""

    class Slow(Sized):
        async def __anext__(self) -> int:
            if self.raises is not None:
                self.raises = None
                await asyncio.sleep(60)
            return await super().__anext__()

    async def main() -> int:
        items = aiter(headway.track(Slow(3, OSError()), desc="a"))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(items), 0.01)
        assert not recorded.closed
        return await anext(items) + await anext(items)

    assert asyncio.run(main()) == 1
    assert last(recorded) == ("stopped", 1)


def test_tracks_side_by_side_within_each_other_and_in_tasks(recorded: Recorder) -> None:
    """Two that are advanced in turn, one in another, and one in each of several tasks all count for themselves."""

    async def both() -> list[tuple[int, int]]:
        left, right = headway.track(arriving(3), desc="left"), headway.track(Sized(4), desc="right")
        others, pairs = aiter(right), []
        async for item in left:
            pairs.append((item, await anext(others)))
        return pairs

    async def nested() -> None:
        async for _ in headway.track(Sized(2), desc="outer"):
            async for _ in headway.track(arriving(3), desc="inner"):
                pass
            for _ in headway.track([0], desc="plain"):
                pass

    async def work(k: int) -> None:
        async for _ in headway.track(arriving(k), desc=f"task {k}"):
            pass

    async def main() -> None:
        assert await both() == [(0, 0), (1, 1), (2, 2)]
        await nested()
        await asyncio.gather(*(work(k) for k in range(1, 5)))
        assert [x async for x in headway.track(headway.track(Sized(2), desc="twice"), desc="thrice")] == [0, 1]

    asyncio.run(main())

    ended = {s.desc: (s.state, s.n, s.depth) for s in recorded.closed}
    assert ended.pop("right")[:2] == ("stopped", 2), "the fourth was not asked for, the third is in hand"
    assert ended == {
        **{f"task {k}": ("finished", k, 0) for k in range(1, 5)},
        "left": ("finished", 3, 0),
        "outer": ("finished", 2, 0),
        "inner": ("finished", 3, 1),
        "plain": ("finished", 1, 1),
        "twice": ("finished", 2, 0),
        "thrice": ("finished", 2, 0),
    }


def test_each_loop_has_a_bar_of_its_own(recorded: Recorder) -> None:
    """Another loop over a track opens a new bar, whichever kind it is, and so does one over a copy."""

    async def main() -> None:
        track = headway.track(Either(2), desc="a")
        for _ in track:
            pass
        async for _ in track:
            pass
        async for _ in copy.copy(track):
            pass

    asyncio.run(main())

    assert [(s.state, s.n) for s in recorded.closed] == [("finished", 2)] * 3


def test_with_progress_off_the_iterator_is_passed_through() -> None:
    """Nothing of headway is between the loop and the source."""
    source = arriving(3)

    assert aiter(headway.track(source, backend="off")) is source


def test_the_wrong_loop_is_told() -> None:
    """Each kind of loop over the other kind of iterable raises a TypeError that names the right one."""
    source = arriving(1)

    async def main() -> None:
        with pytest.raises(TypeError, match=r"is looped over by `async for`, not by `for`"):
            list(headway.track(source))
        with pytest.raises(TypeError, match=r"'async for' requires an object with __aiter__ method, got Track"):
            async for _ in headway.track([1]):  # type: ignore[attr-defined]
                pass
        with pytest.raises(TypeError, match=r"track\(\) takes an iterable, plain or asynchronous, not 3"):
            headway.track(3)  # type: ignore[call-overload]

    asyncio.run(main())


def test_what_a_track_is_for_those_who_ask() -> None:
    """A track is an `Iterable` or an `AsyncIterable` exactly if its source is, for libraries go by that."""
    for source in ([1], arriving(1), Sized(1), Either(1)):
        track = headway.track(source)  # type: ignore[call-overload]
        for kind in (Iterable, AsyncIterable):
            assert isinstance(track, kind) == isinstance(source, kind), (source, kind)


@pytest.mark.parametrize("threads", ["0", "1"])
def test_it_is_told_on_the_way(run: Any, threads: str) -> None:
    """A renderer gets frames while the loop goes on, with and without a thread."""
    done = run(
        """
        import asyncio, headway
        from headway.sink import PerBar, Renderer
        class Counts(PerBar):
            def __init__(self, context): pass
            def update(self, snapshot): print(snapshot.n)
        async def arriving():
            for i in range(6):
                await asyncio.sleep(0.1)
                yield i
        async def main():
            async for _ in headway.track(arriving(), backend=Renderer(Counts, draws="lines", interval=0.05, protocol=2)): pass
        asyncio.run(main())
        """,
        HEADWAY_THREADS=threads,
    )

    assert done.stderr == ""
    assert len(set(done.stdout.split()) & set("12345")) > 1, done.stdout


def test_a_loop_that_is_forgotten_ends_with_it(recorded: Recorder) -> None:
    """An iterator that is let go of without a loop stops its bar, and a source whose `__aiter__` raises fails it."""

    class Broken:
        def __aiter__(self) -> AsyncIterator[int]:
            raise OSError("gone")

    async def main() -> None:
        items = aiter(headway.track(Sized(3), desc="a"))
        await anext(items)
        del items
        with contextlib.suppress(OSError):
            aiter(headway.track(Broken(), desc="b"))

    asyncio.run(main())

    assert [(s.desc, s.state) for s in recorded.closed] == [("a", "stopped"), ("b", "failed")]
