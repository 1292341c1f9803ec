"""What a printed line costs beside a bar: `python benchmarks/printing.py`.

Each contender runs in a process of its own on a pseudo-terminal, three rounds in turn; the best round counts.
"""

from __future__ import annotations

import textwrap
from importlib.util import find_spec

from headway.testing import run_in_terminal

LINES = 1000
ROUNDS = 3
HEADWAY = """
    import headway
    with headway.get_bar(10, desc='bar') as bar: time_it(print)
"""
CONTENDERS = {
    "print, no bar": ("", "time_it(print)"),
    "print, headway drawn by tqdm": ("tqdm", HEADWAY),
    "print, headway drawn by progressbar2": ("progressbar2", HEADWAY),
    "print, headway drawn by alive-progress": ("alive_progress", HEADWAY),
    "tqdm.write": (
        "tqdm",
        """
        from tqdm import tqdm
        with tqdm(total=10, desc='bar') as bar: time_it(tqdm.write)
        """,
    ),
    "print, alive-progress": (
        "alive_progress",
        """
        from alive_progress import alive_bar
        with alive_bar(10) as bar: time_it(print)
        """,
    ),
    "print, rich": (
        "rich",
        """
        from rich.progress import Progress
        with Progress() as progress: progress.add_task('bar', total=10); time_it(print)
        """,
    ),
}
TIMING = f"""
    import time
    def time_it(write):
        start = time.perf_counter()
        for i in range({LINES}): write(f'line {{i}} of the program')
        global took
        took = (time.perf_counter() - start) / {LINES} * 1e6
"""


def measure(backend: str, code: str) -> float:
    """Return the microseconds of one line."""
    program = textwrap.dedent(TIMING) + textwrap.dedent(code) + "\nprint('TOOK', took)"
    screen = run_in_terminal(program, env={"HEADWAY_BACKEND": backend.removesuffix("_progress")}, columns=100)
    return float(screen.rows_with("TOOK ")[-1].removeprefix("TOOK "))


def main() -> None:
    """Print the table."""
    there = {who: how for who, how in CONTENDERS.items() if not how[0] or find_spec(how[0].replace("2", ""))}
    took = {who: min(measure(*how) for _ in range(ROUNDS)) for who, how in there.items()}
    base = took.get("tqdm.write")
    print("| a line beside a bar | us | times tqdm.write |\n|---|---:|---:|")
    for who, us in took.items():
        print(f"| {who} | {us:.0f} | {'' if base is None else f'{us / base:.2f}'} |")


if __name__ == "__main__":
    main()
