"""The functions that a program calls: they choose, make and forward."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TextIO, TypeVar

from headway import checking, choosing, counting
from headway.bar import Bar
from headway.discovery import BUILT_IN
from headway.errors import warn_once
from headway.hub import hub
from headway.snapshot import Number
from headway.tracking import Track

__all__ = ["Use", "get_bar", "track", "use", "write"]

T = TypeVar("T")

Options = Mapping[str, Mapping[str, Any]]
UnitScale = bool | Literal["", "si", "iec"]

_used: tuple[choosing.Wish, ...] = ()


def get_bar(
    total: Number | None = None,
    *,
    desc: str = "",
    unit: str = "it",
    unit_scale: UnitScale = False,
    initial: Number = 0,
    widgets: list[Any] | None = None,
    options: Options | None = None,
    backend: str | None = None,
    name: str = "",
    leave: bool | None = None,
    file: TextIO | None = None,
) -> Bar:
    """Open a bar and return it; the first frame is out when this returns.

    Args:
        total: Units in all; `None` or infinity while unknown.
        desc: What is being done, in front of the bar.
        unit: What is counted, in the singular.
        unit_scale: `"si"` or `True` writes 1500 as 1.50k, `"iec"` writes 1536 as 1.50Ki.
        initial: Units that an earlier session did: they count, but not towards the rate.
        widgets: Native widgets of a renderer that has such an option (progressbar2); others leave them out with one
            warning.
        options: Look-and-feel options by backend, such as `{"tqdm": {"colour": "green"}, "alive": {"theme":
            "classic"}}`. Those for backends that are not chosen are not looked at; what `use()` or the environment
            say of the same option wins.
        backend: Who shows it, if neither the environment nor `use()` say: a name, several with commas, or `off`.
        name: A dotted name for filters and events, by default the module of the caller.
        leave: Whether the last frame stays on the screen; by default it does for a bar that is not nested.
        file: The stream that it is shown on, by default `sys.stderr` as it is now.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: A number is negative or not finite, or the unit scale is none.
        UnknownBackendError: `backend` names nothing that is installed.
        BackendOptionError: The chosen backend does not have an option that code gives it.
    """
    bar = Bar(
        total,
        desc=desc,
        unit=unit,
        unit_scale=unit_scale,
        initial=initial,
        leave=leave,
        name=name or _module_of_caller(),
    )
    _opener(bar, widgets, options, backend, file)()
    return bar


def track(
    iterable: Iterable[T],
    *,
    total: Number | None = None,
    desc: str = "",
    unit: str = "it",
    unit_scale: UnitScale = False,
    initial: Number = 0,
    widgets: list[Any] | None = None,
    options: Options | None = None,
    backend: str | None = None,
    name: str = "",
    leave: bool | None = None,
    file: TextIO | None = None,
) -> Track[T]:
    """Report a loop's progress: `for item in headway.track(items): ...`.

    Args:
        iterable: The items.
        total: How many there are; by default what the iterable says.
        desc: See `get_bar`, as for all further arguments.
        unit: What is counted, in the singular.
        unit_scale: Scaling of counts.
        initial: Units that an earlier session did.
        widgets: Native widgets.
        options: Look-and-feel options by backend.
        backend: Who shows it.
        name: A dotted name.
        leave: Whether the last frame stays.
        file: The stream.

    Returns:
        An iterable of the items; its `bar` is the bar.

    Raises:
        TypeError: `iterable` is not one, or an argument is of the wrong type.
        ValueError: As for `get_bar`.
        UnknownBackendError: As for `get_bar`.
        BackendOptionError: As for `get_bar`.
    """
    if not hasattr(iterable, "__iter__") and not hasattr(iterable, "__getitem__"):
        raise TypeError(
            f"track() takes an iterable, not {iterable!r} ({type(iterable).__name__}). "
            f"To count by hand use headway.get_bar(total)."
        )
    name = name or _module_of_caller()
    initial = checking.count("initial", initial)
    if total is None and (length := counting.total_of(iterable)) is not None:
        total = initial + length

    def make() -> tuple[Bar, Callable[[], None]]:
        bar = Bar(total, desc=desc, unit=unit, unit_scale=unit_scale, initial=initial, leave=leave, name=name)
        return bar, _opener(bar, widgets, options, backend, file)

    return Track(iterable, make)


class Use:
    """What `use` returns: as a context manager it takes the choice back at the end of the block."""

    def __init__(self, before: tuple[choosing.Wish, ...]) -> None:
        self._before = before

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        global _used
        _used = self._before


def use(backend: str | None, **options: Any) -> Use:
    """Choose the backend for all bars that this process makes from now on, or within a `with` block.

    The environment variable `HEADWAY_BACKEND` still wins: the person at the run has the last word.

    Args:
        backend: A name, several with commas, or `off`; `None` takes an earlier choice back.
        options: Look-and-feel options, for a single backend: `use("alive", theme="classic")`.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendOptionError: The backend does not have such an option.
        ValueError: There is no name, or options are given for several.
    """
    global _used
    wishes = () if backend is None else choosing.parse(checking.text("backend", backend))
    if options:
        if len(wishes) != 1:
            raise ValueError(f"use() takes options for one backend, not for {backend!r}; write them as queries.")
        wishes = (wishes[0]._replace(values=options),)
    choosing.check(wishes)
    before, _used = _used, wishes
    return Use(before)


def write(text: str) -> None:
    """Put a line (or several) above whatever is being drawn; it is out when this returns.

    It goes where bars are shown, and to stderr where none is.

    Raises:
        TypeError: `text` is no text.
    """
    hub.write(checking.text("text", text))


def _module_of_caller() -> str:
    return str(sys._getframe(2).f_globals.get("__name__", ""))


def _opener(
    bar: Bar, widgets: list[Any] | None, options: Options | None, backend: str | None, file: TextIO | None
) -> Callable[[], None]:
    """Decide now who shows a bar, so that mistakes raise here, and return what opens it."""
    file = sys.stderr if file is None else checking.stream(file)
    file = getattr(file, "__wrapped__", file)  # a renderer's stand-in for the stream that it draws on
    if file is None:
        return lambda: bar.open((), None)
    argument = None if backend is None else checking.text("backend", backend)
    choices = choosing.decide(file, used=_used, argument=argument).choices
    looks = tuple(_with_look(choice, widgets, options or {}) for choice in choices)
    return lambda: bar.open(looks, file)


def _with_look(choice: choosing.Choice, widgets: list[Any] | None, options: Options) -> choosing.Choice:
    """Add what the code wants of the look to what whoever chose the backend wants; the latter wins."""
    if not isinstance(options, Mapping) or not all(isinstance(look, Mapping) for look in options.values()):
        raise TypeError(f"options must map backends to options, as in {{'tqdm': {{'ascii': True}}}}, not {options!r}.")
    look = dict(options.get(choice.name, {}))
    if widgets is not None:
        if "widgets" in choice.renderer.options:
            look["widgets"] = widgets
        elif choice.name not in BUILT_IN:
            warn_once(f"widgets= holds another renderer's widgets; they are left out under {choice.name!r}.")
    checked = choosing.read_options(choice.name, choice.renderer, {}, look)
    return choice._replace(options={**checked, **choice.options})
