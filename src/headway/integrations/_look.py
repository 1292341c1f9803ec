"""The keywords about the look of a bar that every integration takes, and the bar that is opened with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO, TypedDict

from headway.api import get_bar
from headway.reporting.metric import Metric
from headway.reporting.metrics import Metrics
from headway.reporting.opening import Options, opener
from headway.text.layout import Widgets

if TYPE_CHECKING:
    from headway.reporting.bar import Bar

__all__ = ["Look", "open_bar", "read_look"]


class Look(TypedDict, total=False):
    """The keywords that each integration takes for its bars; they mean what they mean for `headway.get_bar`."""

    desc: str
    metrics: Iterable[Metric | str]
    units: Mapping[str, float]
    widgets: Widgets | None
    options: Options | None
    backend: Any
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
    """Open a bar of an integration; the look that the user asks for wins."""
    return get_bar(total, **{"desc": desc, "unit": unit, **more, **look})
