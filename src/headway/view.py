"""One sink as the hub drives it: folded to what it can show, held to its interval, its faults contained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from time import monotonic

from headway.errors import in_words, tell
from headway.fold import Fold
from headway.sink import GoneError, ProgressSink
from headway.snapshot import Snapshot
from headway.stream import Stream

__all__ = ["BUDGET", "View"]

BUDGET = 0.02
"""The share of the wall time that drawing may take: a frame of d seconds is followed by d / BUDGET without one."""
FAULTS = 3
"""So many faults switch a sink off."""


class View:
    """Drives one sink.

    Args:
        name: The backend's name, for messages.
        sink: The sink.
        stream: The stream that the sink writes to.
        on_broken: Called when the sink has been switched off; returns the sink to go on with, if any.
    """

    def __init__(
        self, name: str, sink: ProgressSink, stream: Stream, on_broken: Callable[[], ProgressSink | None]
    ) -> None:
        self.name = name
        self.stream = stream
        self.due = 0.0
        self.faults: list[str] = []
        """The tracebacks of what the sink raised."""
        self._on_broken = on_broken
        self._shown: dict[int, Snapshot] = {}
        self._fit(sink)

    def _fit(self, sink: ProgressSink) -> None:
        capabilities = sink.capabilities
        self._interval = capabilities.interval
        self._sink: ProgressSink | None = sink
        if capabilities.max_bars is not None:
            self._sink = Fold(sink, max(1, capabilities.max_bars), lambda: self.stream.room)

    @property
    def busy(self) -> bool:
        """Whether any bar is open here."""
        return bool(self._shown)

    @property
    def draws(self) -> bool:
        """Whether there is a sink to draw with: not after it was switched off, or has gone."""
        return self._sink is not None

    def open(self, snapshot: Snapshot) -> None:
        """Show a bar's first picture. A sink that cannot even do that is switched off.

        The first frame, like the last, is not held against the budget, which is for what is drawn again and again.
        """
        if not self._shown:
            self.due = monotonic() + self._interval
        self._shown[snapshot.id] = snapshot
        self._guard(lambda sink: sink.open(snapshot), last_chance=True)

    def close(self, snapshot: Snapshot) -> None:
        """Show a bar's last picture."""
        shown = self._shown.pop(snapshot.id, None)
        if shown is not None:
            last = _dressed(snapshot, shown)
            self._guard(lambda sink: sink.close(last))

    def write(self, text: str) -> None:
        """Put a text above the bars."""
        self._guard(lambda sink: sink.write(text))

    def update(self, snapshots: Iterable[Snapshot], sampling: float) -> None:
        """Show newer pictures of the bars that are open here and look different, then rest.

        Args:
            snapshots: Pictures of all bars.
            sampling: Seconds that taking the pictures took.
        """
        start = monotonic()
        for snapshot in snapshots:
            shown = self._shown.get(snapshot.id)
            if shown is not None and _differs(snapshot, shown):
                dressed = self._shown[snapshot.id] = _dressed(snapshot, shown)
                self._guard(lambda sink, s=dressed: sink.update(s))  # type: ignore[misc]
        self._rest(start, sampling)

    def _rest(self, start: float, sampling: float) -> None:
        now = monotonic()
        self.due = now + max(self._interval, (now - start + sampling) / BUDGET)

    def _guard(self, act: Callable[[ProgressSink], None], *, last_chance: bool = False) -> None:
        if self._sink is None:
            return
        try:
            act(self._sink)
        except GoneError:
            self._sink = None
        except (Exception, SystemExit) as error:  # a sink may raise anything; none of it may reach the loop
            self._fault(error, last_chance)

    def _fault(self, error: BaseException, last_chance: bool) -> None:
        import traceback  # at the first fault, not at the first bar

        self.faults.append(traceback.format_exc())
        tell(
            f"{self.name} {type(error)}",
            f"The progress renderer {self.name!r} raised {in_words(error)}. "
            f"The program goes on; after {FAULTS} such faults the display falls back to plain lines.",
        )
        if len(self.faults) < FAULTS and not last_chance:
            return
        self._sink = None
        instead = self._on_broken()
        if instead is not None:
            self.name, self.faults = f"{self.name}, then plain", []
            self._fit(instead)
            for snapshot in self._shown.values():
                self._guard(lambda sink, s=snapshot: sink.open(s))  # type: ignore[misc]


def _dressed(new: Snapshot, old: Snapshot) -> Snapshot:
    """Give a newer picture of a bar the look that the bar was opened with."""
    return replace(new, options=old.options, layout=old.layout)


def _differs(new: Snapshot, old: Snapshot) -> bool:
    """Tell whether a person would see a difference: a change, or another second on the clock."""
    return (
        int(new.elapsed) != int(old.elapsed)
        or new.n != old.n
        or new.position != old.position
        or new.total != old.total
        or new.message != old.message
        or new.desc != old.desc
        or new.phase != old.phase
        or new.paused != old.paused
        or new.metrics != old.metrics
    )
