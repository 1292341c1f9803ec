"""The count of a bar, and how it is added to: in Python here, or in C if `headway-speedups` is installed."""

from __future__ import annotations

import sys

from headway.host.compilers import opaque
from headway.host.environment import variable
from headway.notation import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.snapshot import Number

__all__ = ["COUNTING", "NO_GIL", "PROTOCOL", "Tally"]

PROTOCOL = 1
"""What a compiled `Tally` has to have in common with this one; it says the same number."""
NO_GIL = not getattr(sys, "_is_gil_enabled", lambda: True)()


class Tally:
    """Holds a count, and adds to it. The class that inherits says with `_plain` and `_slowly` how.

    Each update runs through here, so `headway_speedups` has this class in C, with the same attributes.
    """

    __slots__ = ("_count", "_plain")

    _count: Number
    _plain: type | None
    """`int` while whole numbers are added as they are, else `None`."""

    @opaque
    def update(self, n: Number = 1) -> None:
        """Report that `n` more units are done; negative takes back.

        Raises:
            TypeError: `n` is no number.
            ValueError: `n` is not finite.
        """
        if n.__class__ is not self._plain:
            n = self._slowly(n)
        self._count += n  # one bytecode step from read to write under the GIL: threads lose nothing

    __call__ = update

    def _slowly(self, n: Number) -> Number:
        """Return what to add for whatever is not plain."""
        raise NotImplementedError


def _choose() -> tuple[type, str]:
    """Return the class to count with, and why it is that one."""
    if variable("HEADWAY_SPEEDUPS") == "0":
        return Tally, "in Python, by HEADWAY_SPEEDUPS=0"
    if NO_GIL:
        return Tally, "in Python, for there is no GIL"
    try:
        import headway_speedups

        protocol, compiled = headway_speedups.PROTOCOL, headway_speedups.Tally
    except Exception as error:  # whatever is wrong with it, it is not needed
        absent = isinstance(error, ModuleNotFoundError) and error.name == "headway_speedups"
        why = "is not installed" if absent else f"cannot be loaded: {type(error).__name__}: {error}"
        return Tally, f"in Python, for headway-speedups {why}"
    if protocol != PROTOCOL:
        return Tally, f"in Python, for headway-speedups is of another version: protocol {protocol}, not {PROTOCOL}"
    return compiled, "in C, by headway-speedups"


_chosen, COUNTING = _choose()
"""The class, and in words where it counts and why there."""
if not TYPE_CHECKING:
    Tally = _chosen
