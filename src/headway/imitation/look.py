"""tqdm's arguments about the look, as headway's widgets and as options of the tqdm renderer."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from headway.format import clean, crop, disproportionate, prying
from headway.host.faults import warn
from headway.imitation.exceptions import TqdmWarning
from headway.imitation.meter import format_meter, is_colour
from headway.imitation.template import base, escaped, in_widgets

__all__ = ["Setting", "options", "resolved", "template"]

LONGEST = 1000
"""Characters of a `bar_format` that the renderer gets whole: options are cropped there, as all texts."""
BARE = "{title} {percentage:>4} {count} [{elapsed}<{eta}, {rate}] {metrics} {notes}"
"""The row of `ncols=0`: numbers, and no bar."""
WIDGETS = {
    "l_bar": "{title} {percentage:>4}",
    "bar": "{bar}",
    "r_bar": "{count} [{elapsed}<{eta}, {rate}] {metrics} {notes}",
    "desc": "{title}",
    "percentage": "{percentage}",
    **dict.fromkeys(("n", "n_fmt", "total", "total_fmt"), "{count}"),
    **dict.fromkeys(("elapsed", "elapsed_s"), "{elapsed}"),
    **dict.fromkeys(("remaining", "remaining_s"), "{eta}"),
    **dict.fromkeys(
        ("rate", "rate_fmt", "rate_noinv", "rate_noinv_fmt", "rate_inv", "rate_inv_fmt"),
        "{rate}",
    ),
    "eta": "{finish}",
    "postfix": "{metrics} {notes}",
}
"""The fields of a `bar_format` in a template of headway's; others, such as `ncols`, are left out."""


SWALLOWED = {"percentage": "%", "desc": ":"}
"""Text behind a field that its widget has itself."""


class Setting:
    """An attribute about the look; what it is set to shows from the bar's next frame on."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, bar: Any, owner: type | None = None) -> Any:
        if bar is None:
            return self
        if self._name not in bar.__dict__:  # it is being made
            raise AttributeError(self._name)
        return bar.__dict__[self._name]

    def __set__(self, bar: Any, value: Any) -> None:
        changed = bar.__dict__.get(self._name) != value
        bar.__dict__[self._name] = value
        if changed and not bar.disable:
            bar._door_restyle()


def options(
    *,
    ascii: Any,  # noqa: A002  # tqdm's name
    bar_format: str | None,
    colour: Any,
    ncols: Any,
    total: Any,
) -> dict[str, dict[str, Any]]:
    """Return the options for the tqdm renderer; what the terminal can show is for it to find where nothing is said.

    A `bar_format` goes to it, unless it takes the text of the postfix apart, or is longer than a text may be.

    Raises:
        KeyError: The `bar_format` has a field that there is not; the same errors as tqdm's for others.
    """
    look: dict[str, Any] = {}
    if ascii is not None:
        look["ascii"] = ascii
    if bar_format and (disproportionate(bar_format) or prying(bar_format)):
        asks = "a thousand columns and more, or for private attributes"
        warn(f"The bar_format {crop(clean(bar_format), 100)!r} asks for {asks}; only its fields are used.", TqdmWarning)
    elif bar_format and len(bar_format) <= LONGEST and _is_native(bar_format, total):
        look["bar_format"] = bar_format
    if ncols:
        look["ncols"] = ncols
    if is_colour(colour):
        look["colour"] = colour
    elif colour:
        warn(f"Unknown colour {colour!r}; expected #rrggbb or the name of one such as 'green'.", TqdmWarning)
    return {"tqdm": look}


def _is_native(bar_format: str, total: Any) -> bool:
    """Tell whether a template can do with any postfix that is text; one that cannot be filled at all raises."""
    format_meter(0, total, 1.0, rate=1.0, bar_format=bar_format, nrows=24)
    try:
        format_meter(0, total, 1.0, rate=1.0, bar_format=bar_format, postfix="a=1", nrows=24)
    except (TypeError, KeyError, AttributeError, IndexError, ValueError):
        return False
    return True


def resolved(bar_format: str | None, own: Mapping[str, Any], desc: str) -> str | None:
    """Put the present values into a template for the fields that only the program knows; the others stay.

    Args:
        bar_format: The template.
        own: The values.
        desc: The description, of which renderers do not get the colon and the blank at the end.

    Raises:
        Exception: What a value raises if it is formatted so.
    """
    tail = desc[len(desc.rstrip(": ")) :]
    if not bar_format or not (own or tail) or disproportionate(bar_format):
        return bar_format or None
    text = waiting = ""
    for literal, field, spec, conversion in string.Formatter().parse(bar_format):
        text += ("" if literal.startswith(":") else waiting) + escaped(literal)
        waiting = tail if field == "desc" else ""
        if field is not None:
            whole = f"{{{field}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
            text += escaped(whole.format(**own)) if base(field) in own else whole
    return text + waiting


def template(bar_format: str | None, ncols: Any) -> str | None:
    """Return the same row as a template of headway's, for all other renderers; `None` for the usual one."""
    if not bar_format:
        return BARE if ncols == 0 else None
    text = re.sub(r"[ |]*\{bar\}[ |]*", " {bar} ", in_widgets(bar_format, WIDGETS, SWALLOWED)).strip()
    return text if "{" in text.replace("{{", "") else None
