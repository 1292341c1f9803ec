"""The process that has the real terminal: it draws the rows, and passes on bytes, keys, sizes, signals and stops."""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from headway.choosing.selection import Choice
from headway.cli.pty.glass import Glass
from headway.cli.pty.keyboard import Keyboard
from headway.cli.pty.line import Line
from headway.cli.pty.passage import HELD_MARK, Passage, marked
from headway.cli.pty.session import LAST_MARK, News, Session
from headway.drawing.hub import hub
from headway.host import clock
from headway.notation import Any, TextIO, cast

__all__ = ["Owner"]

AT_ONCE = 65536
"""Bytes of the program that are read at once; as long as some are not shown, no others are read."""
KEYS = 65536
"""Bytes of keys that wait at most for the program to read them."""
LOOK_EVERY = 0.25
"""Seconds from one look to the next whether this process is in the foreground again."""
LATE = 0.02
"""Seconds from one look to the next whether text is shown that is late."""
LAST_WITHIN = 1.0
"""Seconds that the last bytes of a program that has ended are waited for."""
MEET_WITHIN = 0.3
"""Seconds that the text behind a mark waits at most for the bars that belong before it."""
HANGS_AFTER = 15.0
"""Seconds after which text that a renderer hangs with is no longer waited for."""
STOPS = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGSTOP})
_NOT_FOR_IT = {"SIGKILL", "SIGSTOP", "SIGCHLD", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS"}
_NOT_FOR_IT |= {"SIGPIPE", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGPROF", "SIGWINCH", "SIGCONT", "SIGTSTP"}
BY_KEYS = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP})
"""Signals that a terminal sends to a group."""


class Owner:
    """Runs until the program has ended.

    Args:
        session: The program.
        terminal: The real terminal.
        keyboard: Its keys.
        choices: The renderers of the rows.
    """

    def __init__(self, session: Session, terminal: int, keyboard: Keyboard, choices: tuple[Choice, ...]) -> None:
        self._session = session
        self._terminal = terminal
        self._keyboard = keyboard
        self._choices = choices
        self._line = line = Line()
        encoding = codecs.lookup(getattr(sys.stderr, "encoding", None) or "utf-8").name
        self._glass = Glass(terminal, line, keyboard.process_output, encoding)
        self._passage = Passage(hub, self._glass, line)
        self._selector = selectors.DefaultSelector()
        self._signals: list[int] = []
        self._status: int | None = None
        self._ended_at = 0.0
        self._held = b""
        self._keys = b""
        self._open = True
        """Whether the program, or a process that it has started, may write."""
        self._reads_from = 0.0
        """When to read again, while the program has no stream open on the pseudo-terminal."""
        self._met_last = False
        self._late: list[float] = []
        """When the bytes were handed over that are not shown yet."""

    def run(self) -> int:
        """Show the program, and return the status that it ended with, as `os.waitpid` gives it."""
        file = cast("TextIO", self._glass)
        stderr, sys.stderr = sys.stderr, file  # for words of this process
        ears, mouth = os.pipe()
        for pipe in (ears, mouth):
            os.set_blocking(pipe, False)
        before = self._listen(mouth)
        try:
            self._selector.register(ears, selectors.EVENT_READ, partial(self._wake, ears))
            self._selector.register(self._session.guard, selectors.EVENT_READ, self._hear)
            hub.display.show_by(self._choices, file)
            self._keyboard.take()
            hub.throttle.call(lambda: None)  # so that the thread begins to listen
            while not self._is_over:
                self._round()
            self._do(self._passage.end)
            hub.close_all()
            self._glass.pass_on(b"")
            self._let_out()
            if self._open and self._session.is_held:
                self._session.outlive()
        finally:
            self._keyboard.give_back()
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            sys.stderr = stderr
        return self._status or 0

    @property
    def _is_over(self) -> bool:
        if self._status is None or self._late or self._glass.pending:
            return False
        return self._met_last or not self._open or time.monotonic() > self._ended_at + LAST_WITHIN

    # ── one round ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _round(self) -> None:
        now, lags = time.monotonic(), bool(self._late or self._glass.pending)  # the thread that draws may change it
        self._follow(now, lags=lags)
        for key, events in self._selector.select(self._wait(now, lags=lags)):
            key.data(events)
        while self._signals:
            self._obey(self._signals.pop(0))
        calm_at = self._passage.calm_at
        if calm_at is not None and time.monotonic() >= calm_at and not self._late:
            self._do(self._passage.be_calm)
        if not self._keyboard.taken:
            self._keyboard.take()
        hub.throttle.tick()
        for since in [since for since in self._late if time.monotonic() > since + HANGS_AFTER]:
            with suppress(ValueError):  # it is shown after all
                self._late.remove(since)

    def _wait(self, now: float, *, lags: bool) -> float | None:
        waits = [LOOK_EVERY] if self._keyboard.wanted and not self._keyboard.taken else []
        waits += [LOOK_EVERY] if hub.throttle.inline else []
        waits += [self._reads_from - now] if now < self._reads_from else []
        if lags:
            waits += [LATE]
        else:
            waits += [self._passage.calm_at - now] if self._passage.calm_at is not None else []
            waits += [self._ended_at + LAST_WITHIN - now] if self._status is not None else []
        return max(0.0, min(waits)) if waits else None

    def _follow(self, now: float, *, lags: bool) -> None:
        """Wait for the sides that have room: nothing is read that cannot be written."""
        blocked = lags or now < self._reads_from
        reads = selectors.EVENT_READ if self._open and not blocked else 0
        writes = selectors.EVENT_WRITE if self._open and self._keys else 0
        self._await(self._session.master, reads | writes, self._talk)
        typed = selectors.EVENT_READ if self._keyboard.taken and len(self._keys) < KEYS else 0
        shows = selectors.EVENT_WRITE if lags and not self._late else 0
        self._await(self._terminal, typed | shows, self._face)

    def _await(self, descriptor: int, events: int, act: Callable[[int], None]) -> None:
        known = self._selector.get_map().get(descriptor)
        if known is None and events:
            self._selector.register(descriptor, events, act)
        elif known is not None and not events:
            self._selector.unregister(descriptor)
        elif known is not None and known.events != events:
            self._selector.modify(descriptor, events, act)

    # ── the program's side ───────────────────────────────────────────────────────────────────────────────────────────

    def _talk(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            with suppress(OSError):
                self._keys = self._keys[os.write(self._session.master, self._keys) :]
        if events & selectors.EVENT_READ:
            self._take(self._read())

    def _read(self) -> bytes:
        data = b""
        while len(data) < AT_ONCE:
            try:
                more = os.read(self._session.master, AT_ONCE)
            except BlockingIOError:
                break
            except OSError:  # EIO: nobody has the pseudo-terminal open; the program may open it again
                self._open = self._status is None
                self._reads_from = time.monotonic() + LOOK_EVERY
                break
            data += more
        return data

    def _take(self, data: bytes) -> None:
        data = self._held + data
        cut = HELD_MARK.search(data) if self._open else None
        end = len(data) if cut is None else cut.start()
        data, self._held = data[:end], data[end:]
        for piece, mark in marked(data):
            if piece:
                self._do(partial(self._passage.put, piece))
            if mark == (self._session.pid, LAST_MARK):
                self._met_last = True
            elif mark is not None:
                self._meet(*mark)

    def _meet(self, pid: int, number: int) -> None:
        """Wait, within bounds, for the bars that belong before the text that follows."""
        deadline = time.monotonic() + MEET_WITHIN
        met = False

        def meet() -> None:
            nonlocal met
            met = hub.relay.meet(pid, number)

        hub.throttle.call(meet)
        while not met and time.monotonic() < deadline and not hub.throttle.late:
            time.sleep(0.001)
            hub.throttle.call(meet)
        if not met:
            hub.throttle.call(partial(hub.relay.meet, pid, number, late=True))

    def _do(self, act: Callable[[], object]) -> None:
        """Have something done in the thread that draws; if it is late, nothing else is read before it is done."""
        since = time.monotonic()
        self._late.append(since)

        def job() -> None:
            try:
                act()
            finally:
                with suppress(ValueError):
                    self._late.remove(since)

        hub.throttle.call(job)

    def _hear(self, _events: int) -> None:
        for news in self._session.news():
            if news.kind == "ended":
                self._status, self._ended_at = news.status, time.monotonic()
                self._await(self._session.guard.fileno(), 0, self._hear)
            else:
                self._stop(news)

    # ── the user's side ──────────────────────────────────────────────────────────────────────────────────────────────

    def _face(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._do(self._glass.let_out)
        if events & selectors.EVENT_READ and self._keyboard.in_foreground:
            self._keys += self._keyboard.read()
            self._talk(selectors.EVENT_WRITE)
        elif events & selectors.EVENT_READ:
            self._keyboard.taken = False

    def _let_out(self) -> None:
        while self._glass.pending and not self._glass.let_out():
            time.sleep(0.001)

    def _stop(self, news: News) -> None:
        """Stop as the program has, with the terminal as the shell knows it, and go on with it."""
        if news.status not in STOPS:
            return
        if not self._late:
            self._take(self._read())  # the text from before, such as ^Z
        number = signal.SIGSTOP if news.status == signal.SIGSTOP else signal.SIGTSTP
        with hub.suspended(), hub.parked():
            self._let_out()
            self._keyboard.give_back()
            since = time.monotonic()
            before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.killpg(os.getpgrp(), number)
            signal.signal(signal.SIGTSTP, before)
            clock.leave_out(time.monotonic() - since)
            self._line.clear()  # the shell has written behind it
            self._keyboard.take()
        self._session.follow_size(self._terminal)
        self._session.signal_group(signal.SIGCONT)

    # ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _listen(self, mouth: int) -> dict[int, Any]:
        """Handle all signals that are for the program and that nobody has this process ignore."""
        mine = [number for number in signal.valid_signals() if _name(number) not in _NOT_FOR_IT]
        mine += [signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP]
        before: dict[int, Any] = {}
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        for number in mine:
            if signal.getsignal(number) is not signal.SIG_IGN:
                with suppress(OSError, ValueError):
                    before[number] = signal.signal(number, lambda number, _frame: self._signals.append(number))
        return before

    def _wake(self, ears: int, _events: int) -> None:
        with suppress(BlockingIOError):
            os.read(ears, 4096)

    def _obey(self, number: int) -> None:
        if number == signal.SIGWINCH:
            self._session.follow_size(self._terminal)
        elif number == signal.SIGCONT:
            self._keyboard.take_again()
            self._session.signal_group(number)
        elif number in BY_KEYS and self._keyboard.makes_signals:
            self._session.signal_group(number)  # typed, where the real terminal makes signals of keys
        else:
            self._session.signal(number)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a realtime signal
        return ""
