"""Connections to the process that draws."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from headway.processes import address

if TYPE_CHECKING:
    import socket  # heavy: with the first connection

    from headway.processes.address import Address, Station

__all__ = ["BusyError", "connect", "find", "reached", "refused", "wait_for"]

CONNECT_WITHIN = 0.1
"""Seconds that a connection over the loopback interface may take; one to a Unix socket takes none."""
refused: set[Station] = set()
"""The stations that this process reports to no more."""


class BusyError(Exception):
    """Raised when the drawing process is there, but has no place for a connection at the moment."""


def connect(at: Address) -> socket.socket:
    """Connect without waiting.

    Raises:
        OSError: Nobody listens there.
        BusyError: It is to be tried again.
    """
    import socket  # heavy: with the first connection

    if not at.alive or not at.where:
        raise ConnectionRefusedError
    unix = at.kind == "unix"
    pipe = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if unix:
            pipe.setblocking(False)
            pipe.connect(at.where)
        else:
            pipe.settimeout(CONNECT_WITHIN)
            pipe.connect(("127.0.0.1", int(at.where)))
            pipe.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe.setblocking(False)
        if hasattr(socket, "SO_NOSIGPIPE"):
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_NOSIGPIPE, 1)
    except (BlockingIOError, TimeoutError):
        pipe.close()
        raise BusyError from None
    except BaseException:
        pipe.close()
        raise
    return pipe


def find() -> tuple[Station, socket.socket | None] | None:
    """Find the process that draws: its station with a connection, or without one while it is busy."""
    return next((found for station in address.candidates() if (found := reached(station)) is not None), None)


def reached(station: Station) -> tuple[Station, socket.socket | None] | None:
    """Reach a station: return it with a connection, without one while it is busy, and `None` where nobody listens."""
    if station in refused:
        return None
    try:
        return station, connect(station.address)
    except BusyError:
        return station, None
    except OSError:
        return None


def wait_for(pipe: socket.socket, seconds: float, *, answer: bool) -> None:
    """Wait until there is room in the pipe, or an answer."""
    import selectors  # only if the pipe is full, or over a port

    with selectors.DefaultSelector() as selector, suppress(OSError, ValueError, KeyError):
        selector.register(pipe, selectors.EVENT_READ if answer else selectors.EVENT_WRITE)
        selector.select(seconds)
