"""The file of events: what is in it after the worst."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.session import Session
    from faulting.verdict import Verdict

GROUP = "events"
GROUPS[GROUP] = "The file of events"


def _kill_soon(session: Session) -> None:
    session.later(0.05 + session.random.random() * 0.5, lambda: session.kill(signal.SIGKILL))


def _whole(outcome: Outcome) -> Verdict:
    *lines, rest = outcome.events.split(b"\n")
    if rest:
        return wrong("the last line is torn")
    try:
        events = [json.loads(line) for line in lines]
    except ValueError:
        return wrong("a line is torn")
    return ok() if events and events[0]["event"] == "run" else lost("the first event")


@case(
    _whole,
    group=GROUP,
    only=("headway [events]",),
    events=True,
    runs=6,
    full_runs=200,
    status=-9,
    reactions={"running": _kill_soon},
)
def events_sigkill(d: Driver) -> None:
    """SIGKILL at a random moment, with 50 bars a second being written: each line is whole or absent."""
    d.load()
    bars = [d.open(100, f"bar{i}") for i in range(3)]
    d.tell(now="running")
    for i in range(100_000):
        bar = d.open(10, f"short{i}")
        d.update(bar)
        d.close(bar)
        for other in bars:
            d.update(other, 0)


def _told_once(outcome: Outcome) -> Verdict:
    told = outcome.text.count("No space left")
    return ok() if told == 1 else wrong(f"told {told} times")


@case(_told_once, group=GROUP, only=("headway [events]",), events=True)
def events_disk_full(d: Driver) -> None:
    """The disk of the file is full: the program goes on and is told once."""
    os.environ["HEADWAY_BACKEND"] = "events?path=/dev/full"
    for _ in range(3):
        d.run(50)


def _none_lost(outcome: Outcome) -> Verdict:
    try:
        events: list[dict[str, Any]] = [json.loads(line) for line in outcome.events.splitlines()]
    except ValueError:
        return wrong("a line is torn")
    closed = {event["desc"] for event in events if event["event"] == "close"}
    missing = 80 - len(closed)
    return lost(f"{missing} of 80 bars") if missing else ok()


@case(_none_lost, group=GROUP, only=("headway [events]",), events=True)
def events_shared(d: Driver) -> None:
    """Four processes write bars to one file at once: each line is whole, none is lost."""
    import subprocess
    import sys

    part = os.environ.get("FAULT_PART")
    if part is not None:
        for i in range(20):
            d.run(5, desc=f"{part}.{i}", pause=0.001)
        return
    environment = {**os.environ, "FAULT_ANSWER": "-1"}
    parts = [subprocess.Popen([sys.executable, *sys.argv], env={**environment, "FAULT_PART": str(i)}) for i in range(4)]
    d.tell(codes=[process.wait() for process in parts])
