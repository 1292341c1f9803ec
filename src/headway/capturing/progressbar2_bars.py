"""The facts that a bar of progressbar2's states: its value, and the words in its widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from numbers import Real
from typing import Any, Literal

from headway.capturing.figures import Told
from headway.capturing.mirror import Facts
from headway.imitation.bar import kept
from headway.imitation.progressbar import look
from headway.snapshot import Number

__all__ = ["count", "facts", "stream_of"]

_LABELS = ("FormatLabel", "FormatCustomText")
"""Widgets that say something in words."""


def count(bar: Any) -> Number:
    """Read how much is done."""
    n: Number = bar.value - bar.min_value
    return n


def facts(bar: Any) -> Facts:
    """Read all that it states."""
    of_bytes = look.counts_bytes(bar.widgets)
    scale: Literal["", "iec"] = "iec" if of_bytes or bar.unit_scale else ""
    values, postfix = _variables(bar.variables)
    desc, *texts = _words(bar)
    return Facts(
        n=count(bar),
        total=bar.max_value - bar.min_value if isinstance(bar.max_value, int | float) else None,
        desc=look.label(bar.label or desc),
        unit="B" if of_bytes else str(bar.unit or "it"),
        unit_scale=scale,
        message=" ".join(text.strip() for text in (*texts, postfix) if text.strip()),
        metrics=values,
    )


def stream_of(bar: Any) -> Any:
    """Return the stream that it is drawn on, under those by which progressbar2 moves the cursor."""
    stream = bar.fd
    while type(stream).__module__ == "progressbar.terminal.stream":
        stream = stream.stream
    return stream


def _variables(variables: Mapping[str, Any]) -> tuple[Told, str]:
    """Return the values among its variables, and its postfix if that is a text."""
    pairs, text = look.postfix(variables)
    values = {name: value for name, value in variables.items() if name != "postfix"}
    values.update(pairs)
    return Told({name: kept(value) for name, value in values.items() if _is_value(value)}), text


def _is_value(value: Any) -> bool:
    return isinstance(value, str | Real) or hasattr(value, "item")


def _words(bar: Any) -> Iterator[str]:
    """Yield the text in front of its numbers, and then those behind."""
    front, behind = [str(getattr(bar, "prefix", None) or "")], [str(getattr(bar, "suffix", None) or "")]
    texts = front
    for widget in bar.widgets:
        if type(widget).__name__ in _LABELS:
            with suppress(Exception):  # a field that there is not yet
                texts.append(str(widget(bar, bar.data())))
        elif not isinstance(widget, str):
            texts = behind
        elif texts is front:
            texts.append(widget)
    yield "".join(front)
    yield from behind
