"""rich's progress displays, captured: each task becomes a headway bar, and rich's own display is not started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from headway.capturing.mirror import Facts, Mirror
from headway.capturing.patches import Patches, contain, when_imported
from headway.doors.callers import is_to_draw_with, opened_by
from headway.host import endings
from headway.snapshot import Number, State

__all__ = ["capture"]

_BYTES = {"DownloadColumn", "TransferSpeedColumn", "FileSizeColumn", "TotalFileSizeColumn"}
"""Columns that show a count as a number of bytes."""
_LONGEST = 40
"""Characters of a task's field that is still a value to show and not a text."""
_shown: list[_Display] = []
_own: dict[str, Callable[..., Any]] = {}
"""rich's own methods."""


def capture() -> Callable[[], None]:
    """Capture rich's displays, as soon as it is imported, and return what undoes it."""
    patches = Patches()

    def take(progress: Any) -> None:
        for name in _CHANGED:
            _own[name] = getattr(progress, name)
            patches.set(progress, name, vars(_Instead)[name])

    stop = when_imported("rich.progress", lambda module: take(vars(module)["Progress"]))

    def undo() -> None:
        stop()
        patches.undo()
        for display in tuple(_shown):
            display.hand_back()

    return undo


def _text(description: Any) -> str:
    """Return a description without its markup."""
    from rich.errors import MarkupError  # rich is imported by then; headway does not import it before
    from rich.text import Text  # as above

    try:
        return str(Text.from_markup(str(description)).plain)
    except MarkupError:
        return str(description)


@dataclass(eq=False)
class _Display:
    """A display of rich's that has been started, and the bars that stand for its tasks."""

    progress: Any
    name: str
    mirrors: dict[Any, Mirror] = field(default_factory=dict)

    def settle(self, task: Any) -> None:
        """Open a task's bar, or end it, as is due."""
        mirror = self.mirrors.get(task.id)
        if mirror is None and task.visible and not task.finished:
            mirror = self.mirrors[task.id] = Mirror(task, self.facts, lambda task: task.completed, self.name)
            mirror.show(self.file)
        elif mirror is not None and (task.finished or not task.visible):
            self.end(task)

    def end(self, task: Any, state: State | None = None, reason: str = "") -> None:
        """End a task's bar; by default in the state that its count stands for."""
        mirror = self.mirrors.pop(task.id, None)
        if mirror is not None:
            mirror.catch_up(task)
            mirror.leave = task.visible and not self.progress.live.transient
            if state is None:
                mirror.close()
            else:
                mirror.end(state, reason)

    def end_all(self, state: State | None = None, reason: str = "") -> None:
        """End the bars of all tasks, the last one first."""
        for task in reversed(list(self.progress._tasks.values())):
            self.end(task, state, reason)

    def refresh(self) -> None:
        """Draw all bars as they are now, as they are seen together."""
        for mirror in list(self.mirrors.values())[:1]:
            mirror.refresh()

    def hand_back(self) -> None:
        """Have rich draw it again."""
        _shown.remove(self)
        del self.progress._headway
        self.progress.live._started = False
        for mirror in self.mirrors.values():
            mirror.leave = False
            mirror.end("stopped", "rich draws it again")
        contain("handing it back", self.progress.start)

    @property
    def file(self) -> TextIO | None:
        """The stream that its console was given, else stderr: rich takes stdout, which is for what a program says."""
        file: TextIO | None = self.progress.console._file
        return sys.stderr if file is None or file is sys.stdout else file

    def facts(self, task: Any) -> Facts:
        """Read all that a task states."""
        columns = {type(column).__name__ for column in self.progress.columns}
        scale: Literal["", "si"] = "si" if columns & _BYTES else ""
        fields = {name: value for name, value in task.fields.items() if _is_value(value)}
        n: Number = task.completed
        return Facts(
            n=n,
            total=task.total,
            desc=_text(task.description).strip(" :"),
            unit="B" if columns & _BYTES else "it",
            unit_scale=scale,
            leave=not self.progress.live.transient,
            metrics=fields,
        )


def _is_value(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and 0 < len(value) <= _LONGEST)


def _display_of(progress: Any) -> _Display | None:
    display = progress.__dict__.get("_headway")
    return display if isinstance(display, _Display) else None


def _settle(progress: Any, task_id: Any) -> None:
    display = _display_of(progress)
    if display is not None:
        contain("following it", lambda: display.settle(progress._tasks[task_id]))


def _begin(progress: Any) -> None:
    progress.live._started = True  # what `track`'s thread goes by
    display = progress._headway = _Display(progress, opened_by("rich"))
    _shown.append(display)
    for task in list(progress._tasks.values()):
        display.settle(task)


def _end(display: _Display, error: BaseException | None = None) -> None:
    if error is None:
        display.end_all()
    else:
        display.end_all(*endings.explained(error))


class _Instead:
    """The methods that take the place of rich's own; `self` is a `rich.progress.Progress`."""

    def start(self: Any) -> None:
        if self.disable or is_to_draw_with():
            _own["start"](self)
        elif _display_of(self) is None:
            contain("opening it", lambda: _begin(self))

    def stop(self: Any) -> None:
        display = _display_of(self)
        if display is None:
            _own["stop"](self)
            return
        contain("closing it", lambda: _end(display))
        _shown.remove(display)
        del self._headway
        self.live._started = False

    def __exit__(self: Any, kind: object, error: BaseException | None, traceback: object) -> Any:
        display = _display_of(self)
        if error is not None and display is not None:
            contain("closing it", lambda: _end(display, error))
        return _own["__exit__"](self, kind, error, traceback)

    def refresh(self: Any) -> None:
        display = _display_of(self)
        if display is None:
            _own["refresh"](self)
        else:
            contain("drawing", display.refresh)

    def add_task(self: Any, *args: Any, **kwargs: Any) -> Any:
        task_id = _own["add_task"](self, *args, **kwargs)
        _settle(self, task_id)
        return task_id

    def remove_task(self: Any, task_id: Any) -> None:
        display, task = _display_of(self), self._tasks.get(task_id)
        _own["remove_task"](self, task_id)
        if display is not None:
            contain("closing it", lambda: display.end(task))

    def update(self: Any, task_id: Any, **kwargs: Any) -> None:
        _own["update"](self, task_id, **kwargs)
        _settle(self, task_id)

    def advance(self: Any, task_id: Any, advance: float = 1) -> None:
        _own["advance"](self, task_id, advance)
        if self._tasks[task_id].finished:
            _settle(self, task_id)

    def reset(self: Any, task_id: Any, **kwargs: Any) -> None:
        _own["reset"](self, task_id, **kwargs)
        display = _display_of(self)
        if display is not None and task_id in display.mirrors:
            contain("resetting it", display.mirrors[task_id].reset)
        _settle(self, task_id)


_CHANGED = ("__exit__", "add_task", "advance", "refresh", "remove_task", "reset", "start", "stop", "update")
