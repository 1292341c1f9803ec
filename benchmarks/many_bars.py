"""How often many bars are drawn, and what that takes: `python benchmarks/many_bars.py`.

For each renderer, a program on a pseudo-terminal of 24 rows opens bars in threads beside one another, and all of them
advance. A frame is a burst of output in which a number has changed, so that the spinner of a library is none. The time
of drawing is the CPU time of headway's thread, over the wall time; that of a thread of the library is not in it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from importlib.util import find_spec
from time import monotonic

from measure import Terminal

LIBRARIES = {
    "rows": "headway",
    "tqdm": "tqdm",
    "progressbar2": "progressbar",
    "rich": "rich",
    "alive": "alive_progress",
}
LEAST = {"rich": 2.0}
"""Frames a second that 200 bars have at least, where it is not `USUAL`."""
USUAL = 4.0
MOST = 2.0
"""% of the wall time that drawing takes at most, but for what one frame more takes."""
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
    tasks = {thread.name: thread.native_id for thread in threading.enumerate()}
    with open(f"/proc/self/task/{tasks['headway']}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9

def advance(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for i, bar in enumerate(bars):
            bar.update(1 + i % 7)
        time.sleep(0.02)

advance(seconds / 2)
cpu, start = used(), time.monotonic()
os.write(int(os.environ["BENCHMARK_ANSWER"]), b" ")
advance(seconds)
answer = {"share": (used() - cpu) / (time.monotonic() - start) * 100, "seconds": time.monotonic() - start}
os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(answer).encode())
os._exit(0)
"""


class Watched(Terminal):
    """A terminal that counts frames, from the first byte of the answer on."""

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


def measure(backend: str, bars: int, seconds: float) -> tuple[float, float]:
    """Return the frames a second, and the share of the time that drawing took, in %."""
    import os

    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR") if name in os.environ}
    environment = {**kept, "TERM": "xterm-256color", "HEADWAY_BACKEND": backend}
    terminal = Watched([sys.executable, "-c", PROGRAM, str(bars), str(seconds)], environment, tempfile.gettempdir())
    answer = terminal.run()
    if "error" in answer:
        raise RuntimeError(f"{backend} with {bars} bars: {answer['error']}")
    terminal.end_frame()
    return terminal.frames / answer["seconds"], answer["share"]


def main() -> int:
    """Print the table; the status is 1 if 200 bars have too few frames."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append", help="a renderer; may be given several times")
    parser.add_argument("--bars", type=int, nargs="*", default=[1, 16, 64, 200])
    parser.add_argument("--seconds", type=float, default=8.0)
    asked = parser.parse_args()
    there = [name for name, module in LIBRARIES.items() if find_spec(module) and name in (asked.only or LIBRARIES)]
    print("| renderer |" + "".join(f" {bars} bars |" for bars in asked.bars))
    print("|---|" + "---:|" * len(asked.bars))
    failed = False
    for backend in there:
        found = [measure(backend, bars, asked.seconds) for bars in asked.bars]
        print(f"| {backend} |" + "".join(f" {frames:.1f}/s, {share:.1f} % |" for frames, share in found), flush=True)
        failed = failed or any(
            bars == 200 and frames < LEAST.get(backend, USUAL)
            for bars, (frames, _) in zip(asked.bars, found, strict=True)
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
