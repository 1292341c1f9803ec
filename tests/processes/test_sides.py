"""The side of the relay that a process is on is one, whichever of its threads opens the first bar."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from absent import IN_PYODIDE
from headway.host import clock
from headway.processes import address, connection
from headway.processes.copies import Uncounted
from headway.processes.group import Group
from headway.processes.receiver import Receiver
from headway.processes.relay import Relay
from headway.processes.sides import IDLE, Alone, Listening, Offering, Over, Reporting
from headway.snapshot import Snapshot

pytestmark = pytest.mark.skipif(IN_PYODIDE or not hasattr(os, "fork"), reason="these programs are written for POSIX")

THREADS = """
    import headway, os, sys, threading, time
    from headway.processes import address, connection

    def held_open(function):
        "Return the function, slowed down, so that all threads that get as far as this do so before the first is done."
        def slow(*arguments):
            calls.append(function)
            time.sleep(0.05)
            return function(*arguments)
        return slow
    calls = []

    def open_at_once(desc):
        "Open a bar in each of eight threads, as close to one another as can be."
        start, up = threading.Barrier(8), threading.Barrier(8)
        def work():
            start.wait()
            with headway.get_bar(5, desc=desc) as bar:
                up.wait()
                bar.update(5)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
"""


def test_a_worker_whose_threads_begin_at_once_is_one_worker(run: Any) -> None:
    """A process whose threads open their first bars at the same moment has one connection, and counts as one worker."""
    code = f"""{THREADS}
    with headway.get_bar(3, desc="all") as bar:
        for k in range(3):
            child = os.fork()
            if not child:
                connection.connect = held_open(connection.connect)
                open_at_once(f"work {{k}}")
                os._exit(len(calls))
            bar.update(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    done = run(code, HEADWAY_BACKEND="plain?interval=0&percent=0")

    ends = re.findall(r'headway "work \d" (n=40 total=40 100%).* state=finished', done.stderr)
    assert (done.returncode, len(ends)) == (0, 3), done.stderr
    assert re.findall(r"workers=\d+", done.stderr) == []
    assert "headway all n=3 total=3 100%" in done.stderr, done.stderr


def test_a_process_whose_threads_begin_at_once_has_one_station(run: Any) -> None:
    """A process whose threads open their first bars at the same moment chooses one address for its workers."""
    code = f"""{THREADS}
    address.new_station = held_open(address.new_station)
    open_at_once("work")
    print(len(calls))
    """
    done = run(code, HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


# ── one process by itself ────────────────────────────────────────────────────────────────────────────────────────────


class Display:
    """Rows that nobody looks at."""

    drawing = False

    def show(self, group: Group) -> None:
        """Open no row."""

    def finish(self, snapshot: Snapshot) -> None:
        """Close no row."""

    def say(self, text: str, terminal: int | None) -> None:
        """Write nothing."""

    def new_id(self) -> int:
        """Return some number."""
        return 1


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """The relay of a process that may report and be reported to."""
    folder = tempfile.mkdtemp(prefix="relay")  # the path of a socket has to be short
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    monkeypatch.setenv(address.VARIABLE, f"{address.NOT}:{os.getppid()}")
    monkeypatch.delenv(address.KEY, raising=False)
    relay = Relay(Display())
    yield relay
    relay.finish("stopped")
    shutil.rmtree(folder)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, relay: Relay) -> Iterator[Receiver]:
    """Where another process listens; it is told of by the environment."""
    lost: list[Any] = []
    receiver = Receiver(address.new_station(), lambda peer, event: None, lost.append)
    at, key = receiver.station.address._replace(pid=os.getppid()), receiver.station.key
    monkeypatch.setenv(address.VARIABLE, str(at))
    monkeypatch.setenv(address.KEY, key)
    yield receiver
    receiver.close()


def peers(receiver: Receiver) -> int:
    """Return how many processes have shown the secret, or hung up since."""
    for _ in range(3):
        receiver.poll(monotonic())
    return receiver.connected - len(receiver._strangers)


def test_asking_for_the_sink_looks_for_nobody(relay: Relay, elsewhere: Receiver) -> None:
    """Whether a process reports is a question that changes nothing; seeking is an act."""
    assert relay.sink is None
    assert (type(relay.side), peers(elsewhere)) == (Alone, 0)

    sink = relay.seek()
    assert sink is not None
    sink.pump()

    assert relay.sink is sink is relay.seek()
    assert (type(relay.side), peers(elsewhere)) == (Reporting, 1)


def test_a_signal_handler_that_begins_while_its_process_does(
    relay: Relay, elsewhere: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that reports while the code that it interrupts is about to connect gets the one connection."""
    connect, handled = connection.connect, []

    def interrupted(at: address.Address) -> Any:
        if not handled:
            handled.append(None)
            handled.append(relay.seek())
        return connect(at)

    monkeypatch.setattr(connection, "connect", interrupted)
    sink = relay.seek()
    assert sink is not None
    sink.pump()

    assert [None, sink] == handled
    assert peers(elsewhere) == 1
    assert elsewhere.connected == 1


def test_a_process_that_draws_goes_from_side_to_side(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """It offers once it draws, listens while a bar is open, rests when nobody needs it, and can listen again."""
    monkeypatch.delitem(sys.modules, "multiprocessing.process", raising=False)  # else workers may be waiting already
    assert relay.drew()
    assert type(relay.side) is Offering
    assert os.environ[address.VARIABLE] == str(relay.side.station.address)
    assert relay.poll(0.0, drawing=False) is None
    assert type(relay.side) is Offering

    for _ in range(2):
        assert relay.poll(0.0, drawing=True)
        assert isinstance(relay.side, Listening)
        path = relay.side.station.address.where
        assert os.path.exists(path)
        assert relay.poll(monotonic() + 1.0, drawing=False) is None
        with monkeypatch.context() as later:
            later.setattr(clock, "monotonic", lambda: monotonic() + IDLE)
            relay.poll(monotonic() + 1.0, drawing=False)
        assert type(relay.side) is Offering
        assert not os.path.exists(path)
    relay.finish("finished")

    assert type(relay.side) is Over
    assert relay.poll(0.0, drawing=True) is None
    assert not relay.drew()
    assert address.VARIABLE not in os.environ


def test_a_process_that_drew_may_report_later(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells its children no more to report to it, and closes its sockets where they are read."""
    relay.drew()
    relay.listen()
    assert isinstance(relay.side, Listening)
    own = relay.side.station
    other = Receiver(address.new_station(), lambda peer, event: None, lambda peer: None)
    at, key = other.station.address._replace(pid=os.getppid()), other.station.key
    monkeypatch.setenv(address.VARIABLE, str(at))
    monkeypatch.setenv(address.KEY, key)

    assert relay.seek() is not None
    assert address.VARIABLE not in os.environ
    assert os.path.exists(own.address.where)
    relay.poll(0.0, drawing=False)
    assert not os.path.exists(own.address.where)
    other.close()


def test_a_process_without_sockets_is_over(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no socket can be had it neither listens nor says that it does."""

    def no_receiver(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("headway.processes.receiver.Receiver", no_receiver)
    relay.drew()
    relay.listen()

    assert type(relay.side) is Over
    assert address.VARIABLE not in os.environ


def test_copies_stay_registered_in_the_child_of_a_fork(relay: Relay) -> None:
    """The child of a fork is on no side, and counts its own copies in by the object that its parent registered."""
    registered = relay.copies = Uncounted()
    relay.drew()
    relay.after_fork_in_child()

    assert type(relay.side) is Alone
    assert relay.copies is registered


def test_a_process_that_is_not_to_report_to_its_parent_never_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When it draws, its own address takes the place of `not:1234` in the environment; that still holds."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(address, "_refused", "")
    folder = address.directory(make=True)
    assert folder is not None
    parent = address.Station(address.Address("unix", os.getppid(), "parent.sock"), "ab" * address.KEY_BYTES)
    address._write_card(folder, f"pid-{os.getppid()}", parent)
    monkeypatch.delenv(address.VARIABLE, raising=False)
    assert list(address.candidates()) == [parent]

    monkeypatch.setenv(address.VARIABLE, f"{address.NOT}:{os.getppid()}")
    assert list(address.candidates()) == []
    monkeypatch.setenv(address.VARIABLE, f"unix:{os.getpid()}:mine.sock")
    assert list(address.candidates()) == []
