"""The streams are closed, broken, full, missing, or not what they seem."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import truth
from faulting.verdict import ok, wrong

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "streams"
GROUPS[GROUP] = "Streams"


def _is_done(outcome: Outcome) -> Verdict:
    """The loop came to its end, and so did the program, with its own exit status: that has been asked before."""
    return ok() if outcome.fact("stage") == "after" else wrong(f"loop dead at {outcome.fact('done')}")


def _at_half(act: Any) -> Any:
    def step(_bar: Any, i: int) -> None:
        if i == 50:
            act()

    return step


@case(_is_done, group=GROUP, events=True)
def stream_closed_before(d: Driver) -> None:
    """The stream is closed before the bar is made."""
    getattr(sys, d.stream).close()
    d.run()


@case(_is_done, group=GROUP, events=True)
def stream_closed_mid(d: Driver) -> None:
    """The stream is closed while the bar is up."""
    d.run(step=_at_half(getattr(sys, d.stream).close))


@case(_is_done, group=GROUP, events=True)
def fd_closed_mid(d: Driver) -> None:
    """The stream's descriptor is closed while the bar is up."""

    def step(_bar: Any, i: int) -> None:
        if i == 50:
            os.close(getattr(sys, d.stream).fileno())

    d.run(step=step)


@case(_is_done, group=GROUP, place="pipe", events=True, reactions={"running": lambda s: s.later(0.15, s.hang_up)})
def broken_pipe(d: Driver) -> None:
    """Who reads the pipe goes away."""
    d.run(400, step=_tell_running(d), pause=0.002)


@case(_is_done, group=GROUP, place="pipe", reactions={"running": lambda s: s.later(0.15, s.hang_up)})
def broken_pipe_forced_tty(d: Driver) -> None:
    """The same, with the library told that the pipe is a terminal."""
    d.run(400, step=_tell_running(d), pause=0.002, forced=True)


def _tell_running(d: Driver) -> Any:
    def step(_bar: Any, i: int) -> None:
        if i == 0:
            d.tell(now="running")

    return step


@case(_is_done, group=GROUP, place="full", events=True)
def devfull(d: Driver) -> None:
    """The disk that the output goes to is full from the start."""
    d.run()


@case(_is_done, group=GROUP)
def devfull_tty_mid(d: Driver) -> None:
    """A terminal takes no more while the bar is up, as on a full disk."""

    def fill() -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, 1)
        os.dup2(full, 2)

    d.run(step=_at_half(fill))


@case(_is_done, group=GROUP, events=True)
def no_stderr(d: Driver) -> None:
    """There is no stderr: `sys.stderr is None`, as in a service."""
    sys.stderr = sys.__stderr__ = None
    d.run()


@case(_is_done, group=GROUP, events=True)
def no_stdio(d: Driver) -> None:
    """There are no standard streams at all."""
    sys.stdin = sys.stdout = sys.stderr = sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = None  # type: ignore[assignment]
    d.run()


def _readable(outcome: Outcome) -> Verdict:
    if "\\x" in outcome.text or "\\u" in outcome.text:
        return wrong("escapes such as `\\u2588` on the screen")
    return truth(100)(outcome)


@case(_readable, group=GROUP, environment={"PYTHONIOENCODING": "ascii"})
def ascii_encoding(d: Driver) -> None:
    """The streams take ASCII only, and the description has more."""
    d.run(desc="work é")


@case(_readable, group=GROUP, environment={"PYTHONIOENCODING": "latin-1"})
def latin1_encoding(d: Driver) -> None:
    """The streams take Latin-1 only, and the description has such a character."""
    d.run(desc="work é")


def _captured(outcome: Outcome) -> Verdict:
    if outcome.fact("captured") != "captured\n":
        return wrong(f"the program's capture holds {outcome.fact('captured')!r:.40}")
    if not outcome.fact("same"):
        return wrong("sys.stdout is another object")
    return truth(100)(outcome)


@case(_captured, group=GROUP)
def stream_replaced_mid(d: Driver) -> None:
    """The program redirects its output for a while, to capture a line, while the bar is up."""
    before = sys.stdout, sys.stderr

    def step(_bar: Any, i: int) -> None:
        nonlocal kept
        if i == 20:
            kept = contextlib.ExitStack()
            kept.enter_context(contextlib.redirect_stdout(captured))
            kept.enter_context(contextlib.redirect_stderr(captured))
            print("captured")
        if i == 60:
            kept.close()

    captured = io.StringIO()
    kept = contextlib.ExitStack()
    d.run(step=step)
    d.tell(captured=captured.getvalue(), same=(sys.stdout, sys.stderr) == before)


def _sparse(outcome: Outcome) -> Verdict:
    returns, escapes = outcome.raw.count(b"\r"), outcome.raw.count(b"\x1b")
    lines = outcome.raw.count(b"\n")
    if returns or escapes:
        return wrong(f"{returns} CR, {escapes} ESC in the log")
    if lines > 10:
        return wrong(f"{lines} lines in 2 s")
    return truth(100)(outcome)


@case(_sparse, group=GROUP, place="pipe")
def not_a_tty_control_bytes(d: Driver) -> None:
    """The output goes to a log: no control characters, and no more than 10 lines in 2 seconds."""
    d.run(pause=0.02)


@case(
    lambda o: wrong(f"{o.raw.count(0x1B)} ESC") if b"\x1b" in o.raw else truth(100)(o),
    group=GROUP,
    environment={"TERM": "dumb"},
)
def dumb_terminal(d: Driver) -> None:
    """`TERM=dumb`: the terminal knows no escape sequences."""
    d.run()


@case(truth(100), group=GROUP, columns=0, lines=0)
def zero_columns(d: Driver) -> None:
    """The terminal says that it has 0 columns and 0 lines."""
    d.run()


def _not_delayed(outcome: Outcome) -> Verdict:
    took = outcome.fact("loop", 0.0)
    figure = f"loop +{max(0.0, took - 0.5):.1f} s, exit +{outcome.after:.1f} s"
    return ok(figure) if took - 0.5 + outcome.after < 3.0 else wrong(figure)


@case(_not_delayed, group=GROUP, reactions={"full": lambda s: s.stop_reading(6.0)})
def reader_stops(d: Driver) -> None:
    """Who reads the terminal stops for 6 seconds (Ctrl-S, a lost connection), and it takes no more."""
    d.at("open")
    with d.opened(100, "work") as bar:
        time.sleep(0.15)
        fd = os.open(os.ttyname(2), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)  # the streams themselves still block
        d.tell(now="full")
        time.sleep(0.1)
        for _ in range(20):  # the system makes room for a while by moving what it has
            for piece in (b"\0" * 1024, b"\0"):
                with contextlib.suppress(BlockingIOError):
                    while True:
                        os.write(fd, piece)
            time.sleep(0.01)
        os.close(fd)
        start = time.monotonic()
        for i in range(100):
            d.at("update")
            d.update(bar)
            d.tell(done=i + 1)
            time.sleep(0.005)
        d.at("close")
    d.tell(loop=time.monotonic() - start)
