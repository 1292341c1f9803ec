"""How a `for` loop ended, told when the loop lets go of its iterator.

A `for` loop tells its iterator nothing: a `break`, a `return` and an exception all just drop it. What can be seen from
the iterator's finaliser, on CPython, is the frame that the loop runs in:

- `break` and `return` drop the iterator with an instruction of their own (`POP_TOP`, `POP_ITER` from 3.14 on);
- an exception has by then left a traceback entry for that frame and instruction, and from 3.12 on the entry is held
  by the exception itself;
- before 3.12 the exception on its way cannot be reached. An interrupt is then told by the references to the
  `KeyboardInterrupt` class: there is one more than when the loop began. (From 3.12 on that class is immortal, and
  this is not needed.)

Where none of this is to be seen the answer is `stopped`, which is right for the iterator of an abandoned generator. It
is not right, and not known better, for a failure inside `list(track(...))` and, before 3.12, for one inside a
comprehension. On 3.10 a task that is cancelled at an `await` counts as `failed`, and so does a closed `yield from`.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # as `signals.py` does
import _thread
import gc
import sys
import threading
import time
from functools import cache
from types import FrameType, TracebackType

from headway.format import in_words
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = [
    "between_items",
    "explained",
    "interrupt_after",
    "interrupts",
    "keep_interrupts",
    "last_error",
    "of_exception",
    "of_loop",
]

_CPYTHON = sys.implementation.name == "cpython"
_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE
_CO_ASYNC_GENERATOR = 0x200
_DROPS = ("POP_TOP", "POP_ITER")
_NEXT = ("FOR_ITER",)
_RAISES_AGAIN = ("CLEANUP_THROW", "RAISE_VARARGS", "RERAISE")
_YIELDS = ("YIELD_VALUE", "RESUME")


def of_exception(error: BaseException | None) -> State:
    """Tell which state an exception that ends a `with` block or a loop stands for; `None` means that it ran to its end.

    Ctrl-C and a cancelled task are interruptions; `sys.exit()` with success, and a generator that is closed, are early
    ends on purpose.
    """
    if error is None:
        return "finished"
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "CancelledError":
        return "interrupted"
    if isinstance(error, GeneratorExit) or (isinstance(error, SystemExit) and not error.code):
        return "stopped"
    return "failed"


def explained(error: BaseException) -> tuple[State, str]:
    """Tell the same of an exception, and the reason that a bar is to give: the exception's words, where it failed."""
    state = of_exception(error)
    return state, in_words(error) if state == "failed" else ""


def last_error() -> BaseException | None:
    """Return the exception that has ended the program, or the last input of an interactive session, if one has."""
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)


def interrupts() -> int:
    """Count what points at `KeyboardInterrupt`, to be handed to `of_loop` when the loop is over."""
    _numbers(_NEXT)  # loaded now: a finaliser is no place for an import
    return sys.getrefcount(KeyboardInterrupt) if _CPYTHON else 0


@cache
def _numbers(instructions: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers of those instructions that this version of CPython has."""
    from opcode import opmap  # heavy, and only loops need it

    return frozenset(opmap[name] for name in instructions if name in opmap)


def interrupt_after(finaliser: FrameType) -> None:
    """Have Ctrl-C strike anew as soon as a finaliser is over: what is raised in one is lost.

    Args:
        finaliser: The frame that it runs in, in the main thread.
    """
    main = threading.main_thread().ident or 0

    def strike() -> None:
        while _is_below(finaliser, sys._current_frames().get(main)):
            time.sleep(0.0005)
        if hasattr(_signal, "pthread_kill"):
            _signal.pthread_kill(main, _signal.SIGINT)  # which ends a call of the system that waits, too
        else:
            _thread.interrupt_main()

    _thread.start_new_thread(strike, ())


def keep_interrupts() -> None:
    """Have Ctrl-C strike anew if it has struck at the first line of a finaliser of headway's.

    No `try` is entered there, and what is raised is told by `sys.unraisablehook` and lost. Other errors, and those of
    other finalisers, go to the hook that was there before.
    """
    before = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs, /) -> None:
        if unraisable.exc_type is KeyboardInterrupt and _is_ours(unraisable.object):
            interrupt_after(sys._getframe())
        else:
            before(unraisable)

    sys.unraisablehook = hook


def _is_ours(finaliser: object) -> bool:
    return str(getattr(finaliser, "__module__", "")).startswith("headway.")


def _is_below(frame: FrameType, top: FrameType | None) -> bool:
    while top is not None and top is not frame:
        top = top.f_back
    return top is frame


def between_items(frame: FrameType) -> bool:
    """Tell whether the loop was asking for its next item: its body is done with the one before."""
    return _CPYTHON and frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] in _numbers(_NEXT)


def of_loop(frame: FrameType, interrupts_before: int) -> State:
    """Tell how the loop in a frame ended that has just dropped its iterator before the items were exhausted."""
    if not _CPYTHON:
        return "stopped"
    code = frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else 0
    entry = None if code in _numbers(_DROPS) else _entry_for(frame)
    if entry is None:
        return "stopped"
    for holder in gc.get_referrers(entry):
        if isinstance(holder, BaseException) and holder.__traceback__ is entry:
            return of_exception(holder)
    if sys.version_info < (3, 12) and interrupts() > interrupts_before:
        return "interrupted"
    if frame.f_code.co_flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR) and _is_cancelled():
        return "interrupted"
    closed = code in _numbers(_YIELDS) and entry.tb_next is None and not frame.f_code.co_flags & _CO_COROUTINE
    return "stopped" if closed else "failed"


def _is_cancelled() -> bool:
    """Tell whether somebody has cancelled the task of asyncio that runs here. On 3.10 it does not say."""
    try:
        return bool(sys.modules["asyncio"].current_task().cancelling())
    except (KeyError, RuntimeError, AttributeError):  # there is no asyncio, no event loop, no task
        return False


def _entry_for(frame: FrameType) -> TracebackType | None:
    """Find the traceback entry of an exception that is leaving the frame at its current instruction.

    What is raised again (by a bare `raise`, at the end of a `finally`, at an `await` that it was thrown into) leaves
    from another instruction than the one in its entry.
    """
    entries = [t for t in gc.get_referrers(frame) if isinstance(t, TracebackType) and t.tb_frame is frame]
    for entry in entries:
        if entry.tb_lasti == frame.f_lasti:
            return entry
    again = frame.f_code.co_code[frame.f_lasti] in _numbers(_RAISES_AGAIN)
    return entries[-1] if entries and again else None
