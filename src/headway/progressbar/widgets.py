"""The widgets of progressbar2: its own if it is installed, else stand-ins for them."""

from importlib import import_module
from typing import Any

from headway.imitation.progressbar.widgets import BASES, STAND_INS, Widget

__all__ = ["NAMES"]

NAMES = frozenset(STAND_INS)
"""Names of widgets that a row can be made of."""


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module("progressbar.widgets"), name)
    except ModuleNotFoundError:
        if name in NAMES:
            return STAND_INS[name]
        if name in BASES:
            return Widget
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}, for progressbar2 is not installed: "
            "pip install progressbar2 if you need it"
        ) from None


def __dir__() -> list[str]:
    return sorted(NAMES)
