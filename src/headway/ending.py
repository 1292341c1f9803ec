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
is not right, and not known better, for a failure inside `list(track(...))`, and before 3.12 for one inside a
comprehension and for a task cancelled at an `await` (`failed`).
"""

from __future__ import annotations

import dis
import gc
import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.snapshot import State

__all__ = ["interrupts", "of_exception", "of_loop"]

_CPYTHON = sys.implementation.name == "cpython"
_DROPS = {dis.opmap[name] for name in ("POP_TOP", "POP_ITER") if name in dis.opmap}
_RERAISES = {dis.opmap[name] for name in ("CLEANUP_THROW",) if name in dis.opmap}
_YIELDS = {dis.opmap[name] for name in ("YIELD_VALUE", "RESUME") if name in dis.opmap}


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


def interrupts() -> int:
    """Count what points at `KeyboardInterrupt`, to be handed to `of_loop` when the loop is over."""
    return sys.getrefcount(KeyboardInterrupt) if _CPYTHON else 0


def of_loop(frame: FrameType, interrupts_before: int) -> State:
    """Tell how the loop in a frame ended that has just dropped its iterator before the items were exhausted."""
    if not _CPYTHON:
        return "stopped"
    code = frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else 0
    if code in _DROPS:
        return "stopped"
    entry = _entry_for(frame)
    if entry is None:
        return "stopped"
    for holder in gc.get_referrers(entry):
        if isinstance(holder, BaseException) and holder.__traceback__ is entry:
            return of_exception(holder)
    if sys.version_info < (3, 12) and interrupts() > interrupts_before:
        return "interrupted"
    return "stopped" if code in _YIELDS else "failed"


def _entry_for(frame: FrameType) -> TracebackType | None:
    """Find the traceback entry of an exception that is leaving the frame at its current instruction.

    What was thrown in at an `await` is raised again by an instruction of its own, away from the one in the entry.
    """
    moved = frame.f_code.co_code[frame.f_lasti] in _RERAISES
    for holder in gc.get_referrers(frame):
        entry = holder if isinstance(holder, TracebackType) and holder.tb_frame is frame else None
        if entry is not None and (moved or entry.tb_lasti == frame.f_lasti):
            return entry
    return None
