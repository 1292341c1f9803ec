"""The backend that a configuration file asks for: `[tool.headway]` in pyproject.toml, then the user's own file."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from headway.errors import warn_once

__all__ = ["configured_backend"]


def configured_backend() -> tuple[str, str] | None:
    """Return the configured backend and the file that names it, `None` where no file does.

    The nearest pyproject.toml with a `[tool.headway]` table, from the working directory upwards, comes before the
    user's `headway/config.toml` (under `XDG_CONFIG_HOME`, by default `~/.config`). Files are read once for each
    working directory; one that cannot be read is told once and passed over.
    """
    try:
        return _configured(os.getcwd(), os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))
    except OSError:
        return None  # the working directory is gone


@functools.lru_cache
def _configured(cwd: str, home: str) -> tuple[str, str] | None:
    folder, below = cwd, ""
    while folder != below:
        path = os.path.join(folder, "pyproject.toml")
        tool = (_table(path, b"tool.headway") or {}).get("tool")
        found = _backend(tool.get("headway", {}) if isinstance(tool, dict) else {}, path)
        if found is not None:
            return found
        folder, below = os.path.dirname(folder), folder
    user = os.path.join(home, "headway", "config.toml")
    return _backend(_table(user, b"") or {}, user)


def _backend(table: Any, path: str) -> tuple[str, str] | None:
    if not isinstance(table, dict):
        warn_once(f"{path}: tool.headway must be a table, not {table!r}; it is ignored.")
        return None
    value = table.get("backend")
    if value is None:
        return None
    if not isinstance(value, str):
        warn_once(f'{path}: backend must be a text such as "tqdm", not {value!r}; it is ignored.')
        return None
    return value, path


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
    from importlib import import_module

    for name in ("tomllib", "tomli"):
        with suppress(ModuleNotFoundError):
            return import_module(name).loads  # type: ignore[no-any-return]
    return None
