"""SIGTERM ends a process that draws, wherever its main thread is: as without a bar, and with a whole terminal."""

import os
import re
from importlib.util import find_spec

import pytest

from headway.testing import Screen, run_in_terminal

BACKENDS = ["rows", *(name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}"))]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these programs are written for POSIX")

IN_C = """
import ctypes, headway, os, signal, sys, threading, time

def never_return():
    "Wait in a call into C that goes on after each signal."
    c = ctypes.CDLL(None)
    mutex, condition = (ctypes.create_string_buffer(128) for _ in range(2))
    c.pthread_mutex_lock(mutex)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    c.pthread_cond_wait(condition, mutex)
    sys.stdout.write("BACK\\n")
"""


def show(code: str, backend: str = "rows") -> Screen:
    """Run a program that has such a call at hand."""
    return run_in_terminal(IN_C + code, env={"HEADWAY_BACKEND": backend}, columns=100, timeout=30)


@pytest.mark.parametrize("backend", BACKENDS)
def test_sigterm_ends_a_program_whose_main_thread_is_in_c(backend: str) -> None:
    """The thread that draws ends the display, and the process by the signal."""
    screen = show("with headway.get_bar(10, desc='alpha') as bar:\n    bar.update(3)\n    never_return()", backend)

    assert screen.status == -15, str(screen)
    assert not screen.cursor_hidden, str(screen)
    assert len(screen.rows) == 1, str(screen)
    assert re.search(r"^alpha interrupted.*3/10|^alpha interrupted.*3 of 10", screen.rows[0]), str(screen)


@pytest.mark.parametrize("calls", ["pass", "before(*args)"])
def test_a_handler_of_the_programs_own_may_wait_for_c(calls: str) -> None:
    """Such a program is not ended: its handler, which may call the one of headway, runs when the call is over."""
    screen = show(f"""
with headway.get_bar(10, desc="alpha") as bar:
    before = signal.getsignal(signal.SIGTERM)
    def mine(*args):
        print("mine")
        {calls}
    signal.signal(signal.SIGTERM, mine)
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
    threading.Lock().acquire()
    ctypes.CDLL(None).usleep(2_000_000)
    bar.update(10)
""")

    assert (screen.status, screen.rows[0]) == (0, "mine"), str(screen)


def test_sigterm_wakes_up_a_wait_that_it_came_too_late_for() -> None:
    """As that of a worker whose lock another process has just taken: here another thread of it gets the signal."""
    screen = show("""
sys.modules["ctypes"] = None  # nothing is needed that a program may lack
with headway.get_bar(10, desc="alpha") as bar:
    bar.update(3)
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
    held = threading.Lock()
    held.acquire()
    held.acquire()
""")

    assert screen.status == -15, str(screen)
    assert not screen.cursor_hidden, str(screen)
    assert [re.sub(" .*", "", row) for row in screen.rows] == ["alpha"], str(screen)


def test_the_pipe_of_a_program_stays() -> None:
    """A program that is told of signals by a pipe of its own is told, under a bar and after it."""
    screen = show("""
import socket
mine, theirs = socket.socketpair()
for each in mine, theirs: each.setblocking(False)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.set_wakeup_fd(theirs.fileno())
with headway.get_bar(10, desc="alpha") as bar:
    os.kill(os.getpid(), signal.SIGUSR1)
    print(mine.recv(9) == bytes([signal.SIGUSR1]))
os.kill(os.getpid(), signal.SIGUSR1)
print(mine.recv(9) == bytes([signal.SIGUSR1]))
print(signal.set_wakeup_fd(-1) == theirs.fileno())
""")

    assert screen.rows.count("True") == 3, str(screen)


def test_no_pipe_is_left_behind() -> None:
    """After the last bar a library that looks for a pipe finds none."""
    screen = show("""
with headway.get_bar(10, desc="alpha") as bar: bar.update(10)
print(signal.set_wakeup_fd(-1))
""")

    assert screen.rows[-1] == "-1", str(screen)


def test_a_child_has_no_pipe_in_common_with_its_parent() -> None:
    """SIGTERM for a child, with bars of its own and without, leaves the parent alone."""
    screen = show("""
with headway.get_bar(4, desc="alpha") as bar:
    for number in range(4):
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            if number % 2:
                signal.set_wakeup_fd(-1)
            with headway.get_bar(4, desc="beta"):
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(9)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        bar.update()
    time.sleep(2)
""")

    assert screen.status == 0, str(screen)
    assert "4/4" in screen.rows[-1], str(screen)
