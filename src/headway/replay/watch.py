"""`headway watch`: shows a run that is going on in another process, from its event file, until it is over."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from headway.events.follower import Follower
from headway.events.presence import Writer
from headway.events.reader import Event, Reader
from headway.replay.stage import Stage
from headway.snapshot import State

__all__ = ["watch"]

LOOK_EVERY = 0.1
"""Seconds between two looks at the file."""


class Watch:
    """Shows what is written into a file, and knows when that is over.

    Args:
        path: The file; it need not be there yet.
        reader: What reads it.
        patience: Seconds without an event after which a run is given up, where its process cannot be looked at.
    """

    def __init__(self, path: str, reader: Reader, patience: float) -> None:
        self._follower = Follower(path, reader)
        self._patience = patience
        self._stage = Stage(path)
        self._writers: dict[str, Writer] = {}

    def catch_up(self, *, wait: bool) -> None:
        """Read what is there, and show the bars that are open now; those of a run that is over unless we `wait`."""
        while (events := self._follower.poll()) is not None:
            for event in events:
                self._note(event)
        here = {name: writer for name, writer in self._writers.items() if not writer.is_gone(self._patience)}
        if not here and not wait and self._writers:
            name, last = self._writers.popitem()
            here = {name: last}
            for event in last.ended:
                self._stage.take(event)
        self._writers = here
        for writer in here.values():
            for event in writer.bars.values():
                self._stage.take(event)

    def look(self) -> bool:
        """Show what is new, and tell whether anything was."""
        events = self._follower.poll()
        for event in events or ():
            self._note(event)
            self._stage.take(event)
        return events is not None

    def settle(self) -> bool:
        """After a look that brought nothing, end the bars of who is gone, and tell whether the run is over."""
        over = bool(self._writers)
        for writer in self._writers.values():
            if writer.settle(self._patience):
                self._lose(writer)
            else:
                over = False
        return over

    @property
    def states(self) -> set[State]:
        """How outermost bars have ended."""
        return {state for writer in self._writers.values() for state in writer.states}

    def leave(self) -> None:
        """Take everything off the screen."""
        self._stage.clear()

    def close(self) -> None:
        """Let go of the file."""
        self._follower.close()

    def _note(self, event: Event) -> None:
        writer = self._writers.get(event.writer)
        if writer is None:
            writer = self._writers[event.writer] = Writer(event.writer)
        writer.take(event)

    def _lose(self, writer: Writer) -> None:
        if writer.bars:
            writer.states.add("failed")
            writer.bars.clear()
            self._stage.end("failed", f"lost: {writer.loss}", writer.name)


def watch(path: str, reader: Reader, *, patience: float, wait: bool, on_look: Callable[[], None]) -> set[State]:
    """Show a run until it is over, and return how its outermost bars have ended; a lost one has failed.

    Args:
        path: Its event file, which need not be there yet.
        reader: What reads it.
        patience: Seconds without an event after which a run is given up, where its process cannot be looked at.
        wait: Wait for a new run where the one in the file is over.
        on_look: Called after each look at the file.

    Raises:
        OSError: The file is there and cannot be read.
        KeyboardInterrupt: The user has seen enough; the bars are taken off the screen.
    """
    watching = Watch(path, reader, patience)
    try:
        watching.catch_up(wait=wait)
        while True:
            brought = watching.look()
            on_look()
            if not brought:
                if watching.settle():
                    return watching.states
                sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        watching.leave()
        raise
    finally:
        watching.close()
