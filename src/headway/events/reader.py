"""Reads events back from bytes that come in pieces, from anywhere: what is no event is skipped and counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from headway.events.fields import read_header
from headway.events.journal import LONGEST_LINE
from headway.events.schema import from_event
from headway.snapshot import SCHEMA, Snapshot

__all__ = ["Event", "Reader", "last_sign"]

OF_A_BAR = ("open", "update", "close")
KINDS = ("run", *OF_A_BAR, "write", "lost")


class Event(NamedTuple):
    """One line of an event file; see `docs/events.md`."""

    kind: str
    """`run`, `open`, `update`, `close`, `write` or `lost`."""
    time: float = 0.0
    """Seconds since the epoch; 0 where the line does not say."""
    writer: str = ""
    """Which process wrote it. The ids of bars are those of their writer."""
    snapshot: Snapshot | None = None
    """The bar, of the first three kinds."""
    text: str = ""
    """The text, of `write`."""
    lines: int = 0
    """How many events were lost, of `lost`."""
    pid: int | None = None
    """The writer's process, where the line says so."""
    host: str = ""
    """The machine that the process is on."""
    seq: int = 0
    """The number of the event among those of its writer in this place, from 1 on; 0 where the line has none."""
    run: str = ""
    """What all processes of the run have in common, of `run`."""
    program: str = ""
    """The name of the program, of `run`."""
    digest: str = ""
    """What is the same for the same program with the same arguments, of `run`."""
    requests: bool = False
    """Whether the run can be asked for something, of `run`."""


def last_sign(before: Event | None, event: Event) -> Event | None:
    """Return the last event that says a writer's process, with the time of its last event of any kind.

    Args:
        before: The same before the event; `None` if no event said the process yet.
        event: The writer's newest event.
    """
    if event.pid is not None:
        return event
    return None if before is None else before._replace(time=event.time or before.time)


class Reader:
    """Makes events of bytes. Nothing that it is fed makes it raise, nor hold more than one line of bounded length."""

    def __init__(self) -> None:
        self.skipped: int = 0
        """Lines so far that were torn, foreign or malformed."""
        self.newer: int = 0
        """Lines so far of a schema that this version does not read."""
        self._line = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes in, and return the events that they complete."""
        *whole, rest = data.split(b"\n")
        events = []
        for part in whole:
            self._extend(part)
            events += self.end()
        self._extend(rest)
        return events

    def end(self) -> list[Event]:
        """Take what came since the last line break for a whole line: no more will come of it."""
        line, too_long = bytes(self._line), self._too_long
        self.forget()
        if too_long:
            self.skipped += 1
        event = None if too_long or not line.strip() else self._read(line)
        return [] if event is None else [event]

    def forget(self) -> None:
        """Drop what came since the last line break: the file begins anew."""
        self._line.clear()
        self._too_long = False

    def _extend(self, part: bytes) -> None:
        if self._too_long or len(self._line) + len(part) > LONGEST_LINE:
            self._too_long = True
            self._line.clear()
        else:
            self._line += part

    def _read(self, line: bytes) -> Event | None:
        try:
            raw = json.loads(line.decode())
            if _version(raw) > SCHEMA:
                self.newer += 1
                return None
            return _event(raw)
        except (ValueError, RecursionError):
            self.skipped += 1
            return None


def _version(raw: Any) -> int:
    version = raw.get("v") if isinstance(raw, Mapping) else None
    if type(version) is not int or version < SCHEMA or not isinstance(raw.get("event"), str):
        raise ValueError("A line must be an object with the fields 'v' and 'event'.")
    return version


def _event(raw: Mapping[str, Any]) -> Event | None:
    """Return an event; `None` for one of a kind that this version does not know.

    Raises:
        ValueError: A field cannot be what it is.
    """
    kind = raw["event"]
    if kind not in KINDS:
        return None
    snapshot = from_event(raw) if kind in OF_A_BAR else None
    return Event(kind, snapshot=snapshot, **read_header(raw))
