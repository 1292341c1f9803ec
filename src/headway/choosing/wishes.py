"""The backends that somebody wishes for: read from words, or from what code gives."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from types import MappingProxyType

from headway.choosing import heritage
from headway.notation import Any, NamedTuple
from headway.sink import Renderer

__all__ = ["NOTHING", "Wish", "bequeathed", "is_file", "parse", "prefer", "preferred", "text_of", "wishes_of"]

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""No options; nobody can add one."""


class Wish(NamedTuple):
    """One backend as asked for: its name, and options as text (from a query) or as values (from code)."""

    name: str
    query: Mapping[str, str] = NOTHING
    values: Mapping[str, Any] = NOTHING
    renderer: Renderer | None = None
    """The renderer itself, if code has given it."""
    scope: object = None
    """The `headway.use` block that wishes it, if any."""


@functools.lru_cache
def parse(text: str) -> tuple[Wish, ...]:
    """Read `tqdm`, `tqdm,events?path=run.jsonl` or `off`. In a query `%2C` stands for a comma, as in URLs.

    Raises:
        ValueError: There is no name in it.
    """
    wishes = tuple(_parse_one(part.strip()) for part in text.split(",") if part.strip())
    if not wishes:
        raise ValueError(f"{text!r} names no backend; expected a name such as 'tqdm', several with commas, or 'off'.")
    return wishes


def wishes_of(backend: Any) -> tuple[Wish, ...]:
    """Read what code asks for: a text as for `parse`, a renderer, a class of sinks, a sink, or several in a list.

    Raises:
        TypeError: It is nothing of that.
        ValueError: There is no name in a text, or a renderer cannot be used.
    """
    if isinstance(backend, str):
        return parse(backend)
    if isinstance(backend, list | tuple) and not isinstance(backend, Renderer):
        return tuple(wish for each in backend for wish in wishes_of(each))
    from headway.choosing.given import of_object  # few programs give an object

    name, renderer = of_object(backend)
    return (Wish(name, renderer=renderer),)


def text_of(wishes: tuple[Wish, ...]) -> str:
    """Write wishes as `parse` reads them; empty if one of them is an object. Options that are objects are left out."""
    return "" if any(wish.renderer is not None for wish in wishes) else ",".join(map(_text_of_one, wishes))


def _text_of_one(wish: Wish) -> str:
    name = os.path.abspath(os.path.expanduser(wish.name)) if is_file(wish.name) else wish.name
    options = {**wish.values, **wish.query}
    told = {option: value for option, value in options.items() if isinstance(value, str | int | float)}
    if not told:
        return name
    from urllib.parse import urlencode  # only if there are options

    return f"{name}?{urlencode(told)}"


def _parse_one(part: str) -> Wish:
    name, _, query = part.partition("?")
    if not query:
        return Wish(name)
    from urllib.parse import parse_qsl  # only if there are options

    return Wish(name, dict(parse_qsl(query, keep_blank_values=True)))


_preferred: tuple[Wish, ...] | None = None
"""`None` as long as the process has not chosen."""


def prefer(wishes: tuple[Wish, ...] | None) -> tuple[Wish, ...] | None:
    """Have the whole process wish for these backends from now on, as `headway.use()` does, and return those before.

    Processes that are started from now on wish for them, too, as far as they can be told as text.
    """
    global _preferred
    before, _preferred = _preferred, wishes
    heritage.hand_on(None if wishes is None else text_of(wishes))
    return before


def preferred() -> tuple[Wish, ...]:
    """Return the backends that `headway.use()` has chosen for the process."""
    return _preferred or ()


def bequeathed() -> str:
    """Return the words in which the process that started this one has chosen, unless this one has chosen itself."""
    return heritage.inherited() if _preferred is None else ""


def is_file(name: str) -> bool:
    """Tell whether a backend's name is the path of a file: it ends in `.py`, or has a slash."""
    return name.endswith(".py") or os.sep in name
