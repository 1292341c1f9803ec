"""The words of `typing` for the modules that every bar loads: type checkers read `typing` itself here.

`typing` loads `re` and `enum`, and its `NamedTuple` compiles each annotation: together they take longer than all of
headway that a bar loads. At run time these words need to say nothing. Other modules import them from `typing`.
"""

from __future__ import annotations

from collections import namedtuple
from types import GenericAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, Literal, NamedTuple, Protocol, TextIO, TypeAlias, TypeVar, cast
else:
    Any = TextIO = TypeAlias = object

    class Literal:
        """`Literal["", "si"]`: `typing.get_args` returns the values."""

        __class_getitem__ = classmethod(GenericAlias)

    class Generic:
        """The base of a class such as `Track[int]`."""

        __class_getitem__ = classmethod(GenericAlias)

    class Protocol:
        """The base of a class that says what another has."""

    def TypeVar(name: str, **_about: object) -> str:  # noqa: N802  # the name in typing
        """Return a name for a type."""
        return name

    def cast(_kind: object, value: object) -> object:
        """Return the value."""
        return value

    class _OfFields(type):
        """Makes a named tuple of the body of a class."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", ())
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))  # noqa: PYI024
            for attribute, value in body.items():
                setattr(made, attribute, value)
            return made

    class NamedTuple(metaclass=_OfFields):
        """The base of a named tuple: fields are annotated, and those that have a value may be left out."""


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Generic",
    "Literal",
    "NamedTuple",
    "Protocol",
    "TextIO",
    "TypeAlias",
    "TypeVar",
    "cast",
]
