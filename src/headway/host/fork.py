"""The parts of headway that a fork concerns: each registers itself, and looks after its own state alone.

Before a fork the parts are called from the last that was registered to the first, after it from the first to the last.
So a part that is made of others registers after them: it gets ready before them, and goes on after them.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import os
from collections.abc import Callable

from headway.format import in_words
from headway.host.faults import tell

__all__ = ["Part", "register"]


class Part:
    """A part that a fork concerns. Each method does nothing unless a part has its own."""

    def before_fork(self) -> None:
        """Get ready, in the thread that forks: so that no other thread holds a lock that the child would find held."""

    def after_fork_in_parent(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Begin anew: locks, threads, bars, sockets and files are the parent's."""


_parts: list[_weakref.ref[Part]] = []


def register(part: Part) -> None:
    """Have a part called at each fork, for as long as anything else refers to it."""
    _parts.append(_weakref.ref(part, _parts.remove))


def _alive() -> list[Part]:
    return [part for ref in list(_parts) if (part := ref()) is not None]


def _call(part: Part, act: Callable[[Part], None]) -> None:
    """Call a part; if it raises, the others are called all the same."""
    try:
        act(part)
    except Exception as error:
        words = in_words(error)
        tell(f"fork {type(part)}", f"{type(part).__name__} raised {words} at a fork. Please report this.")


def _before() -> None:
    for part in reversed(_alive()):
        _call(part, lambda part: part.before_fork())


def _in_parent() -> None:
    for part in _alive():
        _call(part, lambda part: part.after_fork_in_parent())


def _in_child() -> None:
    for part in _alive():
        _call(part, lambda part: part.after_fork_in_child())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
