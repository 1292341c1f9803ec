"""The program's own side of a terminal that rows are drawn on: what it prints, logs and asks goes on as without them.

While a renderer draws rows on the terminal that `sys.stdout` or `sys.stderr` leads to, a stand-in takes the stream's
place there and in the handlers of `logging` and loguru, and `input` takes the rows away as long as it asks. A whole
line is handed to the thread that draws, which has the sink of that terminal `write` it (`Texts.above`, `View.put`). A
line that is not yet whole is kept until it is, or the rows go or, if another process draws, until the program flushes.
Other progress libraries paint by moving the cursor: that goes straight to the terminal, as it does without us.
"""

from __future__ import annotations

import _thread
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress

from headway.host import fork
from headway.host.environment import terminal_of
from headway.host.lines import Line
from headway.notation import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Console"]

Job = Callable[[], object]


class Drawing(Protocol):
    """**Protocol:** the thread that draws."""

    @property
    def inside(self) -> bool:
        """Whether a job or a frame calls this."""

    def call(self, job: Job) -> None:
        """Run a job, and return when it is done or late."""

    def post(self, job: Job) -> None:
        """Have a job run soon, and do not wait."""


class StandIn:
    """Takes the place of a stream while rows are drawn, and leads straight to it when they are not.

    But for the writing of text it is that stream: its attributes are the stream's, and bytes that are written to its
    `buffer` or descriptor go past it.
    """

    __wrapped__: TextIO
    __slots__ = ("__weakref__", "__wrapped__", "_console", "_lines", "_terminal")

    def __init__(self, console: Console, stream: TextIO, terminal: int) -> None:
        for name, value in (("__wrapped__", stream), ("_console", console), ("_terminal", terminal), ("_lines", {})):
            object.__setattr__(self, name, value)

    def write(self, text: str) -> int:
        """Write text as to any stream; whole lines are out when this returns."""
        if not self._console.stands or not isinstance(text, str):
            return self.__wrapped__.write(text)
        if type(text) is not str:  # as the messages of loguru: the text alone, whatever its class makes of it
            text = str.__str__(text)
        whole = len(text)
        text = self._escaped(text)
        me = _thread.get_ident()
        line = self._lines.pop(me, None) or Line()
        try:
            through, above = line.feed(text)
            if through is not None:
                self.__wrapped__.write(through)
            elif above is not None:
                self._console.above(above, self)
        finally:
            if me in self._lines:  # a signal handler has printed meanwhile
                line.kept += self._lines.pop(me).kept
            if line.kept or line.blank or line.painting or line.row:
                self._lines[me] = line
        return whole

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of the texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the stream. What there is of a line stays kept until it is whole, but in a worker, which may vanish."""
        line = self._lines.get(_thread.get_ident())
        if line is not None:
            line.painting = False
        if not self._console.alone:
            self.settle()
        self.__wrapped__.flush()

    def settle(self) -> None:
        """Write what is kept straight to the stream."""
        kept = ""
        while self._lines:
            line = self._lines.popitem()[1]
            kept = line.blank + line.kept + kept
        if kept:
            self.__wrapped__.write(kept)
            self.__wrapped__.flush()

    def _escaped(self, text: str) -> str:
        """Put escapes where the stream itself would, as stderr does: the rows' own stream would put `?`."""
        if text.isascii() or getattr(self.__wrapped__, "errors", None) != "backslashreplace":
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


class Console(fork.Part):
    """Puts the stand-ins in place, and takes them away. One for the process.

    Args:
        drawing: The thread that draws.
        rows_on: Returns, in that thread, the call that puts a text above the rows on a terminal and tells whether that
            went well, and the block in which it is to be made.
        suspended: Takes all rows away for a block.
    """

    def __init__(
        self,
        drawing: Drawing,
        rows_on: Callable[[int], tuple[AbstractContextManager[object], Callable[[str], bool]]],
        suspended: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.stands = False
        """Whether rows are drawn now that lines have to go above of."""
        self.alone = True
        """Whether they are all this process's own."""
        self._drawing = drawing
        self._rows_on = rows_on
        self._suspended = suspended
        self._stand_ins: dict[int, StandIn] = {}
        self._real_input: Callable[..., str] = builtins.input
        self._input = self._ask
        self._seen: tuple[object, ...] = ()
        self._writing = False
        self._past = False
        """Whether a line was put below the rows, for they cannot be moved at the moment."""
        fork.register(self)

    # ── when rows come and go ────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, terminals: set[int], *, resting: bool, alone: bool = True) -> None:
        """Stand before the streams that lead to these terminals, as long as there are any.

        Args:
            terminals: Where rows are drawn; see `environment.terminal_of`.
            resting: Whether they have been taken away for a while.
            alone: Whether no other process draws any of them.
        """
        if not terminals:
            self.leave()
            return
        if self._seen != (terminals, sys.stdout, sys.stderr):
            self._stand(terminals)
            self._seen = terminals, sys.stdout, sys.stderr
        self.stands, self.alone = not resting, alone

    def leave(self) -> None:
        """Put everything back that is still ours, and write out what is kept."""
        if not self._seen:
            return
        self._seen = ()
        self.rest()
        for holder, name in _holders():
            stream = getattr(holder, name)
            if type(stream) is StandIn:
                setattr(holder, name, stream.__wrapped__)
        if builtins.input is self._input:
            builtins.input = self._real_input
        self._stand_ins.clear()

    def rest(self) -> None:
        """Let everything pass straight to the streams while no rows are drawn, beginning with what is kept."""
        self.stands = False
        for stand_in in self._stand_ins.values():
            with suppress(ValueError, OSError):  # the stream is closed, or its terminal gone
                stand_in.settle()

    def after_fork_in_child(self) -> None:
        """Put everything back; what is kept is the parent's to write."""
        for stand_in in self._stand_ins.values():
            stand_in._lines.clear()
        self._writing = False
        self.leave()

    def _stand(self, terminals: set[int]) -> None:
        for holder, name in _holders():
            stream = self._before(getattr(holder, name), terminals)
            if stream is not getattr(holder, name):
                setattr(holder, name, stream)  # not setStream(): it takes a lock that whoever waits for us may hold
        if builtins.input is not self._input:
            self._real_input, builtins.input = builtins.input, self._input

    def _before(self, stream: Any, terminals: set[int]) -> Any:
        """Return the stand-in for a stream; the stream itself where it leads elsewhere."""
        if type(stream) is StandIn:
            return self._stand_ins.setdefault(id(stream.__wrapped__), stream)
        terminal = terminal_of(stream)
        if terminal is None or terminal not in terminals:
            return stream
        if id(stream) not in self._stand_ins:
            self._stand_ins[id(stream)] = StandIn(self, stream, terminal)
        return self._stand_ins[id(stream)]

    # ── what the program does meanwhile ──────────────────────────────────────────────────────────────────────────────

    def above(self, text: str, stand_in: StandIn) -> None:
        """Put whole lines above the rows; straight to the stream where that cannot be done in time.

        Code that is called while something is drawn does not wait for its own turn: its lines come after the frame.
        """
        waiting = [text]

        def put() -> None:
            if not waiting:  # whoever takes it out of the list writes it
                return
            text = waiting.pop()
            self._writing = True
            try:
                leads = terminal_of(stand_in.__wrapped__) == stand_in._terminal  # unless its descriptor was replaced
                out = self.stands and leads
                if out:
                    driving, put_above = self._rows_on(stand_in._terminal)
                    with driving:
                        out = put_above(text)
            finally:
                self._writing = False
            self._past = False
            if not out:
                stand_in.__wrapped__.write(f"{text}\n")
                stand_in.__wrapped__.flush()

        if not self._drawing.inside:
            self._drawing.call(put)
            with suppress(IndexError):
                stand_in.__wrapped__.write(f"{self._past_the_rows()}{waiting.pop()}\n")
        elif self._writing:
            stand_in.__wrapped__.write(f"{text}\n")
        else:
            self._drawing.post(put)

    def _past_the_rows(self) -> str:
        """Return what leads from behind a row, where the cursor is, to a line of its own; once for a while."""
        on_a_row = self.stands and not self._past
        self._past = self._past or on_a_row
        return "\n\x1b[J" if on_a_row else ""

    def _ask(self, *prompt: object) -> str:
        """Read a line from the user, as Python's own `input` does, with no rows in the way."""
        if not self._seen:
            return self._real_input(*prompt)
        with self._suspended():
            try:
                return self._real_input(*prompt)
            except BaseException:  # Ctrl-C and Ctrl-D leave the cursor behind the prompt
                print()
                raise


def _holders() -> list[tuple[Any, str]]:
    """What holds the program's streams, with the names of the attributes: `sys`, and the loggers that are loaded."""
    holders: list[tuple[Any, str]] = [(sys, "stdout"), (sys, "stderr")]
    logging, loguru = sys.modules.get("logging"), sys.modules.get("loguru")
    if logging is not None:
        everything = [handler() for handler in list(getattr(logging, "_handlerList", ()))]
        handlers = [each for each in everything if isinstance(each, logging.StreamHandler)]
        holders += [(handler, "stream") for handler in handlers if hasattr(handler, "stream")]
    if loguru is not None:
        core = getattr(getattr(loguru, "logger", None), "_core", None)
        sinks = [getattr(handler, "_sink", None) for handler in list(getattr(core, "handlers", {}).values())]
        holders += [(sink, "_stream") for sink in sinks if hasattr(sink, "_stream")]
    return holders
