"""The table of lanes: `.ci/lanes.toml`, read and checked."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["ROOT", "STORE", "Environment", "Lane", "Table", "load"]

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / ".nox"
"""Environments, clones, outputs and results; git ignores it."""


@dataclass(frozen=True)
class Environment:
    """What lanes run in."""

    name: str
    python: str
    seconds: int
    install: tuple[tuple[str, ...], ...]

    @property
    def folder(self) -> Path:
        """The folder that it is installed in."""
        return STORE / self.name

    @property
    def requirements(self) -> list[str]:
        """The files of requirements that it is installed from."""
        calls = [call for call in self.install if "-r" in call]
        return [call[i + 1] for call in calls for i, word in enumerate(call) if word == "-r"]


@dataclass(frozen=True)
class Lane:
    """One row of the table; a session of `noxfile.py` has the same name."""

    name: str
    slot: str
    seconds: int
    environments: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    @property
    def skippable(self) -> bool:
        """Whether the lane is left out if nothing that it depends on has changed."""
        return bool(self.inputs)


@dataclass(frozen=True)
class Table:
    """All lanes and environments, each by its name."""

    environments: dict[str, Environment]
    lanes: dict[str, Lane]


def load(text: str | None = None) -> Table:
    """Read the table; raise `ValueError` if a row names a slot, lane, environment or list that there is not."""
    raw = tomllib.loads((ROOT / ".ci" / "lanes.toml").read_text(encoding="utf-8") if text is None else text)
    environments = {
        name: Environment(name, row["python"], row["seconds"], tuple(tuple(call) for call in row["install"]))
        for name, row in raw.get("environments", {}).items()
    }
    lanes = {name: _lane(name, row, raw.get("paths", {})) for name, row in raw["lanes"].items()}
    for lane in lanes.values():
        if lane.slot not in ("quiet", "any"):
            raise ValueError(f"The lane {lane.name} has the slot {lane.slot!r}; it has to be 'quiet' or 'any'.")
        if unknown := {*lane.environments} - {*environments}:
            raise ValueError(f"The lane {lane.name} runs in environments that there are not: {sorted(unknown)}.")
        if unknown := {*lane.after} - {*lanes}:
            raise ValueError(f"The lane {lane.name} comes after lanes that there are not: {sorted(unknown)}.")
    return Table(environments, lanes)


def _lane(name: str, row: dict[str, Any], paths: dict[str, list[str]]) -> Lane:
    inputs: list[str] = []
    for path in row.get("inputs", ()):
        if path.startswith("@") and path[1:] not in paths:
            raise ValueError(f"The lane {name} has the inputs {path}, which [paths] does not have.")
        inputs += paths[path[1:]] if path.startswith("@") else [path]
    environments, after = tuple(row.get("environments", ())), tuple(row.get("after", ()))
    return Lane(name, row["slot"], row["seconds"], environments, after, tuple(inputs))
