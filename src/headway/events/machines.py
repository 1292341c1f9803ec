"""The event files of one job on several machines: rank 0 writes the one that was asked for, the others stand beside it.

The first rank of the machine node2 writes `run@node2.jsonl` beside `run.jsonl`.
"""

from __future__ import annotations

import os
import re

__all__ = ["beside", "machines"]

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")


def beside(path: str, host: str) -> str:
    """Return the path of another machine's file.

    Args:
        path: The path that was asked for.
        host: The name of the machine, with its domain or without.
    """
    stem, suffix = os.path.splitext(path)
    return f"{stem}@{_FOREIGN.sub('_', host.partition('.')[0]) or 'machine'}{suffix}"


def machines(path: str) -> list[str]:
    """Return the paths of the other machines' files that are there, in the order of their names."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    pattern = re.compile(f"{re.escape(stem)}@[A-Za-z0-9_-]+{re.escape(suffix)}")
    try:
        found = os.listdir(folder or ".")
    except OSError:
        return []
    return sorted(os.path.join(folder, each) for each in found if pattern.fullmatch(each))
