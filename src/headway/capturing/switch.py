"""The switch of the captures: `capture` changes a library's own classes, and `uncapture` puts the very objects back."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from headway.host.faults import warn_once
from headway.reporting import arguments

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["LIBRARIES", "Capture", "capture", "follow_environment", "uncapture"]

LIBRARIES = {name: f"headway.capturing.{name}" for name in ("tqdm", "rich", "alive_progress", "progressbar2")}
"""The modules that change each library; one is imported when its library is captured."""
ALSO = {"alive-progress": "alive_progress", "progressbar": "progressbar2"}
"""Other names by which people know a library."""
_undo: dict[str, Callable[[], None]] = {}


class Capture:
    """Takes a capture back at the end of a `with` block; `capture` returns it."""

    def __init__(self, taken: list[str]) -> None:
        self._taken = taken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for library in self._taken:
            uncapture(library)


def capture(*libraries: str) -> Capture:
    """Show the bars that a program and its libraries open with tqdm and the like: `headway.capture("tqdm")`.

    Bars that are opened from now on are headway's: in the renderer that the person at the run chose, named after the
    module that opened them, off where progress is off. It does not matter whether the library was imported before. Bars
    that a library disables stay disabled; those that it shows in terminals only (`disable=None`) are shown everywhere.

    Args:
        libraries: Those whose bars are captured: `"tqdm"`, `"rich"`, `"alive_progress"`, `"progressbar2"`; by default
            all of them. `"alive-progress"` and `"progressbar"` are understood, too.

    Raises:
        ValueError: There is no such library to be captured.
        TypeError: A name is no text.
    """
    names = [_known(arguments.text("library", library)) for library in libraries or LIBRARIES]
    taken = [name for name in dict.fromkeys(names) if name not in _undo]
    for name in taken:
        _undo[name] = import_module(LIBRARIES[name]).capture()
    return Capture(taken)


def uncapture(*libraries: str) -> None:
    """Have libraries draw their own bars again, those that are open included.

    Args:
        libraries: As for `capture`. One that is not captured is left alone.

    Raises:
        ValueError: There is no such library to be captured.
    """
    for library in libraries or LIBRARIES:
        undo = _undo.pop(_known(library), None)
        if undo is not None:
            undo()


def _known(name: str) -> str:
    known = ALSO.get(name, name)
    if known not in LIBRARIES:
        *most, last = LIBRARIES
        raise ValueError(f"The bars of {name!r} cannot be captured; those of {', '.join(most)} and {last} can.")
    return known


def follow_environment() -> None:
    """Capture the libraries that `HEADWAY_CAPTURE` names, and warn of a name that is none."""
    for name in os.environ.get("HEADWAY_CAPTURE", "").split(","):
        if not name.strip():
            continue
        try:
            capture(name.strip())
        except ValueError as error:
            warn_once(f"{error} (asked for by the environment variable HEADWAY_CAPTURE)")
