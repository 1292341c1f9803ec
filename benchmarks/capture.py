"""What a captured bar of tqdm's costs beside a native one: ns an item over the bare loop, in one run, on a terminal.

Each round runs in a process of its own on a pseudo-terminal that is read meanwhile; rounds are interleaved, and the
fastest of each counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading

SCENE = """
import json, os, sys, time
captured = sys.argv[1] == "captured"
if captured:
    import headway
    headway.capture("tqdm")
from tqdm import tqdm

ITEMS = 2_000_000

def bare():
    for _ in range(ITEMS):
        pass

def loop():
    for _ in tqdm(range(ITEMS)):
        pass

def generator():
    for _ in tqdm((i for i in range(ITEMS)), total=ITEMS):
        pass

def update():
    with tqdm(total=ITEMS) as bar:
        for _ in range(ITEMS):
            bar.update()

def postfix():
    with tqdm(total=ITEMS // 20) as bar:
        for i in range(ITEMS // 20):
            bar.set_postfix(loss=i, refresh=False)
            bar.update()

def seconds(act):
    start = time.perf_counter()
    act()
    return time.perf_counter() - start

scenes = {"loop over a range": loop, "loop over a generator": generator, "update()": update}
figures = {name: (seconds(act) - seconds(bare)) / ITEMS * 1e9 for name, act in scenes.items()}
figures["set_postfix() and update()"] = seconds(postfix) / (ITEMS // 20) * 1e9
os.write(int(sys.argv[2]), json.dumps(figures).encode())
"""


def run(kind: str) -> dict[str, float]:
    """Run the scenes once, and return the ns of each."""
    master, slave = os.openpty()
    answer, write = os.pipe()
    drain = threading.Thread(target=_drain, args=[master], daemon=True)
    drain.start()
    command = [sys.executable, "-c", SCENE, kind, str(write)]
    subprocess.run(command, stderr=slave, stdout=slave, pass_fds=[write], check=True)
    os.close(write)
    os.close(slave)
    drain.join()
    os.close(master)
    with open(answer, "rb") as file:
        figures: dict[str, float] = json.load(file)
    return figures


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        return  # the last holder of the terminal is gone


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    rounds = parser.parse_args().rounds
    best: dict[str, dict[str, float]] = {"native": {}, "captured": {}}
    for _ in range(rounds):
        for kind, figures in best.items():
            for scene, figure in run(kind).items():
                figures[scene] = min(figure, figures.get(scene, figure))
    print(f"{'ns an item':<28}{'tqdm':>8}{'captured':>10}{'':>8}")
    for scene, native in best["native"].items():
        print(f"{scene:<28}{native:8.0f}{best['captured'][scene]:10.0f}{best['captured'][scene] / native:7.2f}x")


if __name__ == "__main__":
    main()
