"""The choice that `headway.use()` has made, handed on as text to the processes that this one starts.

It is in the environment from the call on, and taken back with it. The server of `multiprocessing`'s `forkserver` may be
older than the choice: its children find the text with all else that the parent says of the process. A child of a
fork has the choice itself. A choice that is no text, such as a sink, cannot be handed on.
"""

from __future__ import annotations

import os
import sys

from headway.host.environment import variable
from headway.notation import Any

__all__ = ["VARIABLE", "hand_on", "inherited"]

VARIABLE = "HEADWAY_USE"
_given: str | None = None
"""The choice that this process was given, once it has handed on one of its own."""


def inherited() -> str:
    """Return the choice of the process that started this one; empty if there is none."""
    if _given is not None:
        return _given
    about = _about_process()
    told = None if about is None else about.get(VARIABLE)
    return told if isinstance(told, str) else variable(VARIABLE)


def hand_on(text: str | None) -> None:
    """Hand on a choice from now on, empty for none; `None` hands on the one that this process was given."""
    global _given
    if _given is None:
        _given = inherited()
    text = _given if text is None else text
    if text:
        os.environ[VARIABLE] = text
    else:
        os.environ.pop(VARIABLE, None)
    about = _about_process()
    if about is not None:
        about[VARIABLE] = text


def _about_process() -> dict[str, Any] | None:
    """Return the mapping of `multiprocessing` about this process; each process that it starts gets a copy."""
    process = sys.modules.get("multiprocessing.process")
    about = None if process is None else getattr(process.current_process(), "_config", None)
    return about if isinstance(about, dict) else None
