"""One sink as the hub drives it: folded to the bars it can show, held to its interval, its faults contained."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from time import monotonic

from headway.choosing.inspection import complaint
from headway.drawing.failures import Failures
from headway.drawing.made import Contained, Made
from headway.drawing.pacing import BUDGET, LONGEST_REST, SHORTEST_REST, Cost, Storm, differs, rest
from headway.drawing.picture import Picture
from headway.drawing.retreat import Retreat
from headway.drawing.row import Row
from headway.drawing.states import State
from headway.drawing.window import Window
from headway.host import clock
from headway.host.environment import show_cursor, terminal_of
from headway.host.faults import tell
from headway.host.stream import SafeStream, wrapped
from headway.notation import TYPE_CHECKING, Any
from headway.sink import GoneError, ProgressSink
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.drawing.fold import Fold
    from headway.text.layout import Layout

__all__ = ["View"]

FAULTS = 3
"""So many faults switch a sink off."""


class View(Retreat):
    """Drives one sink.

    Args:
        made: The sink.
        stream: The stream that the sink draws on.
        on_broken: Called when the sink has been switched off; returns the sink to go on with, if any.
    """

    aside = False
    """Whether the sink has a thread of its own."""

    def __init__(self, made: Made, stream: SafeStream, on_broken: Callable[[], Made | None]) -> None:
        self.stream = stream
        self.scope = made.scope
        self.renderer = made.renderer
        self.calling: int | None = None
        self.fleeting = False
        """Whether the sink ends with its last bar."""
        self.due = 0.0
        self.state: State = "live"
        self._faults = 0
        self._storm = Storm()
        self._owes = False
        """Whether first frames wait for the next frame, which has to come before a text: that may be of theirs."""
        self._on_broken = on_broken
        self._rows: dict[int, Row] = {}
        self._install(made)

    def _install(self, made: Made) -> None:
        renderer = made.renderer
        self.title = made.title
        self.has_end = made.has_end
        self._sink = made.sink
        self._renderer = renderer
        self.draws_rows = renderer.draws == "rows"
        """Whether it draws rows that have to make way for what the program writes."""
        self._calm = renderer.draws == "cell" and not renderer.points
        """Whether it has `AT_ONCE` frames a second at most, but for those in which an outermost bar ends."""
        self.terminal = self.stream.terminal = terminal_of(self.stream) if self.draws_rows else None
        """The terminal that it draws on, if it is one: see `environment.terminal_of`."""
        self._be_there()
        self._failures = Failures()
        self._clear()

    def _clear(self) -> None:
        """Begin a new picture, without any bar."""
        most = self._renderer.max_bars
        self._bars: Picture | Window | Fold
        self._picture = self._bars = Picture(points=self._renderer.points or self._renderer.every is not None)
        if most == "lines":
            self._bars = Window(self._picture, lambda: self.stream.size.lines)
        elif most is not None:
            from headway.drawing.fold import Fold  # few sinks show only some bars

            line = self._renderer.line
            line_of = None if line is None else lambda snapshot: line(snapshot, self.stream)
            self._bars = Fold(self._picture, max(1, most), lambda: self.stream.room, line_of)

    @property
    def busy(self) -> bool:
        """Whether any bar is open here, or has yet to leave its row."""
        return bool(self._rows)

    @property
    def has_sink(self) -> bool:
        """Whether there is a sink to show with: not after it was switched off, or has gone."""
        return self.state not in ("broken", "gone")

    @property
    def is_screen(self) -> bool:
        """Whether it shows the present alone, as rows and cells do, and the process that this one reports to."""
        return self.renderer.draws in ("rows", "cell") or self.fleeting

    @property
    def next_first_frame(self) -> float | None:
        """The monotonic time of the frame that a bar of a storm may wait for; `None` if it is to be opened at once."""
        holds = self._calm or (self.draws_rows and not self.renderer.points)
        return self.due if holds and self.state == "live" and self._storm.rages(monotonic()) else None

    def be_asked(self) -> None:
        """Have the next frame drawn however many there have been."""
        self._storm = Storm()

    def park(self) -> None:
        """Have no thread to end."""

    def unpark(self) -> None:
        """Have none to start again."""

    def catch_up(self) -> None:
        """Wait for nothing: it draws in the thread that draws."""

    def is_on(self, stream: object) -> bool:
        """Tell whether it draws on a stream, or on the stream that one stands for."""
        return wrapped(stream) is wrapped(self.stream.file)

    def stop(self, by: float) -> None:
        """Tell the sink the end.

        Args:
            by: The monotonic time by which it has to be over.
        """
        self.follow_stream()
        if self.has_sink and self.state != "held":  # a call still waits for the terminal
            with Contained(self._sink, self._contain):
                self._sink.stop(max(0.0, by - monotonic()))
        self._enter("gone")

    def open(self, snapshot: Snapshot, delay: float = 0.0) -> None:
        """Show a bar's first snapshot. A sink that cannot even do that is switched off.

        The first frame, like the last, is not held against the budget, which is for what is drawn again and again. In a
        storm of bars it comes with the next frame, or with the last one of the bar.

        Args:
            snapshot: The snapshot.
            delay: Seconds before it is shown; a bar that ends within them never is.
        """
        self.follow_stream()
        if not any(self._shown):
            self.due = monotonic() + self._apart()
        if delay > 0:
            self._rows[snapshot.id] = Row(snapshot, clock.monotonic() + delay)
            return
        self._rows[snapshot.id] = Row(snapshot, None)
        if self.state == "live":
            self._leave(self._failures.of(snapshot.parent))
            self._bars.open(snapshot)
            self._owes = self.draws_rows and self._storm.takes(monotonic())
            if not (self._owes or (self._calm and self._storm.rages(monotonic()))):
                self._draw()

    def restyle(self, bar_id: int, options: Mapping[str, Any], layout: Layout | None) -> None:
        """Give a bar another look, from its next snapshot on."""
        row = self._rows.get(bar_id)
        if row is not None:
            row.snapshot = row.snapshot.dressed(options, layout)

    def seen(self) -> Collection[int]:
        """Return the bars whose changes would be seen in a frame now, those that begin then included."""
        shown = self._bars.seen() if self.state == "live" else ()
        now = clock.monotonic()
        begin = [bar_id for bar_id, row in self._rows.items() if row.opens is not None and row.opens <= now]
        return {*shown, *begin} if begin else shown

    def coming(self, bar_id: int) -> Collection[int]:
        """Return the bars that will be seen as soon as a bar has ended."""
        return self._bars.coming(bar_id) if self.state == "live" else ()

    def close(self, snapshot: Snapshot, coming: Iterable[Snapshot] = ()) -> None:
        """Show a bar's last snapshot. A sink that cannot even do that is switched off.

        Args:
            snapshot: The snapshot.
            coming: Those of the bars that are seen from then on.
        """
        row = self._rows.get(snapshot.id)
        if row is None or row.ended:
            return
        self.follow_stream()
        last = row.take(snapshot)
        if row.opens is None and self.state == "live":
            for newer in coming:
                if newer.id in self._rows:
                    self._bars.update(self._rows[newer.id].take(newer))
            around = self._rows.get(last.parent or 0)
            if self.draws_rows and around is not None and self._failures.keep(last, around.snapshot):
                self._bars.update(last)
                self._draw()
                return
            self._leave(self._failures.past(last))
            self._bars.close(last)
            self._leave(self._failures.of(last.id))
            if not self._is_inside(last):
                self._draw()
        for each in (last, *self._failures.of(last.id)):
            if row.opens is None and each.leave and self.state in ("away", "held"):
                self._rows[each.id].ended = True
            else:
                self._rows.pop(each.id, None)
        if not self._rows and self.terminal is not None and self.stream.fault:
            show_cursor()  # what the renderer wrote to show it is lost

    def _is_inside(self, snapshot: Snapshot) -> bool:
        """Tell whether the place has a bar in which this one is, with whose next frame it may come and go."""
        return self._calm and snapshot.parent in self._rows

    def _leave(self, failed: Iterable[Snapshot]) -> None:
        """Close the bars whose rows were kept."""
        for snapshot in failed:
            if self._rows.pop(snapshot.id, None) is not None:
                self._bars.close(snapshot)

    def flash(self, snapshot: Snapshot, around: Iterable[Snapshot]) -> None:
        """Show the only snapshot of a bar, which has ended, and before that the bar around one that has failed."""
        self.follow_stream()
        self._rows[snapshot.id] = Row(snapshot, None)
        if self.state == "live":
            self._leave(self._failures.of(snapshot.parent))
            self._bars.open(snapshot)
        self.close(snapshot, around)

    def put(self, text: str) -> bool:
        """Put a text above the bars as it is, and tell whether that went well."""
        was_busy = bool(self._rows)
        self.follow_stream()
        if not self.has_sink or self._standing == "redirected":
            return False
        if self._owes and self.state == "live":
            self._draw()
        with Contained(self._sink, self._contain) as call:
            if self.state == "live" and (self._rows or not was_busy):  # else the last rows have left just now
                self._sink.write(text)
            else:
                SafeStream(self.stream.file).put(text)
        return not call.fault

    def displace(self) -> None:
        """Take all rows away without their ends, for another process shows them from now on.

        `resume` comes before the next bar is opened here.
        """
        self.suspend()
        self._rows.clear()
        self._failures = Failures()
        self._clear()

    def update(self, snapshots: Iterable[Snapshot], sampling: float) -> None:
        """Show newer snapshots of the bars that are open here and look different, then rest.

        Args:
            snapshots: Snapshots of those that are `seen`; others may be among them.
            sampling: The cost of taking the snapshots, in seconds.
        """
        cost = Cost()
        self.follow_stream()
        for snapshot in snapshots:
            row = self._rows.get(snapshot.id)
            if row is None or row.ended:
                continue
            begins = row.opens is not None and row.opens <= clock.monotonic()
            if begins or (row.opens is None and self.state == "live" and differs(snapshot, row.snapshot)):
                row.take(snapshot)
                row.opens = None
                if self.state == "live":
                    self._leave(self._failures.past(snapshot))
                    (self._bars.open if begins else self._bars.update)(row.snapshot)
        self._bars.settle()
        differ = self._picture.changed or not self._picture.fits(self._size)
        if differ and self.state == "live" and not (self._calm and self._storm.rages(monotonic())):
            self._draw()
        self._rest(cost.seconds + sampling)

    def _draw(self) -> None:
        """Have the sink show what has changed; one that cannot tell of a bar that comes or goes is switched off."""
        self._bars.settle()
        picture = self._picture
        while picture.texts and picture is self._picture:
            with Contained(self._sink, self._contain):
                self._sink.write(picture.texts.pop(0))
        if picture is self._picture:
            self._owes = False
            if self._calm:
                self._storm.takes(monotonic())
            frame = picture.take(self._size)
            with Contained(self._sink, self._contain, last_chance=bool(frame.opened or frame.ended)):
                self._sink.frame(frame)

    def _rest(self, cost: float) -> None:
        self.due = monotonic() + max(self._apart(), min(cost / BUDGET, LONGEST_REST))

    def _apart(self) -> float:
        """Seconds between two frames, as the bar has it that is furthest from its start and its end."""
        interval = self._renderer.interval
        if not self.draws_rows:
            return interval
        shown = [self._rows[bar_id].snapshot for bar_id in self._bars.seen() if bar_id in self._rows]
        return max((rest(interval, s.elapsed, s.eta) for s in shown), default=SHORTEST_REST)

    def give_up(self) -> bool:
        """Let a sink be that hangs, and tell whether it is switched off for good.

        It is not where the terminal has been stopped (Ctrl-S), for then it comes back: see `come_back`. Called in
        another thread than the one that hangs.
        """
        if self.terminal is not None and not self.stream.takes_more:
            for snapshot in self._failures.all():
                self._rows[snapshot.id].ended = True
            self._rows = {i: row for i, row in self._rows.items() if row.ended or row.snapshot.state == "running"}
            self._enter("held")
            return False
        self._enter("broken")
        return True

    def fall_back(self) -> None:
        """Go on with the sink that takes the place of one that was switched off, if there is any."""
        if self.terminal is not None:
            show_cursor()
            self.stream.write("\n")  # the cursor may stand behind a row
        self.stream.muted = True  # the library may have a thread that goes on drawing
        self.stream = SafeStream(self.stream.file)
        instead = self._on_broken()
        if instead is not None:
            self._faults = 0
            self._install(instead._replace(title=f"{self.title}, then plain lines"))
            self._enter("live")
            for row in self._rows.values():
                if row.opens is None:
                    self._bars.open(row.snapshot)
                    if row.snapshot.state != "running":  # it was being closed
                        self._bars.close(row.snapshot)
            self._rows = {i: row for i, row in self._rows.items() if row.snapshot.state == "running"}
            self._bars.settle()
            if self._picture.changed:
                self._draw()

    def _contain(self, error: BaseException, sink: ProgressSink, last_chance: bool) -> None:
        """See to the fault of a sink, unless another one has taken its place meanwhile."""
        if isinstance(error, GoneError):
            self._enter("gone")
        elif sink is self._sink and self.has_sink:
            self._fault(error, last_chance)

    def _fault(self, error: BaseException, last_chance: bool) -> None:
        self._faults += 1
        over = self._faults >= FAULTS or last_chance
        then = "it is switched off" if over else f"after {FAULTS} such faults it is switched off"
        tell(
            f"{self.title} {id(self._renderer.make)} {type(error)}",
            f"The progress renderer {self.title} {complaint(error)}. The program goes on; {then}.",
        )
        if over:
            self._enter("broken")
            with suppress(Exception, SystemExit):  # it has failed before, and that was told
                self._sink.stop(0.0)
            self.fall_back()
