"""The frozen snapshot of one bar that crosses from the reporting side to the sinks.

Knows the numbers and texts of a bar; knows nothing of bars, clocks or drawing. `headway.events.schema` writes
it as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from types import MappingProxyType

from headway.notation import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from headway.points import Stretch

__all__ = [
    "BROKEN_OFF",
    "COURSE",
    "LARGEST",
    "SCHEMA",
    "STATES",
    "Number",
    "Reading",
    "Snapshot",
    "State",
    "Workers",
    "in_tree",
]

SCHEMA = 1
"""Version of the event schema. A reader ignores fields that it does not know; a new meaning gets a new number."""

Number = int | float
"""A count: whole, or with a fraction."""
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
"""The states of a bar. `stopped` is an early end on purpose: a success."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""No entries; nobody can add one."""

LOOK = 5
"""So many fields at the end of a `Snapshot` belong to the display: its look, and the way to the values reported."""

COURSE = 16
"""Values that the course of a metric is kept in."""
LARGEST = 1e300
"""Counts and shares end here: beyond it their ratios are no numbers any more."""

STATES: tuple[State, ...] = ("running", "finished", "stopped", "failed", "interrupted")
BROKEN_OFF: tuple[State, ...] = ("failed", "interrupted")
"""The states of a bar that has ended before its work was done, and not on purpose."""


class Reading(NamedTuple):
    """One metric at one moment: the raw number (or text) and how it reads."""

    value: float | str
    """The number as it was reported, or a short text in its place."""
    text: str
    """The value as a row shows it: in the format that was asked for, and smoothed if that was."""
    mark: str = ""
    """The words behind the text in a row: `*` at the best value so far, ` since 40` if it has not been finite since
    that count, and in the last snapshot the summary that was asked for."""
    columns: int = 0
    """Columns of text and star at their widest so far; rows pad to it, so that they do not jump."""
    priority: int = 5
    """A number that tells how soon it gives way in a narrow row: the lower, the sooner."""
    first: float | None = None
    """The first finite value, sessions before a resume included; in the last snapshot, if a summary is wanted, else
    `None`."""
    best: float | None = None
    """The best value, if the metric has a better side; else `None`."""
    best_at: Number | None = None
    """The count at which the best value was reported; `None` if there is none."""
    since: Number | None = None
    """The count since which the value has not been finite, such as NaN; `None` while it is."""
    format: str = ""
    """The format spec that its number was asked to be shown with; by default four significant digits."""
    history: tuple[float, ...] = ()
    """The course so far in at most 16 values, evenly apart; events have six digits of each. It does not count in
    comparisons."""

    def __eq__(self, other: object) -> bool:
        return self[:-1] == other[:-1] if isinstance(other, Reading) else NotImplemented

    def __ne__(self, other: object) -> bool:  # a tuple has its own
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-1])


class Workers(NamedTuple):
    """The worker processes whose bars make up one."""

    count: int  # type: ignore[assignment]  # a tuple has a method of this name, which nobody misses here
    """The number of processes."""
    slowest: float | None = None
    """The share of its total that the one which is least far has done, 0 to 1; `None` if a total is not known."""
    fastest: float | None = None
    """The same of the one that is farthest."""
    ranks: int | None = None
    """The ranks of the job, those elsewhere included, if the processes are ranks; `None` for other workers, and if the
    launcher does not tell."""


class Snapshot(NamedTuple):
    """One bar at one moment. Numbers are final here: a sink shows them and computes none.

    A changed copy is `snapshot._replace(n=5)`.

    Times are seconds, `rate` is units per second of this session's work, `n` and `total` are in units.
    Text holds no control characters. `options` and `layout` are the look for the sink that gets this snapshot, `around`
    tells the bars around one that shares its place, and `cell` the place of a bar in a notebook; `points` are the
    values that were reported, for frames that tell them. They belong to the display, so they neither count in
    comparisons nor travel in events.
    """

    id: int
    """A number that no other bar of the process has."""
    parent: int | None = None
    """The `id` of the bar around it; `None` for an outermost one."""
    name: str = ""
    """The dotted name of the part of the program that reports, for filters; by default its module."""
    desc: str = ""
    """The description of the work; empty if none was given."""
    phase: str = ""
    """The kind of work that is going on: `train`, `validate`, `checkpoint`, `skip`, or a word of the program's; empty
    if there is none."""
    unit: str = "it"
    """The unit that is counted, in the singular, such as `batch`; `B` for bytes."""
    unit_scale: Literal["", "si", "iec"] = ""
    """The way in which counts and rates read: `si` for powers of 1000 (`1.20k`), `iec` for powers of 1024 (`1.20Ki`),
    empty for all digits."""
    units: Mapping[str, float] = NOTHING
    """Other units, with how many of them one unit is: `{"sample": 64, "step": 0.25}`."""
    n: Number = 0
    """Units that are done, those of `initial` among them."""
    position: Number | None = None
    """Units that are done, with the share of the next unit that nested bars have done; `None` if that is `n`."""
    total: Number | None = None
    """Units in all; `None` while that is unknown."""
    estimated: bool = False
    """Whether the total is an estimate."""
    initial: Number = 0
    """Units that sessions before a resume have done; they do not count towards `rate`."""
    elapsed: float = 0.0
    """Seconds of work, pauses left out."""
    rate: float | None = None
    """Units a second as of late; in the last snapshot, on average. `None` while that is unknown."""
    eta: float | None = None
    """Seconds that are left; `None` while that is unknown."""
    eta_low: float | None = None
    """The lower end of the range in which the seconds that are left will be in four cases of five; `None` while that is
    unknown."""
    eta_high: float | None = None
    """The upper end of that range, in seconds; `None` while that is unknown."""
    metrics: Mapping[str, Reading] = NOTHING
    """The values beside the count, by name, in the order in which they are shown."""
    message: str = ""
    """A short text of the program's beside the bar; empty if there is none."""
    state: State = "running"
    """`running`, or the way it ended: `finished`; `stopped`, which is early and on purpose; `failed`, by an error;
    `interrupted`, by Ctrl-C or a cancelled task."""
    reason: str = ""
    """The reason for which it ended, such as the words of an error; empty if there is none. A `for` loop over
    `headway.track` has one from Python 3.12 on: before, the error that ends a loop cannot be told from outside."""
    paused: bool = False
    """Whether its clock stands still."""
    stalled: float | None = None
    """Seconds since the last advance, if that is implausibly long by the run's own statistics; there is no `eta` then.
    Else `None`."""
    leave: bool = True
    """Whether its last row stays on the screen."""
    workers: Workers | None = None
    """The worker processes whose bars it is the sum of; `None` if it is one bar."""
    began: float | None = None
    """The time at which it was opened, in seconds since the epoch, by the clock of its machine; `None` before."""
    depth: int = 0
    """The number of bars around it: 0 for an outermost one."""
    share: float | None = None
    """The share of one unit of its parent that all of it is, 0 to 1, as the parent's `position` counts it; `None` if
    that is not known."""
    step: int | None = None
    """Optimizer steps that a training run has done; `None` elsewhere."""
    deadline: float | None = None
    """The time at which its budget of time will be used up, in seconds since the epoch; `None` if it has none."""
    blocked: str = ""
    """The thing that holds the work up, by the words of the program; empty while it goes on."""
    around: str = ""
    """The descriptions of the bars around it, if a renderer shows fewer bars than there are, and it stands for them."""
    points: Stretch | None = None
    """The values reported so far, if a sink asks for them; it finds them in `Frame.points`. Else `None`."""
    options: Mapping[str, Any] = NOTHING
    """The look of the bar: the options of `Renderer.look` that were given, read and checked."""
    layout: Any = None
    """A `headway.layout.Layout`, or `None` for the default one; nothing here looks into it."""
    cell: Any = None
    """The cell of a notebook that it was opened in, as the header of the request to run that cell; `None` elsewhere."""

    @property
    def fraction(self) -> float | None:
        """The share of the total that is done, 0 to 1 and above 1 on overshoot; `None` while the total is unknown.

        A total of zero is complete from the start. The share of the next unit that nested bars have done counts.
        """
        if self.total is None:
            return None
        done = self.n if self.position is None else self.position
        return min(done / self.total if self.total else 1.0 + done, LARGEST)

    @property
    def over(self) -> bool:
        """Whether more was done than the total. A rounding error is not more: twenty times 0.05 is 1."""
        n, total = self.n, self.total
        return total is not None and n > total and (isinstance(n, int) or not isclose(n, total))

    def dressed(self, options: Mapping[str, Any], layout: Any) -> Snapshot:
        """Return it with a look; most bars have none of their own, and need no copy."""
        plain = layout is self.layout and not options and not self.options
        return self if plain else self._replace(options=options, layout=layout)

    def __eq__(self, other: object) -> bool:
        return self[:-LOOK] == other[:-LOOK] if isinstance(other, Snapshot) else NotImplemented

    def __ne__(self, other: object) -> bool:  # a tuple has its own
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-LOOK])

    def __reduce__(self) -> tuple[type[Snapshot], tuple[Any, ...]]:
        """Be pickled with dictionaries in the place of mappings that cannot be, such as `NOTHING`."""
        own = self._replace(points=None, cell=None)
        return Snapshot, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in own)


def in_tree(bars: Mapping[int, Snapshot]) -> list[tuple[Snapshot, int]]:
    """Return bars in the order of a tree, each with the number of bars around it that are among them.

    The bars inside a bar follow it; those beside each other come in the order that they have.
    """
    inner: dict[int | None, list[Snapshot]] = {}
    for snapshot in bars.values():
        inner.setdefault(snapshot.parent if snapshot.parent in bars else None, []).append(snapshot)
    tree: list[tuple[Snapshot, int]] = []
    waiting = [(snapshot, 0) for snapshot in reversed(inner.get(None, ()))]
    while waiting:
        snapshot, depth = waiting.pop()
        tree.append((snapshot, depth))
        waiting += [(other, depth + 1) for other in reversed(inner.get(snapshot.id, ()))]
    return tree
