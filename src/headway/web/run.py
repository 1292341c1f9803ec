"""The run of an event file: it is followed, and its processes are looked after."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Sequence
from time import time as now
from typing import Any

from headway.events.follower import Follower
from headway.events.presence import QUIET, Writer
from headway.events.reader import Event, Reader
from headway.events.writers import is_alive
from headway.format import clean
from headway.snapshot import State
from headway.web.shown import Bar, Shown

__all__ = ["LOOK_EVERY", "Run", "look"]

LOOK_EVERY = 0.5
"""Seconds between two looks at the files of runs that bring nothing."""
SILENT = 60.0
"""Seconds without an event after which that is told: a file gets one at least every half minute while a bar is open."""


class Run:
    """A run that is followed. If the next one begins in the same file, that is shown.

    Args:
        path: Its event file, which need not be there yet; those of other machines beside it belong to it.
        patience: Seconds without an event after which a process is given up that cannot be looked at.
        name: The name that the file has on the page; by default without its folder.
        with_command: Show the command line of the program, which may hold secrets.
    """

    def __init__(self, path: str, patience: float, *, name: str = "", with_command: bool = False) -> None:
        self.name = name or os.path.basename(path)
        self._flaw = ""
        """The words for the reason why the file cannot be read; empty if it can."""
        self._follower = Follower(path, Reader(), rotated=True)
        self._quiet = 0
        """Looks at the file that have brought nothing since the last one that did."""
        self._caught_up = False
        """Whether all was read that was there at first: later events are of this moment, whatever their clock says."""
        self._patience = patience
        self._with_command = with_command
        self._command = ""
        self._first: Event | None = None
        """The event that says the program."""
        self._writers: dict[str, Writer] = {}
        """The processes that may write more."""
        self._shown = Shown()

    @property
    def over(self) -> bool:
        """Whether it has begun, and all of its processes are gone."""
        return self._shown.began < math.inf and not self._writers

    @property
    def states(self) -> set[State]:
        """How outermost bars have ended; a lost one has failed."""
        return self._shown.states

    @property
    def lasting(self) -> list[Bar]:
        """The bars that are open, and the outermost ones."""
        return self._shown.lasting

    def look(self) -> bool:
        """Read a part of the news, and tell whether there was any.

        If there was none, processes that are gone are let go of.
        """
        try:
            events = self._follower.poll()
        except OSError as error:
            self._flaw = error.strerror or str(error)
            return False
        self._flaw = ""
        for event in events or ():
            self._take(event)
        self._quiet = self._quiet + 1 if events is None else 0
        if events is None:
            self._caught_up = self._caught_up or self._quiet >= QUIET
            self._miss()
        return events is not None

    def close(self) -> None:
        """Let go of the file."""
        self._follower.close()

    def page(self) -> dict[str, Any]:
        """Return the run in the page's document."""
        times = [bar.time for bar in self._shown.running]
        silent = max(times, default=math.inf)
        members = {
            **self._names(),
            "over": self.over or None,
            "flaw": self._flaw,
            "command": self._command,
            "silent": silent if now() - silent > SILENT else None,
            **self._shown.members(),
        }
        return {name: value for name, value in members.items() if value not in (None, "")}

    def plain(self) -> dict[str, Any]:
        """Return the run for programs: its bars in the schema of events."""
        return {
            **self._names(),
            "over": self.over,
            "writers": [_plain(writer) for writer in self._writers.values()],
            "bars": [bar.plain() for bar in self._shown.bars.values()],
            "texts": [*self._shown.texts],
        }

    def _names(self) -> dict[str, Any]:
        said = self._first
        process = {} if said is None else {"program": said.program, "run": said.run, "host": said.host, "pid": said.pid}
        return {"file": self.name, **process}

    def _take(self, event: Event) -> None:
        if event.kind == "run":
            self._begin(event)
        if event.writer not in self._writers:
            self._writers[event.writer] = Writer(event.writer)
        age = 0.0 if self._caught_up or not event.time else max(0.0, now() - event.time)
        self._writers[event.writer].take(event, age)
        self._shown.take(event)

    def _begin(self, event: Event) -> None:
        """Take note of a run that begins; the one before is forgotten if it is over."""
        if self._first is not None:
            if event.run == self._first.run or any(self._may_go_on(writer) for writer in self._writers.values()):
                return
            self._writers, self._shown = {}, Shown()
        self._first = event
        self._command = ""
        if self._with_command and is_alive(event.pid, event.host, event.time):
            self._command = _command_of(event.pid)

    def _may_go_on(self, writer: Writer) -> bool:
        alive = writer.is_alive
        return bool(writer.bars) and not writer.is_gone(self._patience) if alive is None else alive

    def _miss(self) -> None:
        """Let go of the processes that are gone; bars that they have left open are lost."""
        for name, writer in [*self._writers.items()]:
            if writer.settle(self._patience):
                del self._writers[name]
                self._shown.lose(name, writer.bars, writer.loss)


def look(runs: Sequence[Run]) -> bool:
    """Read a part of the news of each run, and tell whether there was any."""
    found = [run.look() for run in runs]
    return any(found)


def _command_of(pid: int | None) -> str:
    """Return the command line of a process, as one types it; empty if the system does not tell: it is no Linux."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return shlex.join(clean(word) for word in file.read().rstrip("\0").split("\0"))
    except OSError:
        return ""


def _plain(writer: Writer) -> dict[str, Any]:
    said = writer.opened
    process = {} if said is None else {"pid": said.pid, "host": said.host}
    return {"writer": writer.name, **process, "alive": writer.is_alive}
