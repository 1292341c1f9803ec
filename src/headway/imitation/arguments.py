"""tqdm's arguments, as headway takes them."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from headway.host.environment import is_terminal
from headway.imitation.defaults import flag
from headway.imitation.exceptions import TqdmDeprecationWarning, TqdmKeyError
from headway.imitation.files import BytesOut
from headway.reporting.totals import length_of

__all__ = ["is_disabled", "known", "length", "refuse", "stream"]


def refuse(unknown: Mapping[str, Any]) -> None:
    """Raise for arguments that tqdm does not have, as it does.

    Raises:
        TqdmKeyError: Always, but for `nested`.
        TqdmDeprecationWarning: For `nested`.
    """
    if "nested" in unknown:
        raise TqdmDeprecationWarning("`nested` is no argument any more: bars nest by themselves.")
    raise TqdmKeyError(f"Unknown argument(s): {unknown}")


def stream(file: Any, *, as_bytes: bool) -> Any:
    """Return the stream that a bar is shown on."""
    file = sys.stderr if file is None else file
    return BytesOut(file) if as_bytes else file


def length(iterable: Iterable[Any]) -> tuple[int | None, bool]:
    """Tell how many items there are, and whether that is an estimate."""
    try:
        return len(iterable), False  # type: ignore[arg-type]  # most that has no length raises
    except (TypeError, AttributeError):
        found = length_of(iterable)
    return (None, False) if found is None else found


def known(total: Any) -> Any:
    """Return a total, `None` where it says that there is no end."""
    return None if isinstance(total, float) and total == math.inf else total


def is_disabled(disable: bool | None, file: Any) -> bool:
    """Tell whether a bar is to report nothing."""
    if disable or flag(os.environ.get("TQDM_DISABLE", "")):
        return True
    return disable is None and hasattr(file, "isatty") and not is_terminal(file)
