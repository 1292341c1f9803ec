"""The names that a shell or an editor offers behind a dot: those for programs, and none for headway's other rooms."""

from __future__ import annotations

__all__ = ["Offer"]


class Offer:
    """Has `dir()` list the names for programs, and Python's own, by which tools tell what an object can do."""

    __slots__ = ()
    _offered = ""
    """The names for programs, with spaces between them; `docs/bars.md` has them, too."""

    def __dir__(self) -> list[str]:
        offered = self._offered.split()
        return [name for name in super().__dir__() if name in offered or name.startswith("__")]
