"""The bars of bytes that huggingface_hub opens for the download of a repository, and never closes.

Left open they would stand there for ever, and the next work of the program would be taken for a part of them.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

from headway.host import endings
from headway.reporting.bar import Bar

__all__ = ["end_around", "is_over", "opened"]

MODULE = "huggingface_hub._snapshot_download"
_thread = threading.local()


def is_over(bar: Any, shown: Bar) -> bool:
    """Tell whether a description that was just set is the last thing that is said of a bar of tqdm's.

    Args:
        bar: The bar, or one that is like tqdm's.
        shown: The headway bar that shows it.
    """
    return shown.name == MODULE and bool(bar.n >= (bar.total or 0))


def opened(shown: Bar) -> None:
    """Take note of a bar that was opened in this thread: it may be one of those of a download."""
    if shown.name == MODULE:
        _thread.bars = [*map(weakref.ref, _bars()), weakref.ref(shown)]


def end_around(shown: Bar, error: BaseException) -> None:
    """End the bars of a download, one of which has failed, the last one first."""
    if shown.name == MODULE:
        for bar in reversed(_bars()):
            bar.end(*endings.explained(error))


def _bars() -> list[Bar]:
    """Return the bars of downloads that this thread has opened, and that are open."""
    bars = [bar() for bar in getattr(_thread, "bars", ())]
    return [bar for bar in bars if bar is not None and bar.state == "running"]
