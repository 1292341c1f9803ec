"""Signals: the terminal ends whole, the user's handlers run, and the exit status is as without a bar."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import clean, shows, survives, truth
from faulting.verdict import lost, ok, wrong

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.session import Session
    from faulting.verdict import Verdict

GROUP = "signals"
GROUPS[GROUP] = "Signals"


def _soon(session: Session) -> None:
    session.later(session.random.random() * 0.6, lambda: session.type("\x03"))


def _interrupted(outcome: Outcome) -> Verdict:
    if outcome.text.count("Traceback") != 1:
        return wrong(f"{outcome.text.count('Traceback')} tracebacks")
    rows = [row for row in outcome.rows if row.removeprefix("^C").startswith("Traceback")]
    return ok() if rows else wrong("the traceback is garbled")


@case(
    _interrupted,
    group=GROUP,
    runs=6,
    full_runs=200,
    status=-2,
    traceback=True,
    reactions={"running": _soon},
    events=True,
)
def sigint_random(d: Driver) -> None:
    """Ctrl-C at a random moment of the bar's life, from before its opening on."""
    d.load()
    d.tell(now="running")
    d.run(1000)


def _told_interrupted(outcome: Outcome) -> Verdict:
    verdict = _interrupted(outcome)
    if verdict.kind != "ok":
        return verdict
    final = outcome.final().lower()
    marks = ("interrupt", "⚠", "(!)", "✗")
    return ok() if any(mark in final for mark in marks) else lost("no mark of it in the last frame")


def _after_a_while(session: Session) -> None:
    session.later(0.4, lambda: session.type("\x03"))


@case(_told_interrupted, group=GROUP, status=-2, traceback=True, reactions={"running": _after_a_while}, events=True)
def sigint_is_told(d: Driver) -> None:
    """Ctrl-C: the last frame says so."""
    d.run(1000, step=lambda _bar, i: d.tell(now="running") if i == 0 else None)


@case(
    survives,
    group=GROUP,
    status=-15,
    reactions={"running": lambda s: s.later(0.4, lambda: s.kill(signal.SIGTERM))},
    events=True,
)
def sigterm(d: Driver) -> None:
    """SIGTERM, as a batch system sends it: the exit status stays, the cursor comes back."""
    d.run(1000, step=lambda _bar, i: d.tell(now="running") if i == 0 else None)


def _handled(outcome: Outcome) -> Verdict:
    return ok() if outcome.fact("handled") else lost("the program's own handler")


@case(
    _handled,
    group=GROUP,
    status=7,
    reactions={"running": lambda s: s.later(0.4, lambda: s.kill(signal.SIGTERM))},
    events=True,
)
def sigterm_handler(d: Driver) -> None:
    """SIGTERM where the program has a handler of its own, which exits with status 7."""

    def on_term(_number: int, _frame: Any) -> None:
        d.tell(handled=True)
        sys.exit(7)

    signal.signal(signal.SIGTERM, on_term)
    d.run(1000, step=lambda _bar, i: d.tell(now="running") if i == 0 else None)


def _stop(session: Session) -> None:
    session.later(0.4, lambda: session.type("\x1a"))


def _stopped(session: Session) -> None:
    def look() -> None:
        session.seen["stopped at"] = len(session.raw)
        session.kill(signal.SIGCONT)

    session.later(0.3, look)


def _went_on(outcome: Outcome) -> Verdict:
    at = outcome.seen.get("stopped at")
    if at is None:
        return wrong("did not stop")
    if outcome.screen_after(at).cursor.hidden:
        return wrong("cursor hidden while stopped")
    return truth(100)(outcome) if not outcome.driver.rows else _slack(outcome)


def _slack(outcome: Outcome) -> Verdict:
    """One row may stay from before the stop: the shell writes below it."""
    if not shows(outcome.final(), 100, 100):
        return wrong("no true last row")
    return clean(outcome, slack=1)


@case(_went_on, group=GROUP, job=True, reactions={"running": _stop, "stopped": _stopped})
def sigtstp(d: Driver) -> None:
    """Ctrl-Z, and `fg` later: the cursor is there in between, and the bar goes on."""
    d.run(step=lambda _bar, i: d.tell(now="running") if i == 0 else None, pause=0.01)


def _narrow(session: Session) -> None:
    session.later(0.3, lambda: session.resize(40, 24))


def _resized(outcome: Outcome) -> Verdict:
    if not outcome.final() or not shows(outcome.final(), 100, 100):
        return wrong("no true last row")
    verdict = clean(outcome, slack=1)
    return wrong(verdict.why + " left on the screen") if verdict.kind != "ok" else verdict


@case(_resized, group=GROUP, reactions={"running": _narrow})
def resize_40(d: Driver) -> None:
    """The terminal is made narrower, from 100 columns to 40; one row of before may stay."""
    d.run(step=lambda _bar, i: d.tell(now="running") if i == 0 else None, pause=0.01)


@case(_handled, group=GROUP, reactions={"running": _narrow})
def sigwinch_handler(d: Driver) -> None:
    """The same where the program has a handler of its own for SIGWINCH."""
    signal.signal(signal.SIGWINCH, lambda _number, _frame: d.tell(handled=True))
    d.run(step=lambda _bar, i: d.tell(now="running") if i == 0 else None, pause=0.01)
