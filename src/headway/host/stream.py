"""The output stream as sinks see it: it takes any text, its size is always known, and its own trouble stays in it."""

from __future__ import annotations

import io
import operator
import os
import select
import sys
from _thread import get_ident
from collections.abc import Callable
from time import monotonic

from headway.format import in_words, shown
from headway.host.environment import leads_elsewhere, leads_to_no_terminal
from headway.host.faults import tell
from headway.host.prompts import is_asked
from headway.host.stand_in import OF_LIBRARIES, Way, assigned_way, past_stand_ins
from headway.notation import Any, Literal, TextIO

__all__ = ["Nowhere", "Reason", "SafeStream", "beneath", "wrapped"]

Reason = Literal["", "redirected", "asked"]
"""Why rows stand where they are: the stream's descriptor leads elsewhere, or somebody types at a prompt below them."""
PATIENCE = 0.5
"""Seconds that a write waits for a stream that does not block and cannot take more; what is left then is dropped."""
LOOK = 0.02
"""Seconds from one look at such a stream to the next at most."""


_BENEATH = {"headway.host.stand_in": "__wrapped__", **OF_LIBRARIES}
"""The modules of stand-ins for a stream, each with the name that the stream has there."""


def beneath(file: Any) -> Any:
    """Return the stream under the stand-ins that wait for whole lines: headway's, alive-progress's, progressbar2's.

    Rows that are drawn through such a stand-in come out as lines.
    """
    while (name := _BENEATH.get(type(file).__module__)) is not None:
        file = getattr(file, name)
    return wrapped(file)


def wrapped(file: Any) -> Any:
    """Return the stream that one stands for, by default itself: a stand-in of the program's may raise anything."""
    try:
        return getattr(file, "__wrapped__", file)
    except Exception:
        return file


class Nowhere(io.TextIOBase):
    """A stream for programs that have none: `sys.stderr` is `None` under `pythonw` and in some services."""

    def write(self, text: str, /) -> int:
        """Let it go."""
        return len(text)


class SafeStream:
    """A text stream whose `write` and `flush` never fail.

    What a stream raises is told once, for no renderer is at fault then, and the text is lost: a closed stream, a pipe
    that nobody reads, a full disk. Of the standard error stream itself it is not told, for there is nowhere to.
    All other attributes are the wrapped stream's.
    """

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.muted = False
        """Whether what is written vanishes: of a renderer that was given up, and in the child of a fork, where its
        finalisers may still draw."""
        self.terminal: int | None = None
        """The terminal that rows are drawn on."""
        self.standing: Reason = ""
        """Why rows can be neither drawn nor erased, as it was seen last: what is written meanwhile vanishes."""
        self.seen_in = 0
        """The thread that has seen to that. The library may have another one that draws."""
        self.fault = ""
        """What the stream raised last."""

    def write(self, text: str) -> int:
        """Write the text, with `?` for characters that the stream's encoding lacks."""
        if self.seen_in not in (0, get_ident()):
            self.standing = self.reason_to_stand
        if not (self.muted or self.standing):
            self._contain(lambda: self._write(text))
        return len(text)

    def flush(self) -> None:
        """Flush the wrapped stream, if it can be."""
        if not self.muted:
            self._contain(self._flush)

    def put(self, text: str) -> None:
        """Write a text as lines of its own, and flush."""
        self.write(f"{text}\n")
        self.flush()

    @property
    def reason_to_stand(self) -> Reason:
        """Why rows on it can be neither drawn nor erased now, if they cannot."""
        if self.terminal is None:
            return ""
        return "redirected" if leads_elsewhere(self.file, self.terminal) else "asked" if is_asked() else ""

    @property
    def is_of_cells(self) -> bool:
        """Whether it may go by the thread that writes, as in notebooks: each cell has the output of its threads."""
        return type(self.file) is not io.TextIOWrapper

    def encodes(self, text: str) -> bool:
        """Tell whether the stream's encoding has all characters of the text."""
        try:
            text.encode(self.encoding or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines of the terminal now; 80 x 24 where they cannot be told."""
        try:
            size = os.get_terminal_size(self.fileno())
        except (OSError, ValueError, OverflowError):  # no terminal, or a descriptor that cannot be
            size = os.terminal_size((0, 0))
        return size if all(size) else os.terminal_size((size.columns or 80, size.lines or 24))

    @property
    def takes_more(self) -> bool:
        """Whether the stream can be written to now, as far as can be told: a terminal stopped by Ctrl-S cannot."""
        try:
            return bool(select.select([], [self.fileno()], [], 0)[1])
        except (OSError, ValueError):
            return True

    @property
    def room(self) -> int:
        """Columns that a row should keep to: two less than the terminal has, for the `^C` that it echoes after the row.

        Without them the echo wraps, and the next frame is drawn a row too low.
        """
        return max(1, self.size.columns - 2)

    def isatty(self) -> bool:
        """Tell whether the stream says that it is a terminal."""
        try:
            return bool(self.file.isatty())
        except Exception:  # a stand-in for a stream need not have what a stream has, and may raise anything
            return False

    def fileno(self) -> int:
        """Return the stream's descriptor.

        Raises:
            OSError: It has none.
        """
        try:
            return operator.index(self.file.fileno())
        except Exception as error:  # as above
            raise io.UnsupportedOperation("the stream has no file descriptor") from error

    @property
    def encoding(self) -> str | None:
        """The stream's encoding, where it says one."""
        try:
            encoding = self.file.encoding
        except Exception:  # as above
            return None
        return encoding if isinstance(encoding, str) else None

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self.file, name)
        except Exception as error:  # libraries ask a stream for more than it need have
            raise AttributeError(f"The stream has no {name!r}.") from error

    def _write(self, text: str) -> None:
        way: Any = assigned_way(self.file)
        write: Callable[[str], object] = self._write_past
        if way is None or (type(way) is Way and not way.is_own):
            if _is_standard(self.file):
                write = self._write_through
            elif way is not None:
                write = way.straight
        try:
            if getattr(self, "errors", None) == "backslashreplace":
                text.encode(self.encoding or "ascii")  # else the stream, which stderr is, puts `\\xe9` in a row
            write(text)
        except UnicodeEncodeError:
            encoding = self.encoding or "ascii"
            write(text.encode(encoding, "replace").decode(encoding))

    def _write_past(self, text: str) -> None:
        """Write past all stand-ins."""
        with past_stand_ins:
            if not self._has_left:
                self.file.write(text)

    @property
    def _has_left(self) -> bool:
        """Whether another thread has put something else in the terminal's place since the frame began."""
        try:
            return self.terminal is not None and leads_to_no_terminal(self.fileno())
        except io.UnsupportedOperation:  # it is closed
            return False

    def _flush(self) -> None:
        flush = getattr(self.file, "flush", None)
        if flush is not None:
            flush()

    def _write_through(self, text: str) -> None:
        """Write past the buffer of a standard stream, after what is in it.

        What cannot be written must not stay in the buffer: Python tries again at exit, and makes the status 120.
        """
        self.file.flush()
        data = memoryview(text.encode(self.file.encoding, self.file.errors or "strict"))
        buffer: Any = self.file.buffer
        raw = buffer if type(buffer) is io.FileIO else buffer.raw  # under PYTHONUNBUFFERED there is no buffer
        write = raw.write if self.terminal is None else self._write_to_terminal
        deadline = monotonic() + PATIENCE
        while data:
            taken = write(data)
            if taken is not None:
                data, deadline = data[taken:], monotonic() + PATIENCE
            elif monotonic() > deadline:
                return
            else:  # a pipe of one page may be free without a word
                select.select([], [raw], [], LOOK)

    def _write_to_terminal(self, data: memoryview) -> int | None:
        """Write to the terminal, and return the bytes taken, all if another thread has put something in its place.

        A copy of the descriptor is looked at and written to, which that thread cannot redirect in between.
        """
        descriptor = self.fileno()
        try:
            copy = os.dup(descriptor)
        except OSError:  # the table of descriptors is full
            copy = descriptor
        try:
            return len(data) if leads_to_no_terminal(copy) else os.write(copy, data)
        except BlockingIOError:
            return None
        finally:
            if copy != descriptor:
                os.close(copy)

    def _contain(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # a stand-in for a stream may raise anything
            self.fault = in_words(error)
            if self.file is not getattr(sys.stderr, "__wrapped__", sys.stderr):  # before it may stand a stand-in
                self._tell(error)

    def _tell(self, error: Exception) -> None:
        try:
            name = self.file.name
        except Exception:  # few have one
            name = type(self.file).__name__
        what = f"The stream {shown(name)} raised {type(error).__name__}"
        tell(what, f"{what}; what cannot be shown on it is lost, and the program goes on: {in_words(error)}")


def _is_standard(file: TextIO) -> bool:
    """Tell whether Python flushes this stream at exit and it is as Python made it, where lines end in one byte."""
    return (
        (file is sys.__stderr__ or file is sys.__stdout__)
        and type(file) is io.TextIOWrapper
        and type(file.buffer) in (io.BufferedWriter, io.FileIO)
        and os.linesep == "\n"
    )
