"""The bars of bytes that huggingface_hub opens for the download of a repository, and never closes.

Left open they would stand there for ever, and the next work of the program would be taken for a part of them.
"""

from __future__ import annotations

from typing import Any

from headway.host import endings
from headway.reporting.bar import Bar

__all__ = ["end_around", "is_over"]

MODULE = "huggingface_hub._snapshot_download"


def is_over(bar: Any, shown: Bar) -> bool:
    """Tell whether a description that was just set is the last thing that is said of a bar of tqdm's.

    Args:
        bar: The bar, or one that is like tqdm's.
        shown: The headway bar that shows it.
    """
    return shown.name == MODULE and bool(bar.n >= (bar.total or 0))


def end_around(shown: Bar, error: BaseException) -> None:
    """End the bars around that of a download's files, one of which has failed."""
    around = shown.parent
    while shown.name == MODULE and around is not None and around.name == MODULE:
        around.end(*endings.explained(error))
        around = around.parent
