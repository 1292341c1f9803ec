"""What is measured: runs in a process of its own, with a pseudo-terminal as its terminal, for one contender.

Called by `measure.py` as `python scenes.py SCENE CONTENDER ARGUMENTS`, with the arguments and the answer as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from operator import sub
from pathlib import Path
from statistics import median
from types import FunctionType
from typing import Any, NamedTuple

from contenders import CONTENDERS, Contender

__all__: list[str] = []

Result = dict[str, float]
REPEATS = 3
"""How often each loop is timed in one process; the fastest counts."""
LARGEST = 40_000_000
STEP = 0.01
LEAVING = 1.0
"""Seconds for threads to end after the last bar."""
SHOWING = 0.5
"""Seconds for the first frames of bars that are open at once: what a bar keeps for the screen is made for these."""
LEARNING = 60
"""Frames before those that are measured: an estimate learns from each of the first 48."""


class Took(NamedTuple):
    """Seconds of the clock, and those of the processor in all threads."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Took:
        """Return the present moment."""
        return cls(time.perf_counter(), time.process_time())

    @classmethod
    def since(cls, start: Took) -> Took:
        """Return what has passed since a moment."""
        return cls(time.perf_counter() - start.wall, time.process_time() - start.cpu)


# ── time an item, and time an update ─────────────────────────────────────────────────────────────────────────────────


def loop(contender: Contender, kind: str, seconds: float) -> Result:
    """Nanoseconds that an item costs over the bare loop, and what the bare loop costs."""
    bare, tracked = _fresh(_walk), _fresh(_walk)

    def time_bare(n: int) -> Took:
        return bare(*_items(kind, n))

    def time_tracked(n: int) -> Took:
        items, last = _items(kind, n)
        return tracked(contender.track(items), last)

    return _over_bare(time_bare, time_tracked, seconds)


def update(contender: Contender, seconds: float) -> Result:
    """Nanoseconds that reporting one unit costs over the bare loop, and what the bare loop costs."""

    def time_bare(n: int) -> Took:
        start = Took.now()
        Contender().spin(None, repeat(None, n))
        return Took.since(start)

    def time_updates(n: int) -> Took:
        with contender.opened(n) as bar:
            start = Took.now()
            contender.spin(bar, repeat(None, n))
            return Took.since(start)

    return _over_bare(time_bare, time_updates, seconds)


def _walk(items: Iterable[int], last: int) -> Took:
    """Time a loop from its first item to its last: opening and closing the bar have rows of their own."""
    iterator = iter(items)
    next(iterator)
    start = Took.now()
    for item in iterator:
        if item == last:
            break
    return Took.since(start)


def _fresh(function: Callable[..., Took]) -> Callable[..., Took]:
    """Copy a function with its code, so that what the interpreter learns from one use does not serve the other."""
    assert isinstance(function, FunctionType)  # for the type checker
    return FunctionType(function.__code__.replace(), function.__globals__)


def _items(kind: str, n: int) -> tuple[Iterable[int], int]:
    if kind == "range":
        return range(n), n - 1
    if kind == "list":
        return [0] * (n - 1) + [1], 1
    return _generated(n), n - 1


def _generated(n: int) -> Iterator[int]:
    for item in range(n):  # noqa: UP028  # a plain generator function, as users write them
        yield item


def _over_bare(bare: Callable[[int], Took], measured: Callable[[int], Took], seconds: float) -> Result:
    n, took = 1000, measured(1000).wall
    while took < seconds and n < LARGEST:
        n = min(LARGEST, int(n * min(10.0, 1.3 * seconds / max(took, 1e-9)) + 1))
        took = measured(n).wall
    bares, ours = zip(*[(bare(n), measured(n)) for _ in range(REPEATS)], strict=True)
    (bare_wall, bare_cpu), (wall, cpu) = (map(min, zip(*each, strict=True)) for each in (bares, ours))
    return {
        "ns": (wall - bare_wall) / n * 1e9,
        "cpu_ns": (cpu - bare_cpu) / n * 1e9,
        "bare_ns": bare_wall / n * 1e9,
        "n": n,
    }


# ── CPU time of drawing ──────────────────────────────────────────────────────────────────────────────────────────────


def idle(contender: Contender, seconds: float) -> Result:
    """CPU seconds and wall seconds of a loop that only sleeps, from after the bar's opening to before its end."""
    steps = int(seconds / STEP)
    with contender.opened(steps) as bar:
        start, cpu = time.perf_counter(), _cpu()
        for _ in range(steps):
            time.sleep(STEP)
            contender.spin(bar, (None,))
        return {"cpu": _cpu() - cpu, "wall": time.perf_counter() - start}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def traced(contender: Contender) -> Result:
    """Bytes that Python allocates for each of many open bars, after a first one has come and gone."""
    _once(contender)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    with contender.many(contender.held):
        time.sleep(SHOWING)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    return {"bytes": (after - before) / contender.held}


def resident(contender: Contender) -> Result:
    """Bytes that the process grows by for each of many open bars: what is allocated outside of Python, too."""
    _once(contender)
    gc.collect()
    before = _resident()
    with contender.many(contender.held):
        time.sleep(SHOWING)
        return {"bytes": (_resident() - before) / contender.held}


def _once(contender: Contender) -> None:
    with contender.opened(100) as bar:
        contender.spin(bar, (None,))


def _resident() -> int:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the peak, where the present size is not told


# ── many bars, one after another ─────────────────────────────────────────────────────────────────────────────────────


def many(contender: Contender, count: int) -> Result:
    """Seconds for a tenth of the bars and then for all of them, and what is left of them."""
    threads = threading.active_count()
    _once(contender)
    tenth = _in_a_row(contender, count // 10)
    before = _left()
    took = _in_a_row(contender, count)
    time.sleep(LEAVING)
    objects, size = (after - value for after, value in zip(_left(), before, strict=True))
    left = threading.active_count() - threads
    return {"tenth": tenth, "seconds": took, "objects": objects, "bytes": size, "threads": left}


def _in_a_row(contender: Contender, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        _once(contender)
    return time.perf_counter() - start


def _left() -> tuple[int, int]:
    gc.collect()
    return len(gc.get_objects()), _resident()


# ── short bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def short(contender: Contender, leave: bool, count: int) -> Result:
    """Microseconds that a bar of ten items takes from before its opening to after its end."""
    for _ in range(5):
        contender.walk(10, leave=leave)
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        contender.walk(10, leave=leave)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {"wall": wall / count * 1e6, "cpu": cpu / count * 1e6}


# ── what grows with how many there are ───────────────────────────────────────────────────────────────────────────────


def at_once(contender: Contender, count: int, drawn: bool) -> Result:
    """Seconds that opening so many bars takes and closing them in the same order, and twice as many.

    Args:
        contender: Whose bars they are.
        count: How many.
        drawn: Whether a frame is drawn between opening and closing; else the bars may come and go unseen.
    """
    _once(contender)
    return {"few": _all_at_once(contender, count, drawn=drawn), "many": _all_at_once(contender, count * 2, drawn=drawn)}


def _all_at_once(contender: Contender, count: int, *, drawn: bool) -> float:
    gc.collect()
    start = time.perf_counter()
    managers = [contender.opened(100) for _ in range(count)]
    bars = [manager.__enter__() for manager in managers]
    if drawn:
        bars[0].refresh()
    for manager in managers:
        manager.__exit__(None, None, None)
    return time.perf_counter() - start


def metrics(contender: Contender, count: int, frames: int) -> Result:
    """Microseconds of the processor that a frame takes of a bar with so many metrics, one of which has changed.

    Args:
        contender: Whose bar it is.
        count: How many metrics it has.
        frames: How many frames are drawn; the median counts, of each with a snapshot of the same metrics beside it.
    """
    drawn, read = [], []
    with contender.opened(1_000_000) as bar:

        def spent(act: Callable[[], object], value: float) -> float:
            bar.update(1)
            bar.metrics(m0=value)
            start = time.process_time()
            act()
            return (time.process_time() - start) * 1e6

        bar.metrics(**{f"m{i}": i / 7 for i in range(count)})
        for frame in range(LEARNING + frames):
            drawn.append(spent(bar.refresh, frame / 3))
            read.append(spent(bar.snapshot, frame / 7))
    drawn, read = drawn[LEARNING:], read[LEARNING:]
    return {"frame": median(drawn), "drawing": median(map(sub, drawn, read))}


# ── compiled code ────────────────────────────────────────────────────────────────────────────────────────────────────


def compiled(contender: Contender, steps: int) -> Result:
    """Milliseconds that steps take in code that torch compiles and that reports, and how many graphs are made."""
    import torch

    graphs = 0

    def counted(module: Any, _inputs: Any) -> Any:
        nonlocal graphs
        graphs += 1
        return module.forward

    def step(x: Any) -> Any:
        y = layer(x)
        bar.update(1)
        return y.relu()

    layer = torch.nn.Linear(16, 16)
    torch.compile(torch.nn.Linear(16, 16), backend=counted)(torch.ones(4, 16))  # what a first compilation loads
    with contender.opened(steps) as bar, torch.no_grad():
        graphs = 0
        run = torch.compile(step, backend=counted)
        start = time.perf_counter()
        run(torch.ones(4, 16))
        first = graphs
        for _ in range(steps - 1):
            run(torch.ones(4, 16))
        return {"ms": (time.perf_counter() - start) * 1e3, "first": first, "again": graphs - first}


# ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────────

SCENES: dict[str, Callable[..., Result]] = {
    scene.__name__: scene for scene in (loop, update, idle, traced, resident, many, short, at_once, metrics, compiled)
}


def main() -> None:
    """Run one scene and write what came out to the pipe in `BENCHMARK_ANSWER`."""
    scene, name, arguments = sys.argv[1:]
    answer: dict[str, Any]
    try:
        answer = SCENES[scene](CONTENDERS[name], **json.loads(arguments))
    except Exception as error:  # whatever a library raises belongs into the table
        answer = {"error": f"{type(error).__name__}: {error}"}
    os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(answer).encode())


if __name__ == "__main__":
    main()
