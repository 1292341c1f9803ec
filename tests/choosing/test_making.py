"""How a sink is made: with the context, or with nothing, as the class or function asks for."""

from __future__ import annotations

import functools
import io
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import headway
from headway.sink import Context, PerBar, Renderer

if TYPE_CHECKING:
    from typing_extensions import Self

MADE: list[str] = []
"""The classes of the sinks that were made."""


def report(backend: Any) -> None:
    """Report three items."""
    for _ in headway.track(range(3), desc="alpha", file=io.StringIO(), backend=backend):
        pass


class Told(PerBar):
    """A class that is made with the context, whatever it calls it."""

    draws = "lines"

    def __init__(self, around: Context, mark: str = "*") -> None:
        assert isinstance(around, Context)
        self.closed: list[float] = []
        MADE.append(type(self).__name__)


class Heir(Told):
    """It has the way in which it is made from another class."""


class Mixed(Heir):
    """It passes on what it is made with."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)


class Wrapped(Told):
    """The way in which it is made is decorated."""

    @functools.wraps(Told.__init__)
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)


class Choosy(PerBar):
    """The context may be left out."""

    draws = "lines"

    def __init__(self, context: Context | None = None) -> None:
        assert context is not None
        MADE.append("Choosy")


class Own(PerBar):
    """It is made with nothing."""

    draws = "lines"

    def __init__(self) -> None:
        MADE.append(type(self).__name__)


class OwnHeir(Own):
    """So is a class that is derived from it."""


class New(PerBar):
    """It has the other way to be made."""

    draws = "lines"

    def __new__(cls, context: Context) -> Self:
        assert isinstance(context, Context)
        MADE.append("New")
        return super().__new__(cls)


@dataclass
class Data(PerBar):
    """A dataclass whose fields may be left out."""

    mark: str = "*"
    draws = "lines"

    def __post_init__(self) -> None:
        assert self.mark == "*"
        MADE.append("Data")


@dataclass
class Around(PerBar):
    """A dataclass with a field for the context."""

    around: Context
    mark: str = "*"
    draws = "lines"

    def __post_init__(self) -> None:
        assert isinstance(self.around, Context)
        MADE.append("Around")


class Maker:
    """An object that makes sinks, and has methods that do."""

    def __call__(self, around: Context) -> Told:
        """Make a sink."""
        return Told(around)

    def with_context(self, around: Context) -> Told:
        """Make a sink."""
        return Told(around)

    def without(self) -> Own:
        """Make a sink."""
        return Own()


def told(around: Context) -> Told:
    """Make a sink."""
    return Told(around)


def own() -> Own:
    """Make a sink."""
    return Own()


KINDS = (Told, Heir, Mixed, Wrapped, Choosy, Own, OwnHeir, New, Data, Around)
MAKERS = {
    "partial": (functools.partial(Told, mark="+"), "Told"),
    "partial of nothing": (functools.partial(Own), "Own"),
    "object": (Maker(), "Told"),
    "method": (Maker().with_context, "Told"),
    "method of nothing": (Maker().without, "Own"),
    "function": (told, "Told"),
    "function of nothing": (own, "Own"),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_class_is_made_as_it_asks_to_be(kind: type) -> None:
    """The context is for who requires an argument, or has one that is called so, itself or inherited."""
    for given in (kind, Renderer(kind, protocol=2, draws="lines")):
        MADE.clear()
        report(given)
        assert [kind.__name__] == MADE


@pytest.mark.parametrize("name", MAKERS)
def test_whatever_makes_a_sink_is_called_as_it_asks_to_be(name: str) -> None:
    """A partial function, an object that can be called, a method and a function get the context if they take one."""
    make, made = MAKERS[name]
    MADE.clear()
    report(Renderer(make, protocol=2, draws="lines"))
    assert [made] == MADE


def test_a_file_whose_class_takes_nothing_is_a_renderer(tmp_path: Path, run: Any) -> None:
    """The class in a file may have an `__init__` of its own that takes no context."""
    (tmp_path / "blink.py").write_text(textwrap.dedent(SIMPLE))
    done = run("import headway\nfor _ in headway.track(range(3), desc='alpha'): pass", HEADWAY_BACKEND="./blink.py")

    assert (done.stdout, done.stderr) == ("blink alpha 3\n", "")


SIMPLE = """
    from headway.sink import PerBar

    class Blink(PerBar):
        draws = "lines"

        def __init__(self):
            self.word = "blink"

        def close(self, snapshot):
            print(self.word, snapshot.desc, snapshot.n)
"""
