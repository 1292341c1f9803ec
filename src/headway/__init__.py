"""headway is to progress what `logging` is to log lines.

Code reports progress; the person who runs it chooses how it is shown::

    import headway

    for batch in headway.track(batches, desc="train"):
        ...

Names are imported at their first use, so that `import headway` costs next to nothing.
"""

from __future__ import annotations

from os import environ as _environ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from headway.api import get_bar, loop, suspend, track, use, write
    from headway.capturing import capture, uncapture
    from headway.choosing.discovery import Backend, backends
    from headway.errors import (
        BackendLoadError,
        BackendOptionError,
        HeadwayError,
        HeadwayWarning,
        UnknownBackendError,
        UnknownWidgetError,
    )
    from headway.reporting.bar import Bar
    from headway.reporting.metric import Metric
    from headway.reporting.silence import silence, unsilence
    from headway.reporting.track import AsyncTrack, Track
    from headway.training.loop import Loop

__version__ = "0.1.0"

__all__ = [
    "AsyncTrack",
    "Backend",
    "BackendLoadError",
    "BackendOptionError",
    "Bar",
    "HeadwayError",
    "HeadwayWarning",
    "Loop",
    "Metric",
    "Track",
    "UnknownBackendError",
    "UnknownWidgetError",
    "backends",
    "capture",
    "get_bar",
    "loop",
    "silence",
    "suspend",
    "track",
    "uncapture",
    "unsilence",
    "use",
    "write",
]

_HOMES = {
    **dict.fromkeys(("get_bar", "loop", "suspend", "track", "use", "write"), "headway.api"),
    **dict.fromkeys(("Backend", "backends"), "headway.choosing.discovery"),
    **dict.fromkeys(("capture", "uncapture"), "headway.capturing"),
    **dict.fromkeys(("silence", "unsilence"), "headway.reporting.silence"),
    "Bar": "headway.reporting.bar",
    "Loop": "headway.training.loop",
    "Metric": "headway.reporting.metric",
    **dict.fromkeys(("AsyncTrack", "Track"), "headway.reporting.track"),
    **dict.fromkeys((name for name in __all__ if name.endswith(("Error", "Warning"))), "headway.errors"),
}


_MODULES = (
    *("estimate", "events", "format", "hookspecs", "integrations"),
    *("layout", "sink", "snapshot", "testing", "widgets"),
)
"""Modules of the public surface, as in `headway.widgets.percentage`."""


def __getattr__(name: str) -> object:
    if name not in _HOMES and name not in _MODULES:
        raise AttributeError(f"module 'headway' has no attribute {name!r}; it has {', '.join(__all__)}")
    import sys  # here, so that it is no name of the package

    home = f"headway.{name}" if name in _MODULES else _HOMES[name]
    __import__(home)  # as importlib.import_module does, without loading importlib
    if name in _MODULES:
        return sys.modules[home]
    value = globals()[name] = getattr(sys.modules[home], name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if _environ.get("HEADWAY_CAPTURE"):  # of whoever runs a program that does not capture by itself
    from headway.capturing import follow_environment as _follow_environment

    _follow_environment()
