"""The ledger: the last green run of each lane that may be skipped, and the hash of all that the lane depends on."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import asdict, dataclass

from tools.lanes.table import ROOT, Lane, Table

__all__ = ["Entry", "fingerprint", "read", "write"]

LEDGER = ROOT / ".ci" / "ledger.json"


@dataclass(frozen=True)
class Entry:
    """The last green run of a lane."""

    inputs: str
    """The hash of all that the lane depends on."""
    commit: str
    tests: int
    date: str


def read() -> dict[str, Entry]:
    """Return the entries by the names of their lanes."""
    if not LEDGER.exists():
        return {}
    return {name: Entry(**entry) for name, entry in json.loads(LEDGER.read_text(encoding="utf-8")).items()}


def write(entries: dict[str, Entry]) -> None:
    """Keep the entries."""
    text = json.dumps({name: asdict(entry) for name, entry in sorted(entries.items())}, indent=4)
    LEDGER.write_text(text + "\n", encoding="utf-8")


def fingerprint(table: Table, lane: Lane) -> str:
    """Return the hash of a lane's files, as they are in the working tree, and of its rows in the table."""
    environments = [table.environments[name] for name in lane.environments]
    paths = [*lane.inputs, "noxfile.py", "pyproject.toml", *(file for e in environments for file in e.requirements)]
    if missing := [path for path in paths if not (ROOT / path).exists()]:
        raise ValueError(f"The lane {lane.name} has inputs that there are not: {missing}.")
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths)
    files = [name for name in sorted({*listed.split("\0")} - {""}) if (ROOT / name).is_file()]
    hashes = _git("hash-object", "--stdin-paths", stdin="\n".join(files)).split()
    rows = [repr((lane.inputs, lane.environments)), *map(repr, environments)]
    lines = [*rows, *(f"{digest} {name}" for digest, name in zip(hashes, files, strict=True))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _git(*command: str, stdin: str = "") -> str:
    return subprocess.run(["git", *command], cwd=ROOT, input=stdin, capture_output=True, text=True, check=True).stdout
