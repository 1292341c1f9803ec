"""Loops in Pyodide, which has no threads: bars are drawn as the program reports, on the streams that its page sets."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import pyte
import pytest

import headway
from absent import IN_PYODIDE

pytestmark = pytest.mark.skipif(not IN_PYODIDE, reason="this is not Pyodide")
STREAMS = """(() => {
    const taken = [];
    return { taken, write(bytes) { taken.push(bytes.slice()); return bytes.length; } };
})()"""
"""What takes the bytes that Python writes: in JavaScript, for no Python can be called meanwhile."""


class Page:
    """What a page shows that has set the streams of Python: all that was written, and how often."""

    def __init__(self, taken: Any) -> None:
        self._taken = taken

    @property
    def writes(self) -> list[bytes]:
        """What Python has written."""
        return [buffer.to_bytes() for buffer in self._taken]

    @property
    def rows(self) -> list[str]:
        """The rows of the screen that are not blank."""
        screen = pyte.Screen(80, 30)
        pyte.ByteStream(screen).feed(b"".join(self.writes).replace(b"\n", b"\r\n"))
        return [row.rstrip() for row in screen.display if row.strip()]

    def frames_of(self, desc: str) -> int:
        """How many frames of a bar were drawn."""
        return sum(write.count(f"{desc}:".encode()) for write in self.writes)


@contextmanager
def page(*, terminal: bool = True) -> Iterator[Page]:
    """Have the streams of Python lead to a page for a block."""
    import pyodide_js
    from pyodide.code import run_js

    streams = run_js(STREAMS)
    streams.isatty = terminal
    pyodide_js.setStdout(streams)
    pyodide_js.setStderr(streams)
    try:
        with (
            open("/dev/stdout", "w", buffering=1) as stdout,
            open("/dev/stderr", "w", buffering=1) as stderr,
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            yield Page(streams.taken)
    finally:
        pyodide_js.setStdout()
        pyodide_js.setStderr()


def sleeps() -> None:
    """Do something that takes a moment."""
    time.sleep(0.03)


def test_a_loop_is_drawn_while_it_runs() -> None:
    """Frames come as the loop goes on, and the last one has the whole count."""
    with page() as shown:
        for _ in headway.track(range(20), desc="alpha"):
            sleeps()

    assert shown.frames_of("alpha") >= 4
    (row,) = shown.rows
    assert "100%" in row
    assert " 20/20 " in row


def test_a_fast_loop_is_drawn_at_its_pace() -> None:
    """Items that take no time cost no frame each."""
    with page() as shown:
        total = sum(1 for _ in headway.track(range(300_000), desc="alpha"))

    assert total == 300_000
    assert shown.frames_of("alpha") < 60
    assert " 300000/300000 " in shown.rows[0]


def test_a_loop_that_becomes_slow_is_drawn_at_each_item() -> None:
    """Reports that come fast look at the clock now and then; slow ones after them each do."""
    with page() as shown:
        before = 0
        for i in headway.track(range(1020), desc="alpha"):
            before = shown.frames_of("alpha") if i == 1000 else before
            if i >= 1000:
                sleeps()

    assert shown.frames_of("alpha") - before >= 4


def test_an_asynchronous_loop_is_drawn_while_it_runs() -> None:
    """Waiting for an item lets others run, and the bar goes on with the next item."""

    async def arriving() -> AsyncIterator[int]:
        for i in range(10):
            await asyncio.sleep(0.03)
            yield i

    async def main() -> None:
        async for i in headway.track(arriving(), total=10, desc="alpha"):
            if i == 4:
                print("half")

    with page() as shown:
        asyncio.run(main())

    assert shown.frames_of("alpha") >= 3
    assert shown.rows[0] == "half"
    assert " 10/10 " in shown.rows[1]


def test_a_loop_that_fails_says_so() -> None:
    """The row stays with the count that was reached, and the program gets its exception."""
    with page() as shown, pytest.raises(ValueError, match="no ink"):
        for i in headway.track(range(10), desc="alpha"):
            sleeps()
            if i == 4:
                raise ValueError("no ink")

    (row,) = shown.rows
    assert "alpha FAILED" in row
    assert " 4/10 " in row
    assert "no ink" in row


def lines() -> None:
    """Print lines on both streams."""
    for i in headway.track(range(8), desc="alpha"):
        sleeps()
        print(f"line {i}", file=sys.stderr if i % 2 else sys.stdout)


def parts() -> None:
    """Print lines in parts."""
    for i in headway.track(range(8), desc="alpha"):
        print("line", end="")
        sleeps()
        print(f" {i}")


def inner() -> None:
    """Print lines in a loop within another."""
    for i in headway.track(range(4), desc="alpha"):
        for j in headway.track(range(2), desc="beta"):
            sleeps()
            print(f"line {2 * i + j}")


def by_hand() -> None:
    """Print lines beside a bar that is updated by hand."""
    with headway.get_bar(8, desc="alpha") as bar:
        for i in range(8):
            sleeps()
            print(f"line {i}\n", end="")
            bar.update(1)


@pytest.mark.parametrize("program", [lines, parts, inner, by_hand])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_print_lands_in_a_row(program: Callable[[], None], terminal: bool) -> None:
    """Each line that is printed is a line of its own, above the rows."""
    with page(terminal=terminal) as shown:
        program()

    printed = [row for row in shown.rows if "line" in row]
    assert [f"line {i}" for i in range(8)] == printed
    assert "100%" in shown.rows[-1]


def test_a_line_without_its_end_stays_whole() -> None:
    """What is printed without a newline comes out as one line when its end does."""
    with page() as shown:
        for i in headway.track(range(8), desc="alpha"):
            sleeps()
            print(i, end=" ", flush=True)
        print("end")

    assert [row for row in shown.rows if "end" in row] == ["0 1 2 3 4 5 6 7 end"]
