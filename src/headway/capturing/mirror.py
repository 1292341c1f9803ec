"""A headway bar that follows a bar of another library, which is read when a frame is drawn and not before."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from headway import format as fmt
from headway.capturing.figures import Figures
from headway.imitation.refreshing import Refreshing
from headway.reporting import arguments
from headway.reporting.opening import opener
from headway.snapshot import Number, Snapshot, State

__all__ = ["Facts", "Mirror", "is_captured", "mirror_of"]


@dataclass(frozen=True)
class Facts:
    """The facts that a bar of another library states at one moment."""

    n: Number = 0
    total: Number | None = None
    desc: str = ""
    unit: str = "it"
    unit_scale: Literal["", "si", "iec"] = ""
    leave: bool | None = None
    message: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    write: Callable[[float], str] | None = None
    """Writes a number of the metrics as the library does; `None`: they are shown as headway's."""


class _Count:
    """The count of a bar of another library, looked up. Holds on to the last one when that bar is gone."""

    def __init__(self, n: Number, read: Callable[[], Number | None]) -> None:
        self._last = n
        self._read = read

    @property
    def completed(self) -> Number:
        """The units that are done."""
        n = None
        with suppress(Exception):  # whatever has been put there
            n = self._read()
        if n is not None:
            self._last = n
        return self._last

    def given_out(self) -> Number:
        """Tell what is done: a loop's item in hand is the other library's business."""
        return self.completed


class Mirror(Refreshing):
    """A bar that follows a bar of another library, which it does not keep alive.

    Args:
        source: The other library's bar.
        facts: Reads all that it states.
        count: Reads its count alone.
        name: The module that opened it.
    """

    __slots__ = ("_facts", "_seen", "_source", "_values")

    def __init__(self, source: Any, facts: Callable[[Any], Facts], count: Callable[[Any], Number], name: str) -> None:
        first = facts(source)
        super().__init__(
            first.total,
            desc=first.desc,
            unit=first.unit,
            unit_scale=first.unit_scale,
            initial=max(0, first.n),
            leave=first.leave,
            name=name,
        )
        self._source = source = weakref.ref(source)
        self._facts = facts
        self._seen = Facts()
        self._values = Figures(first.write)
        self.show_metrics(self._values)
        self._take(first)

        def read() -> Number | None:
            there = source()
            return None if there is None else arguments.number("n", count(there))

        self.follow(_Count(first.n, read))

    def show(self, file: TextIO | None) -> None:
        """Open it where bars are shown, in the place of the stream that it is for."""
        opener(None, None, None, file)(self)

    def catch_up(self, source: Any) -> None:
        """Take over the facts that the other bar states now."""
        if self.state == "running":
            with suppress(Exception):  # whatever has been put there: the facts that were read last stay
                facts = self._facts(source)
                if facts != self._seen:
                    self._take(facts)

    def snapshot(self) -> Snapshot:
        """Take a snapshot of the other bar as it is now."""
        self._follow_source()
        return super().snapshot()

    def end(self, state: State, reason: str = "") -> None:
        """End it, with the last facts of the other bar."""
        try:
            self._follow_source()
        finally:
            super().end(state, reason)

    def say_closed(self, verb: str) -> None:
        """Keep silent: it may end in one thread while it catches up in another."""

    def _follow_source(self) -> None:
        source = self._source()
        if source is not None:
            self.catch_up(source)

    def _take(self, facts: Facts) -> None:
        before, self._seen = self._seen, facts
        self.total = facts.total
        self.desc = facts.desc
        self.unit = fmt.clean(facts.unit)
        self.unit_scale = facts.unit_scale
        self.message(facts.message)
        if facts.metrics.keys() != before.metrics.keys():
            self._values = Figures(facts.write)
            self.show_metrics(self._values)
        if facts.metrics != before.metrics:
            self._values.give(facts.metrics, facts.n)


def mirror_of(bar: Any) -> Mirror | None:
    """Return the headway bar of a bar of another library, `None` where that draws for itself."""
    mirror = bar.__dict__.get("_headway")
    return mirror if isinstance(mirror, Mirror) else None


def is_captured(bar: Any) -> bool:
    """Tell whether a bar of another library is to draw nothing."""
    return "_headway" in bar.__dict__
