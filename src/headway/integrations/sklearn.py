"""For scikit-learn from 1.9 on: `search.set_callbacks(headway.integrations.sklearn.Progress()).fit(X, y)`.

Its callbacks are a protocol that needs no base class, so nothing is imported here.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from headway.host import endings
from headway.integrations._channel import Channel, Way, send
from headway.integrations._faults import contained
from headway.integrations._look import Look, open_bar, read_look
from headway.integrations._pickles import KeptByModels

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

    from headway.reporting.bar import Bar

__all__ = ["Progress"]

Path = tuple[int, ...]


class Progress(KeptByModels):
    """Shows the tasks of a fit that have tasks of their own: a search and its candidates, a pipeline and its steps.

    Estimators that are fitted in other processes (`n_jobs`) are shown as if they were fitted here.

    Args:
        max_propagation_depth: How many levels of estimators inside of the outermost one are shown; `None` for all.
        look: The keywords of `headway.get_bar` that are about the look: `desc`, `metrics`, `units`, `widgets`,
            `options`, `backend`, `name`, `leave`, `file`.
    """

    def __init__(self, max_propagation_depth: int | None = 1, **look: Unpack[Look]) -> None:
        self.max_propagation_depth = max_propagation_depth
        self._look = read_look(look)
        self._ways: dict[Any, Way] = {}

    def _silent(self) -> type:
        from sklearn.callback import FitCallback

        return FitCallback  # type: ignore[no-any-return]

    @contained
    def setup(self, estimator: Any, context: Any) -> None:
        """Begin a fit."""
        fit = _fits[context.root_uuid] = _Fit(self._look)
        self._ways[context.root_uuid] = fit.channel.way

    @contained
    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Open a bar for a task that has tasks of its own."""
        if context.max_subtasks != 0:
            of = context.estimator_name
            desc = of if context.task_name == "fit" else f"{of} {context.task_name}"
            thread = os.getpid(), threading.get_ident()
            self._tell(context, ("begin", _path(context), desc, context.max_subtasks, thread))

    @contained
    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Close the bar of a task, and count it in that of the task around."""
        self._tell(context, ("end", _path(context)))

    @contained
    def teardown(self, estimator: Any, context: Any) -> None:
        """End the fit, which may have raised."""
        self._ways.pop(context.root_uuid, None)
        fit = _fits.pop(context.root_uuid, None)
        if fit is not None:
            fit.end(sys.exc_info()[1])

    def _tell(self, context: Any, message: tuple[Any, ...]) -> None:
        fit = _fits.get(context.root_uuid)
        if fit is not None and fit.process == os.getpid():
            fit.take(message)
        elif context.root_uuid in self._ways:
            with suppress(OSError, EOFError):  # the process that shows it is gone
                send(self._ways[context.root_uuid], message)


class _Fit:
    """The bars of one fit, in the process that it was begun in.

    Not every task is told to end: the solver `liblinear` tells its beginning only. Such a task is over when the one
    around it ends, or when its thread begins another one that is not inside of it.
    """

    def __init__(self, look: Look) -> None:
        self.process = os.getpid()
        self.channel = Channel(self.take)
        self._look = look
        self._lock = threading.RLock()
        self._bars: dict[Path, Bar] = {}
        self._threads: dict[Path, tuple[int, int]] = {}
        """The process and the thread that are at each of these tasks."""

    @contained
    def take(self, message: tuple[Any, ...]) -> None:
        """Take in that a task has begun or ended."""
        what, path, *about = message
        with self._lock:
            if what == "begin":
                self._begin(path, *about)
                return
            for inside in self._open(lambda each: each != path and each[: len(path)] == path):
                self._end(inside)
            self._end(path)

    def _begin(self, path: Path, desc: str, total: int | None, thread: tuple[int, int]) -> None:
        for left in self._open(lambda each: self._threads[each] == thread and path[: len(each)] != each):
            self._end(left)
        look: Any = dict(self._look)
        if len(path) > 1:
            look.update(desc=desc, leave=False)
        within = self._bars.get(path[:-1], "around")
        bar = self._bars[path] = open_bar(look, total, desc=desc, unit="task", name="sklearn", parent=within)
        self._threads[path] = thread
        bar.enter()

    def _end(self, path: Path) -> None:
        """Close the bar of a task, if it has one, and count the task in that around it."""
        bar, around = self._bars.pop(path, None), self._bars.get(path[:-1])
        if bar is not None:
            if bar.total is not None and bar.n < bar.total:
                bar.total = bar.n or None  # a solver converged, or told nothing: this was the most that it may take
            bar.close()
        if around is not None:
            around.update()

    def _open(self, those: Callable[[Path], bool]) -> list[Path]:
        """Return the open tasks of a kind, the innermost first."""
        return [path for path in sorted(self._bars, reverse=True) if those(path)]

    def end(self, error: BaseException | None) -> None:
        """Close what is open."""
        self.channel.close()
        with self._lock:
            for path in self._open(lambda _path: True):
                if error is None:
                    self._end(path)
                else:
                    self._bars.pop(path).end(*endings.explained(error))


_fits: dict[Any, _Fit] = {}


def _path(context: Any) -> Path:
    """Return the place of a task in the tree of a fit."""
    path: list[int] = []
    while context is not None:
        path.insert(0, context.task_id)
        context = context.parent
    return tuple(path)
