"""The words of `typing` for the modules that every bar loads: type checkers read `typing` itself here.

`typing` loads `re` and `enum`, and its `NamedTuple` compiles each annotation: together they take longer than all of
headway that a bar loads. At run time these words need to say nothing. Other modules import them from `typing`.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]  # its fields are read in C
from types import FunctionType, GenericAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, Literal, NamedTuple, Protocol, TextIO, TypeAlias, TypeVar, cast, overload
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

    def overload(signature: object) -> object:
        """Return the signature, whose place the function itself takes."""
        return signature

    class _Tuple(tuple):
        """The methods of a named tuple, as `collections.namedtuple` gives them."""

        __slots__ = ()

        def _replace(self, /, **changes: object) -> object:
            changed = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"{type(self).__name__} has no field {', '.join(map(repr, changes))}.")
            return changed

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in self._asdict().items())})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

    _makers: dict[int, FunctionType] = {}
    """`lambda cls, a0, a1: new(cls, (a0, a1))` by the number of fields: to compile one for each class takes half of the
    time of all its making."""

    def _maker(fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        if len(fields) not in _makers:
            listed = "".join(f"a{i}, " for i in range(len(fields)))
            _makers[len(fields)] = eval(f"lambda cls, {listed}: new(cls, ({listed}))", {"new": tuple.__new__})  # noqa: S307
        like = _makers[len(fields)]
        code = like.__code__.replace(co_name="__new__", co_varnames=("cls", *fields))
        return FunctionType(code, like.__globals__, "__new__", defaults)

    class _OfFields(type):
        """Makes a named tuple of the body of a class."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            body |= {field: _tuplegetter(position, "") for position, field in enumerate(fields)}
            body |= {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            body["__new__"] = _maker(fields, (*defaults.values(),))
            return type(name, (_Tuple,), body)

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
    "overload",
]
