"""The display of a process: rows for its own bars, and for those of other processes, which may take them over."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import chain

from headway.choosing.selection import Choice, decide
from headway.choosing.wishes import preferred
from headway.drawing.source import Source
from headway.drawing.stage import Stage, weakly
from headway.drawing.view import View
from headway.notation import TYPE_CHECKING, TextIO, cast
from headway.processes.relay import Relay
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.drawing.side import SideView
    from headway.processes.reporter import RelaySink
    from headway.processes.wire import Look

__all__ = ["Display"]


class Display(Stage):
    """The rows of this process, and those of its workers. It may move to another process, and come from there.

    Args:
        at_exit: Called at the exit of the process: it has to tell all sinks the end.
        suspended: Takes the rows of all renderers away for a block.
    """

    def __init__(self, at_exit: Callable[[], object], suspended: Callable[[], AbstractContextManager[None]]) -> None:
        # at a fork those that come first are the last to get ready, and the first to go on
        self.relay = Relay(self)
        super().__init__(at_exit, suspended)

    def show_by(self, choices: tuple[Choice, ...], file: TextIO) -> None:
        """Have the rows of other processes shown by these sinks, as long as this process opens no bar itself.

        Args:
            choices: The sinks.
            file: The stream that they draw on.
        """
        self._look = choices, weakly(file)

    def attend(self) -> None:
        """Show the bars of processes that are started from now on, though this one may have none."""
        if not self.drawing and sys.stderr is not None:
            self.show_by(decide(sys.stderr, used=preferred()).choices, sys.stderr)
        self.relay.drew()
        self.relay.listen()

    def show(self, bar: Source, look: Look | None = None) -> None:
        """Open the row of a bar of other processes, where this process shows its own.

        Args:
            bar: The bar, or a group of bars.
            look: The look that its process asks for.
        """
        choices, file = self._look
        stream = file() or sys.stderr
        if stream is None:
            return
        choices = tuple(choice._replace(layout=None) for choice in choices)
        if look is not None:
            from headway.drawing.told import dressed  # only under `headway run --pty`

            choices = dressed(choices, look)
        self._open(bar, bar.snapshot(), choices, stream, 0.0)

    def say(self, text: str, terminal: int | None) -> None:
        """Put what a worker has printed on a terminal, or written, above the rows."""
        self.texts.say(text, terminal)

    def take_back(self, refused: RelaySink, *, silent: bool) -> None:
        """Show the bars and texts here that another process was to show, and has not taken.

        Args:
            refused: The sink that they were given to.
            silent: Whether bars are not to be shown here whatever comes.
        """
        file = sys.stderr
        choices = () if silent or file is None else decide(file, used=preferred()).choices
        steps: list[Callable[[], object]] = []
        for said in refused.unheard:
            if isinstance(said, Snapshot):
                steps += [functools.partial(self._pass_by, choice, file, said, ()) for choice in choices]
            else:
                steps.append(functools.partial(self.say, *said))
        for bar_id, shown in self.bars.items():
            gone = [view for view in shown.views if view.fleeting]
            bar = shown.bar()
            if gone and bar is not None:
                shown.views = [view for view in shown.views if not view.fleeting]
                again = choices if bar_id not in refused.shares else ()
                steps.append(functools.partial(self._open_again, bar, gone, again))
        self.throttle.do((*steps, self._settle))

    def _open_again(self, bar: Source, gone: Sequence[View | SideView], choices: tuple[Choice, ...]) -> None:
        """Open a bar in other views than before, where it was to be shown."""
        snapshot = self._snapshot(bar, lambda: None)
        for view in gone:
            view.close(snapshot)
        file = gone[0].stream.file
        self._look = choices, weakly(file)
        for choice in choices:
            self._open_by(choice, file, snapshot, 0.0)

    def displace(self) -> None:
        """Take all rows away without their ends, for another process shows the bars from now on."""
        self.admit()
        views = dict.fromkeys(chain.from_iterable(shown.views for shown in self.bars.values()))
        for shown in self.bars.values():
            bar = shown.bar()
            aside = [view for view in shown.views if view.aside]
            if bar is not None and aside:
                last = self._snapshot(bar, lambda: None)._replace(leave=False)
                self.outlets.each(aside, lambda view, last=last: view.close(last))  # type: ignore[misc]
            shown.views = []
        self.bars = {bar_id: shown for bar_id, shown in self.bars.items() if bar_id in self.open_ids}
        self.outlets.each([view for view in views if not view.aside], lambda view: view.displace(), self._settle)

    def move(self) -> None:
        """Open this process's bars anew, and the rows of others that it shows, where they are shown from now on."""
        file = sys.stderr
        self.texts.elsewhere = set()
        choices = () if file is None else self._chosen_now(file)
        if file is not None and not self.relay.name:
            self._look = choices, weakly(file)  # for the rows of others, if no bar is open here
        steps: list[Callable[[], object]] = []
        for bar_id, shown in self.bars.items():
            bar, gone = shown.bar(), [view for view in shown.views if view.fleeting]
            for view in gone:
                cast("View", view).displace()
            shown.views = [view for view in shown.views if not view.fleeting]
            if bar is None or shown.views:
                continue
            if bar_id in self.open_ids:
                steps.append(functools.partial(self.open_own, bar, choices, file, 0.0, ()))
            elif not self.relay.name:
                steps.append(functools.partial(self.show, bar))
        self.throttle.do((*steps, self._settle))
