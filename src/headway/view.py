"""One sink as the hub drives it: folded to what it can show, held to its interval, its faults contained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from time import monotonic

from headway.errors import in_words, tell
from headway.fold import Fold
from headway.sink import ProgressSink
from headway.snapshot import Number, Snapshot
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
        self._delayed: dict[int, tuple[float, Snapshot]] = {}
        self._hidden: dict[int, Number] | None = None
        """The counts of all bars when the display was taken away; `None` while it is there."""
        self._held = False
        self._fit(sink)

    def _fit(self, sink: ProgressSink) -> None:
        capabilities = sink.capabilities
        self._interval = capabilities.interval
        self._live = capabilities.needs_terminal
        self._sink: ProgressSink | None = sink
        if capabilities.max_bars is not None:
            self._sink = Fold(sink, max(1, capabilities.max_bars), lambda: self.stream.room)

    @property
    def busy(self) -> bool:
        """Whether any bar is open here."""
        return bool(self._shown or self._delayed)

    @property
    def live(self) -> bool:
        """Whether it has bars on a terminal that other output would get mixed up with."""
        return bool(self._shown) and self._live and self._sink is not None

    def open(self, snapshot: Snapshot, delay: float = 0.0) -> None:
        """Show a bar's first picture. A sink that cannot even do that is switched off.

        The first frame, like the last, is not held against the budget, which is for what is drawn again and again.

        Args:
            snapshot: The picture.
            delay: Seconds to wait before; a bar that ends meanwhile is never shown.
        """
        if not self.busy:
            self.due = monotonic() + self._interval
        if delay > 0:
            self._delayed[snapshot.id] = monotonic() + delay, snapshot
            return
        self.show()
        self._shown[snapshot.id] = snapshot
        self._guard(lambda sink: sink.open(snapshot), last_chance=True)

    def close(self, snapshot: Snapshot) -> None:
        """Show a bar's last picture."""
        if self._delayed.pop(snapshot.id, None) is not None:
            return
        self.show()
        shown = self._shown.pop(snapshot.id, None)
        if shown is not None:
            last = _dressed(snapshot, shown)
            self._guard(lambda sink: sink.close(last))

    def write(self, text: str) -> None:
        """Put a text above the bars."""
        self.show()
        self._guard(lambda sink: sink.write(text))

    def hide(self, *, hold: bool) -> None:
        """Take the bars off the terminal, so that a program can print by itself.

        Args:
            hold: Whether only `show` brings them back, or what happens to a bar; otherwise its next count does too.
        """
        if self._hidden is None and self.live:
            for snapshot in reversed(self._shown.values()):
                gone = replace(snapshot, leave=False)
                self._guard(lambda sink, s=gone: sink.close(s))  # type: ignore[misc]
            self._hidden = {s.id: s.n for s in self._shown.values()}
        self._held = hold

    def show(self) -> None:
        """Bring the bars back."""
        if self._hidden is not None:
            self._hidden = None
            for snapshot in self._shown.values():
                self._guard(lambda sink, s=snapshot: sink.open(s))  # type: ignore[misc]

    def update(self, snapshots: Iterable[Snapshot], sampling: float) -> None:
        """Show newer pictures of the bars that are open here and look different, then rest.

        Args:
            snapshots: Pictures of all bars.
            sampling: Seconds that taking the pictures took.
        """
        start = monotonic()
        for snapshot in snapshots:
            opens, waiting = self._delayed.get(snapshot.id, (0.0, snapshot))
            if waiting is not snapshot and opens <= start:
                del self._delayed[snapshot.id]
                self.open(_dressed(snapshot, waiting))
            if self._hidden is not None:
                self._shown_again(snapshot)
                continue
            shown = self._shown.get(snapshot.id)
            if shown is not None and _differs(snapshot, shown):
                dressed = self._shown[snapshot.id] = _dressed(snapshot, shown)
                self._guard(lambda sink, s=dressed: sink.update(s))  # type: ignore[misc]
        self._rest(start, sampling)

    def _shown_again(self, snapshot: Snapshot) -> None:
        """Bring the bars back if one has moved on since they were taken away."""
        shown = self._shown.get(snapshot.id)
        if self._hidden is None or shown is None:
            return
        self._shown[snapshot.id] = _dressed(snapshot, shown)
        if not self._held and self._hidden.get(snapshot.id) != snapshot.n:
            self.show()

    def _rest(self, start: float, sampling: float) -> None:
        now = monotonic()
        self.due = now + max(self._interval, (now - start + sampling) / BUDGET)

    def _guard(self, act: Callable[[ProgressSink], None], *, last_chance: bool = False) -> None:
        if self._sink is None:
            return
        try:
            act(self._sink)
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
            self._hidden = None
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
