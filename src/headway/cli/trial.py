"""One sink, tried in a sandbox: it is loaded, made, and gets every call of the contract, as a small run makes them."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from headway.choosing import discovery
from headway.choosing.inspection import made, option_names
from headway.choosing.selection import Choice, choice_of
from headway.choosing.wishes import parse
from headway.cli.diary import CALL_WITHIN, LOAD_WITHIN, Diary
from headway.errors import HeadwayWarning
from headway.host.environment import is_terminal
from headway.host.stream import SafeStream
from headway.points import Point
from headway.sink import Context, Frame, ProgressSink
from headway.snapshot import Reading, Snapshot

__all__ = ["FRAMES", "MARK", "TEXT", "inside"]

FRAMES = 10
LONGEST_PAUSE = 0.2
"""Seconds after the frames in which a library that draws by itself gets to it."""
TEXT = "a line that the program prints"
MARK = "\x1b]777;headway;{}\x07"
"""Written on the terminal before each step: an operating system command that terminals pass over."""


def inside(diary: Diary, argument: str) -> None:
    """Try a backend, named as in `HEADWAY_BACKEND`."""
    warnings.showwarning = lambda message, *_about, **_more: diary.tell(warned=str(message))
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", HeadwayWarning)
    (wish,) = parse(argument)
    discovery.names()  # what finds and calls plugins is headway's, and does not count as theirs
    import_module("headway.hookspecs")
    before = set(sys.modules)
    with diary.step("load", LOAD_WITHIN):
        choice = choice_of(wish)
    diary.tell(renderer=_described(choice), modules=len(_loaded() - before))
    if not choice.fits(sys.stderr):
        diary.tell(unfit=True)
        return
    stream = SafeStream(sys.stderr)
    with diary.step("make", CALL_WITHIN):
        sink = made(choice.renderer, Context(stream, choice.sink_options))
    Trial(diary, sink, stream, choice).run()


def _loaded() -> set[str]:
    """Return the names of all modules but headway's own."""
    return {name for name in sys.modules if name.partition(".")[0] != "headway"}


def _described(choice: Choice) -> Mapping[str, Any]:
    renderer = choice.settled
    return {
        "origin": choice.origin,
        "draws": renderer.draws,
        "interval": renderer.interval,
        "max_bars": renderer.max_bars,
        "options": option_names(renderer),
        "library": renderer.library,
        "protocol": renderer.protocol,
    }


class Trial:
    """Makes the calls.

    Args:
        diary: The diary.
        sink: The sink.
        stream: The stream that it was made for.
        choice: The renderer, with the options of the bars.
    """

    def __init__(self, diary: Diary, sink: ProgressSink, stream: SafeStream, choice: Choice) -> None:
        self._diary = diary
        self._sink = sink
        self._stream = stream
        self._choice = choice
        self._size = stream.size if is_terminal(stream) else None

    def run(self) -> None:
        """Open a bar, with another one in it if the sink shows two, advance them, and end them."""
        sink = self._sink
        first = self._bars(0)
        with self._step("opens"):
            sink.frame(Frame(first, opened=first, size=self._size))
        for n in range(1, FRAMES):
            bars = self._bars(n)
            with self._step("advances"):
                sink.frame(Frame(bars, changed=bars, size=self._size, points=self._points(bars)))
        time.sleep(min(self._choice.settled.interval, LONGEST_PAUSE))
        with self._step("write"):
            sink.write(TEXT)
        if self._choice.draws == "rows":
            with self._step("hide"):
                sink.hide()
            with self._step("show"):
                sink.show(Frame(self._bars(FRAMES - 1), size=self._size))
        ended = tuple(bar._replace(state="finished") for bar in reversed(self._bars(FRAMES)))
        with self._step("ends"):
            sink.frame(Frame((), ended=ended, size=self._size))
        with self._step("stop"):
            sink.stop(CALL_WITHIN)
        self._mark("end")

    def _step(self, name: str) -> Any:
        self._mark(name)
        return self._diary.step(name, CALL_WITHIN)

    def _mark(self, name: str) -> None:
        if self._size is not None:
            self._stream.write(MARK.format(name))
            self._stream.flush()

    def _points(self, bars: tuple[Snapshot, ...]) -> tuple[Point, ...]:
        """Return the values that were reported since the frame before, if the renderer asks for them."""
        asked = bars if self._choice.renderer.points else ()
        read = ((bar, name, reading.value) for bar in asked for name, reading in bar.metrics.items())
        return tuple(Point(bar.id, name, float(value), bar.n, time.time()) for bar, name, value in read)

    def _bars(self, n: int) -> tuple[Snapshot, ...]:
        look = self._choice.look
        metrics = {"loss": Reading(1 / (n + 1), f"{1 / (n + 1):.3f}")}
        about: dict[str, Any] = {"total": FRAMES, "elapsed": float(n), "rate": 1.0, "eta": FRAMES - n, "options": look}
        bar = Snapshot(1, desc="headway doctor", n=n, metrics=metrics, **about)
        inner = Snapshot(2, 1, desc="a bar in it", n=n, depth=1, leave=False, **about)
        return (bar,) if self._choice.renderer.max_bars == 1 else (bar, inner)
