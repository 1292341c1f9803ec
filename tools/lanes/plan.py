"""Which lanes run: all that are not skippable, those whose inputs have changed, and one unchanged lane in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.lanes.ledger import Entry
from tools.lanes.table import Lane

__all__ = ["Plan", "make"]


@dataclass(frozen=True)
class Plan:
    """The names of the lanes that run, and of those that do not."""

    running: tuple[str, ...]
    unchanged: tuple[str, ...]
    turn: str | None
    """The unchanged lane that runs all the same."""


def make(lanes: Mapping[str, Lane], entries: Mapping[str, Entry], hashes: Mapping[str, str]) -> Plan:
    """Plan a run by the ledger's entries and the hashes of the lanes' inputs as they are now."""
    unchanged = [
        name
        for name, lane in lanes.items()
        if lane.skippable and name in entries and entries[name].inputs == hashes[name]
    ]
    turn = min(unchanged, key=lambda name: entries[name].date, default=None)
    left = tuple(name for name in unchanged if name != turn)
    return Plan(tuple(name for name in lanes if name not in left), left, turn)
