"""What a case is: a program that is run for each library, what its parent does meanwhile, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faulting.setting import Setting
from faulting.verdict import Verdict

if TYPE_CHECKING:  # a program of a case is to hold no emulator of terminals
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.session import Reaction

__all__ = ["CASES", "GROUPS", "Case", "Judge", "case"]

Program = Callable[..., None]
Judge = Callable[["Outcome"], Verdict]


@dataclass(kw_only=True)
class Case(Setting):
    """One fault."""

    name: str
    title: str
    program: Program
    judge: Judge
    group: str
    runs: int = 1
    full_runs: int = 1
    """How often with `--full`."""
    size: int = 0
    """How many times the program does something, told to it as `size`, if not zero."""
    full_size: int = 0
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    """What the parent does when the program tells `now="..."`."""
    only: Sequence[str] = ()
    """Starts of the names of those it applies to; all if empty."""
    events: bool = False
    """Whether it makes sense for a file of events."""

    def applies_to(self, driver: Driver) -> bool:
        """Tell whether it can be asked of that library at all."""
        if driver.seen == "events" and not self.events:
            return False
        return not self.only or driver.name.startswith(tuple(self.only))


CASES: dict[str, Case] = {}
"""All cases by name, in the order of the table."""
GROUPS: dict[str, str] = {}
"""The words above the cases of each group."""


def case(judge: Judge, **about: Any) -> Callable[[Program], Program]:
    """Make a case of a program: its name is the case's, the first line of its docstring says what goes wrong."""

    def make(program: Program) -> Program:
        title = (program.__doc__ or "").strip().splitlines()[0].rstrip(".")
        name = program.__name__
        if name in CASES:
            raise ValueError(f"there are two cases of the name {name}")
        CASES[name] = Case(name=name, title=title, program=program, judge=judge, **about)
        return program

    return make
