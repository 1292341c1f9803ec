"""What a step costs under each framework's own bar and under headway's: `python benchmarks/frameworks.py`.

The packages are those of `tests/with_frameworks/requirements.txt`, with torch, rich and headway's tqdm plugin.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from framework_scenes import SCENES
from provenance import cpu_model, source
from table import Row, Table, number

from headway.testing import run_in_terminal

__all__: list[str] = []

PACKAGES = {"xgboost": "xgboost-cpu", "sklearn": "scikit-learn", "ignite": "pytorch-ignite"}
SCRIPT = str(Path(__file__).with_name("framework_scenes.py"))
COLUMNS = ["step, no bar", "its own", "headway", "headway / own"]
NOTE = """\
Microseconds. *step, no bar*: what a step takes without any bar. *its own*, *headway*: what a step takes longer with \
the framework's own bar, and with headway's, which draws through tqdm. All of a framework's are timed by turns in one \
process, in a pseudo-terminal of 120 columns; the fastest of {rounds} rounds. What is within {noise:.0%} of the step \
is noise, and may be negative; where headway's is, there is no ratio. What stands for a framework's own bar, and what \
a step is, is said in `framework_scenes.py`."""
NOISE = 0.02


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Measure what progress costs under each framework, side by side.")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the table to a file, too")
    parser.add_argument("--only", metavar="NAME", action="append", choices=SCENES, help=", ".join(SCENES))
    arguments = parser.parse_args()
    start = time.monotonic()
    rows = [_row(name, arguments.rounds) for name in arguments.only or SCENES]
    note = NOTE.format(rounds=arguments.rounds, noise=NOISE)
    table = Table("µs a step takes longer with a bar", note, COLUMNS, [row for each in rows for row in each])
    packages = [PACKAGES.get(name, name) for name in SCENES if name not in ("futures", "asyncio")]
    facts = [
        f"Date: {datetime.now(tz=timezone.utc):%Y-%m-%d}",
        f"CPU: {cpu_model()}",
        f"Python: {platform.python_implementation()} {platform.python_version()} on {platform.system()}",
        f"headway: {source()}",
        f"Libraries: {', '.join(f'{package} {version(package)}' for package in [*packages, 'tqdm', 'rich'])}",
        f"Duration: {time.monotonic() - start:.0f} s",
    ]
    print(*facts, table.text(), sep="\n")
    if arguments.markdown:
        about = "\n".join(f"- {fact}" for fact in facts)
        head = "# Results under frameworks\n\nMade by `python benchmarks/frameworks.py`."
        arguments.markdown.write_text(f"{head}\n\n{about}\n\n{table.markdown()}", encoding="utf-8")
    return 0


def _row(name: str, rounds: int) -> list[Row]:
    """Measure one framework; one that has two bars of its own gets two rows."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "seconds.json")
        screen = run_in_terminal(
            "", arguments=[SCRIPT, name, str(rounds), str(file)], env={"HEADWAY_BACKEND": "tqdm"}, columns=120,
            timeout=600,
        )  # fmt: skip
        if not file.exists():
            print(f"{name} failed:\n{screen}", file=sys.stderr)
            sys.exit(1)
        seconds = {way: min(each) * 1e6 for way, each in json.loads(file.read_text()).items()}
    none, ours = seconds["none"], seconds["headway"] - seconds["none"]
    rows = []
    for way in [way for way in seconds if way.startswith("own")]:
        own = seconds[way] - none
        ratio = number(ours / own, 2) if min(ours, own) > NOISE * none else ""
        cells = [*(number(value, 2) for value in (none, own, ours)), ratio]
        rows.append(Row(name + way.removeprefix("own"), cells))
    return rows


if __name__ == "__main__":
    sys.exit(main())
