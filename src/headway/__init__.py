"""headway is to progress what `logging` is to log lines.

Code reports progress; the person who runs it chooses how it is shown::

    import headway

    for batch in headway.track(batches, desc="train"):
        ...

Names are imported at their first use, so that `import headway` costs next to nothing.
"""

from __future__ import annotations

import os as _os
import sys as _sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    # what is imported by its name alone: programs that freeze others look for import statements
    import headway.capturing.alive_progress
    import headway.capturing.progressbar2
    import headway.capturing.rich
    import headway.capturing.tqdm
    import headway.events.follower
    import headway.events.reader
    import headway.events.schema
    import headway.sinks.events
    import headway.sinks.logging
    import headway.sinks.notebook.sink
    import headway.sinks.plain
    import headway.sinks.rows.sink
    import headway.sinks.spoken
    import headway.sinks.web  # noqa: F401
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
    *("layout", "news", "sink", "snapshot", "testing", "widgets"),
)
"""Modules of the public surface, as in `headway.widgets.percentage`."""


def __getattr__(name: str) -> object:
    if name not in _HOMES and name not in _MODULES:
        raise AttributeError(f"module 'headway' has no attribute {name!r}; it has {', '.join(__all__)}")
    home = f"headway.{name}" if name in _MODULES else _HOMES[name]
    try:
        if _sys.modules.get("os", _SYSTEM[0]) is _SYSTEM[0]:
            _load(home)
        else:
            _load_past_fakes(home)
    except (OSError, MemoryError, ImportError) as error:
        if name not in _UNSEEN or not _is_left_with_nothing(error):
            raise
        return _UNSEEN[name]
    if name in _MODULES:
        return _sys.modules[home]
    value = globals()[name] = getattr(_sys.modules[home], name)
    return value


def _load(*modules: str) -> None:
    from headway.host.handlers import Deferring

    with Deferring():  # what a signal handler raises would leave modules half imported
        for module in modules:
            __import__(module)  # as importlib.import_module does, without loading importlib


class _Unseen:
    """A bar that nobody sees: neither files nor memory are left to make one of."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> object:
        return self

    def __enter__(self) -> object:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _write(text: str) -> None:
    if _sys.stderr is not None:
        _sys.stderr.write(f"{text}\n")


def _is_left_with_nothing(error: Exception) -> bool:
    """Tell whether a module cannot be imported for want of descriptors or memory, or since Python ends."""
    if _sys.is_finalizing() or isinstance(error, MemoryError):
        return True
    import errno  # needs no file

    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


_UNSEEN = {"get_bar": _Unseen(), "suspend": _Unseen(), "track": lambda iterable, **_: iterable, "write": _write}
"""What programs call in the midst of their work, without a bar."""
_SYSTEM = (_os, tuple(_sys.meta_path))
"""The system, and the ways to find modules: a fake file system, such as pyfakefs has for tests, does not replace it."""
_ROOMS = ("choosing", "drawing", "host", "processes", "reporting", "sinks", "text")


def _load_past_fakes(home: str) -> None:
    """Import with the real system all that a bar may need: modules would keep the fake one beyond the test."""
    real, finders = _SYSTEM
    fakes = _sys.modules["os"], _sys.meta_path[:]
    _sys.modules["os"], _sys.meta_path[:] = real, finders
    try:
        rooms = [real.path.join(__path__[0], room) for room in _ROOMS]
        folders = [folder for room in rooms for folder in real.walk(room)]
        files = [real.path.join(folder, name) for folder, _, names in folders for name in names if name.endswith(".py")]
        modules = [file[len(__path__[0]) : -len(".py")].replace(real.sep, ".") for file in sorted(files)]
        _load(*[f"headway{module.removesuffix('.__init__')}" for module in modules], home)
    finally:
        _sys.modules["os"], _sys.meta_path[:] = fakes


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_IN_KERNEL = "ipykernel" in _sys.modules


def _expect_workers() -> None:
    if _IN_KERNEL or (_sys.stderr is not None and _sys.stderr.isatty()):
        _load("headway.drawing.hub")
        _sys.modules["headway.drawing.hub"].hub.expect_workers()


def _dismiss(pid: int) -> None:
    if "headway.drawing.hub" in _sys.modules:
        _sys.modules["headway.drawing.hub"].hub.relay.dismiss(pid)


if _IN_KERNEL or "multiprocessing.process" in _sys.modules:  # workers may have bars, which this process shows or tears
    from headway.host.starts import follow as _follow

    _follow(_expect_workers, _dismiss)

if _os.environ.get("HEADWAY_CAPTURE"):  # of whoever runs a program that does not capture by itself
    from headway.capturing import follow_environment as _follow_environment

    _follow_environment()
