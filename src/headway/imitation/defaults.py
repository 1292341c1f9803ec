"""Defaults of tqdm's arguments out of the environment, such as `TQDM_NCOLS=80`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from headway.host.environment import any_is_set
from headway.imitation.exceptions import TqdmWarning

__all__ = ["flag", "with_defaults"]

F = TypeVar("F", bound=Callable[..., None])

PREFIX = "TQDM_"


def flag(text: str) -> bool:
    """Read whether something is wanted. tqdm takes every text but the empty one for a yes, `0` too."""
    return text.lower() not in ("", "0", "false")


def _characters(text: str) -> bool | str:
    return flag(text) if text.lower() in ("", "0", "1", "false", "true") else text


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("desc", "unit", "bar_format", "postfix", "colour"), str),
    **dict.fromkeys(("leave", "unit_scale", "dynamic_ncols", "write_bytes", "gui"), flag),
    **dict.fromkeys(("ncols", "nrows", "position", "unit_divisor"), int),
    **dict.fromkeys(("total", "initial"), _number),
    **dict.fromkeys(("mininterval", "maxinterval", "miniters", "smoothing", "delay"), float),
    "ascii": _characters,
}
"""The arguments, each with what reads its text. `TQDM_DISABLE` is read by itself: it wins over the program."""
VARIABLES = tuple(f"{PREFIX}{name.upper()}" for name in READERS)


def with_defaults(initialise: F) -> F:
    """Give an initialiser what the environment says now for the arguments that its caller leaves out."""
    names = initialise.__code__.co_varnames[1:]

    @wraps(initialise)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # the name of what it stands for
        if any_is_set(VARIABLES) and kwargs.get("disable") is not True:
            given = {*names[: len(args)], *kwargs}
            kwargs.update((name, value) for name, value in _from_environment() if name not in given)
        initialise(self, *args, **kwargs)

    return cast("F", __init__)


def _from_environment() -> list[tuple[str, Any]]:
    found = []
    for variable, (name, read) in zip(VARIABLES, READERS.items(), strict=True):
        if variable in os.environ:
            try:
                found.append((name, read(os.environ[variable])))
            except ValueError:
                warnings.warn(f"{variable}={os.environ[variable]!r} is no number; ignored.", TqdmWarning, stacklevel=4)
    return found
