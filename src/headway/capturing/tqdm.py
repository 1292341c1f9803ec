"""tqdm's bars, captured: they count as ever and draw nothing, and a headway bar shows the facts that they state.

The methods are changed on tqdm's own class, so that whoever holds it already, and every subclass of it, takes part.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from headway.capturing.mirror import Mirror, is_captured, mirror_of
from headway.capturing.patches import Patches, contain, when_imported
from headway.capturing.tqdm_bars import CapturedLoop, count, facts, keep_postfix
from headway.capturing.tqdm_places import free_place, leaving, return_to_places
from headway.doors.callers import is_to_draw_with, opened_by
from headway.doors.downloads import end_around, is_over, opened
from headway.host import endings
from headway.imitation.output import away_from, put_above
from headway.reporting import counter
from headway.snapshot import BROKEN_OFF, Number, State

__all__ = ["capture"]

FRONT_ENDS = {"tqdm.notebook": "tqdm_notebook", "tqdm.rich": "tqdm_rich", "tqdm.gui": "tqdm_gui"}
"""tqdm's own subclasses that draw by other means."""
THEIR_OWN = ("display", "progress", "options")
"""Keywords that only they take."""


def capture() -> Callable[[], None]:
    """Capture tqdm's bars, as soon as it is imported, and return what undoes it."""
    patches = Patches()
    captured = _Captured(patches)
    waiting = [when_imported("tqdm.std", captured.take)]
    waiting += [when_imported(name, captured.bypass) for name in FRONT_ENDS]

    def undo() -> None:
        for stop in waiting:
            stop()
        patches.undo()
        captured.hand_back()

    return undo


class _Captured:
    """Changes tqdm's classes, and gives open bars back."""

    def __init__(self, patches: Patches) -> None:
        self._patches = patches
        self._class: Any = None

    def take(self, module: ModuleType) -> None:
        """Change the class that all others come from."""
        tqdm = self._class = vars(module)["tqdm"]
        for name in _CHANGED:
            _own[name] = getattr(tqdm, name)
            self._patches.set(tqdm, name, vars(_Instead)[name])
        for name, instead in _CLASS_METHODS.items():
            self._patches.set(tqdm, name, classmethod(instead(vars(tqdm)[name].__func__)))
        self._patches.set(tqdm, "monitor_interval", 0)  # nothing is drawn that would have to be drawn more often

    def bypass(self, module: ModuleType) -> None:
        """Have a subclass of tqdm's own that draws by other means do as the class that it comes from."""
        front_end: type = vars(module)[FRONT_ENDS[module.__name__]]
        for method in ("update", *_CHANGED):
            if method in vars(front_end):
                self._patches.set(front_end, method, _bypassing(front_end, method, vars(front_end)[method]))

    def hand_back(self) -> None:
        """Have bars that are open draw for themselves again."""
        captured = [bar for bar in getattr(self._class, "_instances", ()) if mirror_of(bar) is not None]
        mirrors = [(bar, bar.__dict__.pop("_headway")) for bar in captured]
        for _, mirror in mirrors:
            mirror.leave = False
            mirror.end("stopped", "tqdm draws it again")
        return_to_places(captured)
        for bar in captured:
            if hasattr(bar, "sp"):
                contain("handing it back", bar.refresh)
            else:
                bar.disable = True  # a widget that was never made


def _bypassing(front_end: type, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name == "__init__":
            if is_to_draw_with():
                return own(self, *args, **kwargs)
            kwargs = {word: value for word, value in kwargs.items() if word not in THEIR_OWN}
            kwargs["gui"] = True  # "no row on a terminal"
        elif not is_captured(self):
            return own(self, *args, **kwargs)
        return getattr(super(front_end, self), name)(*args, **kwargs)

    return method


_own: dict[str, Callable[..., Any]] = {}
"""tqdm's own methods."""


class _Instead:
    """The methods that take the place of tqdm's own; `self` is a bar of tqdm's."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if is_to_draw_with():
            _own["__init__"](self, *args, **kwargs)
            return
        if "disable" in kwargs and kwargs["disable"] is None:
            kwargs["disable"] = False  # "where it is no terminal": for that there are plain lines
        self._headway = None
        try:
            _own["__init__"](self, *args, **kwargs)
        finally:
            if getattr(self, "disable", True) or not hasattr(self, "start_t"):
                self.__dict__.pop("_headway", None)
        if is_captured(self) and not contain("opening it", lambda: _open(self)):
            del self._headway
            self.refresh()

    def display(self: Any, msg: str | None = None, pos: int | None = None) -> Any:
        return True if is_captured(self) else _own["display"](self, msg, pos)

    def refresh(self: Any, nolock: bool = False, lock_args: Any = None) -> Any:
        if not is_captured(self) or _shows_itself(self):
            return _own["refresh"](self, nolock, lock_args)
        mirror = mirror_of(self)
        if mirror is not None:
            contain("drawing", mirror.refresh)
        return None if self.disable else True

    def clear(self: Any, nolock: bool = False) -> Any:
        return None if is_captured(self) else _own["clear"](self, nolock)

    def set_description(self: Any, desc: str | None = None, refresh: bool = True) -> None:
        _own["set_description"](self, desc, refresh)
        _close_if_over(self)

    def set_description_str(self: Any, desc: str | None = None, refresh: bool = True) -> None:
        _own["set_description_str"](self, desc, refresh)
        _close_if_over(self)

    def set_postfix(self: Any, ordered_dict: Any = None, refresh: bool = True, **kwargs: Any) -> None:
        if not is_captured(self):
            _own["set_postfix"](self, ordered_dict, refresh, **kwargs)
            return
        values = {} if ordered_dict is None else dict(ordered_dict)
        _own["set_postfix"](self, values, False, **kwargs)
        values.update(sorted(kwargs.items()) if len(kwargs) > 1 else kwargs)
        keep_postfix(self, values)
        if refresh:
            self.refresh()

    def reset(self: Any, total: Number | None = None) -> None:
        _own["reset"](self, total)
        mirror = mirror_of(self)
        if mirror is not None and not self.disable:
            contain("resetting it", mirror.reset)

    def close(self: Any) -> None:
        if not is_captured(self):
            _own["close"](self)
        elif not self.disable:
            self.disable = True
            self._decr_instances(self)
            if _shows_itself(self):
                self.display(pos=0)
            contain("closing it", lambda: _close(self))

    def __enter__(self: Any) -> Any:
        mirror = mirror_of(self)
        if mirror is not None:
            mirror.enter()
        return _own["__enter__"](self)

    def __exit__(self: Any, kind: object, error: BaseException | None, traceback: object) -> Any:
        if error is not None and is_captured(self):
            contain("closing it", lambda: _fail(self, error))
        return _own["__exit__"](self, kind, error, traceback)

    def __iter__(self: Any) -> Iterator[Any]:
        mirror = mirror_of(self)
        return _own["__iter__"](self) if mirror is None or not mirror.drawn else _iterate(self)


_CHANGED = (
    *("__init__", "__enter__", "__exit__", "__iter__", "clear", "close", "display", "refresh", "reset"),
    *("set_description", "set_description_str", "set_postfix"),
)


def _shows_itself(bar: Any) -> bool:
    """Tell whether a bar is of a stranger's subclass that shows itself elsewhere, too: in a chat, a window, a log."""
    return type(bar).display is not _Instead.display and type(bar).__module__ not in FRONT_ENDS


def _open(bar: Any) -> bool:
    mirror = bar._headway = Mirror(bar, facts, count, opened_by("tqdm"))
    mirror.show(getattr(bar.fp, "_wrapped", bar.fp))
    opened(mirror)
    return True


def _close_if_over(bar: Any) -> None:
    mirror = mirror_of(bar)
    if mirror is not None and is_over(bar, mirror):
        bar.close()


def _close(bar: Any) -> None:
    mirror = mirror_of(bar)
    if mirror is not None:
        mirror.catch_up(bar)
        mirror.close()


def _end(bar: Any, state: State, reason: str = "") -> None:
    mirror = mirror_of(bar)
    if mirror is not None:
        mirror.catch_up(bar)
        mirror.end(state, reason)


def _fail(bar: Any, error: BaseException) -> None:
    mirror = mirror_of(bar)
    if mirror is not None:
        _end(bar, *endings.explained(error))
        end_around(mirror, error)


def _iterate(bar: Any) -> Iterator[Any]:
    """Loop as tqdm does, with the items counted by `itertools`; the bar ends with the loop, and in its state."""
    if bar.disable or "_headway_loop" in bar.__dict__:  # it has been closed, or is being looped over already
        yield from _own["__iter__"](bar)
        return

    def end(state: State, reason: str) -> None:
        loop.end(bar)
        del bar._headway_loop
        if state in BROKEN_OFF:
            contain("closing it", lambda: _end(bar, state, reason))
        bar.close()

    try:
        items, consumed = counter.consumption(bar.iterable)
    except BaseException as error:
        failure = error
        contain("closing it", lambda: _end(bar, *endings.explained(failure)))
        bar.close()
        raise
    course = counter.Course(consumed, end)
    loop = bar._headway_loop = CapturedLoop(bar, course)
    mirror = mirror_of(bar)
    if mirror is not None:
        mirror.surround(course)
    try:
        yield from items
        yield from course.exhaust()
    except GeneratorExit:
        course.end(*course.left(sys._getframe(0).f_back), idle=False)
        raise
    except BaseException as error:
        course.end(*endings.explained(error), idle=True)
        raise


def _writing(own: Callable[..., Any]) -> Callable[..., Any]:
    def write(cls: Any, s: str, file: Any = None, end: str = "\n", nolock: bool = False) -> None:
        if not put_above(s, sys.stdout if file is None else file, end):
            own(cls, s, file=file, end=end, nolock=nolock)

    return write


def _external(own: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def external_write_mode(cls: Any, file: Any = None, nolock: bool = False) -> Iterator[None]:
        with away_from(sys.stdout if file is None else file), own(cls, file=file, nolock=nolock):
            yield

    return external_write_mode


_CLASS_METHODS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "write": _writing,
    "external_write_mode": _external,
    "_get_free_pos": lambda _: free_place,
    "_decr_instances": leaving,
}
"""Makers of the methods that take the place of tqdm's own, each of which they are given."""
