"""Templates of other libraries, read as templates of headway's widgets."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping

__all__ = ["base", "escaped", "in_widgets"]


def base(field: str) -> str:
    """Return the name that a field of a template begins with."""
    return field.partition(".")[0].partition("[")[0]


def escaped(text: str) -> str:
    """Write braces so that they stand for themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def in_widgets(template: str, widgets: Mapping[str, str], swallowed: Mapping[str, str] | None = None) -> str:
    """Put headway's widgets into a template in the place of its fields.

    Each widget stands once, and the text between two fields that are one widget goes with the second of them. A field
    for which there is no widget is left out.

    Args:
        template: The template.
        widgets: Fields, each with its widgets: `{"n": "{count}"}`.
        swallowed: Fields, each with the text behind it that its widget has itself: `{"percentage": "%"}`.
    """
    return "".join(_parts(template, widgets, {} if swallowed is None else swallowed))


def _parts(template: str, widgets: Mapping[str, str], swallowed: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    behind, pending = "", ""
    for literal, field, _, _ in string.Formatter().parse(template):
        pending += escaped(literal.removeprefix(swallowed.get(behind, "")))
        if field is None:  # the end, or a brace that stands for itself
            continue
        name = base(field)
        widget = widgets.get(name, "")
        behind = name if widget else ""
        if not widget or any(known.startswith(widget) for known in seen):
            pending = "" if widget else pending
            continue
        seen.add(widget)
        yield pending + widget
        pending = ""
    yield pending
