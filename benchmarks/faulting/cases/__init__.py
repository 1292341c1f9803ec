"""All cases, a module a group; importing them fills `CASES`."""

from __future__ import annotations

from importlib import import_module

from faulting.case import CASES, GROUPS

__all__ = ["CASES", "GROUPS"]

MODULES = "drawing streams beside processes threads ending signals hosts numbers texts events"
"""In the order of the table."""

for _module in MODULES.split():
    import_module(f"{__name__}.{_module}")
