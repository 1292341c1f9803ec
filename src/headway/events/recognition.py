"""Whether a file is one of events, by its beginning: no other is written to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["LOOKED_AT", "begins_with_event"]

LOOKED_AT = 2**16
"""Bytes of a file that are looked at."""
HEADS = (b'{"seq": ', b'{"v": ')
"""The first bytes of a line that may have been torn."""


def begins_with_event(beginning: bytes) -> bool:
    """Tell whether a file is one of events, or of nothing: before the first event that is whole, others may be torn.

    Args:
        beginning: The first bytes of the file, `LOOKED_AT` of them at most.
    """
    *whole, rest = beginning.split(b"\n")
    for line in filter(None, map(bytes.strip, whole)):
        value = _parsed(line)
        if isinstance(value, Mapping) and type(value.get("v")) is int and isinstance(value.get("event"), str):
            return True
        if value is not None or not _may_be_torn(line):
            return False
    return len(beginning) < 2 or _may_be_torn(rest)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _may_be_torn(line: bytes) -> bool:
    return any(head.startswith(line) or line.startswith(head) for head in HEADS)
