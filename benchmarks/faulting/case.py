"""What a case is: a program that is run for each library, what its parent does meanwhile, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from faulting.drivers import Driver
    from faulting.outcome import Outcome
    from faulting.session import Session

__all__ = ["CASES", "GROUPS", "Case", "Verdict", "case", "hung", "lost", "ok", "wrong"]


class Verdict(NamedTuple):
    """What came of one run."""

    kind: str
    """`ok`, `wrong`, `raised`, `hung` or `lost`."""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}" if self.why and self.kind != "ok" else f"{self.kind} {self.why}".strip()


def ok(figure: str = "") -> Verdict:
    """Nothing is wrong."""
    return Verdict("ok", figure)


def wrong(why: str) -> Verdict:
    """What is on the screen, or what the process left, is not what it should be."""
    return Verdict("wrong", why)


def lost(why: str) -> Verdict:
    """Something that was reported is nowhere."""
    return Verdict("lost", why)


def hung(why: str) -> Verdict:
    """Something waits for ever."""
    return Verdict("hung", why)


Program = Callable[..., None]
Judge = Callable[["Outcome"], Verdict]
Reaction = Callable[["Session"], None]


@dataclass
class Case:
    """One fault."""

    name: str
    title: str
    program: Program
    judge: Judge
    group: str
    place: str = "terminal"
    """`terminal`, `pipe`, or `full`: a disk without room."""
    columns: int = 100
    lines: int = 24
    seconds: float = 15.0
    """After which it counts as hung."""
    runs: int = 1
    full_runs: int = 1
    """How often with `--full`."""
    size: int = 0
    """How many times the program does something, told to it as `size`, if not zero."""
    full_size: int = 0
    status: int = 0
    """The exit status that it must have."""
    environment: Mapping[str, str] = field(default_factory=dict)
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    """What the parent does when the program tells `now="..."`."""
    only: Sequence[str] = ()
    """Starts of the names of those it applies to; all if empty."""
    events: bool = False
    """Whether it makes sense for a file of events."""
    job: bool = False
    """Whether the program is a job that a shell would have started, which can be stopped and continued."""
    traceback: bool = False
    """Whether a traceback belongs on the screen."""

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
        CASES[name] = Case(name, title, program, judge, **about)
        return program

    return make
