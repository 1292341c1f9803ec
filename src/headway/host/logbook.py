"""A logger of the program's as a place where records go, without waiting for a handler that is in use.

A handler holds its lock while it writes. On a terminal with rows it waits meanwhile for the thread that draws, see
`console.py`. If that thread waited for the lock, neither would go on. A record that comes while a lock is held is
therefore handed over to another thread, with all that come until that one is done.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from headway.format import in_words
from headway.host.faults import tell

__all__ = ["Logbook"]

WHERE = "(headway)"
"""The place in the code that records name."""
_calling: set[threading.Thread] = set()
"""The threads in which handlers are being called."""


class Logbook:
    """Takes the records for one logger.

    Args:
        name: The logger's name.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)
        self._waiting: deque[logging.LogRecord] = deque()
        self._lock = threading.Lock()
        self._carried = False
        """Whether a thread hands over what waits."""

    @property
    def writing(self) -> bool:
        """Whether handlers are being called: a text that is shown meanwhile may be a handler's own."""
        return any(thread.is_alive() for thread in tuple(_calling))  # not one of the process that has forked

    def wants(self, level: int) -> bool:
        """Tell whether a record of this level goes anywhere."""
        return self._logger.isEnabledFor(level)

    def add(self, level: int, text: str, extra: Mapping[str, Any]) -> None:
        """Hand a record to the handlers. One that a handler itself gives rise to is left out."""
        if threading.current_thread() in _calling:
            return
        record = self._logger.makeRecord(self._logger.name, level, WHERE, 0, text, (), None, None, extra)
        if self._carried or not self._add_now(record):
            self._add_soon(record)

    def _add_now(self, record: logging.LogRecord) -> bool:
        with ExitStack() as held:
            for handler in self._handlers():
                if handler.lock is not None:
                    if not handler.lock.acquire(blocking=False):
                        return False
                    held.callback(handler.lock.release)
            self._handle(record)
        return True

    def _add_soon(self, record: logging.LogRecord) -> None:
        with self._lock:
            self._waiting.append(record)
            carried, self._carried = self._carried, True
        if not carried:
            try:
                threading.Thread(target=self._carry, name="headway-log").start()
            except RuntimeError:  # the interpreter ends, or has no threads
                self._carry()

    def _carry(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._carried = False
                    return
                record = self._waiting.popleft()
            self._handle(record)

    def _handlers(self) -> Iterator[logging.Handler]:
        logger: logging.Logger | None = self._logger
        anything = False
        while logger is not None:
            anything = anything or bool(logger.handlers)
            yield from logger.handlers
            logger = logger.parent if logger.propagate else None
        if not anything and logging.lastResort is not None:
            yield logging.lastResort

    def _handle(self, record: logging.LogRecord) -> None:
        _calling.add(threading.current_thread())
        try:
            self._logger.handle(record)
        except Exception as error:  # most handlers contain their own; those of strangers may not
            name = self._logger.name
            tell(f"logging {name} {type(error)}", f"A handler of the logger {name!r} raised {in_words(error)}.")
        finally:
            _calling.discard(threading.current_thread())
