"""Settings from configuration files: `[tool.headway]` in pyproject.toml, then the user's own file."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable

from headway.choosing.toml import table
from headway.format import shown
from headway.host import project
from headway.host.environment import user_folder, variable
from headway.host.faults import warn_once
from headway.notation import Any, NamedTuple

__all__ = ["Configured", "configured_backend", "configured_silence"]


class Configured(NamedTuple):
    """A setting, and the file that has it."""

    value: Any
    path: str

    @property
    def by_project(self) -> bool:
        """Whether the file belongs to the project: it may come from anybody, and chooses looks alone."""
        return os.path.basename(self.path) == project.FILE


def configured_backend() -> Configured | None:
    """Return the configured backend and the file that names it, `None` where no file does.

    The nearest pyproject.toml with a `[tool.headway]` table that says it, from the working directory upwards to the
    root of the project, comes before the user's `headway/config.toml` (under `XDG_CONFIG_HOME`, by default
    `~/.config`), which counts only if it is the user's. Files are read once for each working directory; one that cannot
    be read is told once and passed over.
    """
    return _found("backend")


def configured_silence() -> tuple[str, ...]:
    """Return the patterns of names that a file wants to be silent; see `configured_backend` for which."""
    found = _found("silence")
    return () if found is None else tuple(found.value)


def _found(key: str) -> Configured | None:
    try:
        return _configured(os.getcwd(), variable("XDG_CONFIG_HOME"), variable("HOME")).get(key)
    except OSError:
        return None  # the working directory is gone


@functools.lru_cache
def _configured(cwd: str, _config: str, _home: str) -> dict[str, Configured]:
    """Return the settings of all files, key by key."""
    own = user_folder("XDG_CONFIG_HOME", ".config")
    user = os.path.join(own, "headway", "config.toml")
    found = _read(table(user, b"", _strange), user) if own else {}
    for folder in project.folders(cwd):
        path = os.path.join(folder, project.FILE)
        tool = table(path, b"tool.headway").get("tool")
        found = {**found, **_read(tool.get("headway", {}) if isinstance(tool, dict) else {}, path)}
    return found


def _strange(found: os.stat_result) -> str:
    """Say why a file is not the user's own; empty if it is. It may name files that are written to."""
    if not hasattr(os, "getuid") or sys.platform == "emscripten":  # in a web page, where all files are of one user
        return ""
    if found.st_uid != os.getuid():
        return "it belongs to another user"
    return "everybody may write to it" if found.st_mode & 0o002 else ""


def _read(said: Any, path: str) -> dict[str, Configured]:
    if not isinstance(said, dict):
        warn_once(f"{path}: tool.headway must be a table, not {shown(said)}; it is ignored.")
        return {}
    found = {}
    for key, (fits, expected) in _KEYS.items():
        if key not in said:
            continue
        if fits(said[key]):
            found[key] = Configured(said[key], path)
        else:
            warn_once(f"{path}: {key} must be {expected}, not {shown(said[key])}; it is ignored.")
    return found


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "backend": (lambda value: isinstance(value, str), 'a text such as "tqdm"'),
    "silence": (_are_texts, 'a list of names such as ["transformers.*"]'),
}
