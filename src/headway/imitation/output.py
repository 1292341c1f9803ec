"""Text above the bars, and the lock that tqdm's programs hold while they print."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar

from headway.drawing.hub import hub
from headway.host import fork
from headway.host.environment import is_terminal
from headway.host.stream import beneath

__all__ = ["WriteLock", "Writes", "away_from", "put_above"]


class WriteLock(fork.Part):
    """A lock that can be sent to a worker process, where it is one of that process's own.

    headway needs none of it: one thread of one process draws. It is for programs that hold it while they print.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        fork.register(self)

    def acquire(self, *args: Any, **kwargs: Any) -> bool:
        """Take the lock, as `threading.RLock.acquire`."""
        return self._lock.acquire(*args, **kwargs)

    def release(self) -> None:
        """Give it back."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Be free: the thread that holds it may be one of the parent's."""
        self._lock = threading.RLock()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()

    def __reduce__(self) -> tuple[type[WriteLock], tuple[()]]:
        return WriteLock, ()


_default = WriteLock()


class Writes:
    """The part of tqdm's class that is about text beside the bars."""

    _lock: ClassVar[Any] = _default

    @classmethod
    def write(cls, s: str, file: Any = None, end: str = "\n", nolock: bool = False) -> None:
        """Print a text above the bars.

        Args:
            s: The text.
            file: Where it goes, by default `sys.stdout`. Only where that is a terminal does it go through the display.
            end: What follows. Above live bars a text always stands on lines of its own.
            nolock: Leave the lock alone, because the caller holds it.
        """
        file = sys.stdout if file is None else file
        if file is None:
            return
        with nullcontext() if nolock else cls.get_lock():
            if not put_above(s, file, end):
                file.write(s)
                file.write(end)

    @classmethod
    @contextmanager
    def external_write_mode(cls, file: Any = None, nolock: bool = False) -> Iterator[None]:
        """Take all bars off the terminal for the block, whatever it prints and by whichever way.

        Args:
            file: Where the block prints, by default `sys.stdout`. Bars stay where that is no terminal.
            nolock: Leave the lock alone.
        """
        file = sys.stdout if file is None else file
        lock = nullcontext() if nolock else cls.get_lock()
        with lock, away_from(file):
            try:
                yield
            finally:
                if hasattr(file, "flush"):
                    file.flush()

    @classmethod
    def set_lock(cls, lock: Any) -> None:
        """Use another lock from now on."""
        cls._lock = lock

    @classmethod
    def get_lock(cls) -> Any:
        """Return the lock that `write` takes."""
        return cls._lock


def put_above(text: Any, file: Any, end: str) -> bool:
    """Put a text above the rows, and tell whether there are rows where it is to go; else it is for the file itself."""
    file = beneath(file)
    above = isinstance(text, str) and hub.draws_rows and is_terminal(file)
    if above:
        hub.texts.write(f"{text}{end}".removesuffix("\n"))
    return above


def away_from(file: Any) -> AbstractContextManager[object]:
    """Return the block in which no rows are where a file goes; rows stay if that is no terminal."""
    away = hub.display.drawing and file is not None and is_terminal(file)
    return hub.suspended() if away else nullcontext()
