"""The options of the renderer, read and checked."""

from __future__ import annotations

import functools
from typing import Any

from rich.errors import StyleSyntaxError
from rich.progress import ProgressColumn
from rich.style import Style

from headway_rich.columns import Columns, columns_of

__all__ = ["LOOK", "is_native", "read"]


def _columns(value: Any) -> Columns:
    if not isinstance(value, str | list | tuple):
        raise TypeError("expected names, or a list of names and columns of rich's")
    if isinstance(value, str) and "[link" in value:
        raise ValueError("expected columns without a link")
    items = tuple(value.replace(",", " ").split() if isinstance(value, str) else value)
    if not items:
        raise ValueError("expected a column at least")
    return read(items)


def read(items: tuple[Any, ...]) -> Columns:
    """Make columns, the same ones for the same items, so that bars that ask for them stand below one another."""
    try:
        hash(items)
    except TypeError:
        return columns_of(items)
    return _kept(items)


_kept = functools.lru_cache(columns_of)


def _bar_width(value: Any) -> int | None:
    if value is None or value == "none":
        return None
    columns = int(value)
    if columns < 1:
        raise ValueError("expected a number of columns, or none")
    return columns


def _style(value: Any) -> Style:
    if isinstance(value, Style):
        return value
    try:
        style = Style.parse(value)
    except (StyleSyntaxError, AttributeError) as error:
        raise ValueError(f"expected a style of rich's, such as 'green': {error}") from error
    if style.link:
        raise ValueError("expected a style without a link")
    return style


LOOK = {"columns": _columns, "bar_width": _bar_width, "complete_style": _style}


def is_native(value: Any) -> bool:
    """Tell a column of rich's own."""
    return isinstance(value, ProgressColumn)
