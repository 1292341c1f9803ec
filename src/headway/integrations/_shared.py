"""What the integrations have in common: the look of their bars, and that no fault of theirs reaches a framework."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO, TypedDict, TypeVar

from headway.api import Options, Widgets, get_bar, opener
from headway.format import in_words
from headway.host import endings
from headway.host.faults import tell
from headway.reporting.metrics import Metric, Metrics

if TYPE_CHECKING:
    from headway.reporting.bar import Bar
    from headway.snapshot import State

__all__ = ["LOST", "Look", "contained", "flat", "left", "missing", "open_bar", "read_look"]

LOST: tuple[State, str] = ("failed", "it did not come to its end")
"""How a run ended whose framework tells of each end but that by an exception or Ctrl-C."""

F = TypeVar("F", bound=Callable[..., Any])


class Look(TypedDict, total=False):
    """The keywords that each integration takes for its bars; they mean what they mean for `headway.get_bar`."""

    desc: str
    metrics: Iterable[Metric | str]
    units: Mapping[str, float]
    widgets: Widgets | None
    options: Options | None
    backend: str | None
    name: str
    leave: bool | None
    file: TextIO | None


def read_look(look: Look) -> Look:
    """Check the keywords where they are given, and not when the first bar opens.

    Raises:
        TypeError: There is no such keyword, or a value is of the wrong type.
        ValueError: A value cannot be.
        UnknownBackendError: `backend` names nothing that is installed.
        UnknownWidgetError: There is no such widget.
        BackendOptionError: The chosen backend does not have such an option.
    """
    unknown = look.keys() - Look.__annotations__.keys()
    if unknown:
        raise TypeError(
            f"There is no keyword {', '.join(map(repr, sorted(unknown)))} for the look of a bar; "
            f"there are {', '.join(Look.__annotations__)}."
        )
    if "metrics" in look:
        look["metrics"] = tuple(look["metrics"])
        Metrics(look["metrics"])
    opener(look.get("widgets"), look.get("options"), look.get("backend"), look.get("file"))
    return look


def open_bar(look: Look, total: float | None, *, desc: str, unit: str, **more: Any) -> Bar:
    """Open a bar of an integration; what the user wants of the look wins."""
    return get_bar(total, **{"desc": desc, "unit": unit, **more, **look})


def left(interrupts: int) -> State:
    """Tell how the loop ended that lets go of a generator, which closes just now and asks for this itself.

    Args:
        interrupts: What `endings.interrupts` told when the loop began.
    """
    try:
        loop = sys._getframe(2)
    except ValueError:  # its thread or the interpreter is being torn down
        return "stopped"
    return endings.of_loop(loop, interrupts)


def contained(hook: F) -> F:
    """Keep the faults of a hook from the framework that calls it: each is told once, and the work goes on."""

    @wraps(hook)
    def guarded(*arguments: Any, **keywords: Any) -> Any:
        try:
            return hook(*arguments, **keywords)
        except Exception as error:
            where = f"{hook.__module__}.{hook.__qualname__}"
            tell(
                f"{where} {type(error)}",
                f"The progress of {where} is not shown as it should be: {in_words(error)}",
            )

    return guarded  # type: ignore[return-value]


def missing(package: str, install: str, error: ImportError) -> ImportError:
    """Say what has to be installed for an integration.

    Raises:
        ImportError: It is there, and lacks something itself, which it says best.
    """
    if error.name is not None and error.name.partition(".")[0] != package:
        raise error
    return ImportError(
        f"headway.integrations.{package} is for {package}, which cannot be imported here ({error}). "
        f"Install it: pip install {install}",
        name=error.name,
    )


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics with those of nested mappings named `outer.inner`."""
    read: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            read.update({f"{name}.{inner}": each for inner, each in flat(value).items()})
        else:
            read[str(name)] = value
    return read
