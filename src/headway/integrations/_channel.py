"""A channel on which child processes report to the process that shows progress.

Each message is answered, so that it has been taken in when a child goes on: what a fit has done is told before it
returns. The relay does not promise that, and makes one row of what several workers do. The way is plain data that
travels with whatever is sent to the child: the environment of a worker that is kept alive may be an old one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

__all__ = ["Channel", "Way", "send"]

LOOK_UP = 0.2
"""Seconds after which it is seen that no more messages are wanted; a worker that is kept alive keeps its connection."""

Way = tuple[Any, bytes]
"""Where to send to, and the key that is asked for."""


class Channel:
    """The receiving end.

    Args:
        receive: Called with each message, from threads of its own.
    """

    def __init__(self, receive: Callable[[Any], None]) -> None:
        key = os.urandom(32)
        self._receive = receive
        self._closed = False
        self._listener = Listener(authkey=key)
        self.way: Way = self._listener.address, key
        threading.Thread(target=self._accept, name="headway-channel", daemon=True).start()

    def close(self) -> None:
        """Take no more messages."""
        self._closed = True
        with suppress(Exception):  # it wakes the thread that waits for the next child
            Client(self.way[0], authkey=self.way[1]).close()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            with suppress(Exception):  # a stranger, or a child that died just now
                child = self._listener.accept()
                if self._closed:
                    child.close()
                    return
                threading.Thread(target=self._serve, args=(child,), name="headway-channel", daemon=True).start()

    def _serve(self, child: Connection) -> None:
        with child, suppress(EOFError, OSError):
            while not self._closed:
                if child.poll(LOOK_UP):
                    self._receive(child.recv())
                    child.send(None)


_open: dict[tuple[int, Any], Connection] = {}
_sending = threading.Lock()


def send(way: Way, message: Any) -> None:
    """Send a message, and return when it was taken in.

    Raises:
        OSError: Nobody is there any more.
        EOFError: The receiving end was closed meanwhile.
    """
    address, key = way
    here = os.getpid(), address  # a connection of the process that forked is not ours
    with _sending:
        if here not in _open:
            for old in [old for old in _open if old[0] == here[0]]:
                _open.pop(old).close()
            _open[here] = Client(address, authkey=key)
        _open[here].send(message)
        _open[here].recv()
