"""Values as programs report them of a metric: which are read, which are called, which are left alone, and when.

A number of the host is taken as it is. A scalar on a device is read when a frame is drawn. A function is called then.
An object that computes a metric (`torchmetrics.Metric`, `keras.metrics.Metric`, ignite's) is left alone: a call of it
may change it, and so may a question for an attribute that it makes up.
"""

from __future__ import annotations

import operator
from functools import _lru_cache_wrapper, partial
from types import BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType

from headway import format as fmt
from headway.drawing.agenda import Abandoned
from headway.format import in_words
from headway.host import ranks
from headway.host.compilers import hide
from headway.host.faults import tell
from headway.host.handlers import in_charge, of_handler
from headway.notation import Any

__all__ = [
    "HOST",
    "LARGEST",
    "converted",
    "copied",
    "detached",
    "is_bound",
    "is_function",
    "is_gone",
    "is_host",
    "owned",
]

UNREADABLE = "?"
LARGEST = 2**63
"""Whole numbers below it stay whole."""
LISTED = 4
"""Numbers of a list that are shown."""
HOST: set[Any] = {int, float, bool}
"""Types of numbers that are on this side already: nothing to let go of, nothing to wait for."""
ERRORS = (Exception, SystemExit, GeneratorExit)
FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType, MethodWrapperType, partial, _lru_cache_wrapper)


def is_host(value: Any) -> bool:
    """Tell whether a value is a number on this side: one of Python's or NumPy's, which reads without waiting."""
    if value.__class__ in HOST:
        return True
    from numbers import Real  # few programs have a sink that asks

    return isinstance(value, Real)


def is_function(value: Any) -> bool:
    """Tell whether a value is a function or method, which is called for the number; other objects are not."""
    return isinstance(value, FUNCTIONS)


def is_bound(value: Any) -> bool:
    """Tell whether only the thread that made a value can read it: an array of MLX is computed when it is read."""
    return type(value).__module__ == "mlx.core"


def detached(value: Any) -> Any:
    """Let go of what a reported value drags along: a tensor's autograd graph."""
    if not hasattr(type(value), "detach"):
        return value
    hide()
    try:
        return value.detach() if value.requires_grad else value
    except Exception as error:  # no tensor: it is read, or found unreadable, when a frame is drawn
        if of_handler(error):
            raise
        return value


def copied(value: Any) -> Any:
    """Return a copy of a value whose memory the program may give to another one, as JAX does with a donated array.

    The copy is made on the device and waited for by nobody. It is `None` if a value needs none, or has no memory: it is
    gone, or stands for an array in code that JAX traces.
    """
    try:
        return value.copy() if hasattr(type(value), "is_deleted") and not value.is_deleted() else None
    except Exception as error:
        if of_handler(error):
            raise
        return None


def owned(value: Any) -> Any:
    """Return a value that any thread can read at any later time."""
    if is_bound(value):
        return value.item()
    copy = copied(value)
    return detached(value) if copy is None else copy


def is_gone(value: Any) -> bool:
    """Tell whether the program has given the memory of a value away."""
    try:
        return hasattr(type(value), "is_deleted") and bool(value.is_deleted())
    except Exception as error:  # it has none
        if of_handler(error):
            raise
        return False


def converted(name: str, value: Any, *, local: bool) -> float | str:
    """Convert one reported value to a number (or a short text) now.

    Functions are called, scalars of NumPy, torch and the like give their `.item()`. Whatever raises reads as `?`, and
    is told once.

    Args:
        name: The name of the metric.
        value: The value.
        local: Whether a function asks no other rank of the job.
    """
    try:
        if _may_gather(value) and not local and ranks.several():
            if not ranks.another():  # what concerns all ranks is said by one
                _say_left_out(name, value)
            return UNREADABLE
        return _read(value() if is_function(value) else value)
    except BaseException as error:  # the user's code: nothing of it may reach the loop
        if isinstance(error, Abandoned) or (in_charge() and not isinstance(error, ERRORS)):  # Ctrl-C, in a loop
            raise
        what = f"The metric {name!r} could not be read"
        tell(f"{what} {type(error)}", f"{what} and shows as {UNREADABLE!r}: {_explained(name, value, error)}")
        return UNREADABLE


def _read(value: Any) -> float | str:
    if hasattr(type(value), "item"):  # its class is asked: some objects make an `item` up, and change when it is called
        value = value.item()
    if isinstance(value, str):
        return fmt.clean(value)
    if isinstance(value, list | tuple):
        return _read(value[0]) if len(value) == 1 else _listed(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = operator.index(value)  # a class of its own may read as anything
    return value if isinstance(value, int) and abs(value) < LARGEST else float(value)


def _listed(values: Any) -> str:
    """Write several numbers, such as the learning rates of several groups of parameters."""
    numbers = [_read(value) for value in values[:LISTED]]
    words = [number if isinstance(number, str) else fmt.number(number) for number in numbers]
    return f"[{', '.join(words)}{', ...' if len(values) > LISTED else ''}]"


def _explained(name: str, value: Any, error: BaseException) -> str:
    if callable(value) and not is_function(value) and not hasattr(type(value), "item"):
        return (
            f"it is an object of {type(value).__qualname__}, which is not called, since that may change it. Report a "
            f"number, such as {name}=metric.compute(), or a function that returns one."
        )
    return in_words(error)


def _may_gather(value: Any) -> bool:
    """Tell whether reading a value may need all ranks: a function, and a tensor that is spread over them."""
    return is_function(value) or type(value).__name__ == "DTensor"


def _say_left_out(name: str, value: Any) -> None:
    what = "a function" if is_function(value) else "a distributed tensor"
    cure = (
        f"If it asks no other rank, say so: metrics=[headway.Metric({name!r}, local=True)]. If it does, compute it "
        f"on all ranks and report the number."
    )
    if not is_function(value):
        cure = "Report its full or its local value instead, computed on all ranks: .full_tensor() or .to_local()."
    tell(
        f"left out {name!r} {what}",
        f"The metric {name!r} is {what}, which is not read in a job of several ranks and shows as {UNREADABLE!r}: only "
        f"the rank that draws would read it, and a collective in it would hang the job. {cure}",
    )
