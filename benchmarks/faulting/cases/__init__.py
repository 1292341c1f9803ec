"""All cases, a module a group; importing them fills `CASES`."""

from __future__ import annotations

from faulting.case import CASES, GROUPS
from faulting.cases import drawing, streams, beside, processes, threads, ending, signals, numbers, texts, events  # noqa: I001  # the table's order

__all__ = ["CASES", "GROUPS"]
