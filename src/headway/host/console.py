"""The program's own side of a terminal that rows are drawn on: what it prints, logs and asks goes on as without them.

While a renderer draws rows on the terminal that `sys.stdout` or `sys.stderr` leads to, a stand-in takes the stream's
place there and in the handlers of `logging` and loguru, and `input` takes the rows away as long as it asks. The stream
itself has the stand-in's `write`, so that whoever holds it writes above the rows, too. A whole line is handed to the
thread that draws, which has the sink of that terminal `write` it (`Texts.above`, `View.put`). If the program has a way
of its own to write, the rows make way for it instead (`Texts.cleared`). A line that is not yet whole is kept until it
is, or the rows go or, if another process draws, until the program flushes. Other progress libraries paint by moving the
cursor: that goes straight to the terminal, but a row does not wrap.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from headway.host import fork
from headway.host.environment import terminal_of
from headway.host.holders import holders
from headway.host.prompts import APPLICATIONS, Prompts
from headway.host.replacement import Replacement
from headway.host.stand_in import StandIn, Way, guarded
from headway.host.stream import SafeStream
from headway.notation import Any, Protocol, TextIO

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


class Others(Protocol):
    """**Protocol:** workers that draw, while this process does not."""

    @property
    def has_rows_beside(self) -> bool:
        """Whether one of them has rows now, or lines that it has yet to put above them."""

    def print(self, text: str, terminal: int) -> bool:
        """Have lines put above the rows of the one that draws, and tell whether it will."""


class Console(fork.Part):
    """Puts the stand-ins in place, and takes them away. One for the process.

    Args:
        drawing: The thread that draws.
        rows_on: Returns, in that thread, the call that puts a text above the rows on a terminal and tells whether that
            went well, and the block in which it is to be made.
        cleared: Takes the rows off a terminal for a block; its value is false if they are another process's.
        suspended: Takes all rows away for a block.
        make_way: Takes all rows away for a prompt that comes now.
        others: Workers that draw, while this process does not.
    """

    def __init__(
        self,
        drawing: Drawing,
        rows_on: Callable[[int], tuple[AbstractContextManager[object], Callable[[str], bool]]],
        cleared: Callable[[int], AbstractContextManager[bool]],
        suspended: Callable[[], AbstractContextManager[None]],
        make_way: Callable[[], object],
        *,
        others: Others,
    ) -> None:
        self.stands = False
        """Whether rows are drawn now that lines have to go above of."""
        self.alone = True
        """Whether they are all this process's own."""
        self._drawing = drawing
        self._rows_on = rows_on
        self._cleared = cleared
        self._suspended = suspended
        self._others = others
        self._stands_by = False
        self._prompts = Prompts(make_way, suspended)
        self._replacement = Replacement(suspended)
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
        if self._stands_by:
            self.leave()
        self._follow(terminals, asks=True)
        self.stands, self.alone = not resting, alone

    def stand_by(self, terminal: int) -> None:
        """Stand before the streams that lead to a terminal, on which workers may have rows, and this process has none.

        Args:
            terminal: The terminal.
        """
        if not self._stands_by:
            self.leave()
        self._follow({terminal}, asks=False)
        self.alone = self._stands_by = True

    def _follow(self, terminals: set[int], *, asks: bool) -> None:
        seen = terminals, sys.stdout, sys.stderr, getattr(sys.modules.get(APPLICATIONS), "Application", None)
        if self._seen != seen:
            self._stand(terminals)
            if asks:
                self._stand_before_calls()
            self._seen = terminals, sys.stdout, sys.stderr, seen[-1]  # as they are now

    @property
    def stands_by(self) -> bool:
        """Whether workers draw now that lines have to go above of, and this process does not."""
        return self._stands_by and self._others.has_rows_beside

    def leave(self) -> None:
        """Put everything back that is still ours, and write out what is kept."""
        if not self._seen:
            return
        self._seen = ()
        self._stands_by = False
        self.rest()
        for holder, name in holders():
            stream = getattr(holder, name)
            if type(stream) is StandIn:
                setattr(holder, name, stream.__wrapped__)
        if builtins.input is self._input:
            builtins.input = self._real_input
        self._prompts.announce_no_more()
        self._replacement.leave()
        for stand_in in self._stand_ins.values():
            stand_in._unguard()
        self._stand_ins.clear()

    def rest(self) -> None:
        """Let everything pass straight to the streams while no rows are drawn, beginning with what is kept."""
        self.stands = False
        self.settle()

    def settle(self) -> None:
        """Write out what is kept."""
        for stand_in in self._stand_ins.values():
            with suppress(ValueError, OSError):  # the stream is closed, or its terminal gone
                stand_in._settle()

    def precede_prompt(self) -> None:
        """Write out what is kept, for a prompt that comes now: the rows have made way for it."""
        self.settle()
        self._prompts.come()

    def after_fork_in_child(self) -> None:
        """Put everything back; what is kept is the parent's to write."""
        for stand_in in self._stand_ins.values():
            stand_in._forget()
        self._writing = False
        self.leave()

    def _stand(self, terminals: set[int]) -> None:
        for holder, name in holders():
            stream = self._before(getattr(holder, name), terminals)
            if stream is not getattr(holder, name):
                setattr(holder, name, stream)  # not setStream(): it takes a lock that whoever waits for us may hold
        for stream in (sys.__stdout__, sys.__stderr__):  # a stream of the program's own may lead to them
            if id(stream) not in self._stand_ins:
                self._before(stream, terminals)

    def _stand_before_calls(self) -> None:
        if builtins.input is not self._input:
            self._real_input, builtins.input = builtins.input, self._input
        self._prompts.announce()
        self._replacement.watch()

    def _before(self, stream: Any, terminals: set[int]) -> Any:
        """Return the stand-in for a stream; the stream itself where it leads elsewhere."""
        if type(stream) is StandIn:
            return self._stand_ins.setdefault(id(stream.__wrapped__), stream)
        terminal = terminal_of(stream)
        if terminal is None or terminal not in terminals:
            return stream
        stand_in = self._stand_ins.get(id(stream))
        if stand_in is None:
            stand_in = self._stand_ins[id(stream)] = guarded(stream, self, terminal)
        else:
            stand_in._guard()
        return stand_in

    # ── what the program does meanwhile ──────────────────────────────────────────────────────────────────────────────

    def above(self, text: str, stand_in: StandIn) -> None:
        """Put whole lines above the rows; straight to the stream where that cannot be done in time.

        Code that is called while something is drawn does not wait for its own turn: its lines come after the frame.
        """
        if not self.stands and self.stands_by:
            if not self._others.print(text, stand_in._terminal):
                stand_in._put(f"{text}\n")
                stand_in.__wrapped__.flush()
            return
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
                stand_in._put(f"{text}\n")
                stand_in.__wrapped__.flush()

        if not self._drawing.inside:
            self._drawing.call(put)
            with suppress(IndexError):
                stand_in._put(f"{self._past_the_rows()}{waiting.pop()}\n")
        elif self._writing:
            stand_in._put(f"{text}\n")
        else:
            self._drawing.post(put)

    def make_way(self, text: str, stand_in: StandIn, way: Way) -> None:
        """Have whole lines written in the program's own way, with the rows out of the way.

        Rows of another process cannot be moved: there the stream within, if it has a stand-in, sends it the lines.
        """
        if self.stands_by:
            way.straight(f"{text}\n")
            return

        def write() -> None:
            with self._cleared(stand_in._terminal) as cleared:
                if not cleared:
                    way.straight(f"{text}\n")
                    return
                stand_in._put(f"{text}\n", way)
                with suppress(Exception):  # few streams of a program's own need it, and some cannot
                    stand_in.__wrapped__.flush()

        if self._drawing.inside:
            self._drawing.post(write)
        else:
            write()

    def columns(self, stream: TextIO) -> int:
        """Tell how many columns the terminal of a stream has."""
        return SafeStream(stream).size.columns

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
