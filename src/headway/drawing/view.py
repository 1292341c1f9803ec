"""One sink as the hub drives it: folded to what it can show, held to its interval, its faults contained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic

from headway import format as fmt
from headway.drawing.fold import Fold
from headway.format import in_words
from headway.host import clock
from headway.host.environment import show_cursor, terminal_of
from headway.host.faults import tell
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING, Any
from headway.sink import GoneError, ProgressSink
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.text.layout import Layout

__all__ = ["BUDGET", "View", "rest"]

BUDGET = 0.02
"""The share of the wall time that drawing may take: a frame of d seconds is followed by d / BUDGET without one."""
LONGEST_REST = 60.0
"""Seconds without a frame at most: what a frame takes once may be a terminal that was stopped meanwhile."""
FAULTS = 3
"""So many faults switch a sink off."""
SHORTEST_REST = 0.025
"""Seconds from one frame of rows to the next at least; as many as a sink asks for at most."""


def rest(interval: float, elapsed: float, eta: float | None) -> float:
    """Return the seconds from one frame of rows to the next: fewer where a run begins, and where a short one ends.

    It is a hundredth of what has passed, or of what is left where that is less, but not below a thousandth of what has
    passed: a run of a second is seen in 40 frames, and one of an hour that is late costs no more than it did before.

    Args:
        interval: What the sink asks for.
        elapsed: Seconds that the bar has run.
        eta: Seconds that it has left, if that is known.
    """
    near = elapsed if eta is None else max(elapsed / 10, min(elapsed, eta))
    return min(interval, max(SHORTEST_REST, near / 100))


class View:
    """Drives one sink.

    Args:
        name: The backend's name, for messages.
        sink: The sink.
        stream: The stream that the sink writes to.
        on_broken: Called when the sink has been switched off; returns the sink to go on with, if any.
    """

    def __init__(
        self, name: str, sink: ProgressSink, stream: SafeStream, on_broken: Callable[[], ProgressSink | None]
    ) -> None:
        self.name = name
        self.stream = stream
        self.due = 0.0
        self._faults = 0
        self._on_broken = on_broken
        self._shown: dict[int, Snapshot] = {}
        self._ended: list[Snapshot] = []
        self._delayed: dict[int, tuple[float, Snapshot]] = {}
        self._stopped: list[Snapshot] | None = None
        self._fit(sink)

    def _fit(self, sink: ProgressSink) -> None:
        capabilities = sink.capabilities
        self.draws_rows = capabilities.needs_terminal
        """Whether it draws rows that have to make way for what the program writes."""
        self.terminal = terminal_of(self.stream) if self.draws_rows else None
        """The terminal that it draws on, if it is one: see `environment.terminal_of`."""
        self._away = False
        self._interval = capabilities.interval
        self._sink: ProgressSink | None = sink
        if capabilities.max_bars is not None:
            self._sink = Fold(sink, max(1, capabilities.max_bars), lambda: self.stream.room)

    @property
    def busy(self) -> bool:
        """Whether any bar is open here, or has yet to leave its row."""
        return bool(self._shown or self._ended or self._delayed)

    @property
    def has_sink(self) -> bool:
        """Whether there is a sink to show with: not after it was switched off, or has gone."""
        return self._sink is not None

    def open(self, snapshot: Snapshot, delay: float = 0.0) -> None:
        """Show a bar's first snapshot. A sink that cannot even do that is switched off.

        The first frame, like the last, is not held against the budget, which is for what is drawn again and again.

        Args:
            snapshot: The snapshot.
            delay: Seconds before it is shown; a bar that ends within them never is.
        """
        if not self._shown:
            self.due = monotonic() + self._apart()
        if delay > 0:
            self._delayed[snapshot.id] = clock.monotonic() + delay, snapshot
            return
        self._shown[snapshot.id] = snapshot
        if not self._away:
            self._guard(lambda sink: sink.open(snapshot), last_chance=True)

    def restyle(self, bar_id: int, options: Mapping[str, Any], layout: Layout | None) -> None:
        """Give a bar another look, from its next snapshot on."""
        if bar_id in self._shown:
            self._shown[bar_id] = self._shown[bar_id].dressed(options, layout)
        if bar_id in self._delayed:
            opens, waiting = self._delayed[bar_id]
            self._delayed[bar_id] = opens, waiting.dressed(options, layout)

    def close(self, snapshot: Snapshot) -> None:
        """Show a bar's last snapshot. A sink that cannot even do that is switched off."""
        self._delayed.pop(snapshot.id, None)
        shown = self._shown.get(snapshot.id)
        if shown is None:
            return
        last = self._shown[snapshot.id] = snapshot.dressed(shown.options, shown.layout)
        if not self._away:
            self._guard(lambda sink: sink.close(last), last_chance=True)
        elif last.leave:
            self._ended.append(last)
        self._shown.pop(snapshot.id, None)
        if not self._shown and self.terminal is not None and self.stream.fault:
            show_cursor()  # what the renderer wrote to show it is lost

    def write(self, text: str) -> None:
        """Put a text above the bars; of control sequences only colours get through, and those only to a terminal."""
        self.put(fmt.written(text, colours=self.draws_rows))

    def put(self, text: str) -> bool:
        """Put a text above the bars as it is, and tell whether that went well."""
        return self._guard(lambda sink: self._put(text) if self._away else sink.write(text))

    def suspend(self) -> None:
        """Take all rows away, and draw nothing until `resume`. What draws no rows goes on."""
        if self._away or not self.draws_rows:
            return
        self._away = True
        for snapshot in reversed(self._shown.values()):
            if self._away:  # a sink that raised has been replaced by one that draws no rows
                gone = snapshot._replace(leave=False)
                self._guard(lambda sink, s=gone: sink.close(s))  # type: ignore[misc]

    def resume(self, snapshots: Iterable[Snapshot]) -> None:
        """Show the rows again as they are now, and what the bars that ended meanwhile have left.

        Args:
            snapshots: Snapshots of all bars.
        """
        if not self._away:
            return
        if self._stopped is not None:
            return  # the terminal takes nothing yet
        self._away = False
        ended, self._ended = self._ended, []
        for last in ended:
            self._guard(lambda sink, s=last: (sink.open(s), sink.close(s)))  # type: ignore[misc]
        now = {snapshot.id: snapshot for snapshot in snapshots}
        for bar_id, shown in self._shown.items():
            dressed = self._shown[bar_id] = now.get(bar_id, shown).dressed(shown.options, shown.layout)
            self._guard(lambda sink, s=dressed: sink.open(s))  # type: ignore[misc]

    def _put(self, text: str) -> None:
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def update(self, snapshots: Iterable[Snapshot], sampling: float) -> None:
        """Show newer snapshots of the bars that are open here and look different, then rest.

        Args:
            snapshots: Snapshots of all bars.
            sampling: Seconds that taking the snapshots took.
        """
        start, sink = monotonic(), self._sink
        for snapshot in snapshots:
            self._begin(snapshot)
            shown = self._shown.get(snapshot.id)
            if shown is not None and sink is self._sink and not self._away and _differs(snapshot, shown):
                dressed = self._shown[snapshot.id] = snapshot.dressed(shown.options, shown.layout)
                self._guard(lambda sink, s=dressed: sink.update(s))  # type: ignore[misc]
        self._rest(start, sampling)

    def _begin(self, snapshot: Snapshot) -> None:
        """Show a bar whose delay is over."""
        opens, waiting = self._delayed.get(snapshot.id, (0.0, None))
        if waiting is not None and opens <= clock.monotonic():
            del self._delayed[snapshot.id]
            self.open(snapshot.dressed(waiting.options, waiting.layout))

    def _rest(self, start: float, sampling: float) -> None:
        now = monotonic()
        self.due = now + max(self._apart(), min((now - start + sampling) / BUDGET, LONGEST_REST))

    def _apart(self) -> float:
        """Seconds between two frames, as the bar has it that is furthest from its start and its end."""
        if not self.draws_rows:
            return self._interval
        return max((rest(self._interval, s.elapsed, s.eta) for s in self._shown.values()), default=SHORTEST_REST)

    def give_up(self) -> bool:
        """Let a sink be that hangs, and tell whether it is switched off for good.

        It is not where the terminal has been stopped (Ctrl-S), for then it comes back: see `come_back`. Called in
        another thread than the one that hangs.
        """
        if self.terminal is not None and not self.stream.takes_more:
            if self._stopped is None:
                self._shown = {i: shown for i, shown in self._shown.items() if shown.state == "running"}
                self._stopped, self._away = list(self._shown.values()), True
            return False
        self._sink = None
        return True

    def come_back(self) -> None:
        """Go on with a sink that has come back, but has missed what was meanwhile: `resume` shows it."""
        stopped, self._stopped = self._stopped or [], None
        for snapshot in reversed(stopped):
            gone = snapshot._replace(leave=False)
            self._guard(lambda sink, s=gone: sink.close(s))  # type: ignore[misc]

    def fall_back(self) -> None:
        """Go on with the sink that takes the place of one that was switched off, if there is any."""
        if self.terminal is not None:
            show_cursor()
            self.stream.write("\n")  # the cursor may stand behind a row
        instead = self._on_broken()
        if instead is not None:
            self.name, self._faults = f"{self.name}, then plain", 0
            self._fit(instead)
            for snapshot in list(self._shown.values()):
                self._guard(lambda sink, s=snapshot: sink.open(s))  # type: ignore[misc]
                if snapshot.state != "running":  # it was being closed
                    self.close(snapshot)

    def _guard(self, act: Callable[[ProgressSink], object], *, last_chance: bool = False) -> bool:
        sink = self._sink
        if sink is None:
            return False
        try:
            act(sink)
        except GoneError:
            self._sink = None
            return False
        except (Exception, SystemExit) as error:  # a sink may raise anything; none of it may reach the loop
            if sink is self._sink:
                self._fault(error, last_chance)
            return False
        return True

    def _fault(self, error: BaseException, last_chance: bool) -> None:
        self._faults += 1
        tell(
            f"{self.name} {type(error)}",
            f"The progress renderer {self.name!r} raised {in_words(error)}. "
            f"The program goes on; after {FAULTS} such faults the display falls back to plain lines.",
        )
        if self._faults >= FAULTS or last_chance:
            self._sink = None
            self.fall_back()


def _differs(new: Snapshot, old: Snapshot) -> bool:
    """Tell whether a person would see a difference: a change, or another second on one of the clocks."""
    return (
        int(new.elapsed) != int(old.elapsed)
        or _whole(new.eta) != _whole(old.eta)
        or new.n != old.n
        or new.position != old.position
        or new.total != old.total
        or new.message != old.message
        or new.desc != old.desc
        or new.phase != old.phase
        or new.paused != old.paused
        or (new.stalled is None) != (old.stalled is None)
        or new.metrics != old.metrics
    )


def _whole(seconds: float | None) -> float | None:
    return None if seconds is None else seconds // 1
