"""A stand-in for a stream of the program, while rows are drawn on the terminal that the stream leads to.

The program may have a way of its own to write to a stream: it has assigned `write`, or the stream is an object that
masks, stamps or copies what it is given. Whole lines go that way first, with the rows out of the way. The lines of
other streams are handed over to be put above the rows.
"""

from __future__ import annotations

import io
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator

from headway import format as fmt
from headway.host.lines import Line
from headway.notation import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["OF_LIBRARIES", "StandIn", "Way", "assigned_way", "guarded", "past_stand_ins"]

OF_LIBRARIES = {"alive_progress.core.hook_manager": "_stream", "progressbar.utils": "target"}
"""The modules of other libraries' stand-ins, each with the name that the stream has there. They are for rows of theirs:
lines that go above ours go past them."""
_past: dict[int, int] = {}
"""The threads that write past all stand-ins now, and in how many blocks."""


class PastStandIns:
    """A block in which what this thread writes goes straight: rows, or a text that the rows have made way for."""

    __slots__ = ()

    def __enter__(self) -> None:
        me = get_ident()
        _past[me] = _past.get(me, 0) + 1

    def __exit__(self, *error: object) -> None:
        me = get_ident()
        if _past[me] > 1:
            _past[me] -= 1
        else:
            del _past[me]


past_stand_ins = PastStandIns()


class Owner(Protocol):
    """**Protocol:** the console."""

    stands: bool
    """Whether rows are drawn now."""

    @property
    def stands_by(self) -> bool:
        """Whether rows of other processes are, while this one has none."""

    alone: bool
    """Whether they are all this process's own."""

    def above(self, text: str, stand_in: StandIn) -> None:
        """Put whole lines above the rows."""

    def make_way(self, text: str, stand_in: StandIn, way: Way) -> None:
        """Have whole lines written in the program's own way, with the rows out of the way."""

    def columns(self, stream: TextIO) -> int:
        """Tell how many columns the terminal of a stream has."""


class Way:
    """A way to write to a stream: that of its class, or one that the program has put in the place of that.

    It is called as the `write` of the stream. A program that wraps it calls it within its own.
    """

    __slots__ = ("is_own", "stand_in", "straight")

    def __init__(self, stand_in: StandIn, straight: Callable[[str], int], *, is_own: bool) -> None:
        self.stand_in = stand_in
        self.straight = straight
        """Writes without a look at the rows."""
        self.is_own = is_own
        """Whether it is the program's."""

    def __call__(self, text: str, /) -> int:
        """Write text as to any stream; whole lines are out when this returns."""
        stand_in, me = self.stand_in, get_ident()
        owner = stand_in._owner
        if me in _past or not (owner.stands or owner.stands_by) or not isinstance(text, str):
            return self._after_what_is_kept(text)
        if type(text) is not str:  # as the messages of loguru: the text alone, whatever its class makes of it
            text = str.__str__(text)
        whole, lines = len(text), stand_in._lines
        if not (self.is_own or text.isascii()):
            text = stand_in._escaped(text)
        line = lines.pop(me, None) or Line()
        try:
            through, above = line.feed(text)
            if through is not None:
                stand_in._paint(line, through, self)
            elif above is not None and self.is_own:
                stand_in._owner.make_way(above, stand_in, self)
            elif above is not None:
                stand_in._owner.above(above, stand_in)
        finally:
            if me in lines:  # a signal handler has printed meanwhile
                line.kept += lines.pop(me).kept
            if line.kept or line.blank or line.painting or line.row:
                lines[me] = line
                stand_in._settle_if_free()  # the rows may have gone meanwhile
        return whole

    def _after_what_is_kept(self, text: str) -> int:
        """Write text straight, after the piece of a line that this thread began while there were rows."""
        me = get_ident()
        if self.stand_in._lines and me not in _past:
            self.stand_in._settle(me)
        return self.straight(text)


class StandIn:
    """Takes the place of a stream while rows are drawn, and leads straight to it when they are not.

    But for the writing of text it is that stream: its attributes are the stream's, and bytes that are written to its
    `buffer` or descriptor go past it.
    """

    __wrapped__: TextIO
    _owner: Owner
    _terminal: int
    _lines: dict[int, Line]
    """What each thread has begun to write."""
    _plain: Way
    """The way to write that its class gives it."""
    _guards: bool
    """Whether what is written to the stream itself is caught."""
    __slots__ = ("__weakref__", "__wrapped__", "_guards", "_lines", "_owner", "_plain", "_terminal")

    def __init__(self, owner: Owner, stream: TextIO, terminal: int) -> None:
        write = getattr(type(stream), "write", None)
        is_own = not (_is_plain(stream) or type(stream).__module__ in OF_LIBRARIES)
        plain = Way(self, stream.write if write is None else write.__get__(stream), is_own=is_own)
        guards = type(stream) is io.TextIOWrapper and not is_own
        about = {"_owner": owner, "_terminal": terminal, "_lines": {}, "_plain": plain, "_guards": guards}
        for name, value in (("__wrapped__", stream), *about.items()):
            object.__setattr__(self, name, value)

    @property
    def write(self) -> Way:
        """The way to write that the stream has now."""
        plain = self._plain
        if self._guards and self.__wrapped__.write is plain:  # as a rule, and found fast
            return plain
        way = assigned_way(self.__wrapped__)
        if way is None:
            return plain
        return way if type(way) is Way else Way(self, way, is_own=True)

    def _guard(self) -> None:
        """Catch what is written to the stream by whoever holds it itself, unless the program has a way of its own."""
        if self._guards and assigned_way(self.__wrapped__) is None:
            self.__wrapped__.write = self._plain  # type: ignore[method-assign]

    def _unguard(self) -> None:
        """Let go of the stream; what the program has assigned meanwhile stays."""
        if assigned_way(self.__wrapped__) is self._plain:
            del self.__wrapped__.write

    def _paint(self, line: Line, text: str, way: Way) -> None:
        """Let what another library draws pass; a frame in pieces, behind a return alone, is whole at its flush."""
        if line.begun and "\r" not in text and "\n" not in text:
            line.begun += text
            return
        text, line.begun = line.begun + text, ""
        if text == "\r":
            line.begun = text
        else:
            self._put(_on_one_row(text) + self._back(text), way)

    def _back(self, painted: str) -> str:
        """Return what leads back from behind a row that fills the terminal.

        A renderer may be amid a frame, too, and would go on in the line below.
        """
        row = painted.rpartition("\n")[2]
        fills = row.startswith("\r") and fmt.width(fmt.clean(row)) >= self._owner.columns(self.__wrapped__)
        return "\r" if fills else ""

    def _put(self, text: str, way: Way | None = None) -> None:
        """Write text past all stand-ins, in the way that the stream has now unless one is given."""
        with past_stand_ins:
            (way or self.write).straight(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of the texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the stream. What there is of a line stays kept until it is whole, but in a worker, which may vanish."""
        line = self._lines.get(get_ident())
        if line is not None and line.painting:
            self._put(_on_one_row(line.begun) + ("\r" if line.row else ""))
            line.painting, line.begun = False, ""
        if not self._owner.alone:
            self._settle()
        elif self._lines:
            self._settle_if_free()
        self.__wrapped__.flush()

    def _settle_if_free(self) -> None:
        """Write what is kept straight to the stream, if the rows of other processes have gone meanwhile."""
        if not (self._owner.stands or self._owner.stands_by):
            self._settle()

    def _settle(self, thread: int | None = None) -> None:
        """Write what is kept, or what one thread has begun, straight to the stream."""
        threads = [*self._lines] if thread is None else [thread]
        lines = [line for each in threads if (line := self._lines.pop(each, None)) is not None]
        kept = "".join([line.blank + line.begun + line.kept for line in lines])
        if kept:
            self._put(kept)
            self.__wrapped__.flush()

    def _forget(self) -> None:
        """Drop what is kept."""
        self._lines.clear()

    def _escaped(self, text: str) -> str:
        """Put escapes where the stream itself would, as stderr does: the rows' own stream would put `?`."""
        if getattr(self.__wrapped__, "errors", None) != "backslashreplace":
            return text
        encoding = self.__wrapped__.encoding
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__wrapped__, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__wrapped__, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__wrapped__)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.__wrapped__.close()

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The stream's class: who asks what kind of stream this is gets the answer of the stream."""
        return type(self.__wrapped__)


def _on_one_row(painted: str) -> str:
    """Have the terminal cut off what does not fit of a row that is to be painted again: a frame would take a line."""
    lines, end, row = painted.rpartition("\n")
    return f"{lines}{end}\x1b[?7l{row}\x1b[?7h" if row else painted


def assigned_way(stream: object) -> Any:
    """Return what has been assigned to the `write` of a stream, `None` if nothing has."""
    try:
        return object.__getattribute__(stream, "__dict__").get("write")  # getattr may lead to a stream within
    except AttributeError:  # it has slots
        return None


def guarded(stream: TextIO, owner: Owner, terminal: int) -> StandIn:
    """Return the stand-in that guards a stream from now on: that of before, if the program has kept its `write`."""
    way = assigned_way(stream)
    if type(way) is Way and way.stand_in.__wrapped__ is stream:
        return way.stand_in
    stand_in = StandIn(owner, stream, terminal)
    if way is None and stand_in._guards:
        stream.write = stand_in._plain  # type: ignore[method-assign]
    return stand_in


def _is_plain(stream: TextIO) -> bool:
    """Tell whether text goes to the descriptor as it is: no part of the stream is the program's own."""
    if type(stream) is not io.TextIOWrapper:
        return False
    buffer: Any = stream.buffer
    raw = getattr(buffer, "raw", buffer)
    are_pythons = type(buffer).__module__ == type(raw).__module__ == "_io"
    return are_pythons and not ("write" in getattr(buffer, "__dict__", ()) or "write" in getattr(raw, "__dict__", ()))
