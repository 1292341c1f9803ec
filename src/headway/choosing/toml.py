"""Reads a TOML file that anybody may have written: a regular file of bounded size and depth, or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress

from headway.host.faults import warn_once
from headway.notation import Any

__all__ = ["table"]

LARGEST = 2**20
"""Bytes of a file, at most."""
DEEPEST = 64
"""How deep arrays and tables may be nested, and how many parts a key may have."""


def table(path: str, mark: bytes, flaw: Callable[[os.stat_result], str] = lambda _found: "") -> dict[str, Any]:
    """Parse a file that holds the mark. One that cannot be read is told once, and empty.

    Most `pyproject.toml` files do not hold the mark, and are not parsed.

    Args:
        path: The file.
        mark: The bytes.
        flaw: Says why the file is not to be read; empty if it may be.
    """
    try:
        content = _content(path, flaw)
        return _parsed(path, content) if mark in content else {}
    except OSError:
        return {}  # mostly there is none
    except ValueError as error:
        warn_once(f"{path} is ignored: {error}")
        return {}


def _content(path: str, flaw: Callable[[os.stat_result], str]) -> bytes:
    """Return the bytes of a file. Nothing else than a regular file is opened: to open a pipe may take for ever.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not to be read.
    """
    _check(os.stat(path), flaw)
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check(os.fstat(file), flaw)  # another one may have taken its place
        content = b""
        while len(content) <= LARGEST and (more := os.read(file, LARGEST + 1 - len(content))):
            content += more
    finally:
        os.close(file)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    return content


def _check(found: os.stat_result, flaw: Callable[[os.stat_result], str]) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no regular file")
    if why := flaw(found):
        raise ValueError(why)


def _parsed(path: str, content: bytes) -> dict[str, Any]:
    parse = _parser()
    if parse is None:
        warn_once(f"{path} is ignored: reading it takes Python 3.11, or: pip install 'headway[toml]'")
        return {}
    text = content.decode()
    if _is_deep(text):
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    try:
        return parse(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _is_deep(text: str) -> bool:
    """Tell whether arrays, tables or keys go deeper than `DEEPEST`, without following them there.

    A parser takes a call for each level, and the square of the time for a key of many parts.
    """
    import re  # only if there is a file

    bare = re.sub(_WORDS, "", text)
    depth = 0
    for char in bare:
        depth += (char in "[{") - (char in "]}")
        if depth > DEEPEST:
            return True
    return "." * DEEPEST in bare


_WORDS = (
    r'(?s)"""(?:[^"\\]|\\.?|"(?!""))*(?:"""|\Z)'  # a string that is not closed goes on to the end
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n]?)*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*"
    r"""|[^"'#.,=\[\]{}\n]+"""
)
"""All but the signs by which things are nested."""


def _parser() -> Callable[[str], dict[str, Any]] | None:
    from importlib import import_module  # a parser of TOML, if there is a file

    for name in ("tomllib", "tomli"):
        with suppress(ModuleNotFoundError):
            return import_module(name).loads  # type: ignore[no-any-return]
    return None
