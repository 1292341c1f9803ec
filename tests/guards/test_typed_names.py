"""Every public name stands in `tests/typing`, where type checkers see it used as a program uses it."""

import ast
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import headway
from headway import AsyncTrack

TYPING = Path(__file__).parents[1] / "typing"
DOORS = ("tqdm", "alive_progress", "progressbar")
"""The doors to other libraries."""
HANDING_ON = ("alive_progress", "progressbar")
"""The doors that hand on classes of their library, which has the door's name."""
MODULES = (
    *("headway", "headway.sink", "headway.hookspecs", "headway.snapshot", "headway.widgets", "headway.layout"),
    *("headway.estimate", "headway.news", "headway.points", "headway.testing", "headway.events"),
    *(f"headway.{door}" for door in DOORS),
    *(
        found.name
        for door in DOORS
        for found in pkgutil.walk_packages(import_module(f"headway.{door}").__path__, f"headway.{door}.")
    ),
)
"""The modules that programs and plugins import from."""
BETWEEN_ROOMS = {
    "Bar": [
        "absorb_loop",
        "balance",
        "begin",
        "cell",
        "counted",
        "credit",
        "drawn",
        "end",
        "enter",
        "expect",
        "follow",
        "gather",
        "given",
        "go_on",
        "halt",
        "hold",
        "iterate",
        "jump",
        "leave_out",
        "let_go",
        "look",
        "look_ahead",
        "look_up",
        "nest",
        "open",
        "pace",
        "position",
        "reach",
        "rebase",
        "recent_rate",
        "report_for",
        "say_closed",
        "seconds_for",
        "share_of",
        "show_metrics",
        "slow_down",
        "start_over",
        "stop_reading",
        "surround",
        "surrounds",
        "take_in",
        "tell",
        "tie",
        "unnest",
        "weights",
    ],
    "Layout": ["asked"],
    "Loop": ["bar", "end", "opens", "plan"],
}
"""Names without underscore that are for headway's own rooms: no promise to programs, so they may change."""


class Used:
    """The names of headway that the files in `tests/typing` use, and the attributes of its classes."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        for path in TYPING.glob("*.py"):
            self._read(ast.parse(path.read_text(encoding="utf-8")))

    def _read(self, tree: ast.Module) -> None:
        self._imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._imported |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                self._imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and (name := self._dotted(node)):
                self.names.add(name)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._read_function(node)

    def _dotted(self, node: ast.expr) -> str | None:
        """Return the full name of a name or attribute that comes from headway."""
        if isinstance(node, ast.Name):
            name = self._imported.get(node.id, "")
            return name if name.partition(".")[0] == "headway" else None
        before = self._dotted(node.value) if isinstance(node, ast.Attribute) else None
        return f"{before}.{node.attr}" if before else None

    def _read_function(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Take the attributes of each parameter for those of its class."""
        for parameter in function.args.args:
            annotation = parameter.annotation
            name = self._dotted(annotation.value if isinstance(annotation, ast.Subscript) else annotation)
            if name:
                self.attributes.setdefault(home(resolved(name)), set()).update(
                    node.attr
                    for node in ast.walk(function)
                    if isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == parameter.arg
                )


def resolved(name: str) -> object:
    """Return what a dotted name stands for."""
    module, _, member = name.rpartition(".")
    return getattr(import_module(module), member)


def home(thing: object) -> str:
    """Return the name of a class where it is defined; of anything else, nothing."""
    return f"{thing.__module__}.{thing.__qualname__}" if inspect.isclass(thing) else ""


def public_attributes(cls: type) -> Iterator[str]:
    """Yield the attributes that a class has itself: methods, fields, and those that its methods set on `self`."""
    yield from vars(cls)
    yield from vars(cls).get("__annotations__", {})
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            yield from [node.attr] if node.value.id == "self" else []


def own_attributes(cls: type) -> set[str]:
    """Return the public attributes of a class, those of its bases in headway included."""
    ours = [base for base in cls.__mro__ if base.__module__.partition(".")[0] == "headway"]
    names = {name for base in ours for name in public_attributes(base)}
    return {name for name in names if not name.startswith(("_", "test_"))}


@pytest.fixture(scope="module")
def used() -> Used:
    """All that is used."""
    return Used()


@pytest.mark.parametrize("module", MODULES)
def test_each_name_is_used(module: str, used: Used) -> None:
    """A name in `__all__` is used in a file of `tests/typing`."""
    missing = {f"{module}.{name}" for name in import_module(module).__all__} - used.names

    assert not missing, f"{sorted(missing)}: give each a line in tests/typing"


@pytest.mark.parametrize("module", MODULES)
def test_each_attribute_is_used(module: str, used: Used) -> None:
    """Methods, properties and fields of public classes are used, on a parameter that is annotated with the class."""
    door = module.removeprefix("headway.").partition(".")[0]
    if door in HANDING_ON:
        pytest.importorskip(door)
    for name in import_module(module).__all__:
        cls = resolved(f"{module}.{name}")
        if not inspect.isclass(cls) or cls.__module__.partition(".")[0] != "headway":
            continue
        names = own_attributes(cls)
        between = set(BETWEEN_ROOMS.get(name, ()))
        typed = {attribute for base in cls.__mro__ for attribute in used.attributes.get(home(base), ())}

        assert not names - typed - between, (
            f"{name}.{sorted(names - typed - between)}: use each in a function of tests/typing that has a parameter of "
            f"this class, or name it in BETWEEN_ROOMS"
        )
        assert between <= names, f"{name} has no {sorted(between - names)} any more: take them from BETWEEN_ROOMS"
        assert not between & typed, f"{name}.{sorted(between & typed)} are typed: take them from BETWEEN_ROOMS"


@pytest.mark.parametrize("name", ["Bar", "Track", "AsyncTrack", "Loop"])
def test_a_shell_offers_the_names_for_programs(name: str) -> None:
    """`dir()` lists what is no name between rooms, which is what `docs/bars.md` says, and the names of Python itself."""
    things = {
        "Bar": headway.Bar(1),
        "Track": headway.track([0], backend="off"),
        "AsyncTrack": AsyncTrack(None, lambda: (headway.Bar(1), headway.Bar.close)),
        "Loop": headway.loop([0], epochs=1),
    }
    listed = dir(things[name])
    page = (Path(__file__).parents[2] / "docs" / "bars.md").read_text(encoding="utf-8")
    rows = page.partition(f"## `headway.{name}`")[2].partition("## ")[0].splitlines()
    documented = {told for row in rows if row.startswith("| `") for told in re.findall(r"`(\w+)", row.split(" | ")[0])}

    offered = {each for each in listed if not each.startswith("_")}
    assert offered == own_attributes(getattr(headway, name)) - set(BETWEEN_ROOMS.get(name, ()))
    assert offered == documented
    assert [each for each in listed if each.startswith("_") and not each.startswith("__")] == []
    assert {"__class__", "__reduce__"} <= set(listed)
