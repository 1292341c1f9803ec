"""Waiting for a sink to be idle, also from within a signal handler that has interrupted such a wait."""

import sys
import threading
import time
from typing import Any

import pytest

from headway.drawing.idle import Idle


def test_a_wait_ends_when_it_is_idle_or_too_late() -> None:
    """Nothing waits at the beginning; several threads are let go at once."""
    idle = Idle()
    assert idle.wait(0.0)
    idle.clear()
    assert not idle.wait(0.01)
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(idle.wait(20))) for _ in range(5)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(idle._waiting) < 5 and time.monotonic() < deadline:
        time.sleep(0.001)
    idle.set()
    for thread in threads:
        thread.join(10)

    assert found == [True] * 5
    assert not idle._waiting


@pytest.mark.skipif(sys.platform == "win32", reason="needs a timer that signals")
def test_a_handler_in_the_middle_of_a_wait_stops_no_thread(run: Any) -> None:
    """The thread that sets and clears never waits for a wait that was interrupted."""
    done = run(
        """
        import _thread, queue, signal, threading, time
        from headway.drawing.idle import Idle
        idle, asked, handled = Idle(), queue.SimpleQueue(), 0

        def work():
            while True:
                done = asked.get()
                idle.clear()
                done.release()

        def handler(*_):
            global handled
            done = _thread.allocate_lock()
            done.acquire()
            asked.put(done)
            assert done.acquire(timeout=10), "the thread waits for the wait"
            idle.wait(0.0001)
            handled += 1
            signal.setitimer(signal.ITIMER_REAL, 0.0003)

        threading.Thread(target=work, daemon=True).start()
        signal.signal(signal.SIGALRM, handler)
        idle.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while handled < 3000:
            idle.wait(0.0002)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("DONE")
        """
    )

    assert done.stdout == "DONE\n", done.stderr[-2000:]
