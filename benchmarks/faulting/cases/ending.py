"""How a bar and its program end, and what a handle is good for afterwards."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import clean, survives, truth
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from faulting.case import Judge
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "ending"
GROUPS[GROUP] = "Ends, exits and handles"
MARKS = ("fail", "stopp", "interrupt", "!", "⚠", "✗", "error")


def _marked(n: int) -> Judge:
    """Ask for the true count, and for a last frame that is told from that of a success."""

    def judge(outcome: Outcome) -> Verdict:
        verdict = truth(n)(outcome)
        if verdict.kind != "ok":
            return verdict
        final = outcome.final().lower()
        return ok() if any(mark in final for mark in MARKS) else lost("no mark of the failure in the last frame")

    return judge


def _lies_short(outcome: Outcome) -> Verdict:
    final = outcome.final()
    return ok() if "15" in final or "150%" in final else wrong(f"15 of 10 shown as {final[:30]!r}")


def _some(d: Driver, bar: Any, n: int = 30) -> None:
    for _ in range(n):
        d.at("update")
        d.update(bar)
        time.sleep(0.008)


@case(truth(30), group=GROUP, events=True)
def undershoot(d: Driver) -> None:
    """A bar of 100 is closed at 30."""
    with d.opened(100, "work") as bar:
        _some(d, bar)
        d.at("close")


@case(truth(30), group=GROUP, events=True)
def break_out_of_loop(d: Driver) -> None:
    """A loop over 100 items is left by `break` after 30."""
    d.at("loop")
    for i in d.track(range(100)):
        time.sleep(0.008)
        if i == 30:  # the item in hand is not done
            break


@case(truth(30), group=GROUP, events=True)
def iterable_raises(d: Driver) -> None:
    """What a loop goes over raises after 30 of its 100 items."""

    class Items:
        def __len__(self) -> int:
            return 100

        def __iter__(self) -> Any:
            yield from range(30)
            raise OSError("the disk is gone")

    d.at("loop")
    try:
        for _ in d.track(Items()):
            time.sleep(0.008)
    except OSError:
        pass


@case(_marked(30), group=GROUP, events=True)
def exception_in_body(d: Driver) -> None:
    """The work raises after 30 of 100: the last frame has the count, and does not look like a success."""
    try:
        with d.opened(100, "work") as bar:
            _some(d, bar)
            int("no number")
    except ValueError:
        pass


@case(_lies_short, group=GROUP, events=True)
def iterable_lies_short(d: Driver) -> None:
    """What a loop goes over says that it has 10 items, and gives 15."""

    class Items:
        def __len__(self) -> int:
            return 10

        def __iter__(self) -> Any:
            return iter(range(15))

    d.at("loop")
    for _ in d.track(Items()):
        time.sleep(0.02)


def _overshot(outcome: Outcome) -> Verdict:
    final = outcome.final()
    if "80" not in final and "160%" not in final:
        return wrong("80 of 50 shown as 100%" if "100%" in final else f"shows {final[:30]!r}")
    return clean(outcome)


@case(_overshot, group=GROUP, events=True)
def overshoot(d: Driver) -> None:
    """80 units are reported on a bar of 50."""
    d.run(50, steps=80)


@case(survives, group=GROUP, events=True)
def double_close(d: Driver) -> None:
    """A bar is closed twice."""
    bar = d.open(100)
    _some(d, bar)
    d.at("close")
    d.close(bar)
    d.at("second close")
    d.close(bar)


@case(survives, group=GROUP, events=True)
def update_after_close(d: Driver) -> None:
    """A bar is moved after it was closed."""
    bar = d.open(100)
    _some(d, bar)
    d.at("close")
    d.close(bar)
    d.at("after")
    d.update(bar, 30)


@case(truth(30), group=GROUP, events=True)
def exit_with_open_bar(d: Driver) -> None:
    """The program comes to its end with a bar open at 30 of 100."""
    bar = d.open(100)
    globals()["kept"] = bar
    _some(d, bar)


@case(truth(30), group=GROUP, events=True, status=3)
def sys_exit_inside(d: Driver) -> None:
    """`sys.exit(3)` within the bar's block."""
    with d.opened(100, "work") as bar:
        _some(d, bar)
        sys.exit(3)


@case(truth(30, 30), group=GROUP, events=True)
def bar_in_atexit(d: Driver) -> None:
    """A bar is made, moved and closed in an `atexit` callback."""

    def last() -> None:
        d.run(30)

    d.load()
    atexit.register(last)


@case(survives, group=GROUP, events=True)
def daemon_thread_at_exit(d: Driver) -> None:
    """The program ends while a daemon thread moves a bar."""
    opened = threading.Event()

    def move() -> None:
        bar = d.open(10**9)
        opened.set()
        while True:
            d.update(bar)

    threading.Thread(target=move, daemon=True).start()
    d.at("thread")
    opened.wait(5)
    time.sleep(0.3)


@case(truth(100), group=GROUP, events=True)
def pickle_bar(d: Driver) -> None:
    """A bar is pickled, as part of what is handed to a worker, and the copy is moved."""
    import pickle

    with d.opened(100, "work") as bar:
        _some(d, bar)
        d.at("pickle")
        copy = pickle.loads(pickle.dumps(bar))
        d.at("update of the copy")
        d.update(copy, 0)
        d.at("update")
        d.update(bar, 70)
        d.at("close")


@case(truth(100), group=GROUP, events=True)
def deepcopy_bar(d: Driver) -> None:
    """A bar is copied deeply, as part of what holds it, and the copy is moved."""
    import copy

    with d.opened(100, "work") as bar:
        _some(d, bar)
        d.at("deepcopy")
        twin = copy.deepcopy(bar)
        d.at("update of the copy")
        d.update(twin, 0)
        d.at("update")
        d.update(bar, 70)
        d.at("close")
