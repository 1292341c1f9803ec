"""The places that hold the program's streams: `sys`, loggers, and the bars of alive-progress and progressbar2."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from headway.notation import Any

__all__ = ["holders"]


def holders() -> list[tuple[Any, str]]:
    """Return the objects that hold them, with the names of the attributes."""
    found: list[tuple[Any, str]] = [(sys, "stdout"), (sys, "stderr")]
    logging, loguru = sys.modules.get("logging"), sys.modules.get("loguru")
    if logging is not None:
        everything = [handler() for handler in list(getattr(logging, "_handlerList", ()))]
        handlers = [each for each in everything if isinstance(each, logging.StreamHandler)]
        found += [(handler, "stream") for handler in handlers if hasattr(handler, "stream")]
    if loguru is not None:
        core = getattr(getattr(loguru, "logger", None), "_core", None)
        sinks = [getattr(handler, "_sink", None) for handler in list(getattr(core, "handlers", {}).values())]
        found += [(sink, "_stream") for sink in sinks if hasattr(sink, "_stream")]
    if "alive_progress" in sys.modules:
        found += _of_alive()
    if "progressbar" in sys.modules:
        found += _of_progressbar2()
    return found


def _of_alive() -> Iterator[tuple[Any, str]]:
    """Yield what keeps the stream of the bar of alive-progress that is open, which has a hook in `sys.stdout`."""
    hook = getattr(sys.stdout, "__wrapped__", sys.stdout)
    if type(hook).__module__ == "alive_progress.core.hook_manager":
        with suppress(AttributeError, LookupError, ValueError):  # one that keeps it otherwise
            yield _Terminal(_held_by(_held_by(type(hook).write, "write"), "term")), "stream"


def _held_by(function: Any, name: str) -> Any:
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents


class _Terminal:
    """The stream of what alive-progress calls a terminal, which holds the stream's methods."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self.stream = terminal.write.__self__

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "stream":
            self._terminal.write, self._terminal.flush = value.write, value.flush
        super().__setattr__(name, value)


def _of_progressbar2() -> Iterator[tuple[Any, str]]:
    """Yield what keeps the streams as they were when progressbar2 was imported, and its bars that are open."""
    streams = getattr(sys.modules.get("progressbar.utils"), "streams", None)
    for name in ("original_stdout", "original_stderr"):
        if hasattr(streams, name):
            yield streams, name
    for bar in list(getattr(streams, "listeners", ())):
        if type(getattr(bar, "fd", None)).__module__ != "progressbar.terminal.stream":  # the row is drawn by another
            yield bar, "fd"
    for module, owner in (("progressbar.bar", "DefaultFdMixin"), ("progressbar.multi", "MultiBar")):
        initialise = getattr(getattr(sys.modules.get(module), owner, None), "__init__", None)
        if "fd" in _Defaults.of(initialise):
            yield _Defaults(initialise), "fd"


class _Defaults:
    """The default of a function's parameter `fd`, as an attribute."""

    def __init__(self, function: Any) -> None:
        self._function = function

    @staticmethod
    def of(function: Callable[..., Any] | None) -> list[str]:
        """Return the names of the parameters that have a default, in their order."""
        code, values = getattr(function, "__code__", None), getattr(function, "__defaults__", None)
        return [] if code is None or not values else list(code.co_varnames[: code.co_argcount][-len(values) :])

    @property
    def fd(self) -> Any:
        return self._function.__defaults__[self.of(self._function).index("fd")]

    @fd.setter
    def fd(self, stream: Any) -> None:
        values = list(self._function.__defaults__)
        values[self.of(self._function).index("fd")] = stream
        self._function.__defaults__ = tuple(values)
