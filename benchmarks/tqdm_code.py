"""What code written for tqdm costs under tqdm, captured, and through headway's door: `python benchmarks/tqdm_code.py`.

Each round runs in a process of its own on a pseudo-terminal that is read meanwhile, with the bar drawn by tqdm's
renderer; rounds are interleaved, and the fastest of each counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from measure import KEPT, Answer, Terminal
from table import Row, Table, number

__all__: list[str] = []

HEADS = {
    "tqdm": "from tqdm import tqdm",
    "captured": "import headway; headway.capture('tqdm'); from tqdm import tqdm",
    "headway.tqdm": "from headway.tqdm import tqdm",
}
SCENES = """
import json, os, time

ITEMS, BARS = 2_000_000, 300

def bare():
    for _ in range(ITEMS):
        pass

def loop_over_a_range():
    for _ in tqdm(range(ITEMS)):
        pass

def loop_over_a_generator():
    for _ in tqdm((i for i in range(ITEMS)), total=ITEMS):
        pass

def update():
    with tqdm(total=ITEMS) as bar:
        for _ in range(ITEMS):
            bar.update(1)

def set_postfix():
    with tqdm(total=ITEMS // 200) as bar:
        for i in range(ITEMS // 200):
            bar.set_postfix(loss=i)
            bar.update(1)

def open_and_close():
    for _ in range(BARS):
        for _ in tqdm(range(10)):
            pass

def open_and_close_nested():
    for _ in tqdm(range(BARS)):
        for _ in tqdm(range(10), leave=False):
            pass

def disabled():
    for _ in range(10 * BARS):
        for _ in tqdm(range(10), disable=True):
            pass

def seconds(act):
    start = time.perf_counter()
    act()
    return time.perf_counter() - start

def ns(act, times, over=0.0):
    return (min(seconds(act) for _ in range(3)) - over) / times * 1e9

for _ in tqdm(range(10)):
    pass
nothing = min(seconds(bare) for _ in range(3))
figures = {
    "an item of a range": ns(loop_over_a_range, ITEMS, nothing),
    "an item of a generator": ns(loop_over_a_generator, ITEMS, nothing),
    "`update(1)`": ns(update, ITEMS, nothing),
    "`set_postfix(loss=i)` and `update(1)`": ns(set_postfix, ITEMS // 200),
    "a bar of 10 items": ns(open_and_close, BARS),
    "the same inside of another": ns(open_and_close_nested, BARS),
    "the same with `disable=True`": ns(disabled, 10 * BARS),
}
os.write(int(os.environ["BENCHMARK_ANSWER"]), json.dumps(figures).encode())
"""
NOTE = """\
Nanoseconds, of loops and updates over the bare loop; in brackets times tqdm. Fastest of {rounds} rounds in turn, each \
in a process and a pseudo-terminal of its own."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the table to a file, too")
    arguments = parser.parse_args()
    best: dict[str, Answer] = {way: {} for way in HEADS}
    for _ in range(arguments.rounds):
        for way, figures in best.items():
            for scene, figure in _run(HEADS[way]).items():
                figures[scene] = min(figure, figures.get(scene, figure))
    rows = [Row(scene, [_cell(best[way][scene], tqdm) for way in HEADS]) for scene, tqdm in best["tqdm"].items()]
    table = Table("Code written for tqdm", NOTE.format(rounds=arguments.rounds), list(HEADS), rows)
    print(table.text())
    if arguments.markdown:
        arguments.markdown.write_text(table.markdown(), encoding="utf-8")


def _cell(figure: float, tqdm: float) -> str:
    return number(figure, 0) if figure == tqdm else f"{number(figure, 0)} ({figure / tqdm:.2f})"


def _run(head: str) -> Answer:
    """Run the scenes once, and return the nanoseconds of each."""
    kept = {name: os.environ[name] for name in (*KEPT, "PYTHONPATH") if name in os.environ}
    environment = {**kept, "TERM": "xterm-256color", "HEADWAY_BACKEND": "tqdm"}
    answer = Terminal([sys.executable, "-c", f"{head}\n{SCENES}"], environment, tempfile.gettempdir()).run()
    if "error" in answer:
        sys.exit(f"{head}: {answer['error']}")
    return answer


if __name__ == "__main__":
    main()
