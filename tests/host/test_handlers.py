"""Signal handlers of the program that raise: at any moment, also within headway."""

import os
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from types import FrameType
from typing import Any

import pytest

import headway
from headway.host.handlers import Deferring, Finalising, of_handler
from headway.testing import Recorder, run_in_terminal

BACKENDS = ["plain", "rows"]
BACKENDS += [name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")]
FULL = os.environ.get("HEADWAY_FULL") == "1"

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")


class LateError(TimeoutError):
    """What the handler raises: an error of a kind that the library and headway contain in many places."""


@pytest.fixture
def rings() -> Iterator[list[int]]:
    """Have SIGUSR1 raise; the list has each call of the handler."""
    calls: list[int] = []

    def ring(signum: int, _frame: FrameType | None) -> None:
        calls.append(signum)
        raise LateError

    before = signal.signal(signal.SIGUSR1, ring)
    yield calls
    signal.signal(signal.SIGUSR1, before)


def compute(seconds: float) -> None:
    """Work until a handler raises, for so many seconds at most.

    This is a function since Python 3.13 lets what strikes between two rounds of a loop pass by a `try` that ends there.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass


# ── what holds them back ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_handler_runs_when_the_block_is_over(rings: list[int]) -> None:
    """In the block it does not run; what it raises comes out of the block, and it is there again."""
    handler = signal.getsignal(signal.SIGUSR1)
    done = []
    with pytest.raises(LateError), Deferring():
        signal.raise_signal(signal.SIGUSR1)
        done.append(list(rings))

    assert (done, rings) == ([[]], [signal.SIGUSR1])
    assert signal.getsignal(signal.SIGUSR1) is handler


def test_of_two_handlers_that_raise_both_run(rings: list[int]) -> None:
    """None is lost because another one has raised."""
    before = signal.signal(signal.SIGUSR2, signal.getsignal(signal.SIGUSR1))
    try:
        with pytest.raises(LateError), Deferring():
            signal.raise_signal(signal.SIGUSR1)
            signal.raise_signal(signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, before)

    assert sorted(rings) == sorted([signal.SIGUSR1, signal.SIGUSR2])


def test_blocks_within_one_another_hold_them_back_until_the_outermost_is_over(rings: list[int]) -> None:
    """The inner block lets none through."""
    with pytest.raises(LateError), Deferring():
        with Deferring():
            signal.raise_signal(signal.SIGUSR1)
        assert not rings


def test_other_threads_hold_nothing_back(rings: list[int]) -> None:
    """They may not: the handlers stay as they are."""
    handlers = []

    def work() -> None:
        with Deferring():
            handlers.append(signal.getsignal(signal.SIGUSR1))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert handlers == [signal.getsignal(signal.SIGUSR1)]
    assert not rings


def test_a_signal_that_comes_in_a_finaliser_strikes_after_it(rings: list[int]) -> None:
    """What is raised in a finaliser is lost, so the handler runs once, when it is over."""

    class Dropped:
        def __del__(self) -> None:
            with Finalising(sys._getframe()):
                signal.raise_signal(signal.SIGUSR1)
                assert not rings

    with pytest.raises(LateError):  # it may strike anywhere in here
        Dropped()
        compute(20)

    assert rings == [signal.SIGUSR1]


def test_a_signal_at_the_first_line_of_a_finaliser_is_not_lost(run: Any) -> None:
    """There nothing can hold it back: what it raises is raised anew afterwards, and the bar has ended all the same."""
    done = run(
        """
        import headway, signal, time
        from headway.drawing.hub import hub
        from headway.host.handlers import Finalising
        from headway.reporting import bar as module
        rings = []
        def ring(*_):
            rings.append(1)
            raise TimeoutError
        signal.signal(signal.SIGUSR1, ring)
        def strike(frame):
            if not rings: signal.raise_signal(signal.SIGUSR1)
            return Finalising(frame)
        module.Finalising = strike
        def compute():
            end = time.monotonic() + 20
            while time.monotonic() < end: pass
        bar = headway.get_bar(3, desc="a")
        try:
            del bar
            compute()
        except TimeoutError:
            print("PASSED", len(rings), len(hub.display.bars))
        """,
        HEADWAY_BACKEND="plain",
    )

    assert done.stdout == "PASSED 1 0\n", done.stderr
    assert "state=stopped" in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize("kind", ["function", "partial", "method", "object"])
def test_an_exception_of_a_handler_is_known(kind: str) -> None:
    """Whatever kind of handler has raised it; one of other code is not taken for that."""

    class Handler:
        def ring(self, _signum: int, _frame: FrameType | None, *_more: object) -> None:
            raise LateError

        __call__ = ring

    def ring(_signum: int, _frame: FrameType | None) -> None:
        raise LateError

    handler = {"function": ring, "partial": partial(Handler().ring, 1), "method": Handler().ring, "object": Handler()}
    before = signal.signal(signal.SIGUSR1, handler[kind])
    try:
        with pytest.raises(LateError) as caught:
            signal.raise_signal(signal.SIGUSR1)
        assert of_handler(caught.value)
        with pytest.raises(LateError) as other:
            raise LateError
        assert not of_handler(other.value)
    finally:
        signal.signal(signal.SIGUSR1, before)


# ── code of the program that headway calls ───────────────────────────────────────────────────────────────────────────


class Ringing:
    """A number and a collection at whose questions the signal comes."""

    def __index__(self) -> int:
        signal.raise_signal(signal.SIGUSR1)
        return 1

    def __len__(self) -> int:
        return self.__index__()

    def __iter__(self) -> Iterator[int]:
        return iter([1])

    def __bool__(self) -> bool:
        return bool(self.__index__())

    @property
    def requires_grad(self) -> bool:
        """Whether it is a tensor with a graph."""
        return bool(self.__index__())

    def detach(self) -> None:
        """Leave the graph, as tensors can."""


@pytest.mark.parametrize(
    "call",
    [
        lambda bar, value: bar.update(value),
        lambda bar, value: bar.set(value),
        lambda bar, value: bar.metrics(loss=value),
        lambda _bar, value: headway.get_bar(value),
        lambda _bar, value: headway.track(value),
        lambda _bar, value: headway.get_bar(3, estimated=value),
    ],
    ids=["update", "set", "metrics", "total", "length", "flag"],
)
def test_what_a_handler_raises_within_code_of_the_program_is_the_programs(
    recorded: Recorder, rings: list[int], call: Any
) -> None:
    """It is not taken for a fault of a number or a length."""
    with headway.get_bar(3, desc="a") as bar, pytest.raises(LateError):
        call(bar, Ringing())

    assert rings == [signal.SIGUSR1]
    assert recorded.last("a").desc == "a"


# ── at any moment ────────────────────────────────────────────────────────────────────────────────────────────────────

BARS = """
import headway, random, signal, sys, time
from headway.drawing.hub import hub
class Late({base}): pass
rings, passed, lost = 0, 0, 0
def ring(*_):
    global rings
    rings += 1
    raise Late
def compute():
    end = time.monotonic() + 5
    while time.monotonic() < end: pass
def work(k):
    with headway.get_bar(float(50), desc=f"bar {{k}}") as bar:
        for i in headway.track(iter(range(50)), desc="inner", leave=False):
            bar.update(1.0)
            bar.metrics(loss=float(i))
            if i == 40: break
        print("line", k)
dice = random.Random({seed})
signal.signal(signal.SIGALRM, ring)
for k in range({times}):
    try:
        signal.setitimer(signal.ITIMER_REAL, dice.uniform(0.00001, {longest}))
        work(k)
        if signal.setitimer(signal.ITIMER_REAL, 0)[0] == 0:  # it has rung, in a finaliser, say
            compute()
            lost += 1
    except Late:
        passed += 1
signal.signal(signal.SIGALRM, signal.SIG_IGN)
left = len(hub.display.bars)
with headway.get_bar(3, desc="final") as bar:
    for _ in range(3): bar.update(); time.sleep(0.03)
print("RINGS", rings, "AGAIN", rings - passed, "LOST", lost, "LEFT", left)
"""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("base", ["TimeoutError", "RuntimeError", "BaseException"])
def test_interrupted_bars_leave_the_display_whole(backend: str, base: str) -> None:
    """Of 150 bars each is cut by a signal's exception at a random moment: all pass, and later bars are shown."""
    seed = random.Random().randrange(1000) if FULL else 7
    screen = run_in_terminal(
        BARS.format(base=base, seed=seed, times=1500 if FULL else 150, longest=0.004),
        env={"HEADWAY_BACKEND": backend},
        columns=100,
        timeout=300 if FULL else 60,
    )

    said = screen.rows[-1]
    assert said.startswith("RINGS "), (seed, str(screen))
    rings, again, lost, left = map(int, said.split()[1::2])
    assert rings > 10, "the bars were cut"
    assert (left, again) == (0, 0), (seed, said)
    assert lost <= rings / 50, (seed, said)  # a library may drop what is raised in its own finalisers
    assert not {"Traceback", "HeadwayWarning"} & {*re.findall(r"\w+", screen.raw)}, (seed, str(screen))
    assert any(row.startswith("final") and "100%" in row for row in screen.rows) or (
        backend == "plain" and screen.rows_with("headway final")
    ), (seed, str(screen))
