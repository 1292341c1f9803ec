"""The section on a crowd: how often two hundred bars are drawn on a terminal of 24 rows, and what that takes."""

from __future__ import annotations

import re
import sys
import tempfile
from importlib.util import find_spec
from time import monotonic

from measure import ROWS, Answer, Terminal, cleared
from rounds import Plan, value_of
from table import Row, Table, number, verdict

__all__ = ["crowd"]

BARS = 200
BACKENDS = ("rows", "tqdm", "progressbar2", "alive", "rich")
LEAST = {"rich": 2.0}
"""Frames a second that there are at least, where it is not `USUAL`: rich lays out the whole table for each."""
USUAL = 4.0
MOST = 2.0
"""% of the wall time that drawing takes at most."""
APART = 0.012
"""Seconds without output that end a frame: two are at least 0.025 s apart."""
_SEQUENCE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")
_NUMBER = re.compile(rb"[0-9]+")
PROGRAM = """
import json, os, sys, threading, time
import headway

many, seconds = int(sys.argv[1]), float(sys.argv[2])
bars = []

def open_beside(i):
    bars.append(headway.get_bar(10_000_000, desc=f"bar {i}"))

for i in range(many):
    thread = threading.Thread(target=open_beside, args=(i,))
    thread.start()
    thread.join()

def used():
    return time.process_time() - time.thread_time()

def advance(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for i, bar in enumerate(bars):
            bar.update(1 + i % 7)
        time.sleep(0.02)

advance(seconds)
cpu, start = used(), time.monotonic()
os.write(int(os.environ["BENCHMARK_ANSWER"]), b" ")
advance(seconds)
wall = time.monotonic() - start
answer = {"share": (used() - cpu) / wall * 100, "seconds": wall}
os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(answer).encode())
os._exit(0)
"""


class Watched(Terminal):
    """A terminal that counts frames, from the first byte of the answer on.

    A frame is a burst of output in which a number has changed, so that the spinner of a library is none.
    """

    frames = 0
    _burst = b""
    _numbers: tuple[bytes, ...] = ()
    _seen_at = 0.0

    def _see(self, data: bytes, now: int) -> None:
        super()._see(data, now)
        if monotonic() - self._seen_at > APART:
            self.end_frame()
        self._burst += data
        self._seen_at = monotonic()

    def end_frame(self) -> None:
        """Count the burst that is over."""
        numbers = tuple(_NUMBER.findall(_SEQUENCE.sub(b"", self._burst)))
        if numbers and numbers != self._numbers:
            self._numbers = numbers
            self.frames += bool(self._answer)
        self._burst = b""


def crowd(plan: Plan) -> Table:
    """Frames of many bars, and what drawing takes."""
    table = Table(
        f"{BARS} bars on a terminal of {ROWS} rows",
        f"The bars are beside one another and are updated in turn, all of them every 20 ms, for "
        f"{plan.crowd_seconds:g} s after as long a time, since the first 48 frames of a bar cost more: its estimate "
        f"learns from each. Frames: bursts of output in which a number has changed. Drawing: CPU time of all threads "
        f"but the one that reports, over the wall time.",
        ["frames a second", "drawing, % of wall"],
    )
    for backend in BACKENDS:
        name = f"headway [{backend}]"
        if backend != "rows" and find_spec(f"headway_{backend}") is None:
            table.rows.append(Row(name, [f"headway-{backend} is not installed"]))
            continue
        answer = _measured(backend, plan.crowd_seconds)
        table.rows.append(_row(name, [answer], LEAST.get(backend, USUAL)))
    return table


def _measured(backend: str, seconds: float) -> Answer:
    command = [sys.executable, "-c", PROGRAM, str(BARS), str(seconds)]
    terminal = Watched(command, cleared({"HEADWAY_BACKEND": backend}), tempfile.gettempdir())
    answer = terminal.run()
    terminal.end_frame()
    return answer if "error" in answer else {**answer, "frames": terminal.frames / answer["seconds"]}


def _row(name: str, answers: list[Answer], least: float) -> Row:
    frames, share = value_of(answers, "frames"), value_of(answers, "share")
    budget = f"{verdict(frames, least, '/s', least=True)}; {verdict(share, MOST, ' %', digits=2)}"
    return Row(name, [number(frames), number(share, 2)], budget)
