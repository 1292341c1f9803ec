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


def _saved(outcome: Outcome) -> Verdict:
    return ok() if outcome.fact("saved") else lost("the checkpoint")


@case(_saved, group=GROUP, reactions={"running": lambda s: s.later(0.3, lambda: s.kill(signal.SIGTERM))}, events=True)
def sigterm_chained(d: Driver) -> None:
    """SIGTERM where a handler that was set under the bar calls the earlier one, and a checkpoint is saved later."""
    asked = []

    def step(_bar: Any, i: int) -> None:
        if i == 0:
            before = signal.getsignal(signal.SIGTERM)

            def on_term(number: int, frame: Any) -> None:
                asked.append(number)
                if callable(before):
                    before(number, frame)

            signal.signal(signal.SIGTERM, on_term)
            d.tell(now="running")
        if asked:
            d.tell(saved=True)

    d.run(step=step, pause=0.01)


class LateError(Exception):
    """What the handler of SIGALRM raises."""


def _later_bars(outcome: Outcome) -> Verdict:
    rang, passed = outcome.fact("rang", 0), outcome.fact("passed", 0)
    if passed < rang:
        return lost(f"{rang - passed} of {rang} exceptions")
    return ok(f"{passed} passed") if shows(outcome.final("later"), 10, 10) else wrong("no later bar")


@case(_later_bars, group=GROUP, seconds=60.0, events=True)
def sigalrm_raises(d: Driver) -> None:
    """150 bars, many cut by an exception of a SIGALRM handler at a random moment; a later one has to be whole."""
    import random
    import time

    dice, rang, passed = random.Random(7), [], 0

    def ring(number: int, _frame: Any) -> None:
        rang.append(number)
        raise LateError

    d.load()
    signal.signal(signal.SIGALRM, ring)
    for k in range(150):
        try:
            signal.setitimer(signal.ITIMER_REAL, dice.uniform(0.0001, 0.004))
            with d.opened(50, f"work {k}") as bar:
                for _ in range(50):
                    d.update(bar)
                    time.sleep(0.0001)
            if signal.setitimer(signal.ITIMER_REAL, 0)[0] == 0:
                time.sleep(1)
        except LateError:  # noqa: PERF203  # each bar is cut by itself
            passed += 1
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    d.tell(rang=len(rang), passed=passed)
    with d.opened(10, "later") as bar:
        for _ in range(10):
            d.update(bar)
            time.sleep(0.02)


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
