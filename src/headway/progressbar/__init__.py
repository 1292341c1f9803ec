"""A door in the shape of progressbar2: `from headway import progressbar` in the place of `import progressbar`.

The arguments, attributes and methods are those of progressbar2; the renderer is the one that the person at the run has
chosen. Widgets are progressbar2's own if it is installed, else stand-ins.
docs/coming-from-progressbar2.md lists every name of progressbar2 and what becomes of it.

Knows `imitation`, where the code is, and no other door. A module stands here only if progressbar2 has one of its name.
"""

from importlib import import_module
from typing import Any

from headway.imitation.library import handed_on
from headway.imitation.progressbar.bar import ProgressBar
from headway.imitation.progressbar.base import UnknownLength
from headway.imitation.progressbar.kinds import DataTransferBar, FastProgressBar, NullBar, progressbar
from headway.imitation.progressbar.multi import MultiBar, SortKey
from headway.imitation.progressbar.streams import len_color, streams
from headway.progressbar import widgets

__all__ = [
    "DataTransferBar",
    "FastProgressBar",
    "MultiBar",
    "NullBar",
    "ProgressBar",
    "SortKey",
    "UnknownLength",
    "__version__",
    "len_color",
    "progressbar",
    "streams",
]
__all__ += [*sorted(widgets.NAMES)]  # noqa: PLE0604  # texts

__version__ = "4.6.0"
"""The version of progressbar2 whose names are here."""

_OWN = (
    *("DoubleExponentialMovingAverage", "ExponentialMovingAverage", "LineOffsetStreamWrapper", "SmoothingAlgorithm"),
)


_MODULES = ("algorithms", "bar", "base", "env", "fast", "multi", "shortcuts", "terminal", "utils")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in widgets.NAMES:
        return getattr(widgets, name)
    return handed_on("progressbar", name, _OWN, "progressbar2")


def __dir__() -> list[str]:
    return sorted({*globals(), *widgets.NAMES, *_OWN})
