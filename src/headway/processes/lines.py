"""The printed lines of a process that reports no bars, on their way to the process that draws."""

from __future__ import annotations

import os

from headway.notation import TYPE_CHECKING
from headway.processes import address, claim, connection
from headway.processes.past import Past
from headway.processes.reporter import RelaySink

if TYPE_CHECKING:
    import socket  # heavy: with the first connection

    from headway.processes.address import Station

__all__ = ["Lines", "found", "station"]


def station() -> Station | None:
    """Return where the process that draws for the command listens, if there is one, and it is another one."""
    at, _ = claim.holder() or (None, [])
    return None if at is None or at.address.pid == os.getpid() or not address.runs(at.address.pid) else at


def found() -> tuple[Station, socket.socket | None] | None:
    """Find that process, as `connection.find` does."""
    at = station()
    return None if at is None else connection.reached(at)


class Lines(RelaySink):
    """Passes lines on, and keeps each until it is on the terminal."""

    prints = True

    def __init__(self) -> None:
        super().__init__(found, Past())
        self.unseen: dict[int, tuple[str, int]] = {}
        """The lines that are not known to be on the terminal, by their marks, each with the terminal."""
        self._printed = 0

    def pass_on(self, text: str, terminal: int) -> bool:
        """Pass lines on, and tell whether that went well."""
        self._printed += 1
        self.unseen[self._printed] = text, terminal
        if self.print(text, terminal, self._printed):
            return True
        self.unseen.pop(self._printed, None)
        return False

    def wait(self, seconds: float) -> None:
        """Wait for news of lines that are on the terminal."""
        if (self.pump() or not self.gone) and self._pipe is not None and self.unseen:
            connection.wait_for(self._pipe, seconds, answer=True)

    def drop(self, *, heard: bool = True) -> None:
        """Let go of the connection; what has not been seen stays in `unseen`."""
        self._queue.clear()
        self._texts_sending.clear()
        super().drop(heard=heard)

    def _see(self, number: int) -> None:
        for mark in [mark for mark in self.unseen if mark <= number]:
            del self.unseen[mark]
