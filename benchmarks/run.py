"""Headway and its peers side by side: `python benchmarks/run.py [--quick] [--markdown FILE] [--only NAME]`."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from contenders import CONTENDERS
from provenance import cpu_model, source, version
from rounds import QUICK, Plan
from sections import SECTIONS
from table import Table

__all__: list[str] = []


def main() -> int:
    """Measure, print the tables, and tell by the exit code whether every budget is met."""
    arguments = _arguments()
    plan = QUICK if arguments.quick else Plan()
    start = time.monotonic()
    facts = _facts(quick=arguments.quick)
    print("\n".join(facts), end="\n\n")
    tables: list[Table] = []
    for name in arguments.only or SECTIONS:
        tables.append(SECTIONS[name](plan))
        print(tables[-1].text(), flush=True)
    missed = [words for table in tables for words in table.missed]
    facts.append(f"Duration: {time.monotonic() - start:.0f} s")
    print("\n".join([facts[-1], "", "Budgets that are not met:", *(missed or ["none"])]))
    if arguments.markdown:
        arguments.markdown.write_text(_markdown(facts, tables, missed))
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure headway and its peers side by side, in pseudo-terminals.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: rough numbers in 3 minutes")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the tables to a file, too")
    parser.add_argument("--only", metavar="NAME", action="append", choices=SECTIONS, help="; ".join(SECTIONS))
    return parser.parse_args()


def _facts(*, quick: bool) -> list[str]:
    """What the numbers hold for."""
    libraries = sorted({c.distribution for c in CONTENDERS.values() if c.distribution})
    return [
        f"Date: {datetime.now(tz=timezone.utc):%Y-%m-%d}{', quick run' if quick else ''}",
        f"CPU: {cpu_model()}",
        f"Python: {platform.python_implementation()} {platform.python_version()} on {platform.system()}",
        f"headway: {source()}",
        f"Libraries: {', '.join(f'{name} {version(name)}' for name in libraries)}",
    ]


def _markdown(facts: list[str], tables: list[Table], missed: list[str]) -> str:
    about = "\n".join(f"- {fact}" for fact in facts)
    unmet = "\n".join(f"- {words}" for words in missed) or "None."
    body = "\n".join(table.markdown() for table in tables)
    head = "# Results\n\nMade by `python benchmarks/run.py`; README.md says what is measured and how."
    return f"{head}\n\n{about}\n\n{body}\n## Budgets that are not met\n\n{unmet}\n"


if __name__ == "__main__":
    sys.exit(main())
