"""The bars of alive-progress, captured: they count as ever and draw nothing, and a headway bar shows their facts.

`alive_bar` and `alive_it` both make a bar by one function of their module, so that whoever holds them takes part.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import FrameType, ModuleType
from typing import Any

from headway.capturing.mirror import Facts, Mirror
from headway.capturing.patches import Patches, contain, when_imported
from headway.doors.callers import is_to_draw_with, opened_by
from headway.drawing.hub import hub
from headway.host import endings
from headway.host.stream import beneath
from headway.imitation.alive.names import UNIT_SCALES
from headway.snapshot import State

__all__ = ["capture"]

MAKER, HANDLE = "__alive_bar", "__AliveBarHandle"
"""The function that makes a bar, and the class of its handle."""
_shown: list[_Followed] = []


def capture() -> Callable[[], None]:
    """Capture the bars of alive-progress, as soon as it is imported, and return what undoes it."""
    patches = Patches()

    def take(module: ModuleType) -> None:
        make, handle = vars(module)[MAKER], vars(module)[HANDLE]
        call = handle.__call__
        patches.set(module, MAKER, _captured(make))
        patches.set(handle, "__call__", _counting(call))

    stop = when_imported("alive_progress.core.progress", take)

    def undo() -> None:
        stop()
        patches.undo()
        for followed in tuple(_shown):
            followed.hand_back()

    return undo


class _Followed:
    """A bar of alive-progress that is shown by a headway bar.

    Args:
        handle: What the program holds.
        config: The options.
        total: Units in all, as the program has them.
    """

    def __init__(self, handle: Any, config: Any, total: int | None) -> None:
        self._config = config
        self._total = total if total and total > 0 else None
        self._title: str | None = config.title
        self._text: str | None = None
        self._interrupts = endings.interrupts()
        self.is_given_back = False
        self.mirror = Mirror(handle, self._facts, self._count, opened_by("alive_progress"))
        self._listen(handle)
        usual = beneath(config.file) in (beneath(sys.stdout), sys.__stdout__)
        self.mirror.show(None if usual else config.file)
        self.mirror.enter()
        handle._headway = self
        _shown.append(self)

    def _listen(self, handle: Any) -> None:
        """Take note of what the program says, and have what it reads be true although nothing is drawn."""
        set_title, set_text, pause = handle._title, handle._text, handle._pause

        def title(title: Any = None) -> None:
            set_title(title)
            self._title = self._config.title if title is None else str(title)

        def text(text: Any = None) -> None:
            set_text(text)
            self._text = None if text is None else str(text)

        @contextmanager
        def paused() -> Iterator[None]:
            with pause(), self.mirror.pause(), hub.suspended():
                yield

        handle._title, handle._text, handle._pause = title, text, paused
        draw = handle._receipt
        for name in ("_monitor", "_rate", "_eta", "_elapsed"):
            setattr(handle, name, _drawn_before(draw, getattr(handle, name)))

    def _count(self, handle: Any) -> float:
        current: float = handle._current()
        return current * 100 if self._of_hundred else current

    @property
    def _of_hundred(self) -> bool:
        return bool(self._config.manual) and self._total is None

    def _facts(self, handle: Any) -> Facts:
        config = self._config
        return Facts(
            n=self._count(handle),
            total=100 if self._of_hundred else self._total,
            desc=self._title or "",
            unit="%" if self._of_hundred else (config.unit or "").strip() or "it",
            unit_scale=UNIT_SCALES.get(config.scale, ""),
            leave=None if config.receipt else False,
            message=self._text or "",
        )

    def end(self, handle: Any, state: State | None = None, reason: str = "") -> None:
        """End the headway bar; by default in the state that its count stands for."""
        if self in _shown:
            _shown.remove(self)
            if not self._config.receipt_text:
                self._text = None
            self.mirror.catch_up(handle)
            if state is None:
                self.mirror.close()
            else:
                self.mirror.end(state, reason)

    def explained(self, error: BaseException) -> tuple[State, str]:
        """Tell which state an error stands for that leaves the block, and the reason that the bar is to give."""
        loop = _loop_around(sys._getframe(1)) if isinstance(error, GeneratorExit) else None
        return endings.explained(error) if loop is None else endings.of_loop(loop, self._interrupts)

    def hand_back(self) -> None:
        """Have alive-progress write its receipt, which is all that is left to it."""
        _shown.remove(self)
        self.is_given_back = bool(self._config.receipt)
        self.mirror.leave = False
        self.mirror.end("stopped", "alive-progress draws it again")


def _drawn_before(draw: Callable[[], object], read: Callable[[], Any]) -> Callable[[], Any]:
    """Return what reads a figure of a bar after a frame is made, which is when alive-progress takes its figures."""

    def figure() -> Any:
        draw()
        return read()

    return figure


def _captured(make: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    @wraps(make)
    def alive_bar(config: Any, total: int | None = None, *, calibrate: Any = None, **inside: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            if config.disable or inside or is_to_draw_with():
                yield stack.enter_context(make(config, total, calibrate=calibrate, **inside))
                return
            handle = stack.enter_context(make(config._replace(disable=True), total, calibrate=calibrate))
            followed: _Followed | None = contain("opening it", lambda: _Followed(handle, config, total))
            if followed is None:
                stack.close()
                yield stack.enter_context(make(config, total, calibrate=calibrate))
                return
            try:
                yield handle
            except BaseException as error:
                state, reason = followed.explained(error)
                contain("closing it", lambda: followed.end(handle, state, reason))
                raise
            contain("closing it", lambda: followed.end(handle))
            stack.close()
            if followed.is_given_back:
                print(handle.receipt(), file=config.file)

    return alive_bar


def _counting(call: Callable[..., None]) -> Callable[..., None]:
    def __call__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # the name of what it stands for
        followed: _Followed | None = self.__dict__.get("_headway")
        if followed is None or not kwargs.get("skipped"):
            call(self, *args, **kwargs)
        else:
            followed.mirror.jump(lambda: call(self, *args, **kwargs))

    return __call__


def _loop_around(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the loop over `alive_it` that is being left, `None` if it is no such loop."""
    while frame is not None:
        if frame.f_code.co_name == "__iter__" and frame.f_globals.get("__name__") == "alive_progress.core.progress":
            return frame.f_back
        frame = frame.f_back
    return None
