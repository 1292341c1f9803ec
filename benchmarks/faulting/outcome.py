"""What a run left: the screen as a terminal emulator reads it, the exit status, and what the program told."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyte

from faulting.drivers import Driver
from faulting.setting import Setting

__all__ = ["Outcome"]

_BAR = re.compile(r"[█▉▊▋▌▍▎▏━╸╺]{3,}|#{3,}|\|[^|]*\|.*\d|\d+%|\[[=\-*>]{3,}")
_ZERO_WIDTH = re.compile("[\ufe0e\ufe0f\u200d]")
"""What joins and varies characters: pyte loses what follows one, so that here they stand unjoined."""
_ECHO = re.compile(r"^\^[CZ]")
"""What the terminal echoes for a key, in front of the next line where no row is being drawn."""


@dataclass
class Outcome:
    """One process, when it is over."""

    setting: Setting
    driver: Driver
    told: list[dict[str, Any]]
    """What the program told, in its order."""
    raw: bytes
    """What came through the terminal or the pipe."""
    status: int | None
    """The exit status, negative for a signal; `None` where it had to be killed."""
    seconds: float
    """From the start to the end."""
    after: float
    """From when the program told that it was at its end to the end of the process."""
    modes_kept: bool = True
    """Whether the terminal's modes are those from before."""
    events: bytes = b""
    """What the file of events holds."""
    seen: dict[str, Any] = field(default_factory=dict)
    """What the parent saw meanwhile."""
    resizes: list[tuple[int, int, int]] = field(default_factory=list)
    """Bytes before each change of size, and the new columns and lines."""

    def fact(self, name: str, otherwise: Any = None) -> Any:
        """Return what the program told last under a name."""
        return next((facts[name] for facts in reversed(self.told) if name in facts), otherwise)

    @property
    def text(self) -> str:
        """What was written, as text."""
        return self.raw.decode(errors="replace")

    @cached_property
    def screen(self) -> pyte.HistoryScreen:
        """The terminal with all that scrolled out of it."""
        return self.screen_after(len(self.raw))

    def screen_after(self, size: int) -> pyte.HistoryScreen:
        """Return the terminal as it was after so many bytes."""
        screen = pyte.HistoryScreen(self.setting.columns or 80, self.setting.lines or 24, history=20_000, ratio=0.5)
        stream = pyte.Stream(screen)
        done = 0
        for at, columns, lines in [*self.resizes, (size, 0, 0)]:
            piece = self.raw[done : min(at, size)].decode(errors="replace")
            stream.feed(_ZERO_WIDTH.sub("", piece))
            done = min(at, size)
            if columns and at <= size:
                screen.resize(columns=columns, lines=lines)
        return screen

    @cached_property
    def rows(self) -> list[str]:
        """The rows from the top of the scroll-back to the last one that is not blank; of a pipe, its lines."""
        if self.setting.place != "terminal" or not self.driver.rows:
            return [_ECHO.sub("", row.rstrip()) for row in self.text.replace("\r\n", "\n").split("\n") if row.strip()]
        return _rows_of(self.screen)

    def rows_after(self, size: int) -> list[str]:
        """Return the rows as they were after so many bytes."""
        return _rows_of(self.screen_after(size))

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor cannot be seen in the end."""
        return bool(self.screen.cursor.hidden)

    def bar_rows(self, desc: str = "work") -> list[str]:
        """Return the rows that are, or look like a rest of, a bar."""
        if not self.driver.rows:
            return [row for row in self.rows if row.startswith("headway ")]
        drawn = [row for row in self.rows if desc in row or _BAR.search(row)]
        return [row for row in drawn if not (row.startswith("headway ") and " state=" in row)]  # a plain line stays

    def last_event(self, desc: str = "work") -> dict[str, Any]:
        """Return the last event of a bar."""
        found = {}
        for line in self.events.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("desc") == desc:
                found = event
        return found

    def final(self, desc: str = "work") -> str:
        """Return the last row of a bar, or its last event."""
        if self.driver.seen == "events":
            event = self.last_event(desc)
            total = event.get("total")
            share = f" {event['n'] / total:.0%}" if event and total else ""
            return f"{desc} {event['n']}/{total}{share} {event['state']}" if event else ""
        rows = [row for row in self.rows if desc in row and (self.driver.rows or row.startswith("headway "))]
        return rows[-1] if rows else ""


def _rows_of(screen: pyte.HistoryScreen) -> list[str]:
    lines = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
    rows = ["".join(line[x].data for x in range(screen.columns)).rstrip() for line in lines]
    while rows and not rows[-1]:
        rows.pop()
    return rows
