"""How a `for` loop ended, told when the loop lets go of its iterator.

A `for` loop tells its iterator nothing: a `break`, a `return` and an exception all just drop it. What can be seen from
the iterator's finaliser, on CPython, is the frame that the loop runs in:

- `break` and `return` drop the iterator with an instruction of their own (`POP_TOP`, `POP_ITER` from 3.14 on);
- an exception has by then left a traceback entry for that frame and instruction, and from 3.12 on the entry is held
  by the exception itself;
- before 3.12 the exception on its way is held by nothing but the interpreter. An interrupt is then told by the
  references to the `KeyboardInterrupt` class: there is one more than when the loop began. (From 3.12 on that class is
  immortal, and this is not needed.) Another exception is looked for among all objects.

Where none of this is to be seen the answer is `stopped`, which is right for the iterator of an abandoned generator. It
is not right, and not known better, for a failure inside `list(track(...))` and, before 3.12, for one inside a
comprehension. On 3.10 a task that is cancelled at an `await` counts as `failed`, and so does a closed `yield from`.
"""

from __future__ import annotations

import gc
import sys
from functools import cache
from math import inf
from types import FrameType, TracebackType

from headway.format import in_words
from headway.host.handlers import Deferring
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = [
    "between_items",
    "explained",
    "interrupts",
    "last_error",
    "of_exception",
    "of_loop",
]

_CPYTHON = sys.implementation.name == "cpython"
_MOST = 10
"""Exceptions that are looked at for the one that is on its way: each look goes through all objects."""
_MANY = 1_000_000
"""Objects from which on nothing is looked for: it would take longer than a tenth of a second."""
_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE
_CO_ASYNC_GENERATOR = 0x200
_GROUPS = {("builtins", "BaseExceptionGroup"), ("exceptiongroup", "BaseExceptionGroup")}
"""Several exceptions in one, with the package and the name of its class; Python 3.10 has it from a library."""
_CANCELLED = {("trio", "Cancelled"), ("click", "Abort"), ("typer", "Abort")}
"""What libraries raise in work that is cancelled, or that the user has aborted."""
_EXITS = {("click", "Exit"), ("typer", "Exit")}
"""What they raise to end the program; its `exit_code` tells how."""
_DROPS = ("POP_TOP", "POP_ITER")
_NEXT = ("FOR_ITER",)
_RAISES_AGAIN = ("CLEANUP_THROW", "RAISE_VARARGS", "RERAISE")
_YIELDS = ("YIELD_VALUE", "RESUME")


def of_exception(error: BaseException | None) -> State:
    """Tell which state an exception that ends a `with` block or a loop stands for; `None` means that it ran to its end.

    Ctrl-C and a cancelled task or scope are interruptions; an exit with success, and a generator that is closed, are
    early ends on purpose. A group is what all of its exceptions are.
    """
    if error is None:
        return "finished"
    kinds = {(str(kind.__module__).partition(".")[0], kind.__name__) for kind in type(error).__mro__}
    if kinds & _GROUPS:
        states = {of_exception(each) for each in error.exceptions}  # type: ignore[attr-defined]
        return "failed" if "failed" in states else "interrupted" if "interrupted" in states else "stopped"
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "CancelledError" or kinds & _CANCELLED:
        return "interrupted"
    if isinstance(error, GeneratorExit) or (isinstance(error, SystemExit) and not error.code):
        return "stopped"
    return "stopped" if kinds & _EXITS and not getattr(error, "exit_code", 1) else "failed"


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
    with Deferring():
        from opcode import opmap  # heavy, and only loops need it

    return frozenset(opmap[name] for name in instructions if name in opmap)


def between_items(frame: FrameType) -> bool:
    """Tell whether the loop was asking for its next item: its body is done with the one before."""
    return _CPYTHON and frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] in _numbers(_NEXT)


def of_loop(frame: FrameType, interrupts_before: int) -> tuple[State, str]:
    """Tell how the loop in a frame ended that has just dropped its iterator before the items were exhausted, and why.

    Before Python 3.12 the reason of a failure is not known, and empty.
    """
    if not _CPYTHON:
        return "stopped", ""
    code = frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else 0
    entry = None if code in _numbers(_DROPS) else _entry_for(frame)
    if entry is None:
        return "stopped", ""
    for holder in gc.get_referrers(entry):
        if isinstance(holder, BaseException) and holder.__traceback__ is entry:
            return explained(holder)
    interrupted = sys.version_info < (3, 12) and interrupts() > interrupts_before
    if interrupted or (frame.f_code.co_flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR) and _is_cancelled()):
        return "interrupted", ""
    error = _on_its_way() if sys.version_info < (3, 12) else None
    if error is not None:
        return explained(error)
    closed = code in _numbers(_YIELDS) and entry.tb_next is None and not frame.f_code.co_flags & _CO_COROUTINE
    return "stopped" if closed else "failed", ""


def _is_cancelled() -> bool:
    """Tell whether somebody has cancelled the task that runs here, of asyncio or trio. On 3.10 asyncio does not say."""
    try:
        return bool(sys.modules["asyncio"].current_task().cancelling())
    except (KeyError, RuntimeError, AttributeError):  # there is no asyncio, no event loop, no task
        pass
    try:
        return float(sys.modules["trio"].current_effective_deadline()) == -inf
    except (KeyError, RuntimeError, AttributeError):  # likewise
        return False


def _on_its_way() -> BaseException | None:
    """Return the exception on its way that nothing has caught yet, if it alone can be that.

    No object refers to it, and it has no traceback: both are held by the interpreter.
    """
    objects = gc.get_objects()
    if len(objects) > _MANY:
        return None
    found = [each for each in objects if issubclass(type(each), BaseException) and each.__traceback__ is None]
    del objects  # it would count as a holder
    if len(found) > _MOST:
        return None
    free = [each for each in found if all(holder is found for holder in gc.get_referrers(each))]
    return free[0] if len(free) == 1 else None


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
