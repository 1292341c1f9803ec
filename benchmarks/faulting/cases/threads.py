"""Threads, tasks, and reports from where nobody expects them."""

from __future__ import annotations

import gc
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import survives
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.verdict import Verdict

GROUP = "threads"
GROUPS[GROUP] = "Threads, tasks and re-entrance"


def _counted(outcome: Outcome) -> Verdict:
    count, due = outcome.fact("count"), outcome.fact("due")
    if count != due:
        return lost(f"{due - count:.0f} of {due} counts")
    return ok()


@case(_counted, group=GROUP, runs=2, full_runs=20, events=True, seconds=40.0)
def threads_64(d: Driver) -> None:
    """64 threads report 2 000 units each on one bar."""
    import sys

    sys.setswitchinterval(1e-5)  # as many switches as a busy machine has
    with d.opened(64 * 2000, "work") as bar:

        def report() -> None:
            for _ in range(2000):
                d.update(bar)

        d.at("update")
        threads = [threading.Thread(target=report) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        d.tell(count=d.count(bar), due=64 * 2000)
        d.at("close")


def _all_well(outcome: Outcome) -> Verdict:
    errors = outcome.fact("errors")
    return wrong(f"{errors[0]} in {len(errors)} of {outcome.fact('of')}") if errors else ok()


@case(_all_well, group=GROUP, events=True, seconds=40.0)
def threads_open_close(d: Driver) -> None:
    """8 threads make, move, nest and close 5 bars each at once."""
    errors: list[str] = []

    def live(i: int) -> None:
        try:
            for j in range(5):
                with d.opened(10, f"outer {i}.{j}") as outer:
                    with d.opened(10, f"inner {i}.{j}") as inner:
                        for _ in range(10):
                            d.update(inner)
                            time.sleep(0.001)
                    d.update(outer, 10)
        except Exception as error:
            errors.append(type(error).__name__)

    threads = [threading.Thread(target=live, args=(i,)) for i in range(8)]
    d.at("threads")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    d.tell(errors=errors, of="8 threads")


@case(_all_well, group=GROUP, events=True)
def asyncio_tasks(d: Driver) -> None:
    """20 tasks of one event loop have a bar each."""
    import asyncio

    errors: list[str] = []

    async def live(i: int) -> None:
        try:
            with d.opened(10, f"task {i}") as bar:
                for _ in range(10):
                    d.update(bar)
                    await asyncio.sleep(0.005)
        except Exception as error:
            errors.append(type(error).__name__)

    async def main() -> None:
        await asyncio.gather(*(live(i) for i in range(20)))

    d.at("tasks")
    asyncio.run(main())
    d.tell(errors=errors, of="20 tasks")


@case(_counted, group=GROUP, events=True)
def update_in_signal_handler(d: Driver) -> None:
    """A signal handler reports, in the midst of the program's own reports."""
    extra = 0
    with d.opened(20_000, "work") as bar:

        def on_alarm(_number: int, _frame: Any) -> None:
            nonlocal extra
            extra += 1
            d.update(bar)

        signal.signal(signal.SIGALRM, on_alarm)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        d.at("update")
        for _ in range(20_000):
            d.update(bar)
        signal.setitimer(signal.ITIMER_REAL, 0)
        d.tell(count=d.count(bar), due=20_000 + extra)
        d.at("close")


@case(_counted, group=GROUP, events=True)
def update_in_del(d: Driver) -> None:
    """Finalisers report while the garbage collector runs, in the midst of the program's own reports."""
    extra = 0
    gc.set_threshold(20)
    with d.opened(10_000, "work") as bar:

        class Dropped:
            def __init__(self) -> None:
                self.me = self

            def __del__(self) -> None:
                nonlocal extra
                extra += 1
                d.update(bar)

        d.at("update")
        for _ in range(5_000):
            Dropped()
            d.update(bar)
        gc.disable()
        d.tell(count=d.count(bar), due=5_000 + extra)
        d.at("close")
        gc.collect()


@case(_counted, group=GROUP, events=True)
def update_in_logging_handler(d: Driver) -> None:
    """A logging handler reports, and the program logs in between."""
    import logging

    with d.opened(200, "work") as bar:

        class Counts(logging.Handler):
            def emit(self, _record: logging.LogRecord) -> None:
                d.update(bar)

        logging.getLogger().addHandler(Counts())
        d.at("update")
        for _ in range(100):
            logging.getLogger().warning("one more")
            d.update(bar)
            time.sleep(0.002)
        d.tell(count=d.count(bar), due=200)
        d.at("close")


@case(survives, group=GROUP, events=True)
def dropped_without_close(d: Driver) -> None:
    """A bar is dropped without closing it, and another is made."""
    d.at("open")
    bar = d.open(100)
    d.update(bar, 30)
    time.sleep(0.1)
    d.at("drop")
    del bar
    gc.collect()
    time.sleep(0.1)
    d.run(50)


CYCLE_ROUNDS = 3


@case(survives, group=GROUP, events=True)
def dropped_in_cycle(d: Driver) -> None:
    """Bars that are part of a cycle are dropped, for the garbage collector to find while another is open."""
    d.at("open")
    for _ in range(CYCLE_ROUNDS):
        bar = d.open(100)
        d.update(bar, 30)
        cycle: list[Any] = [bar]
        cycle.append(cycle)
        del bar, cycle
        d.at("collect")
        gc.collect()
