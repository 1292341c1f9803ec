"""Faults between an integration and its framework: one that a hook raises stays here, one of an import is explained."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from headway.format import in_words
from headway.host.faults import tell

__all__ = ["contained", "missing"]

F = TypeVar("F", bound=Callable[..., Any])


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
    """Return an error that says how to install the package of an integration.

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
