"""`headway backends`: all that is installed. Plugins are loaded in a process of its own, which they may end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from headway.choosing import discovery, selection
from headway.cli import sandbox
from headway.cli.diary import LOAD_WITHIN, Diary
from headway.format import written

__all__ = ["inside", "lines", "register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    listing = commands.add_parser("backends", help="list what is installed")
    listing.set_defaults(run=_run)


def _run(_options: argparse.Namespace) -> int:
    for line in lines():
        print(written(line, colours=False))
    return 0


def lines() -> Iterator[str]:
    """List each backend: what brings it, where it draws, its options, and why it cannot be used."""
    found = list(_backends())
    for backend in found:
        brings = f"{backend.distribution}{f', drawn by {backend.library}' if backend.library else ''}"
        yield f"{backend.name:<14} {brings}"
        if backend.draws:
            yield f"{'':<14} draws {backend.draws}; options: {', '.join(backend.options)}"
        if backend.problem:
            yield f"{'':<14} cannot be used: {backend.problem}"
    for name in selection.PREFERENCE:
        if name not in {backend.name for backend in found}:
            yield f"{name:<14} not installed: pip install 'headway[{name}]'"


def _backends() -> Iterator[discovery.Backend]:
    """Return each backend. After a plugin that has ended the process, another process goes on with the next one."""
    names = [*sorted(discovery.names() - {discovery.OFF}), discovery.OFF]
    while names:
        outcome = sandbox.run(__name__, "\n".join(names), terminal=False)
        for entry in outcome.entries:
            if "backend" in entry:
                yield discovery.Backend(**{**entry["backend"], "options": tuple(entry["backend"]["options"])})
                names.remove(entry["backend"]["name"])
            elif "failed" in entry:
                yield _unusable(names.pop(0), f"it raised {entry['error']} while loading.")
        if outcome.flaw and names:
            yield _unusable(names.pop(0), f"it {outcome.flaw} while loading.")


def _unusable(name: str, problem: str) -> discovery.Backend:
    return discovery.Backend(name, discovery.brought_by(name), problem=problem)


def inside(diary: Diary, argument: str) -> None:
    """Load the backends that are named, a line each."""
    for name in argument.split("\n"):
        with diary.step(name, LOAD_WITHIN):
            backend = discovery.inspect(name)
        diary.tell(backend=backend._asdict())
