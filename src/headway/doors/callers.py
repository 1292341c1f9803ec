"""The module that opens a bar: the one whose work it shows, and not one that opens bars for others."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

__all__ = ["is_to_draw_with", "modules", "opened_by"]

_WRAPPERS = re.compile(
    r"(?:tqdm|rich|alive_progress|progressbar|headway|contextlib)(?:\.|$)|.*\.tqdm$|transformers\.utils\.logging$|tqdm_\w+$|importlib\."
)
"""Modules that open bars for others: the libraries themselves, and modules that pass their names on."""


def opened_by(library: str) -> str:
    """Return the innermost module that does not open a bar for another; the library's name if there is none."""
    return next((module for module in modules() if not _WRAPPERS.match(module)), library)


def is_to_draw_with() -> bool:
    """Tell whether it is a renderer of headway's that opens a bar of the library that it draws with."""
    return any(module.startswith("headway.drawing.") for module in modules())


def modules() -> Iterator[str]:
    """Yield the names of the modules whose code is running, the innermost first."""
    call = sys._getframe(2)
    while call is not None:
        yield str(call.f_globals.get("__name__", ""))
        call = call.f_back  # type: ignore[assignment]  # until there is none
