"""Compares the rows that ordinary programs leave under alive-progress and progressbar2 with those that headway leaves.

`python tools/looks.py` writes the rows into docs/renderers.md. It needs both libraries and headway's plugins for them.
"""

from __future__ import annotations

import re
from pathlib import Path

from headway.testing import Screen, run_in_terminal

__all__ = ["LIBRARIES", "PROGRAMS", "RUNNING", "form", "native_rows", "our_rows", "row_half_way"]

PAGE = Path(__file__).parents[1] / "docs" / "renderers.md"
BEGIN, END = "<!-- rows: written by tools/looks.py -->\n", "<!-- end of rows -->\n"
LIBRARIES = {"alive": "alive-progress", "progressbar2": "progressbar2"}
WIDE = 110
"""Columns in which everything fits."""

COMMON = """
import sys, time
import headway
from alive_progress import alive_bar
from progressbar import ProgressBar, UnknownLength

HALF = -1

def items(first=0, last=40):
    for i in range(first, last):
        time.sleep(60 if i == HALF else 0.006)
        yield i

def alive(total, title, done=range(40), text=None, **options):
    with alive_bar(total, title=title, receipt_text=True, **options) as bar:
        bar.text = text
        if done[0]: bar(done[0], skipped=True)
        for i in items(done[0], done[-1] + 1): bar()
        if done[-1] == 18: raise ValueError("boom")

def progressbar2(total, desc, done=range(40), **options):
    with ProgressBar(max_value=total, desc=desc, initial_value=done[0], max_error=False, **options) as bar:
        for i in items(done[0], done[-1] + 1): bar.update(i + 1, force=True)
        if done[-1] == 18: raise ValueError("boom")

def ours(total, desc, done=range(40), metrics={}, **options):
    with headway.get_bar(total, desc=desc, initial=done[0], **options) as bar:
        for i in items(done[0], done[-1] + 1): bar.metrics(metrics); bar.update()
        if done[-1] == 18: raise ValueError("boom")
"""

PROGRAMS: dict[str, dict[str, str]] = {
    "a loop": {
        "alive": "alive(40, None)",
        "progressbar2": "progressbar2(40, None)",
        "headway": "for i in headway.track(items(), total=40): pass",
    },
    "a label": {
        "alive": "alive(40, 'train')",
        "progressbar2": "progressbar2(40, 'train')",
        "headway": "ours(40, 'train')",
    },
    "metrics": {
        "alive": "alive(40, 'train', text='loss=0.5000 lr=0.1000')",
        "progressbar2": "progressbar2(40, 'train', postfix={'loss': '0.5000', 'lr': '0.1000'})",
        "headway": "ours(40, 'train', metrics={'loss': 0.5, 'lr': 0.1})",
    },
    "no total": {
        "alive": "alive(None, 'read')",
        "progressbar2": "progressbar2(UnknownLength, 'read')",
        "headway": "for i in headway.track(items(), desc='read'): pass",
    },
    "no total, a metric": {
        "alive": "alive(None, 'read', text='rows=0.5000')",
        "progressbar2": "progressbar2(UnknownLength, 'read', postfix={'rows': '0.5000'})",
        "headway": "ours(None, 'read', metrics={'rows': 0.5})",
    },
    "an early end": {
        "alive": "alive(40, 'search', range(10))",
        "progressbar2": "progressbar2(40, 'search', range(10))",
        "headway": "for i in headway.track(items(), total=40, desc='search'):\n if i == 10: break",
    },
    "an error": {
        "alive": "try: alive(40, 'train', range(19))\nexcept ValueError: pass",
        "progressbar2": "try: progressbar2(40, 'train', range(19))\nexcept ValueError: pass",
        "headway": "try: ours(40, 'train', range(19))\nexcept ValueError: pass",
    },
    "more than expected": {
        "alive": "alive(30, 'copy')",
        "progressbar2": "progressbar2(30, 'copy')",
        "headway": "ours(30, 'copy')",
    },
    "resumed": {
        "alive": "alive(40, 'train', range(20, 40))",
        "progressbar2": "progressbar2(40, 'train', range(20, 40))",
        "headway": "ours(40, 'train', range(20, 40))",
    },
    "a unit": {
        "alive": "alive(40, 'copy', unit='file')",
        "progressbar2": "progressbar2(40, 'copy', unit='file')",
        "headway": "ours(40, 'copy', unit='file')",
    },
}
"""Ten programs, each for the libraries and for headway."""

RUNNING = ["a label", "metrics", "no total, a metric"]
"""Those whose rows are compared half-way, too."""


def native_rows(library: str) -> list[str]:
    """Return the row that each of the programs leaves under a library itself."""
    return _checked(_run([program[library] for program in PROGRAMS.values()]))


def our_rows(library: str) -> list[str]:
    """Return the row that each of the programs leaves under headway, with a library drawing."""
    programs = [program["headway"] for program in PROGRAMS.values()]
    return _checked(_run(programs, env={"HEADWAY_BACKEND": library}))


def row_half_way(name: str, library: str, *, native: bool) -> str:
    """Run a program that stands still half-way, and return its row there.

    Args:
        name: The name of the program.
        library: The library.
        native: Whether the library runs by itself.
    """
    program = PROGRAMS[name][library if native else "headway"]
    env = {} if native else {"HEADWAY_BACKEND": library}
    screen = _run(["HALF = 20", program], env=env, until=lambda rows: any(map(STILL.search, rows)))
    return next(filter(STILL.search, screen.rows), str(screen))


STILL = re.compile(r"\b20(/40| of 40| in| Elapsed)")


def _run(programs: list[str], **how: object) -> Screen:
    """Run programs one after the other in one terminal."""
    code = COMMON + "".join(f"{program}\n" for program in programs)
    return run_in_terminal(code, columns=WIDE, lines=40, **how)  # type: ignore[arg-type]


def _checked(screen: Screen) -> list[str]:
    if screen.status or len(screen.rows) != len(PROGRAMS):
        raise RuntimeError(f"Each program is to leave a row:\n{screen}")
    return screen.rows


def form(row: str) -> str:
    """Return a row without its digits, and without what moves: the bar, the spinner, and alignment."""
    still = re.sub(r"(: )[|/\\-](?= \|)|[\u2581-\u2588]{3}(?= \d)", r"\1*", row)
    bar = re.sub(r"\|[^|]*([|\u2717])", r"|bar\1", still, count=1)
    return " ".join(re.sub(r"\d+(\.\d+)?", "0", bar).split())


def block() -> str:
    """Return the rows of all programs, native and ours."""
    lines = []
    for library, name in LIBRARIES.items():
        lines += ["```text"]
        for program, native, ours in zip(PROGRAMS, native_rows(library), our_rows(library), strict=True):
            lines += [program, f"  {name:<16}{native}", f"  {'headway':<16}{ours}"]
        lines += ["```", ""]
    return "\n".join(lines)


def main() -> None:
    """Write the rows into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{block()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
