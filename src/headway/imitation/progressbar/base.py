"""The sentinel of progressbar2 for a length that is not known, and the values that a program shows beside a bar."""

from __future__ import annotations

from typing import Any

__all__ = ["AttributeDict", "FalseMeta", "Undefined", "UnknownLength"]


class FalseMeta(type):
    """Makes a class that is false."""

    def __bool__(cls) -> bool:
        return False


class UnknownLength(metaclass=FalseMeta):
    """Is given as `max_value` if the length is not known."""


class Undefined(metaclass=FalseMeta):
    """Stands where nothing was given."""


class AttributeDict(dict[str, Any]):
    """A dictionary whose items are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"No such attribute: {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"No such attribute: {name}") from None
