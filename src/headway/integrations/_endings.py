"""How the work of a framework ended that tells only of some of its ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from headway.host import endings

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = ["LOST", "left"]

LOST: tuple[State, str] = ("failed", "it did not come to its end")
"""The end of a run whose framework tells of each end but that by an exception or Ctrl-C."""


def left(interrupts: int) -> tuple[State, str]:
    """Tell how, and why, the loop ended that lets go of a generator, which closes just now and asks for this itself.

    Args:
        interrupts: What `endings.interrupts` told when the loop began.
    """
    try:
        loop = sys._getframe(2)
    except ValueError:  # its thread or the interpreter is being torn down
        return "stopped", ""
    return endings.of_loop(loop, interrupts)
