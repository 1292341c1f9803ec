"""Names of another library that the door to it hands on, because there is nothing to report about them."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from importlib import import_module
from typing import Any

__all__ = ["handed_on"]


def handed_on(module: str, name: str, names: Collection[str] | None, distribution: str) -> Any:
    """Return what another library has under a name.

    Args:
        module: Its module.
        name: The name.
        names: Those that are handed on; `None`: all that are public.
        distribution: The distribution that it comes with.

    Raises:
        AttributeError: The name is none of them.
        ImportError: The library is not installed.
    """
    if name.startswith("_") if names is None else name not in names:
        raise AttributeError(f"module 'headway.{module}' has no attribute {name!r}")
    try:
        library = import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{name} is {distribution}'s own, which is not installed: pip install {distribution}. "
            f"Bars of headway.{module.partition('.')[0]} do not need it."
        ) from error
    with suppress(AttributeError):
        return getattr(library, name)
    with suppress(ModuleNotFoundError):
        return import_module(f"{module}.{name}")
    raise AttributeError(f"module {module!r} has no attribute {name!r}")
