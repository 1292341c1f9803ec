"""Copying from one file descriptor to another, as fast as the system can, in pieces that are told of.

Bytes are moved inside of the kernel where it can do that (`splice`, `sendfile`), and through a buffer where it cannot,
or where something in them is counted.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from io import FileIO

__all__ = ["OutputError", "pieces", "widen"]

PIECE = 1 << 20
"""Bytes that are moved at once, and what a pipe is asked to hold."""
BUFFER = 1 << 18
"""Bytes that are read at once: what stays in a processor's cache until it is written."""


class OutputError(Exception):
    """Raised when the output cannot be written."""


def pieces(source: FileIO, target: FileIO, separator: bytes | None = None) -> Iterator[tuple[int, int]]:
    """Copy a source to the end, and yield of each piece how many bytes it had, and how many units.

    Args:
        source: What is read.
        target: What is written. A stream that was made non-blocking is waited for, on both sides.
        separator: The byte that ends a unit; by default a unit is a byte.

    Raises:
        OSError: The source cannot be read.
        BrokenPipeError: Nobody reads the target any more.
        OutputError: The target cannot be written.
    """
    if separator is None:
        for move in _moves(source.fileno(), target.fileno()):
            if (yield from _in_kernel(move)):
                return
    buffer = bytearray(BUFFER)
    view = memoryview(buffer)
    while size := _read(source, buffer):
        _write(target, view[:size])
        yield size, size if separator is None else buffer.count(separator, 0, size)


def _moves(source: int, target: int) -> Iterator[Callable[[], int]]:
    """Yield the ways to move bytes inside of the kernel: one where an end is a pipe, one where the source is a file."""
    if sys.platform == "linux":
        yield lambda: os.splice(source, target, PIECE)
        yield lambda: os.sendfile(target, source, None, PIECE)


def _in_kernel(move: Callable[[], int]) -> Generator[tuple[int, int], None, bool]:
    """Move all, and return whether to the end. What the kernel refuses is for the next way, errors included."""
    while True:
        try:
            size = move()
        except BrokenPipeError:
            raise
        except OSError:
            return False
        if not size:
            return True
        yield size, size


def _read(source: FileIO, buffer: bytearray) -> int:
    while (size := source.readinto(buffer)) is None:
        select.select([source], [], [])
    return size


def _write(target: FileIO, data: memoryview) -> None:
    try:
        while data:
            size = target.write(data)
            if size is None:
                select.select([], [target], [])
            else:
                data = data[size:]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror) from error


def widen(pipe: int) -> None:
    """Have a pipe hold more, so that both ends are woken less often; what is no pipe refuses."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl  # not on Windows

        if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < PIECE:  # type: ignore[attr-defined,unused-ignore]
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIECE)  # type: ignore[attr-defined,unused-ignore]
