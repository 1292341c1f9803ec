"""The search for the process that draws, which goes on until one is found or patience is over."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from headway.host import clock

if TYPE_CHECKING:
    import socket  # heavy: with the first connection

    from headway.processes.address import Station

__all__ = ["RETRY", "Search"]

RETRY = 0.02
"""Seconds from the first attempt to the second; each further wait is twice as long."""
RETRY_LONGEST = 0.2
"""Seconds between two attempts at most."""
PATIENCE = 60.0
"""Seconds that a rank looks for the process that draws; after that its bars are not sampled any more."""
FOLLOWS_WITHIN = 2.0
"""Seconds that it looks for one that takes the place of another."""


class Search:
    """A search.

    Args:
        find: Finds the process that draws: returns its station and a connection, or a station alone while it is busy,
            or `None` while there is none.
    """

    def __init__(self, find: Callable[[], tuple[Station, socket.socket | None] | None]) -> None:
        self.follows = False
        """Whether another process drew before, so that the next one is about to listen."""
        self._find = find
        self._next = 0.0
        self._wait = RETRY
        self._gives_up = clock.monotonic() + PATIENCE

    def follow(self) -> None:
        """Expect the process that takes the place of another one: soon, or not at all."""
        self.follows = True
        self._gives_up = clock.monotonic() + FOLLOWS_WITHIN

    @property
    def is_over(self) -> bool:
        """Whether it has been looked for in vain for too long."""
        return clock.monotonic() > self._gives_up

    def look(self) -> tuple[Station, socket.socket | None] | None:
        """Look, if it is time to, and return what is found."""
        now = monotonic()
        if now < self._next:
            return None
        self._next = now + self._wait
        self._wait = min(2 * self._wait, RETRY_LONGEST)
        return self._find()
