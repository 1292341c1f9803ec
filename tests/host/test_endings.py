"""How a loop ended, told without the loop's help: by break, return, error, Ctrl-C, or at its end."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import headway
from headway.host import endings
from headway.testing import Recorder

since_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="known limit before Python 3.12")


def items() -> Any:
    """Make a track over some items."""
    return headway.track(range(10), desc="a")


def raise_at(i: int, k: int, error: BaseException) -> None:
    """Raise in the body of item k, out of a function that it calls."""
    if i == k:
        raise error


def in_a_loop(error: BaseException) -> None:
    for i in items():
        if i == 3:
            raise error


def in_a_call(error: BaseException) -> None:
    for i in items():
        raise_at(i, 3, error)


def in_try_finally(error: BaseException) -> None:
    for i in items():
        try:
            raise_at(i, 3, error)
        finally:
            str(i)


def in_with(error: BaseException) -> None:
    for i in items():
        with open("/dev/null"):
            raise_at(i, 3, error)


def in_a_generator(error: BaseException) -> None:
    def relay() -> Iterator[int]:
        for i in items():
            raise_at(i, 3, error)
            yield i

    for _ in relay():
        pass


def raised_again(error: BaseException) -> None:
    for i in items():
        try:
            raise_at(i, 3, error)
        except BaseException:
            str(i)
            raise


def after_an_old_error_kept(error: BaseException) -> None:
    kept = []
    for i in items():
        try:
            raise ValueError("kept")
        except ValueError as old:
            kept.append(old)
        raise_at(i, 3, error)


def thrown_into_a_generator(error: BaseException) -> None:
    def relay() -> Iterator[int]:
        for i in items():
            yield i

    generator = relay()
    for _ in range(4):
        next(generator)
    generator.throw(error)


LOOPS = [
    in_a_loop, in_a_call, in_try_finally, in_with, in_a_generator, raised_again, after_an_old_error_kept,
    pytest.param(thrown_into_a_generator, marks=since_312),
]  # fmt: skip
ERRORS = {
    "failed": [ValueError("no ink"), SystemExit(3), AssertionError(), MemoryError(), RecursionError()],
    "interrupted": [KeyboardInterrupt()],
    "stopped": [SystemExit(0)],
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("caught", [False, True], ids=["passing", "caught"])
@pytest.mark.parametrize("error", [ValueError("no ink"), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_an_error_that_leaves_a_loop_is_told(
    recorded: Recorder, loop: Callable[[BaseException], None], error: BaseException, caught: bool
) -> None:
    """An error that leaves the loop means failed and Ctrl-C interrupted, whether somebody catches it or not."""
    if caught:
        try:
            loop(error)
        except BaseException as passed:
            assert error is passed
    else:
        with pytest.raises(type(error)):
            loop(error)

    last = recorded.last("a")
    assert ("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", 3) == (last.state, last.n)


LIBRARIES = """
import sys
import headway
from headway.testing import record

def told(raised, in_a_loop):
    with record() as recorded:
        try:
            if in_a_loop:
                for i in headway.track(range(9), desc="work"):
                    if i == 3: raise raised()
            else:
                with headway.get_bar(9, desc="work"): raise raised()
        except BaseException as error:
            assert type(error) is type(raised())
    return recorded.last("work").state

def cancelled(run, in_a_loop):
    async def work():
        import anyio
        if in_a_loop:
            for i in headway.track(range(1000), desc="work"): await anyio.sleep(0.01)
        else:
            with headway.get_bar(9, desc="work"): await anyio.sleep(10)
    with record() as recorded:
        run(work)
    return recorded.last("work").state
"""


@pytest.mark.parametrize("in_a_loop", [False, True], ids=["block", "loop"])
@pytest.mark.parametrize("library", ["click", "typer"])
def test_the_exit_of_a_command_line_is_no_failure(run: Any, library: str, in_a_loop: bool) -> None:
    """`Exit(0)` ends a program on purpose, an abort by the user interrupts it, and only another code is a failure."""
    pytest.importorskip(library)
    done = run(
        LIBRARIES
        + f"""
from {library} import Abort
from {library} import exceptions
Exit = exceptions.Exit
print(*[told(each, {in_a_loop}) for each in (Exit, lambda: Exit(0), Abort, lambda: Exit(1))])
"""
    )

    assert done.stdout.split() == ["stopped", "stopped", "interrupted", "failed"], done.stderr


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there are no groups before Python 3.11")
@pytest.mark.parametrize("in_a_loop", [False, True], ids=["block", "loop"])
@pytest.mark.parametrize(
    ("errors", "state"),
    [
        ("KeyboardInterrupt()", "interrupted"),
        ("KeyboardInterrupt(), BaseExceptionGroup('h', [KeyboardInterrupt()])", "interrupted"),
        ("KeyboardInterrupt(), SystemExit(0)", "interrupted"),
        ("SystemExit(0)", "stopped"),
        ("KeyboardInterrupt(), ValueError()", "failed"),
    ],
)
def test_a_group_is_what_its_exceptions_are(run: Any, errors: str, state: str, in_a_loop: bool) -> None:
    """A group that holds Ctrl-C alone, as a task group raises it, is an interruption."""
    done = run(LIBRARIES + f"print(told(lambda: BaseExceptionGroup('g', [{errors}]), {in_a_loop}))")

    assert done.stdout == f"{state}\n", done.stderr


@pytest.mark.parametrize("in_a_loop", [False, True], ids=["block", "loop"])
@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_a_cancelled_scope_is_an_interruption(run: Any, backend: str, in_a_loop: bool) -> None:
    """Work whose time is up in anyio, on trio and on asyncio, and in trio itself, was interrupted and has not failed."""
    pytest.importorskip("anyio")
    pytest.importorskip("trio")
    done = run(
        LIBRARIES
        + f"""
import anyio, trio
async def main(work):
    with anyio.move_on_after(0.05): await work()
async def of_trio(work):
    with trio.move_on_after(0.05): await work()
print(cancelled(lambda work: anyio.run(main, work, backend="{backend}"), {in_a_loop}))
print(cancelled(lambda work: trio.run(of_trio, work), {in_a_loop}))
"""
    )

    expected = "failed" if sys.version_info < (3, 11) and in_a_loop and backend == "asyncio" else "interrupted"
    assert done.stdout.split() == [expected, "interrupted"], done.stderr


def test_an_error_caught_in_the_function_of_the_loop(recorded: Recorder) -> None:
    """An error that is caught around the loop, in the same function, ended it all the same."""
    try:
        for i in items():
            if i == 3:
                raise ValueError("no ink")
    except ValueError:
        pass

    assert recorded.last("a").state == "failed"


@since_312
@pytest.mark.parametrize(
    ("error", "state"), [(SystemExit(0), "stopped"), (asyncio.CancelledError(), "interrupted")], ids=repr
)
def test_the_exception_itself_is_found(recorded: Recorder, error: BaseException, state: str) -> None:
    """From Python 3.12 on a loop knows the very exception: leaving with success is no failure."""
    with pytest.raises(type(error)):
        in_a_loop(error)

    assert state == recorded.last("a").state


@since_312
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_fails_says_why(recorded: Recorder, loop: Callable[[BaseException], None]) -> None:
    """From Python 3.12 on the words of the error that left the loop are the reason; Ctrl-C has none."""
    with pytest.raises(ValueError, match="no ink"):
        loop(ValueError("no ink"))
    assert recorded.last("a").reason == "ValueError: no ink"
    with pytest.raises(KeyboardInterrupt):
        loop(KeyboardInterrupt())

    assert recorded.last("a").reason == ""


@pytest.mark.parametrize("threads", ["0", "1"])
def test_an_error_of_the_iterable_is_the_reason(run: Any, threads: str) -> None:
    """What the source of the items raises is told as what the body of the loop raises."""
    done = run(
        """
        import headway
        def source():
            yield 1
            raise OSError("disk read")
        for i in headway.track(source(), desc="a"): pass
        """,
        HEADWAY_BACKEND="plain",
        HEADWAY_THREADS=threads,
    )

    assert 'state=failed reason="OSError: disk read"' in done.stderr


@since_312
def test_an_error_in_a_comprehension(recorded: Recorder) -> None:
    """A comprehension over a track tells its end like a loop."""
    with pytest.raises(ZeroDivisionError):
        [1 // (3 - i) for i in items()]

    assert (recorded.last("a").state, recorded.last("a").n) == ("failed", 3)


def test_a_comprehension_to_its_end(recorded: Recorder) -> None:
    """A comprehension over a track is finished at its end."""
    assert sum([i for i in items()]) == 45  # noqa: C416 - the comprehension is what is tested
    assert recorded.last("a").state == "finished"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="a task does not say that it is cancelled")
def test_a_cancelled_task_was_interrupted(recorded: Recorder) -> None:
    """A loop whose task is cancelled at an `await` was interrupted."""

    async def work() -> None:
        for _ in items():
            await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert recorded.last("a").state == "interrupted"


@pytest.mark.parametrize("backend", ["plain", "events"])
@pytest.mark.parametrize("threads", ["0", "1"])
@pytest.mark.parametrize("loop", ["headway.track(range(9), desc='a')", "headway.track(iter(range(9)), desc='a')"])
def test_a_real_interrupt(run: Any, backend: str, threads: str, loop: str) -> None:
    """Ctrl-C in a loop: the bar says interrupted, and the program ends as it does without a bar."""
    code = f"""
        import headway, os, signal
        for i in {loop}:
            if i == 3: os.kill(os.getpid(), signal.SIGINT)
    """
    done = run(code, HEADWAY_BACKEND=backend, HEADWAY_THREADS=threads)

    plain = run("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    last = [row for row in done.stderr.splitlines() if row.startswith("headway a n=3") or '"event": "close"' in row][-1]
    assert "interrupted" in last
    assert plain.returncode == done.returncode


@pytest.mark.parametrize(("state", "errors"), list(ERRORS.items()))
def test_what_an_exception_stands_for(state: str, errors: list[BaseException]) -> None:
    """Each exception stands for one state."""
    assert [state] * len(errors) == [endings.of_exception(error) for error in errors]
    assert endings.of_exception(None) == "finished"


def test_ctrl_c_at_the_first_line_of_a_finaliser_is_not_lost(run: Callable[..., Any]) -> None:
    """A bar is dropped right after Ctrl-C, before any line of the program: it strikes in `__del__`, where no `try` is."""
    done = run("""
    import _thread, collections, operator, time
    import headway

    call = operator.methodcaller("__call__")
    for _ in range(3):
        dropped = [headway.get_bar(3)]
        dropped[0].close()
        try:
            collections.deque(map(call, [_thread.interrupt_main, dropped.clear]), maxlen=0)  # all of it in C
            time.sleep(10)
            print("lost")
        except KeyboardInterrupt:
            print("caught")
    """)

    assert done.stdout.split() == ["caught"] * 3, done
