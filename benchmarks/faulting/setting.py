"""The setting of a run: its terminal or pipe, its environment, its time, and how it should end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Setting"]


@dataclass(kw_only=True)
class Setting:
    """Where a program runs, and the end that it must come to."""

    place: str = "terminal"
    """`terminal`, `pipe`, or `full`: a disk without room."""
    columns: int = 100
    lines: int = 24
    seconds: float = 15.0
    """After which it counts as hung."""
    status: int = 0
    """The exit status that it must have."""
    environment: Mapping[str, str] = field(default_factory=dict)
    job: bool = False
    """Whether the program is a job that a shell would have started, which can be stopped and continued."""
    traceback: bool = False
    """Whether a traceback belongs on the screen."""
