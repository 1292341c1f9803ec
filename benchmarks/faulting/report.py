"""The table, for the terminal and for the docs."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from provenance import cpu_model, source, version

from faulting.case import GROUPS
from faulting.runner import Plan, Result

__all__ = ["END", "START", "facts", "markdown", "replace_between_markers", "text"]

START, END = "<!-- the table: begin -->", "<!-- the table: end -->"


def facts(plan: Plan) -> list[str]:
    """What the results hold for."""
    libraries = sorted({driver.distribution for _, driver in plan.pairs()})
    return [
        f"Date: {datetime.now(tz=timezone.utc):%Y-%m-%d}{', full counts' if plan.full else ''}",
        f"CPU: {cpu_model()}",
        f"Python: {platform.python_implementation()} {platform.python_version()} on {platform.system()}",
        f"headway: {source()}",
        f"Libraries: {', '.join(f'{name} {version(name)}' for name in libraries)}",
        f"Cases: {len(plan.cases)}",
    ]


def _columns(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(result.driver.name for result in results))


def _by_case(results: Sequence[Result]) -> dict[str, dict[str, Result]]:
    rows: dict[str, dict[str, Result]] = {}
    for result in results:
        rows.setdefault(result.case.name, {})[result.driver.name] = result
    return rows


def _totals(results: Sequence[Result]) -> list[str]:
    lines = []
    for name in _columns(results):
        asked = [r for r in results if r.driver.name == name and any(v is not None for v in r.verdicts)]
        bad = [next(v.kind for v in r.verdicts if v is not None and v.kind != "ok") for r in asked if r.failed]
        counts = ", ".join(f"{bad.count(kind)} {kind}" for kind in ("wrong", "raised", "hung", "lost") if kind in bad)
        lines.append(f"{name}: {len(asked) - len(bad)} of {len(asked)} ok{f' ({counts})' if counts else ''}")
    return lines


def text(results: Sequence[Result]) -> str:
    """Lay the table out for a terminal: a case a paragraph, equal cells together."""
    lines = []
    for name, row in _by_case(results).items():
        title = next(iter(row.values())).case.title
        lines.append(f"{name}: {title}")
        cells: dict[str, list[str]] = {}
        for driver, result in row.items():
            cells.setdefault(result.cell, []).append(driver)
        lines += [f"    {cell}: {', '.join(drivers)}" for cell, drivers in cells.items() if cell != "n/a"]
    return "\n".join([*lines, "", *_totals(results)])


def markdown(results: Sequence[Result], known: Sequence[str]) -> str:
    """Lay the table out as markdown, a table a group."""
    parts = ["\n".join(f"- {fact}" for fact in known), "\n".join(f"- {line}" for line in _totals(results))]
    rows = _by_case(results)
    columns = _columns(results)
    for group, title in GROUPS.items():
        names = [name for name in rows if next(iter(rows[name].values())).case.group == group]
        if not names:
            continue
        shown = [c for c in columns if any(rows[n][c].cell != "n/a" for n in names)]
        head = f"### {title}\n\n| | {' | '.join(shown)} |\n|---|{'---|' * len(shown)}"
        body = "\n".join(_row(name, [rows[name][column] for column in shown]) for name in names)
        parts.append(f"{head}\n{body}")
    return "\n\n".join(parts)


def _row(name: str, results: Sequence[Result]) -> str:
    cells = " | ".join(_escaped(result.cell) for result in results)
    return f"| **{name}**<br>{_escaped(results[0].case.title)} | {cells} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def replace_between_markers(path: Path, body: str) -> None:
    """Put the table where it was before.

    Raises:
        ValueError: The file has no markers.
    """
    before, start, rest = path.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{path} has no place for the table: it needs a line {START} and a line {END}")
    path.write_text(f"{before}{START}\n\n{body}\n\n{END}{after}", encoding="utf-8")
