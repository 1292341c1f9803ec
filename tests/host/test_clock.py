"""The clock that bars are timed by: a process that was stopped has done no work, one that had to wait has."""

import signal
from typing import Any

import pytest

from headway.host import clock
from headway.host.stops import LOOK_EVERY, NOTICEABLE, RECENT, Stops

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGCONT"), reason="no process can be stopped here")

SPIN = """
    import headway, os, signal, sys, threading, time
    def spin(seconds):
        "Work without letting any other thread run."
        sys.setswitchinterval(100.0)
        until = time.monotonic() + seconds
        while time.monotonic() < until: pass
        sys.setswitchinterval(0.005)
    def counted(code):
        "Return the seconds that a bar has not counted."
        with headway.get_bar(desc="work") as bar:
            time.sleep(0.2)
            behind = time.monotonic() - bar.elapsed
            code()
            time.sleep(0.2)
            return time.monotonic() - bar.elapsed - behind
"""


def test_a_thread_that_was_not_let_run_is_no_stop(run: Any) -> None:
    """Seconds in which the thread that draws gets no turn count as work."""
    done = run(f"{SPIN}\n    print(counted(lambda: spin(1.0)) < 0.001)", HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_sigcont_without_a_stop_is_no_stop(run: Any) -> None:
    """SIGCONT that comes to a process which was not stopped, but busy, leaves nothing out that was work."""
    code = f"""{SPIN}
    def work():
        spin(1.0)
        os.kill(os.getpid(), signal.SIGCONT)
        spin(1.0)
        os.kill(os.getpid(), signal.SIGCONT)
    print(counted(work) < 0.3)
    """
    done = run(code, HEADWAY_BACKEND="plain?interval=0")

    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_handler_of_the_programs_own_runs_and_stays(run: Any, when: str) -> None:
    """SIGCONT is the program's own if it has a handler; else it is given back with the last bar."""
    code = f"""
    import headway, os, signal
    def mine(*_): print("mine")
    if {when == "before"}: signal.signal(signal.SIGCONT, mine)
    with headway.get_bar(10, desc="alpha") as bar:
        signal.signal(signal.SIGCONT, mine)
        os.kill(os.getpid(), signal.SIGCONT)
        bar.update(10)
    print(signal.getsignal(signal.SIGCONT) is mine)
    signal.signal(signal.SIGCONT, signal.SIG_DFL)
    with headway.get_bar(10, desc="alpha") as bar:
        print(signal.getsignal(signal.SIGCONT) != signal.SIG_DFL)
        with headway.get_bar(10, desc="beta"): pass
        print(signal.getsignal(signal.SIGCONT) != signal.SIG_DFL)
    print(signal.getsignal(signal.SIGCONT) == signal.SIG_DFL)
    """
    done = run(code, HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "mine\nTrue\nTrue\nTrue\nTrue\n"), done.stderr


class Machine:
    """Times that a test sets by hand: the time, and what a thread has worked and waited for a processor."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.worked, self.waited = 1000.0, 0.0, 0.0
        self.stops = Stops()
        monkeypatch.setattr("headway.host.stops.time.monotonic", lambda: self.now)
        monkeypatch.setattr("headway.host.stops.time.sleep", lambda seconds: None)
        monkeypatch.setattr(Stops, "_worked", lambda stops: self.worked)
        monkeypatch.setattr(Stops, "_waited", lambda stops, last: self.waited)
        monkeypatch.setattr(clock, "_stopped", 0.0)
        self.stops.watch()

    def pass_by(self, seconds: float, *, worked: float = 0.0, waited: float = 0.0) -> None:
        """Let time pass."""
        self.now += seconds
        self.worked += worked
        self.waited += waited


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose thread that draws naps for a tenth of a second."""
    machine = Machine(monkeypatch)
    machine.stops.beat(0.1)
    return machine


@pytest.mark.parametrize(
    ("passed", "left_out"),
    [
        ({"seconds": 6.0}, 5.9),
        ({"seconds": 6.0, "worked": 0.05}, 5.85),
        ({"seconds": 36.0, "worked": 30.0}, 5.9),
        ({"seconds": 6.0, "worked": 1.0, "waited": 2.0}, 2.9),
        ({"seconds": 6.0, "worked": 6.5}, 0.0),
        ({"seconds": 0.05}, 0.0),
    ],
    ids=["idle", "a little work", "much work", "a loaded machine", "work alone", "no stop"],
)
def test_what_nothing_accounts_for_is_left_out(machine: Machine, passed: Any, left_out: float) -> None:
    """When SIGCONT comes, the time since the last sign of life is left out, but for the nap, work and waiting."""
    machine.pass_by(**passed)
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(left_out)


def test_a_stop_is_left_out_once(machine: Machine) -> None:
    """Another SIGCONT, or the thread that wakes up after the handler, leaves nothing out again."""
    machine.pass_by(6.0)
    machine.stops.went_on()
    machine.stops.went_on()
    machine.stops.wake()
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(5.9)


@pytest.mark.parametrize(("busy", "left_out"), [(3.0, 5.9), (RECENT + 1, 0.0)])
def test_the_handler_may_come_late(machine: Machine, busy: float, left_out: float) -> None:
    """A main thread that is busy elsewhere tells of the stop when it is back, not of one that is long over."""
    machine.pass_by(6.0)
    machine.stops.wake()
    for _ in range(int(busy / 0.1)):
        machine.stops.beat(0.1)
        machine.pass_by(0.1)
        machine.stops.wake()
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(left_out)


def test_a_thread_that_wakes_up_while_the_handler_runs_leaves_nothing_out_again(machine: Machine) -> None:
    """What the thread that draws has missed by the last SIGCONT is accounted for, in whichever order both notice."""
    noticed: list[None] = []

    def missed(stops: Stops, last: Any, now: float) -> float:
        """Let the handler run while the thread that draws works out how long it has overslept."""
        seconds = original(stops, last, now)
        if not noticed:
            noticed.append(None)
            stops.went_on()
        return seconds

    original = Stops._missed
    machine.pass_by(6.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stops, "_missed", missed)
        machine.stops.wake()
    machine.pass_by(0.1)
    machine.stops.beat(0.1)
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(5.9)


def test_idle_time_before_work_is_no_stop(machine: Machine) -> None:
    """A main thread that has slept through most of a nap and is busy then accounts for both."""
    machine.pass_by(0.09)
    machine.pass_by(2.0, worked=2.0)
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(0.0)


def test_no_thread_is_no_stop(machine: Machine) -> None:
    """When the thread that draws has ended, or the stop is measured otherwise, nothing is left out twice."""
    machine.stops.rest()
    machine.pass_by(6.0)
    machine.stops.went_on()

    assert clock._stopped == 0.0


def test_what_was_waited_before_does_not_count(machine: Machine) -> None:
    """Only what the threads have waited for a processor since the last look, a second at most, speaks against a stop."""
    for _ in range(30):
        machine.pass_by(0.1, waited=0.05)
        machine.stops.wake()
        machine.stops.beat(0.1)
    machine.pass_by(6.0)
    machine.stops.went_on()

    assert 5.9 - LOOK_EVERY / 2 - NOTICEABLE <= clock._stopped <= 5.9


def test_signs_of_life_in_quick_succession_are_one(machine: Machine) -> None:
    """A thread that jobs wake up all the time says once in a while that it lives; a longer nap is said at once."""
    machine.pass_by(0.01)
    machine.stops.beat(0.1)
    machine.pass_by(0.01)
    machine.stops.beat(0.5)
    machine.pass_by(6.0)
    machine.stops.went_on()

    assert clock._stopped == pytest.approx(5.5)
