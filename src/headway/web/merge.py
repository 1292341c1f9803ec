"""The difference of two documents of JSON, as a merge patch (RFC 7396).

A patch has the members that differ, and null for those that are gone. No value of the documents is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["difference"]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that makes the second document of the first one; empty if they are the same."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if old is value or old == value:
            continue
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = difference(old, value)  # noqa: PLW2901  # of both, the part that differs
        patch[name] = value
    return patch
