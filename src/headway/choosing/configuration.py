"""What configuration files ask for: `[tool.headway]` in pyproject.toml, then the user's own file."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress

from headway.host.environment import variable
from headway.host.faults import warn_once
from headway.notation import Any

__all__ = ["configured_backend", "configured_silence"]


def configured_backend() -> tuple[str, str] | None:
    """Return the configured backend and the file that names it, `None` where no file does.

    The nearest pyproject.toml with a `[tool.headway]` table that says it, from the working directory upwards, comes
    before the user's `headway/config.toml` (under `XDG_CONFIG_HOME`, by default `~/.config`). Files are read once for
    each working directory; one that cannot be read is told once and passed over.
    """
    found: tuple[str, str] | None = _found("backend")
    return found


def configured_silence() -> tuple[str, ...]:
    """Return the patterns of names that a file wants to be silent; see `configured_backend` for which."""
    found = _found("silence")
    return () if found is None else tuple(found[0])


def _found(key: str) -> Any:
    try:
        return _configured(os.getcwd(), variable("XDG_CONFIG_HOME"), variable("HOME")).get(key)
    except OSError:
        return None  # the working directory is gone


@functools.lru_cache
def _configured(cwd: str, config: str, _home: str) -> dict[str, tuple[Any, str]]:
    """Return what files say, key by key, with the file that says it."""
    user = os.path.join(config or os.path.expanduser("~/.config"), "headway", "config.toml")
    found = _read(_table(user, b"") or {}, user)
    for folder in _upwards(cwd):
        path = os.path.join(folder, "pyproject.toml")
        tool = (_table(path, b"tool.headway") or {}).get("tool")
        found = {**found, **_read(tool.get("headway", {}) if isinstance(tool, dict) else {}, path)}
    return found


def _upwards(folder: str) -> list[str]:
    """Return the folder and those above it, the root first."""
    folders = [folder]
    while (above := os.path.dirname(folders[0])) != folders[0]:
        folders.insert(0, above)
    return folders


def _read(table: Any, path: str) -> dict[str, tuple[Any, str]]:
    if not isinstance(table, dict):
        warn_once(f"{path}: tool.headway must be a table, not {table!r}; it is ignored.")
        return {}
    found = {}
    for key, (fits, expected) in _KEYS.items():
        if key not in table:
            continue
        if fits(table[key]):
            found[key] = table[key], path
        else:
            warn_once(f"{path}: {key} must be {expected}, not {table[key]!r}; it is ignored.")
    return found


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "backend": (lambda value: isinstance(value, str), 'a text such as "tqdm"'),
    "silence": (_are_texts, 'a list of names such as ["transformers.*"]'),
}


def _table(path: str, mark: bytes) -> dict[str, Any] | None:
    """Parse a file that holds the mark; most pyproject.toml files do not, and are not parsed."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return None
    if mark not in content:
        return None
    parse = _toml_parser()
    if parse is None:
        warn_once(f"{path} is ignored: reading it takes Python 3.11, or: pip install 'headway[toml]'")
        return None
    try:
        return parse(content.decode())
    except ValueError as error:
        warn_once(f"{path} is ignored: {error}")
        return None


def _toml_parser() -> Callable[[str], dict[str, Any]] | None:
    from importlib import import_module  # a parser of TOML, if there is a file

    for name in ("tomllib", "tomli"):
        with suppress(ModuleNotFoundError):
            return import_module(name).loads  # type: ignore[no-any-return]
    return None
