"""The phases of a training run: kinds of work, each with a clock, a count and a pace of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headway.reporting.totals import Length
from headway.reporting.work import Work
from headway.snapshot import Number

if TYPE_CHECKING:
    from headway.reporting.weights import Weights

__all__ = ["BETWEEN", "SKIP", "TRAIN", "VALIDATE", "Phase"]

TRAIN, VALIDATE, SKIP = "train", "validate", "skip"
BETWEEN = ""
"""The phase of what is done in an epoch and in none of its phases."""


class Batches(Work):
    """The batches of a phase, of all epochs; they may have weights, the same in each epoch."""

    __slots__ = ("before", "length", "weights")

    def __init__(self, weights: Weights | None) -> None:
        super().__init__()
        self.before: Number = 0
        """Those before the present time through."""
        self.length: Length | None = None
        """Those of the present time through."""
        self.weights = weights

    @property
    def position(self) -> Number:
        """Batches that are done, by their weights."""
        n = self.n
        if self.weights is None or self.length is None:
            return n
        return self.before + self.weights.position(n - self.before, self.length.items)

    def go_through(self, length: Length | None) -> None:
        """Begin another time through; what the one before left undone was no work."""

        def move() -> None:
            self.before, self.length = self.n, length

        self.jump(move)


class Phase:
    """One kind of work: a clock that runs while it is being done, a count, and a pace of its own.

    Args:
        name: What it is called.
        units: Other units of a batch.
        weights: How much work each batch of an epoch is.
    """

    def __init__(self, name: str, units: Mapping[str, float] | None = None, weights: Weights | None = None) -> None:
        self.name = name
        self.units = units or {}
        self.work = Batches(weights)
        self.work.halt()
        self.times = 0
        """How often it was begun in this epoch."""
        self.usual: float | None = None
        """Seconds an epoch, by the epochs that are over."""
        self._credit: Number = 0
        self._begun = 0.0
        self._since = 0.0
        self._epochs = 0

    @property
    def length(self) -> Length | None:
        """Batches of the present time through; may be set."""
        return self.work.length

    @length.setter
    def length(self, length: Length | None) -> None:
        self.work.length = length

    @property
    def counts(self) -> bool:
        """Whether it has batches."""
        return self.name in (TRAIN, VALIDATE, SKIP)

    @property
    def stalled(self) -> float | None:
        """Seconds since its last batch, where that is implausibly long; else `None`."""
        return self.work.stalled if self.counts else None

    @property
    def n(self) -> Number:
        """Batches that are done of the present time through."""
        return self.work.n - self.work.before

    @property
    def position(self) -> Number:
        """The same, by their weights."""
        return self.work.position - self.work.before

    @property
    def given(self) -> Number:
        """Batches of the present time through that were given out, the one in hand included."""
        return self.work.given - self.work.before

    @property
    def exact(self) -> int | None:
        """Batches of the present time through, where their number is known exactly."""
        return None if self.length is None or self.length.estimated else self.length.items

    @property
    def spent(self) -> float:
        """Seconds in this epoch."""
        return self.work.elapsed - self._since

    @property
    def average(self) -> float | None:
        """Batches a second of the present time through, those of an earlier session left out."""
        done, seconds = self.n - self._credit, self.work.elapsed - self._begun
        return done / seconds if done and seconds else None

    def begin(self, length: Length | None) -> None:
        """Start over with a number of batches."""
        self.work.go_through(length)
        self._credit, self._begun = 0, self.work.elapsed
        self.times += 1

    def reach(self, batches: int) -> None:
        """Count up to so many batches of the present time through, where no loop of ours counts them."""
        self.work.reach(self.work.before + batches)

    def credit(self, batches: int) -> None:
        """Count batches that an earlier session did."""
        self._credit = batches
        self.work.credit(batches)

    def end_epoch(self, *, whole: bool) -> None:
        """Learn from an epoch that is over, unless this session had a part of it only."""
        if whole or self.usual is None:
            self._epochs += 1
            mean = self.spent if self._epochs == 1 or self.usual is None else self.usual
            self.usual = mean + (self.spent - mean) / self._epochs
        self.work.go_through(self.length)
        self._since, self.times = self.work.elapsed, 0

    def state(self, *, over: bool) -> dict[str, Any]:
        """Return what a checkpoint keeps: the pace, the seconds of an epoch, and the times in one that goes on."""
        return {"pace": self.work.pace, "usual": self.usual, "times": 0 if over else self.times}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint, until this session knows better."""
        pace = state["pace"]
        self.work.expect(1 / pace if pace else None)
        self.usual, self.times = state["usual"], state.get("times", 0)
