"""The words of `typing` in the modules that every bar loads say at run time what those of `typing` do."""

from __future__ import annotations

import pickle
from typing import get_args

import pytest

from headway import Track
from headway.notation import Generic, Literal, NamedTuple, Protocol, TypeVar, cast

T = TypeVar("T")


class Point(NamedTuple):
    """Where something is."""

    x: float
    y: float = 0.0
    """How high."""

    @property
    def mirrored(self) -> Point:
        return self._replace(x=-self.x)

    def __str__(self) -> str:
        return f"{self.x}|{self.y}"


class Box(Generic[T]):
    """Keeps a thing."""


class Boxed(Box[int]):
    """Keeps a number."""


class Named(Protocol):
    """Has a name."""


def test_a_named_tuple_has_its_fields_defaults_and_methods() -> None:
    """The body of the class is what it is with `typing.NamedTuple`."""
    point = Point(1.0)

    assert (point.x, point.y) == point == Point(y=0.0, x=1.0) == (1.0, 0.0)
    assert (Point._fields, Point._field_defaults) == (("x", "y"), {"y": 0.0})
    assert (str(point.mirrored), repr(point)) == ("-1.0|0.0", "Point(x=1.0, y=0.0)")
    assert (Point.__doc__, Point.__module__, Point.__qualname__) == ("Where something is.", __name__, "Point")
    assert pickle.loads(pickle.dumps(point)) == point
    with pytest.raises(AttributeError):
        point.x = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError, match="'?x'?"):
        Point()  # type: ignore[call-arg]


def test_types_in_brackets_can_be_asked_for() -> None:
    """A class takes a type in brackets and can be a base with it; the values of a literal can be read."""
    assert get_args(Box[int]) == get_args(Track[int]) == (int,)
    assert isinstance(Boxed(), Box)
    assert get_args(Literal["a", "b"]) == ("a", "b")


def test_a_protocol_can_be_a_base() -> None:
    """A class may say that it follows one."""

    class Mine(Named):
        name = "a"

    assert cast("Named", Mine()).name == "a"  # type: ignore[attr-defined]
