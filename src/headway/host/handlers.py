"""The program's own signal handlers: they run between any two steps of the main thread, and may raise there.

An exception of theirs is the program's, wherever it strikes. It must not cut in two a change of the display, be taken
for a fault of what was being done, or be lost in a finaliser. So handlers that the program has set wait until such a
block is over. Code of the program that headway calls, such as a `__len__`, is no such block: an exception that comes
out of it is told by `of_handler` from those that the code has raised itself.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of, without its enums, which take longer
import _thread
import os
import sys
import threading
import time
from contextlib import suppress
from types import FrameType, TracebackType

from headway.notation import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Deferring", "DeferringAll", "Finalising", "exempt", "in_charge", "keep_signals", "of_handler"]


def _is_main_interpreter() -> bool:
    """Tell whether signals are this interpreter's. The handlers are all interpreters', and no other may touch them."""
    if sys.version_info[:2] == (3, 12):
        with suppress(ImportError):
            from _xxsubinterpreters import get_current, get_main

            return bool(get_current() == get_main())
    return bool(getattr(_thread, "_is_main_interpreter", lambda: True)())


_MAIN = _is_main_interpreter()
_NAMES = ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2", "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGTERM", "SIGINT")
_SIGNALS = tuple([getattr(_signal, name) for name in _NAMES if hasattr(_signal, name) and _MAIN])
"""The signals whose handlers raise in programs; none in another interpreter than the main one."""
_INTERRUPT = (_signal.SIGINT,)
_exempt = [_signal.SIG_DFL, _signal.SIG_IGN, None, _signal.default_int_handler]
_exempt_ids = set(map(id, _exempt))
"""What need not wait: no handler, one that is not Python's, that of Ctrl-C, and headway's own."""


def exempt(handler: object) -> None:
    """Have a handler of headway's own run whenever its signal comes."""
    _exempt.append(handler)
    _exempt_ids.add(id(handler))


class Deferring:
    """Holds the program's signal handlers back for a block of the main thread; they run when it is over."""

    _interrupts = False
    """Whether Ctrl-C is held back, too, if Python's own handler has it."""
    _taken: list[tuple[int, Any]] | None = None
    """The signals that are held back, with their handlers; `None` if no handler has to be."""
    _held: list[tuple[int, FrameType | None]]
    """The signals that have come."""

    def __enter__(self) -> Self:
        handled = not _exempt_ids.issuperset(map(id, map(_signal.getsignal, _SIGNALS)))
        if (handled or self._interrupts) and in_charge():
            self._take(_SIGNALS if handled else _INTERRUPT)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool | None:
        if self._taken is not None:
            self._give_back(self._taken)
            if self._held:
                self._deliver()
        return None

    def _take(self, signals: tuple[int, ...]) -> None:
        taken = self._taken = []
        self._held = []
        try:
            for signum, handler in zip(signals, map(_signal.getsignal, signals), strict=True):
                if id(handler) not in _exempt_ids or (self._interrupts and handler is _signal.default_int_handler):
                    if isinstance(getattr(handler, "__self__", None), Deferring):
                        continue  # a block around this one holds it back
                    taken.append((signum, handler))
                    _signal.signal(signum, self._hold)
        except BaseException:  # one has struck before it was held back
            self._give_back(taken)
            raise

    def _hold(self, signum: int, frame: FrameType | None) -> None:
        if signum == _signal.SIGINT and any(signum == held for held, _ in self._held):
            handler = next(handler for taken, handler in self._taken or () if taken == signum)
            if handler is _signal.default_int_handler:
                handler(signum, frame)
        self._held.append((signum, frame))

    def _give_back(self, taken: list[tuple[int, Any]]) -> None:
        """Let the handlers strike again; one that does so at once leaves none of them out."""
        try:
            while taken:
                signum, handler = taken[-1]
                if _signal.getsignal(signum) == self._hold:
                    _signal.signal(signum, handler)
                taken.pop()
        finally:
            if taken:
                self._give_back(taken)

    def _deliver(self) -> None:
        """Have the handlers run that were held back. If one raises, the others run all the same."""
        try:
            while self._held:
                signum, frame = self._held.pop(0)
                handler = _signal.getsignal(signum)
                if callable(handler):
                    handler(signum, frame)
        finally:
            if self._held:
                self._deliver()


class DeferringAll(Deferring):
    """Holds Ctrl-C back as well; a second one comes through."""

    _interrupts = True


class Finalising(Deferring):
    """Holds them back in a finaliser, where all that is raised is lost: they strike when it is over, Ctrl-C as well.

    Args:
        finaliser: The frame that it runs in.
    """

    def __init__(self, finaliser: FrameType) -> None:
        self._finaliser = finaliser

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        super().__exit__(kind, error, trace)
        interrupted = isinstance(error, KeyboardInterrupt)
        if interrupted:
            _strike_after(self._finaliser, _signal.SIGINT)
        return interrupted

    def _deliver(self) -> None:
        for signum in {signum for signum, _ in self._held}:
            _strike_after(self._finaliser, signum)


def _strike_after(finaliser: FrameType, signum: int) -> None:
    """Have a signal strike as soon as a finaliser is over.

    Args:
        finaliser: The frame that it runs in, in the main thread.
        signum: The signal.
    """
    main = threading.main_thread().ident or 0

    def strike() -> None:
        while _is_below(finaliser, sys._current_frames().get(main)):
            time.sleep(0.0005)
        if hasattr(_signal, "pthread_kill"):
            _signal.pthread_kill(main, signum)  # which ends a call of the system that waits, too
        else:
            _thread.interrupt_main(signum)  # type: ignore[arg-type]  # any number will do

    _thread.start_new_thread(strike, ())


def keep_signals() -> None:
    """Do what a finaliser of headway's is for, and raise it anew afterwards, if a handler has raised at its first line.

    No block is entered there, and what is raised is told by `sys.unraisablehook` and lost. Other errors, and those of
    other finalisers, go to the hook that was there before. Nothing is told of a bar that outlives headway's modules, at
    the very end of the process: torch keeps one that compiled code reports to.
    """
    before, is_torn_down = sys.unraisablehook, sys.is_finalizing

    def hook(unraisable: sys.UnraisableHookArgs, /) -> None:
        error, finaliser = unraisable.exc_value, unraisable.object
        is_ours = str(getattr(finaliser, "__module__", "")).startswith("headway.")
        if is_ours and is_torn_down():
            return
        signum = _signal_of(error) if is_ours and error is not None else None
        if signum is None or error is None:
            before(unraisable)
            return
        if signum != _signal.SIGINT:
            _raise_next(signum, error)
        _strike_after(sys._getframe(), signum)
        _finalise_again(finaliser, unraisable.exc_traceback)

    sys.unraisablehook = hook


def _raise_next(signum: int, error: BaseException) -> None:
    """Have the next signal of a kind raise what its handler has raised already, in the place of the handler."""
    handler = _signal.getsignal(signum)

    def once(_signum: int, _frame: FrameType | None) -> None:
        _signal.signal(signum, handler)
        raise error

    _signal.signal(signum, once)


def _finalise_again(finaliser: Any, trace: TracebackType | None) -> None:
    """Call a finaliser again that is in a traceback: Python calls it once."""
    while trace is not None and trace.tb_frame.f_code is not getattr(finaliser, "__code__", None):
        trace = trace.tb_next
    if trace is not None:
        finaliser(trace.tb_frame.f_locals["self"])


def _is_below(frame: FrameType, top: FrameType | None) -> bool:
    while top is not None and top is not frame:
        top = top.f_back
    return top is frame


def in_charge() -> bool:
    """Tell whether this is the thread that may handle signals: the main one, of the main interpreter."""
    if not _MAIN:
        return False
    is_main = _thread.get_ident() == threading._main_thread._ident  # type: ignore[attr-defined]  # each bar asks
    return is_main or ("eventlet" in sys.modules and _is_main_to_the_system())


def _is_main_to_the_system() -> bool:
    """Tell it by the system's number, where that of Python has been replaced; Linux gives the process's to that one."""
    return sys.platform == "linux" and _thread.get_native_id() == os.getpid()


def of_handler(error: BaseException) -> bool:
    """Tell whether an exception has come out of a signal handler."""
    return _signal_of(error) is not None


def _signal_of(error: BaseException) -> int | None:
    """Return the signal whose handler has raised an exception, `None` if none has."""
    if isinstance(error, KeyboardInterrupt):
        return int(_signal.SIGINT)
    if not _MAIN:
        return None
    signals = {_code(_signal.getsignal(signum)): signum for signum in _signal.valid_signals()}
    del signals[None]
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code in signals:
            return int(signals[trace.tb_frame.f_code])
        trace = trace.tb_next
    return None


def _code(handler: Any) -> object:
    """Return the code that a handler runs, `None` if it is none of Python's."""
    while hasattr(handler, "func"):  # of functools.partial
        handler = handler.func
    function = getattr(handler, "__func__", handler)
    return getattr(function, "__code__", None) or getattr(vars(type(handler)).get("__call__"), "__code__", None)
