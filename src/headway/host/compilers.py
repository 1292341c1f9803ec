"""Compilers of the program's own code, such as `torch.compile`, which look into all that it calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from headway.notation import TypeVar

__all__ = ["hide", "opaque"]

F = TypeVar("F", bound=Callable[..., object])


def opaque(function: F) -> F:
    """Have compilers call a function as it is.

    Else TorchDynamo takes a count for a constant: it compiles the caller anew for each value, and gives up after eight.
    It looks for this attribute, as `torch.compiler.disable` sets it; torch is not needed for that.
    """
    function._torchdynamo_disable = True  # type: ignore[attr-defined]
    return function


@opaque
def hide() -> None:
    """Have compilers pass over headway's code, once they are there.

    TorchDynamo calls an opaque function as it is, but compiles the work on tensors that is done in there, and anew for
    each count. It passes over the packages that it is told of, as over tqdm by itself.
    """
    global _hidden
    rules = None if _hidden else sys.modules.get("torch._dynamo.trace_rules")
    if rules is not None:
        _hidden = True
        with suppress(Exception):  # it has changed: then it is slow, and right
            rules.add("headway")


_hidden = False
