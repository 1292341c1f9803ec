"""progressbar2's bars, captured: they count as ever and draw nothing, and a headway bar shows their facts.

The methods are changed on progressbar2's own classes, so that whoever holds them already, and every subclass, takes
part. A bar is captured from its start on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from weakref import WeakSet

from headway.capturing.mirror import Mirror, is_captured, mirror_of
from headway.capturing.patches import Patches, contain, when_imported
from headway.capturing.progressbar2_bars import count, facts, stream_of
from headway.doors.callers import is_to_draw_with, opened_by
from headway.host import endings
from headway.imitation.output import put_above
from headway.snapshot import State

__all__ = ["capture"]

_own: dict[str, Callable[..., Any]] = {}
"""progressbar2's own methods, by the names of their classes and theirs."""
_shown: WeakSet[Any] = WeakSet()


def capture() -> Callable[[], None]:
    """Capture progressbar2's bars, as soon as it is imported, and return what undoes it."""
    patches = Patches()

    def take(module: ModuleType) -> None:
        own = {
            f"{instead.__name__}.{name}": getattr(vars(module)[instead.__name__], name)
            for instead in _INSTEAD[module.__name__]
            for name in _methods(instead)
        }
        _own.update(own)
        for instead in _INSTEAD[module.__name__]:
            for name in _methods(instead):
                patches.set(vars(module)[instead.__name__], name, vars(instead)[name])

    waiting = [when_imported(name, take) for name in _INSTEAD]

    def undo() -> None:
        for stop in waiting:
            stop()
        patches.undo()
        for bar in tuple(_shown):
            _hand_back(bar)

    return undo


def _methods(instead: type) -> list[str]:
    return [name for name, value in vars(instead).items() if callable(value)]


class ProgressBarMixinBase:
    """The methods that take the place of progressbar2's own in its class of this name, as in those that follow."""

    def __del__(self: Any) -> None:
        if mirror_of(self) is not None:
            contain("closing it", lambda: _end(self, "stopped"))
        _own["ProgressBarMixinBase.__del__"](self)


class StdRedirectMixin:
    """The part of a bar that draws, and holds back what the program prints meanwhile."""

    def start(self: Any, *args: Any, **kwargs: Any) -> None:
        if is_captured(self):
            _beyond(self).start(*args, **kwargs)
        else:
            _own["StdRedirectMixin.start"](self, *args, **kwargs)

    def update(self: Any, value: Any = None) -> None:
        if not is_captured(self):
            _own["StdRedirectMixin.update"](self, value=value)

    def finish(self: Any, end: str = "\n") -> None:
        if is_captured(self):
            _beyond(self).finish(end="")
        else:
            _own["StdRedirectMixin.finish"](self, end=end)


class ProgressBar:
    """The bar itself."""

    def start(self: Any, max_value: Any = None, init: bool = True, *args: Any, **kwargs: Any) -> Any:
        own = _own["ProgressBar.start"]
        runs = self.start_time is not None and not init
        if runs or is_to_draw_with():
            return own(self, max_value, init, *args, **kwargs)
        _end(self, "stopped", leave=False)
        self._headway = None
        try:
            result = own(self, max_value, init, *args, **kwargs)
        except BaseException:
            del self._headway
            raise
        if not contain("opening it", lambda: _open(self)):
            _give_up(self)
        return result

    def finish(self: Any, end: str = "\n", dirty: bool = False) -> None:
        _own["ProgressBar.finish"](self, end, dirty)
        if mirror_of(self) is not None and "_headway_loop" not in self.__dict__:
            contain("closing it", lambda: _end(self, "stopped" if dirty else "finished"))

    def __enter__(self: Any) -> Any:
        mirror = mirror_of(self)
        if mirror is not None:
            mirror.enter()
        self.__dict__["_headway_block"] = True
        return _own["ProgressBar.__enter__"](self)

    def __exit__(self: Any, kind: object, error: BaseException | None, traceback: object) -> Any:
        if error is not None and mirror_of(self) is not None:
            contain("closing it", lambda: _end(self, *endings.explained(error)))
        self.__dict__.pop("_headway_block", None)
        return _own["ProgressBar.__exit__"](self, kind, error, traceback)

    def __iter__(self: Any) -> Iterator[Any]:
        if self.start_time is None and self._iterable is not None:
            self.start()
        items = _own["ProgressBar.__iter__"](self)
        mirror = mirror_of(self)
        if mirror is None or not mirror.drawn or "_headway_loop" in self.__dict__:
            return items  # type: ignore[no-any-return]
        self._headway_loop = True
        mirror.surround()
        return mirror.counted(items, _ending(self))


class MultiBar:
    """A block of rows, of which nothing is drawn, for each bar in it is a headway bar."""

    def print(self: Any, *args: Any, end: str = "\n", clear: bool = True, **kwargs: Any) -> None:
        if any(map(is_captured, self.values())):
            if clear:
                text = kwargs.get("sep", " ").join(map(str, args))
                if not put_above(text, self.fd, end):
                    self.fd.write(f"{text}{end}")
        else:
            _own["MultiBar.print"](self, *args, end=end, clear=clear, **kwargs)

    def flush(self: Any) -> None:
        if any(map(is_captured, self.values())):
            with self._print_lock:
                self._buffer.seek(0)
                self._buffer.truncate(0)
        else:
            _own["MultiBar.flush"](self)


_INSTEAD: dict[str, tuple[type, ...]] = {
    "progressbar.bar": (ProgressBarMixinBase, StdRedirectMixin, ProgressBar),
    "progressbar.multi": (MultiBar,),
}
"""The modules of progressbar2's that are changed, with the methods for their classes."""


def _beyond(bar: Any) -> Any:
    """Return a captured bar as what it is without the class that draws."""
    drawing = next(
        cls for cls in type(bar).__mro__ if (cls.__module__, cls.__name__) == ("progressbar.bar", "StdRedirectMixin")
    )
    return super(drawing, bar)


def _open(bar: Any) -> bool:
    mirror = bar._headway = Mirror(bar, facts, count, opened_by("progressbar"))
    mirror.show(stream_of(bar))
    if "_headway_block" in bar.__dict__:
        mirror.enter()
    _shown.add(bar)
    return True


def _ending(bar: Any) -> Callable[[State, str], None]:
    """Return what ends the bar of a loop that is over."""

    def end(state: State, reason: str) -> None:
        bar.__dict__.pop("_headway_loop", None)
        contain("closing it", lambda: _end(bar, state, reason))

    return end


def _end(bar: Any, state: State, reason: str = "", *, leave: bool | None = None) -> None:
    mirror = mirror_of(bar)
    if mirror is not None:
        _shown.discard(bar)
        mirror.catch_up(bar)
        if leave is not None:
            mirror.leave = leave
        mirror.end(state, reason)


def _hand_back(bar: Any) -> None:
    """Have a bar that is open draw for itself again."""
    contain("handing it back", lambda: _end(bar, "stopped", "progressbar2 draws it again", leave=False))
    _give_up(bar)


def _give_up(bar: Any) -> None:
    """Have a bar that was captured draw for itself from now on."""
    bar.__dict__.pop("_headway", None)
    contain("handing it back", lambda: _own["StdRedirectMixin.start"](bar))
    contain("handing it back", lambda: bar.update(force=True))
