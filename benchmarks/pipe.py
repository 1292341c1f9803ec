"""The pipe meter beside pv, cat and tqdm's command line: gigabytes a second through the same pipes, in one run.

Needs `pv` on the path. The displays are on, each in a pseudo-terminal of its own that is read meanwhile. Rounds are
interleaved, and the fastest of each contender's counts: what else the machine does only ever slows a copy. What the
same command takes for an empty file is taken off, and has a row of its own. tqdm's command line gets a tenth of it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BUDGET = 0.8
"""The share of pv's throughput that the meter must reach."""
HEADWAY = f"{shlex.quote(sys.executable)} -m headway"
TQDM = f"{shlex.quote(sys.executable)} -m tqdm"
CONTENDERS = {
    "bytes": {"cat": "cat", "pv": "pv", "headway": HEADWAY, "tqdm": f"{TQDM} --bytes"},
    "lines": {"cat": "cat", "pv": "pv -l", "headway": f"{HEADWAY} -l", "tqdm": TQDM},
}
SCENES = {
    "pipe to /dev/null": "cat {file} | {meter} >/dev/null",
    "pipe to pipe": "cat {file} | {meter} | cat >/dev/null",
    "pipe to file": "cat {file} | {meter} >{out}",
    "file to pipe": "{meter} <{file} | cat >/dev/null",
    "file to file": "{meter} <{file} >{out}",
}


def seconds(command: str) -> float:
    """Run a command whose stderr is a terminal, and return the wall time."""
    master, slave = os.openpty()
    drain = threading.Thread(target=_drain, args=[master], daemon=True)
    drain.start()
    start = time.monotonic()
    subprocess.run(["bash", "-o", "pipefail", "-c", command], stderr=slave, check=True)
    taken = time.monotonic() - start
    os.close(slave)
    drain.join()
    os.close(master)
    return taken


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        return  # the last holder of the terminal is gone


def fill(file: Path, size: int) -> None:
    """Write lines of about 30 characters."""
    lines = "".join(f"{i:012d} some words of text\n" for i in range(100_000)).encode()
    with file.open("wb") as out:
        while out.tell() < size:
            out.write(lines)


def measure(meters: dict[str, str], scene: str, folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the gigabytes a second of each meter in a scene, and the seconds that its start takes, at its best."""
    copying, starting = dict.fromkeys(meters, float("inf")), dict.fromkeys(meters, float("inf"))
    for _ in range(rounds):
        for name, meter in meters.items():
            for best, file in ((starting, "empty"), (copying, _file_for(name))):
                (folder / "out").unlink(missing_ok=True)  # to be freed outside of the measurement
                command = scene.format(file=folder / file, out=folder / "out", meter=meter)
                best[name] = min(best[name], seconds(command))
    gigabytes = {name: (folder / _file_for(name)).stat().st_size / 1e9 for name in meters}
    return {name: (gigabytes[name] / (copying[name] - starting[name]), starting[name]) for name in meters}


def _file_for(name: str) -> str:
    return "small" if name == "tqdm" else "large"


def main() -> int:
    """Measure, print a table, and return 1 where the budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--size", type=float, default=3.0, help="gigabytes; default: %(default)s")
    asked = parser.parse_args()
    if shutil.which("pv") is None:
        parser.error("pv is not installed: apt install pv")
    os.environ.pop("HEADWAY_BACKEND", None)
    met = True
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        folder = Path(name)
        fill(folder / "large", int(asked.size * 1e9))
        fill(folder / "empty", 0)
        fill(folder / "small", int(asked.size * 1e8))
        for kind, meters in CONTENDERS.items():
            print(f"{f'{kind}, GB/s':<22}" + "".join(f"{name:>10}" for name in meters) + f"{'headway/pv':>13}")
            for scene, command in SCENES.items():
                measured = measure(meters, command, folder, asked.rounds)
                share = measured["headway"][0] / measured["pv"][0]
                met = met and share >= BUDGET
                verdict = "" if share >= BUDGET else f"  below {BUDGET}"
                speeds = "".join(f"{speed:10.2f}" for speed, _ in measured.values())
                print(f"{scene:<22}{speeds}{share:12.2f}x{verdict}", flush=True)
            starts = "".join(f"{start:10.2f}" for _, start in measured.values())
            print(f"{'seconds to start':<22}{starts}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
