"""What draws raises or hangs."""

from __future__ import annotations

import io
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import shows
from faulting.verdict import ok, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "drawing"
GROUPS[GROUP] = "What draws raises, or never returns"
HANG = 6.0
"""Seconds that a block takes: longer than any bound that a library might keep to."""
BOUND = 3.0
"""Seconds by which a block may delay the program in all."""
WORK = 0.4
"""Seconds that the program's own work takes."""


def _goes_on(outcome: Outcome) -> Verdict:
    """The work is done, and how far it came is seen, if only in plain lines."""
    if outcome.fact("done") != 100:
        return wrong(f"loop dead at {outcome.fact('done')}")
    rows = [row for row in outcome.rows if "work" in row]
    return ok() if any(shows(row, 100, 100) for row in rows) else wrong("the display is dead since")


def _is_not_delayed(outcome: Outcome) -> Verdict:
    """Neither the loop nor the exit waits for longer than the bound."""
    took = outcome.fact("loop", 0.0)
    figure = f"loop +{max(0.0, took - WORK):.1f} s, exit +{outcome.after:.1f} s"
    late = took - WORK + outcome.after > BOUND
    return wrong(figure) if late else ok(figure)


def _raise() -> str:
    raise RuntimeError("out of ink")


def _hang() -> str:
    time.sleep(HANG)
    return ""


def _once(act: Callable[[], str]) -> Callable[[], str]:
    """Go wrong the first time only."""
    done = False

    def once() -> str:
        nonlocal done
        if done:
            return ""
        done = True
        return act()

    return once


def _third_time(act: Callable[[], str]) -> Callable[[], str]:
    """Go well twice, so that the bar is up."""
    times = 0

    def draw() -> str:
        nonlocal times
        times += 1
        return act() if times > 2 else "own"

    return draw


def _work(d: Driver, bar: Any) -> None:
    for i in range(100):
        d.at("update")
        d.update(bar)
        d.tell(done=i + 1)
        time.sleep(WORK / 100)
    d.at("close")


def _timed(d: Driver, opened: Any, prepare: Callable[[Any], None] = lambda _bar: None) -> None:
    d.at("open")
    with opened as bar:
        start = time.monotonic()
        prepare(bar)
        _work(d, bar)
    d.tell(loop=time.monotonic() - start)


@case(_goes_on, group=GROUP)
def widget_raises(d: Driver) -> None:
    """A column of the program's own raises at its third drawing."""
    _timed(d, d.widget(100, _third_time(_raise)))


@case(_is_not_delayed, group=GROUP)
def widget_hangs(d: Driver) -> None:
    """A column of the program's own takes 6 seconds at its third drawing."""
    _timed(d, d.widget(100, _third_time(_once(_hang))))


class _Metric:
    """A value that is no number until it is asked for one."""

    def __init__(self, act: Callable[[], str]) -> None:
        self._act = act

    def __float__(self) -> float:
        self._act()
        return 0.5

    def __str__(self) -> str:
        return self._act() or "0.5"

    __repr__ = __str__

    def __format__(self, _spec: str) -> str:
        return str(self)


def _metered(d: Driver, act: Callable[[], str]) -> None:
    make = getattr(d, "metered", None)
    opened = make(100) if make else d.opened(100, "work")

    def prepare(bar: Any) -> None:
        for _ in range(10):
            d.update(bar, 0)
            time.sleep(0.02)
        d.metric(bar, _Metric(act))

    _timed(d, opened, prepare)


@case(_goes_on, group=GROUP)
def metric_raises(d: Driver) -> None:
    """A value beside the bar raises when it is made into text."""
    _metered(d, _raise)


@case(_is_not_delayed, group=GROUP)
def metric_hangs(d: Driver) -> None:
    """A value beside the bar takes 6 seconds to be made into text."""
    _metered(d, _once(_hang))


# ── a renderer by a stranger, which wraps the chosen one ─────────────────────────────────────────────────────────────

STRANGER = """
import os, time
from headway.choosing.discovery import load
from headway.hookspecs import hookimpl

REAL = load(os.environ["FAULT_REAL"])


def hurt(verb):
    if os.environ["FAULT_IN"] == verb:
        if os.environ["FAULT_HOW"] == "hang":
            time.sleep(6)
        raise RuntimeError("out of ink")


class Stranger:
    def __init__(self, context):
        self._real = REAL.make(context)
        self._changes = 0

    def frame(self, frame):
        for _ in frame.opened:
            hurt("open")
        for _ in frame.changed:
            self._changes += 1
            if self._changes > 1:
                hurt("update")
        for _ in frame.ended:
            hurt("close")
        self._real.frame(frame)

    def hide(self):
        self._real.hide()

    def show(self, frame):
        self._real.show(frame)

    def stop(self, within):
        self._real.stop(within)

    def write(self, text):
        hurt("write")
        self._real.write(text)


@hookimpl
def headway_renderer():
    return REAL._replace(make=Stranger)
"""


@contextmanager
def _stranger(verb: str, how: str) -> Iterator[None]:
    """Install a distribution that wraps the chosen renderer and goes wrong in one of its methods."""
    import os

    from headway.choosing import discovery

    folder = Path.cwd()
    (folder / "of_a_stranger.py").write_text(STRANGER)
    info = folder / "of_a_stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: of-a-stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[headway]\nstranger = of_a_stranger\n")
    sys.path.insert(0, str(folder))
    real = os.environ["HEADWAY_BACKEND"]
    os.environ.update(FAULT_REAL=real, FAULT_IN=verb, FAULT_HOW=how, HEADWAY_BACKEND="stranger")
    assert "stranger" in discovery.installed()
    yield


def _through_stranger(d: Driver, verb: str, how: str) -> None:
    with _stranger(verb, how):
        d.at("open")
        with d.opened(100, "work") as bar:
            start = time.monotonic()
            for i in range(100):
                d.at("update")
                d.update(bar)
                d.tell(done=i + 1)
                if verb == "write" and i % 20 == 10:
                    d.print(bar, f"line {i}")
                time.sleep(WORK / 100)
            d.at("close")
        d.tell(loop=time.monotonic() - start)


def _renderer(verb: str, how: str) -> None:
    words = {"raise": "raises", "hang": "takes 6 seconds"}[how]
    judge = _goes_on if how == "raise" else _is_not_delayed

    def program(d: Driver) -> None:
        _through_stranger(d, verb, how)

    program.__name__ = f"renderer_{how}s_in_{verb}"
    program.__doc__ = f"A renderer, installed as a plugin, {words} in `{verb}`."
    case(judge, group=GROUP, only=("headway [",))(program)


for _verb in ("open", "update", "close", "write"):
    _renderer(_verb, "raise")
for _verb in ("open", "update", "close"):
    _renderer(_verb, "hang")


# ── the stream that it draws on ──────────────────────────────────────────────────────────────────────────────────────


class _Stream(io.TextIOBase):
    """A terminal whose `write` goes wrong from some time on."""

    def __init__(self, real: Any, act: Callable[[], Any]) -> None:
        self._real = real
        self._act = act
        self._writes = 0
        self.armed = False

    encoding = "utf-8"  # type: ignore[assignment]

    def write(self, text: str) -> int:
        if self.armed:
            self._act()
        return int(self._real.write(text))

    def flush(self) -> None:
        self._real.flush()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._real.fileno())


def _on_stream(d: Driver, act: Callable[[], Any]) -> None:
    name = d.stream
    real = getattr(sys, name)
    stream = _Stream(real, act)
    setattr(sys, name, stream)

    def prepare(bar: Any) -> None:
        for _ in range(5):
            d.update(bar, 0)
            time.sleep(0.02)
        stream.armed = True

    try:
        _timed(d, d.opened(100, "work"), prepare)
    finally:
        stream.armed = False
        setattr(sys, name, real)


def _is_done(outcome: Outcome) -> Verdict:
    return ok() if outcome.fact("done") == 100 else wrong(f"loop dead at {outcome.fact('done')}")


@case(_is_done, group=GROUP)
def stream_raises(d: Driver) -> None:
    """The stream's `write` raises an error of its own kind from the middle on."""
    _on_stream(d, _raise)


@case(_is_not_delayed, group=GROUP)
def stream_hangs(d: Driver) -> None:
    """The stream's `write` takes 6 seconds, once, as a terminal that is stopped does."""
    _on_stream(d, _once(_hang))
