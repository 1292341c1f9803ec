"""Compilers of the program's own code, such as `torch.compile`, which look into all that it calls."""

from __future__ import annotations

from collections.abc import Callable

from headway.notation import TypeVar

__all__ = ["opaque"]

F = TypeVar("F", bound=Callable[..., object])


def opaque(function: F) -> F:
    """Have compilers call a function as it is.

    Else TorchDynamo takes a count for a constant: it compiles the caller anew for each value, and gives up after eight.
    It looks for this attribute, as `torch.compiler.disable` sets it; torch is not needed for that.
    """
    function._torchdynamo_disable = True  # type: ignore[attr-defined]
    return function
