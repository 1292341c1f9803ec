"""Forks, spawned workers, ranks: whoever reports, one process draws, and none waits for ever."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.drivers import DRIVERS
from faulting.judges import shows, truth
from faulting.verdict import hung, lost, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.session import Session
    from faulting.verdict import Verdict

GROUP = "processes"
GROUPS[GROUP] = "Forks, workers and ranks"
PATIENCE = 3.0
"""Seconds after which a child that has nothing to do counts as hung."""
MANY = 3
"""Hung children after which a run has shown enough."""


def _no_child_hung(outcome: Outcome) -> Verdict:
    stuck, forks = outcome.fact("stuck", 0), outcome.fact("forks", 0)
    if stuck:
        return hung(f"{stuck} of {forks} children")
    failed = outcome.fact("failed", 0)
    return wrong(f"{failed} of {forks} children failed") if failed else ok(f"0/{forks}")


def _lines_are_clean(outcome: Outcome) -> Verdict:
    verdict = _no_child_hung(outcome)
    if verdict.kind != "ok":
        return verdict
    forks = outcome.fact("forks")
    rows = [re.sub(r"^on \d+: ", "", row) for row in outcome.rows]
    unclean = sum(rows.count(f"child {i}") != 1 for i in range(forks))
    return wrong(f"{unclean} of {forks} child lines unclean") if unclean else verdict


@contextmanager
def _moving(d: Driver) -> Iterator[Any]:
    """Hold a bar open that another thread moves."""
    d.at("open")
    with d.opened(10**9, "work") as bar:
        over = threading.Event()

        def move() -> None:
            while not over.is_set():
                d.update(bar)

        thread = threading.Thread(target=move)
        thread.start()
        try:
            yield bar
        finally:
            over.set()
            thread.join()
        d.at("close")


def _fork_many(d: Driver, size: int, act: Callable[[Any, int], None]) -> None:
    stuck = failed = i = 0
    with _moving(d) as bar:
        d.at("fork")
        for i in range(1, size + 1):
            pid = os.fork()
            if not pid:
                code = 1
                try:
                    act(bar, i - 1)
                    code = 0
                finally:
                    os._exit(code)
            status = _waited_for(pid)
            stuck += status is None
            failed += status not in (None, 0)
            d.tell(forks=i, stuck=stuck, failed=failed)
            if stuck >= MANY:
                break
            time.sleep(random.random() * 0.004)


def _waited_for(pid: int) -> int | None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


@case(_lines_are_clean, group=GROUP, size=150, full_size=2000, seconds=40.0, events=True)
def fork_print(d: Driver, size: int) -> None:
    """Children that are forked while a bar moves print a line each."""

    def act(_bar: Any, i: int) -> None:
        print(f"child {i}")
        sys.stdout.flush()

    _fork_many(d, size, act)


@case(_no_child_hung, group=GROUP, size=150, full_size=2000, seconds=40.0, events=True)
def fork_update(d: Driver, size: int) -> None:
    """Children that are forked while a bar moves report on the bar that they inherited."""

    def act(bar: Any, _i: int) -> None:
        for _ in range(20):
            d.update(bar, 1000)
            time.sleep(0.001)

    _fork_many(d, size, act)


@case(_no_child_hung, group=GROUP, size=60, full_size=1000, seconds=40.0, events=True)
def fork_own_bar(d: Driver, size: int) -> None:
    """Children that are forked while a bar moves have a bar of their own, as a library they call might."""

    def act(_bar: Any, _i: int) -> None:
        for _ in d.track(range(5), "inner"):
            pass

    _fork_many(d, size, act)


def _double(x: int) -> int:
    return 2 * x


@case(_no_child_hung, group=GROUP, size=12, full_size=300, seconds=40.0, events=True)
def fork_pool(d: Driver, size: int) -> None:
    """Pools of four forked workers come and go while a bar moves."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    with _moving(d):
        d.at("fork")
        for i in range(size):
            d.tell(forks=i * 4 + 4)
            with context.Pool(4) as pool:
                try:
                    pool.map_async(_double, range(8)).get(PATIENCE)
                except multiprocessing.TimeoutError:
                    d.tell(stuck=1, now="end")
                    os._exit(0)


def _shows_both(outcome: Outcome) -> Verdict:
    """While they worked both kinds of bars were on the screen, and in the end nothing but true rows is."""
    if "part" not in outcome.text:
        return lost("nothing of the workers' bars")
    if not shows(outcome.final("work"), 4, 4):
        return wrong("no true last row")
    if not outcome.driver.rows:
        return ok()
    midst = outcome.rows_after(outcome.seen["midst"])
    if not any("work" in row for row in midst) or not any("part" in row for row in midst):
        return wrong("they draw over one another")
    extra = len(outcome.bar_rows("work")) - 5
    return wrong(f"{extra} stale rows") if extra > 0 else ok()


def _look(session: Session) -> None:
    def look() -> None:
        session.seen["midst"] = len(session.raw)

    session.later(0.35, look)


def _part(name: str) -> int:
    """What a worker does, which knows nothing of the process that draws."""
    for _ in DRIVERS[name].track(range(60), "part"):
        time.sleep(0.01)
    return 1


@case(_shows_both, group=GROUP, seconds=30.0, reactions={"midst": _look})
def workers_report(d: Driver) -> None:
    """Spawned workers report bars of their own while the parent has one: they are seen, in one display."""
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        d.at("open")
        with d.opened(4, "work") as bar:
            for done in pool.imap_unordered(_part, [d.name] * 4):
                d.update(bar, done)
                d.tell(now="midst") if d.count(bar) == 1 else None
            d.at("close")


def _one_display(outcome: Outcome) -> Verdict:
    """The two are one row, in which what both have done counts."""
    if outcome.fact("codes") != [0, 0]:
        return wrong(f"exit statuses {outcome.fact('codes')}")
    rows = outcome.bar_rows() if outcome.driver.rows else [row for row in outcome.bar_rows() if " n=0 " in row]
    if len(rows) != 1:
        return wrong("rank 1 draws, too")
    return truth(200, 200)(outcome)


@case(_one_display, group=GROUP)
def two_ranks(d: Driver) -> None:
    """A launcher starts the program twice, as rank 0 and 1 of one job: only rank 0 draws, for both."""
    if "RANK" in os.environ:
        d.run()
        return
    common = {**os.environ, "WORLD_SIZE": "2", "FAULT_ANSWER": "-1"}
    ranks = [
        subprocess.Popen([sys.executable, *sys.argv], env={**common, "RANK": str(i), "LOCAL_RANK": str(i)})
        for i in (0, 1)
    ]
    d.tell(codes=[process.wait() for process in ranks])


@case(_shows_both, group=GROUP, seconds=30.0, reactions={"midst": _look})
def executor_workers_report(d: Driver) -> None:
    """Workers of a `ProcessPoolExecutor` report bars of their own while the parent has one."""
    from concurrent.futures import ProcessPoolExecutor, as_completed

    with ProcessPoolExecutor(2) as pool:
        d.at("open")
        with d.opened(4, "work") as bar:
            for done in as_completed([pool.submit(_part, d.name) for _ in range(4)]):
                d.update(bar, done.result())
                d.tell(now="midst") if d.count(bar) == 1 else None
            d.at("close")


@case(_no_child_hung, group=GROUP, size=1, events=True)
def exec_inside(d: Driver, size: int) -> None:
    """A child is forked and becomes another program, with the bar moving: `subprocess` with a `preexec_fn`."""
    with _moving(d):
        for i in range(10 * size):
            subprocess.run(["/bin/true"], preexec_fn=os.getpid, check=True, timeout=PATIENCE)
            d.tell(forks=i + 1)
