"""The frozen snapshot of one bar that crosses from the reporting side to the sinks.

Knows the numbers and texts of a bar; knows nothing of bars, clocks or drawing. `headway.events.schema` writes
it as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from headway.notation import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from headway.points import Stretch

__all__ = ["LARGEST", "SCHEMA", "STATES", "Number", "Reading", "Snapshot", "State", "Workers"]

SCHEMA = 1
"""Version of the event schema. A reader ignores fields that it does not know; a new meaning gets a new number."""

Number = int | float
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
"""What became of a bar. `stopped` is an early end on purpose: a success."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""No entries; nobody can add one."""

LOOK = 4
"""So many fields at the end of a `Snapshot` belong to the display: its look, and the way to the values reported."""

LARGEST = 1e300
"""Counts and shares end here: beyond it their ratios are no numbers any more."""

STATES: tuple[State, ...] = ("running", "finished", "stopped", "failed", "interrupted")


class Reading(NamedTuple):
    """One metric at one moment: the raw number (or text) and how it reads."""

    value: float | str
    text: str
    mark: str = ""
    """What a row shows behind the text: `*` at the best value so far, since when it is no finite number, and in the
    last snapshot the summary that was asked for."""
    columns: int = 0
    """The width of text and star at their widest so far; rows pad to it, so that they do not jump."""
    priority: int = 5
    """How soon it gives way in a narrow row: the lower, the sooner."""
    first: float | None = None
    """The first finite value, sessions before a resume included; in the last snapshot, where a summary is wanted."""
    best: float | None = None
    """The best value, where the metric has a better side."""
    best_at: Number | None = None
    """The count at which the best value was reported."""
    since: Number | None = None
    """The count since which the value has not been finite; `None` while it is."""
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
    slowest: float | None = None
    """How much of its total the one that is least far has done; `None` where a total is not known."""
    fastest: float | None = None
    """The same of the one that is farthest."""


class Snapshot(NamedTuple):
    """One bar at one moment. Numbers are final here: a sink shows them and computes none.

    A changed copy is `snapshot._replace(n=5)`.

    Times are seconds, `rate` is units per second of this session's work, `n` and `total` are in units.
    Text holds no control characters. `options` and `layout` are the look for the sink that gets this snapshot, and
    `around` says what stands around a bar that shares its place; `points` are the values that were reported, for frames
    that tell them. They belong to the display, so they neither count in comparisons nor travel in events.
    """

    id: int
    parent: int | None = None
    name: str = ""
    desc: str = ""
    phase: str = ""
    """What kind of work is going on: `train`, `validate`, `checkpoint`, `skip`, or a word of the program's."""
    unit: str = "it"
    unit_scale: Literal["", "si", "iec"] = ""
    units: Mapping[str, float] = NOTHING
    """Other units, with how many of them one unit is: `{"sample": 64, "step": 0.25}`."""
    n: Number = 0
    position: Number | None = None
    """`n` and the share of the next unit that nested bars have done; `None` where it is `n`."""
    total: Number | None = None
    estimated: bool = False
    """Whether the total is an estimate."""
    initial: Number = 0
    elapsed: float = 0.0
    rate: float | None = None
    eta: float | None = None
    eta_low: float | None = None
    eta_high: float | None = None
    metrics: Mapping[str, Reading] = NOTHING
    message: str = ""
    state: State = "running"
    reason: str = ""
    paused: bool = False
    stalled: float | None = None
    """Seconds since the last advance, where that is implausibly long by the run's own statistics; there is no `eta`
    then."""
    leave: bool = True
    workers: Workers | None = None
    """The worker processes that it is the sum of, where it is one."""
    began: float | None = None
    """When it was opened, in seconds since the epoch, by the clock of its machine; `None` before."""
    depth: int = 0
    """How many bars are around it: 0 for an outermost one."""
    share: float | None = None
    """The share of one unit of its parent that all of it is, as the parent's `position` counts it; `None` where that is
    not known."""
    step: int | None = None
    """Optimizer steps that a training run has done; `None` elsewhere."""
    deadline: float | None = None
    """When its time budget will be used up, in seconds since the epoch; `None` where it has none."""
    blocked: str = ""
    """The thing that holds the work up, by the words of the program; empty while it goes on."""
    around: str = ""
    points: Stretch | None = None
    """The values reported so far, where a sink asks for them: they are in `Frame.points`."""
    options: Mapping[str, Any] = NOTHING
    layout: Any = None
    """A `headway.layout.Layout`, or `None` for the default one; nothing here looks into it."""

    @property
    def fraction(self) -> float | None:
        """How much of the total is done, 0 to 1 and above 1 on overshoot; `None` while the total is unknown.

        A total of zero is complete from the start. What nested bars have done of the next unit counts.
        """
        if self.total is None:
            return None
        done = self.n if self.position is None else self.position
        return min(done / self.total if self.total else 1.0 + done, LARGEST)

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
        own = self._replace(points=None)
        return Snapshot, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in own)
