"""A list of progressbar2's widgets: as widgets of headway's, and as a list for the progressbar2 renderer."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from headway.imitation.progressbar import base
from headway.imitation.progressbar.widgets import Widget
from headway.snapshot import Snapshot
from headway.text.widgets import KNOWN, elapsed, eta

__all__ = ["Shown", "counts_bytes", "label", "native", "of_list", "postfix", "variables", "words"]

_WIDGETS = {
    **dict.fromkeys(("Percentage",), "percentage"),
    **dict.fromkeys(("SimpleProgress", "UnitProgress", "DataSize"), "count"),
    **dict.fromkeys(("Bar", "BouncingBar", "ReverseBar", "GranularBar", "FormatLabelBar", "PercentageLabelBar"), "bar"),
    **dict.fromkeys(("MultiRangeBar", "MultiProgressBar", "JobStatusBar"), "bar"),
    "Timer": "elapsed",
    **dict.fromkeys(("ETA", "AdaptiveETA", "SmoothingETA"), "eta"),
    "AbsoluteETA": "finish",
    **dict.fromkeys(("FileTransferSpeed", "AdaptiveTransferSpeed"), "rate"),
    **dict.fromkeys(("AnimatedMarker", "RotatingMarker"), ""),
}
"""progressbar2's classes of widgets, each with headway's widget of the same meaning; others give a text."""
_OF_BYTES = ("DataSize", "FileTransferSpeed", "AdaptiveTransferSpeed")
"""progressbar2's classes of widgets for which a unit is a byte."""
_HOMES = ("progressbar.widgets", Widget.__module__)


STRETCHED = 20
"""Columns of a widget of the program's own that takes what is left of a row, where headway lays the row out."""


class Shown(Protocol):
    """**Protocol:** a bar with progressbar2's attributes, as widgets see it."""

    max_value: Any

    def _row(self) -> list[Any]:
        """Return all that the row is to show now."""

    def data(self) -> dict[str, Any]:
        """Return the values that widgets show."""


def _meaning(widget: Any) -> str | None:
    """Return the name of headway's widget of the same meaning, empty if it has none to show; `None` for a text."""
    kind = type(widget)
    return _WIDGETS.get(kind.__name__) if kind.__module__ in _HOMES else None


def counts_bytes(widgets: Sequence[Any]) -> bool:
    """Tell whether a bar with these widgets counts bytes."""
    return any(type(widget).__name__ in _OF_BYTES for widget in widgets)


def variables(widgets: Sequence[Any]) -> list[str]:
    """Return the names of the variables that widgets show."""
    return [widget.name for widget in widgets if _is_a("VariableMixin", widget)]


def postfix(variables: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return the postfix among the variables of a bar: its values, or its text."""
    given = variables.get("postfix")
    if isinstance(given, Mapping):
        return given, ""
    return {}, "" if given is None else str(given)


def words(widgets: Sequence[Any]) -> int:
    """Tell how many texts stand in front of the widgets, if they are words, which describe the bar."""
    texts = 0
    while texts < len(widgets) and isinstance(widgets[texts], str):
        texts += 1
    return texts if label("".join(widgets[:texts])) else 0


def label(text: str) -> str:
    """Return a text in front of a bar as a description: without the signs by which it is set off."""
    return text.strip().rstrip(":|>-[( ").strip()


def of_list(widgets: Sequence[Any], bar: Shown) -> list[Any]:
    """Return headway's widgets, and texts, for a list of progressbar2's; each widget stands once."""
    out: list[Any] = ["title", " "]
    seen: set[str] = set()
    for widget in widgets:
        name = "" if isinstance(widget, str) else _meaning(widget)
        if isinstance(widget, str):
            out += ["", _Words(widget)] if _is_a_name(widget) else [widget]
        elif name is None:
            out += ["", _text(widget, bar)]  # with nothing between it and the one before: headway puts a blank there
        elif name and name not in seen:
            seen.add(name)
            out += ["", _REMAINING if name == "eta" else name]
    return out


def _is_a_name(text: str) -> bool:
    """Tell whether headway would take a text for the name of a widget."""
    return all(part.isidentifier() for part in text.split("."))


class _Words:
    """A widget that says the same all the time."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, _snapshot: Snapshot) -> str:
        return self._text


class _Remaining:
    """The remaining time, and at the end the time that it took, as progressbar2's widgets for it have both."""

    priority = KNOWN["eta"][1]

    def __call__(self, snapshot: Snapshot) -> str:
        return eta(snapshot) if snapshot.state == "running" else elapsed(snapshot)


_REMAINING = _Remaining()


def native(bar: Shown) -> dict[str, dict[str, Any]]:
    """Return the row as an option of the progressbar2 renderer, if progressbar2 is there: what it is at each frame."""
    if "progressbar.widgets" not in sys.modules:
        return {}
    return {"progressbar2": {"widgets": [_bound(bar, place, widget) for place, widget in enumerate(bar._row())]}}


# ── a widget that is asked for its text ──────────────────────────────────────────────────────────────────────────────


class _Facing:
    """A bar as progressbar2's own widgets see it: an unknown length is progressbar2's own sentinel."""

    def __init__(self, bar: Shown) -> None:
        self._bar = bar

    @property
    def max_value(self) -> Any:
        return _theirs(self._bar.max_value)

    def data(self) -> dict[str, Any]:
        data = self._bar.data()
        return {**data, "max_value": _theirs(data["max_value"])}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bar, name)


def _theirs(value: Any) -> Any:
    module = sys.modules.get("progressbar.base")
    return module.UnknownLength if value is base.UnknownLength and module is not None else value


def _asked(bar: Shown, take: Callable[[Shown], Any]) -> Callable[..., str]:
    """Return what gives a widget's text, in so many columns if that is said; it does not keep the bar alive.

    Args:
        bar: The bar.
        take: Takes the widget from the bar.
    """
    there = weakref.ref(bar)
    last = [""]

    def ask(*columns: int) -> str:
        bar = there()
        if bar is not None:
            with suppress(Exception):  # whatever a program's widget raises: the last text stays
                widget, facing = take(bar), _Facing(bar)
                last[0] = widget if isinstance(widget, str) else str(widget(facing, facing.data(), *columns))
        return last[0]

    return ask


def _text(widget: Any, bar: Shown) -> Callable[[Any], str]:
    ask = _asked(bar, lambda _bar: widget)
    columns = (STRETCHED,) if _stretches(widget) else ()
    return lambda _snapshot: ask(*columns)


def _stretches(widget: Any) -> bool:
    """Tell whether a widget is one of progressbar2's that is told how many columns are left."""
    return _is_a("AutoWidthWidgetBase", widget)


def _is_a(name: str, widget: Any) -> bool:
    """Tell whether a widget is of a class of that name, progressbar2's or a stand-in."""
    return any(kind.__name__ == name for kind in type(widget).__mro__)


def _bound(bar: Shown, place: int, widget: Any) -> Any:
    ask = _asked(bar, lambda bar: bar._row()[place])
    return _stretching()(ask) if _stretches(widget) else lambda _bar, _data: ask()


@functools.cache
def _stretching() -> Any:
    class Stretching(sys.modules["progressbar.widgets"].AutoWidthWidgetBase):  # type: ignore[misc]  # known at run time
        """A widget that takes the columns that are left."""

        copy = False

        def __init__(self, ask: Callable[[int], str]) -> None:
            super().__init__()
            self._ask = ask

        def __call__(self, progress: Any, data: Any, width: int = 0) -> str:
            del progress, data
            return self._ask(width)

    return Stretching
