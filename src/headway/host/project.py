"""The project that this process works in: the folder at its root, and the folders in it on the way down to here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

__all__ = ["FILE", "folders", "root"]

FILE = "pyproject.toml"
VERSIONED = (".git", ".hg", ".jj", ".svn")
"""Of these one stands at the root of a project that is under version control."""


def folders(cwd: str) -> list[str]:
    """Return the folders from the root of the project down to the working directory; none if it is in no project.

    The root is where version control has it. Without that it is the topmost folder with a `pyproject.toml`, and without
    such a file the working directory. The search ends below the home directory, below a folder where everybody may put
    files, such as `/tmp`, and at the border of a file system: no project lies across these.

    Args:
        cwd: The working directory.
    """
    inside: list[str] = []
    top = 0
    for folder in _upwards(cwd):
        inside.append(folder)
        if any(os.path.lexists(os.path.join(folder, mark)) for mark in VERSIONED):
            return inside[::-1]
        if os.path.lexists(os.path.join(folder, FILE)):
            top = len(inside) - 1
    return inside[: top + 1][::-1]


def root(cwd: str) -> str:
    """Return the folder at the root of the project, see `folders`; the working directory if it is in none."""
    return next(iter(folders(cwd)), cwd)


def _upwards(folder: str) -> Iterator[str]:
    """Yield a folder and those above it, as long as they may be of one project."""
    device, home = None, _home()
    while True:
        try:
            found = os.stat(folder)
        except OSError:
            return
        shared = found.st_mode & stat.S_ISVTX and found.st_mode & stat.S_IWOTH
        at_home = home is not None and os.path.samestat(found, home)
        if shared or device not in (None, found.st_dev) or (at_home and device is not None):
            return
        yield folder
        above = os.path.dirname(folder)
        if at_home or above == folder:
            return
        folder, device = above, found.st_dev


def _home() -> os.stat_result | None:
    try:
        return os.stat(os.path.expanduser("~"))
    except OSError:
        return None
