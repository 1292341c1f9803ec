"""A headway bar that shows what a bar of another library says, looked up when a frame is drawn and not before."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from headway import format as fmt
from headway.api import opener
from headway.reporting import arguments
from headway.reporting.bar import Bar
from headway.reporting.metrics import Metrics
from headway.snapshot import Number, Snapshot, State

__all__ = ["Look", "Mirror"]


@dataclass(frozen=True)
class Look:
    """What a bar of another library says at one moment."""

    n: Number = 0
    total: Number | None = None
    desc: str = ""
    unit: str = "it"
    unit_scale: Literal["", "si", "iec"] = ""
    leave: bool | None = None
    message: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)


class _Count:
    """The count of a bar of another library, looked up. Holds on to the last one when that bar is gone."""

    def __init__(self, n: Number, read: Callable[[], Number | None]) -> None:
        self._last = n
        self._read = read

    @property
    def completed(self) -> Number:
        """What is done."""
        n = None
        with suppress(Exception):  # whatever has been put there
            n = self._read()
        if n is not None:
            self._last = n
        return self._last

    def given_out(self) -> Number:
        """Tell what is done: a loop's item in hand is the other library's business."""
        return self.completed


class Mirror(Bar):
    """A bar that follows a bar of another library, which it does not keep alive.

    Args:
        source: The other library's bar.
        look: Reads all that it says.
        count: Reads its count alone.
        name: Who opened it.
    """

    __slots__ = ("_keys", "_look", "_seen", "_source")

    def __init__(self, source: Any, look: Callable[[Any], Look], count: Callable[[Any], Number], name: str) -> None:
        first = look(source)
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
        self._look = look
        self._seen = first
        self._keys: frozenset[str] = frozenset()
        self._take(first)

        def read() -> Number | None:
            there = source()
            return None if there is None else arguments.number("n", count(there))

        self.follow(_Count(first.n, read))

    def show(self, file: TextIO | None, *, beside: bool = False) -> None:
        """Open it where bars are shown.

        Args:
            file: The stream that it is for.
            beside: Whether what is opened next stands beside it and not inside of it.
        """
        opener(None, None, None, file)(self)
        if beside and self._place is not None:
            self._place.leave()

    def look_again(self, source: Any) -> None:
        """Take over what the other bar says now."""
        if self._state == "running":
            with suppress(Exception):  # whatever has been put there: what was seen last stays
                look = self._look(source)
                if look != self._seen:
                    self._seen = look
                    self._take(look)

    def _settle(self, state: State, reason: str) -> None:
        source = self._source()
        if source is not None:
            self.look_again(source)
        super()._settle(state, reason)

    def _take(self, look: Look) -> None:
        self._total = arguments.total(look.total)
        self._desc = fmt.clean(look.desc)
        self.unit = fmt.clean(look.unit)
        self.unit_scale = look.unit_scale
        self._message = look.message
        if look.metrics.keys() != self._keys:
            self._keys = frozenset(look.metrics)
            self._metrics = Metrics(())
        if look.metrics:
            self._metrics.report(look.metrics, look.n)

    def _numbers(self) -> Snapshot:
        source = self._source()
        if source is not None:
            self.look_again(source)
        return super()._numbers()
