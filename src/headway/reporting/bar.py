"""The reporting side: what a program holds to say how far it is. Reporting counts, and nothing else.

A bar never draws, never waits for a renderer but at its first and last frame, and never raises because of one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from time import time

from headway import format as fmt
from headway.choosing import selection
from headway.choosing.discovery import load
from headway.choosing.wishes import preferred
from headway.drawing.hub import hub
from headway.host.compilers import opaque
from headway.host.handlers import Deferring, Finalising
from headway.notation import TYPE_CHECKING, Any, Literal, TextIO, TypeVar
from headway.reporting import arguments, cells, copies
from headway.reporting.account import Account
from headway.reporting.block import Block
from headway.reporting.halts import Blocked, Pause
from headway.reporting.metric import Metric
from headway.reporting.nest import DEEPEST
from headway.reporting.offer import Offer
from headway.reporting.place import Place, bar_around
from headway.reporting.tally import NO_GIL
from headway.snapshot import BROKEN_OFF, LARGEST, Number, State

if TYPE_CHECKING:
    from typing_extensions import Self

    from headway.choosing.selection import Choice
    from headway.reporting.counter import Counted
    from headway.reporting.ties import Tie

__all__ = ["Bar"]

T = TypeVar("T")


class Bar(Account, Block, Offer):
    """Reports the progress of one piece of work. Made by `headway.get_bar` or `headway.track`.

    Use it as a context manager, call it, or call its methods; from any thread. `update` costs tens of nanoseconds and
    loses no count between threads.

    A `with` block ends the bar by how the block ends: an exception means `failed`, Ctrl-C `interrupted`, and coming to
    the end means `finished`, or `stopped` where the total was not reached.
    """

    __slots__ = ("_ending", "_entered", "_loop", "_place", "_stays", "_within", "parent", "tie")
    _offered = (
        "blocked close depth desc elapsed estimated eta fail id initial leave load_state_dict message metrics n name "
        "parent parent_id pause rate refresh reset resume set snapshot stalled state state_dict stop total unit "
        "unit_scale units update write"
    )

    def __init__(
        self,
        total: Number | None = None,
        *,
        desc: str = "",
        unit: str = "it",
        unit_scale: bool | Literal["", "si", "iec"] = False,
        units: Mapping[str, float] | None = None,
        weights: Iterable[float] | None = None,
        initial: Number = 0,
        estimated: bool = False,
        metrics: Iterable[Metric | str] = (),
        leave: bool | None = None,
        name: str = "",
        parent: Bar | Literal["around"] | None = "around",
    ) -> None:
        self.tie: Tie | None = None
        """What this bar has to do with its copies, or this copy with its original."""
        super().__init__(
            total,
            desc=desc,
            unit=unit,
            unit_scale=unit_scale,
            units=units,
            weights=weights,
            initial=initial,
            estimated=estimated,
            metrics=metrics,
            leave=leave,
            name=name,
        )
        if not (parent is None or parent == "around" or isinstance(parent, Bar)):
            raise TypeError(
                f"parent must be a headway bar, None or 'around', not {fmt.shown(parent)}. "
                f"The bar of a track or a loop is its `bar`."
            )
        self._within = parent
        self.parent: Bar | None = None
        """The bar that it is inside of, once it is open."""
        self._place: Place[Bar] | None = None
        self._entered = False
        self._loop: Counted | None = None
        self._stays = False
        """Whether its row stays if it fails, for nobody has said that it is to leave none."""
        self._ending = False
        self._plain = None if NO_GIL else int

    @property
    def parent_id(self) -> int | None:
        """The id of the bar around, `None` if there is none."""
        return None if self.parent is None else self.parent.id

    @property
    def _share(self) -> float | None:
        return None if self.parent is None else self.parent.share_of(self)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, choices: tuple[Choice, ...], file: TextIO, delay: float = 0.0) -> None:
        """Find the parent, start the clock and show the first frame. `get_bar` and `track` do this.

        Args:
            choices: The sinks that show it; with none, progress is off for this bar.
            file: The stream that it is shown on.
            delay: Seconds before it is shown; the clock runs at once.
        """
        within = self._within
        parent: Bar | None = bar_around() if within == "around" else within
        self._within = None
        cells.opened(self)
        if parent is not None and parent is not self and parent.state == "running":
            self.parent = parent
        self._stays = self.leave is None and self.parent is not None
        if self.leave is None:
            self.leave = self.parent is None
        if self.parent is not None:
            self.depth = self.parent.depth + 1
        self._began = round(time(), 3)
        self.begin()
        choices = hub.route(choices, file)
        if choices or hub.outlets.recorders:
            self._drawn = True
            if hub.outlets.want_points(choices):
                self._reported = self._metrics.keep()
            if self.parent is not None and self.depth <= DEEPEST:
                self.parent.nest(self)
            hub.open(self, choices, file, delay)
            if hub.throttle.inline:
                self.slow_down()
        self._metrics.unseen = not self._drawn

    def __enter__(self) -> Self:
        self.enter()
        return self

    def enter(self) -> None:
        """Have bars that are opened from now on, until this one ends, be inside of it."""
        self._entered = True
        self.surround()

    def surround(self, loop: Counted | None = None) -> None:
        """Have bars be inside of this one once its loop has given out an item.

        Args:
            loop: The loop, by default the one that this bar counts.
        """
        self._loop = loop
        if self._place is None and self._state == "running":
            self._place = Place(self)

    @property
    def surrounds(self) -> bool:
        """Whether a bar that is opened now, and here, is inside."""
        loop = self._loop or self._course
        begun = self._entered or (loop is not None and loop.given_out() > 0)
        return self._state == "running" and begun and cells.runs(self.cell)

    def close(self) -> None:
        """End the bar: `finished`, or `stopped` if a total that is known, and no estimate, was not reached.

        Closing twice is harmless.
        """
        reached = self._total is None or self.estimated or self.n >= self._total or math.isclose(self.n, self._total)
        self.end("finished" if reached else "stopped")

    def stop(self, reason: str = "") -> None:
        """End the bar early and on purpose, which is a success: `bar.stop("no better for 5 epochs")`."""
        self.end("stopped", arguments.text("reason", reason))

    def fail(self, reason: str = "") -> None:
        """End the bar as failed."""
        self.end("failed", arguments.text("reason", reason))

    def end(self, state: State, reason: str = "") -> None:
        """End the bar in a state; the last frame is out when this returns. Only the first end counts.

        A Ctrl-C, or another signal whose handler raises, leaves no bar half ended if it strikes in here, and goes on.
        """
        try:
            with Deferring():
                self._end(state, reason)
        except BaseException:
            self._end(state, reason)
            raise

    def _end(self, state: State, reason: str) -> None:
        with self._lock:
            if self._state == "running":
                self._settle(state, reason)
            elif self._ending or not self._drawn:
                return
            self._ending = True
        try:
            self._withdraw()
        finally:
            self._ending = False

    def _settle(self, state: State, reason: str) -> None:
        """Make the numbers and words final."""
        if self.tie is not None:
            self.gather()
        self.absorb_loop()
        self.halt()
        self._plain = None
        self._reason = fmt.clean(reason)
        if self.estimated and state == "finished":
            self._total, self.estimated = max(0, self._count), False
        if self._stays and state in BROKEN_OFF:
            self.leave = True
        self._state = state

    def _withdraw(self) -> None:
        """Show the last frame, and let go of what only an open bar needs."""
        if self._place is not None:
            self._place.leave()
        self._loop = None
        if self._drawn:
            self._metrics.settle()
            hub.close(self, leave=bool(self.leave))
            if self.parent is not None:
                self.parent.unnest(self)
            self._drawn = False
        self._outlook = self.tie = None
        self._metrics.release()

    def __del__(self) -> None:
        if getattr(self, "_drawn", False):
            with Finalising(sys._getframe()):
                self.end("stopped")

    # ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _slowly(self, n: Number) -> Number:
        """Take the road for what is not plain: other number types, a closed bar, copies, no thread to draw, no GIL."""
        if n.__class__ is not int:
            n = arguments.number("n", n)
        if self._state != "running":
            self.say_closed("update")
            return 0
        if NO_GIL:
            with self._lock:
                self._count += n
        else:
            self._count += n
        if self.tie is not None:
            self.tell()
        hub.throttle.tick()
        return 0

    def tell(self) -> None:
        """Say what this copy has counted; again if another thread, or a signal handler, has counted meanwhile."""
        told: Number | None = None
        while self.tie is not None and told != self._count:
            told = self._count
            self.tie.tell(told)

    @property
    def n(self) -> Number:
        """Units that are done, `initial` and those of copies included; not below 0."""
        if self.tie is not None:
            self.gather()
        return max(0, self._count + self._looped)

    def gather(self) -> None:
        """Count what copies have counted by now."""
        with self._lock:
            if self.tie is not None and self._state == "running":
                self.tie.gather(self)

    def take_in(self, n: Number) -> None:
        """Count what copies have counted since."""
        if abs(self._count + n) <= LARGEST:
            self._count += n

    def slow_down(self) -> None:
        """Take the road that draws what is due at each update: there is no thread that does."""
        self._plain = None

    @opaque
    def set(self, n: Number) -> None:
        """Report that `n` units are done in all.

        Raises:
            TypeError: `n` is no number.
            ValueError: `n` is negative or not finite.
        """
        n = arguments.count("n", n)
        if self._is_open("set"):
            with self._lock:
                self._count = n - self._looped
            self.tell()
            hub.throttle.tick()

    def reset(self, total: Number | None = None) -> None:
        """Start over: count 0, clock at 0, nothing learnt.

        Args:
            total: The new total; `None` keeps the present one.
        """
        if not self._is_open("reset"):
            return
        if total is not None:
            self._total = arguments.total(total)
        with self._lock:
            self.go_on()
            self.start_over(0, self._total)
        hub.throttle.tick()

    def refresh(self) -> None:
        """Draw the bar as it is now; the frame is out when this returns.

        Call it before a call that keeps all other threads of the interpreter from running, so that the screen shows
        the latest text meanwhile. It draws rows and cells, and lets the process know that this one reports to; log
        lines and files go by their interval. It waits a second at most for a renderer that hangs.
        """
        if self._drawn and self._state == "running":
            hub.refresh(self)

    def iterate(self, iterable: Iterable[T]) -> Iterator[T]:
        """Yield the items, count them, and end this bar with the loop. `track` does this."""
        self.surround()
        return self.counted(iterable, self.end) if self._drawn else iter(iterable)

    # ── the clock and the lines above ────────────────────────────────────────────────────────────────────────────────

    def pause(self) -> Pause[Bar]:
        """Stop the clock, so that what happens now counts neither as work nor as time, until `resume()`.

        `with bar.pause(): validate()` resumes by itself.
        """
        if self._is_open("pause"):
            self.halt()
            hub.throttle.tick()
        return Pause(self)

    def resume(self) -> None:
        """Let the clock go on after `pause()`."""
        with self._lock:
            if self._state == "running":
                self.go_on()

    def write(self, text: str) -> None:
        """Put a line (or several) above the bars; it is out when this returns. With progress off it goes to stderr."""
        hub.texts.write(arguments.text("text", text), self.id)

    def blocked(self, reason: str) -> Blocked[Bar]:
        """Say what holds the work up, for the length of a block: `with bar.blocked("waiting for the GPU"): ...`.

        Rows, plain lines and events show it. The clock goes on; `pause()` stops it.
        """
        reason = fmt.clean(arguments.text("reason", reason))
        self._is_open("blocked")
        return Blocked(self, reason)

    # ── copies ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it as a handle: on this machine, or in a process that reports to this one, it counts for this bar."""
        return copies.revive, (Bar, *copies.pickled(self))

    def __copy__(self) -> Bar:
        """Copy it as a bar that counts for itself and is not shown."""
        return copies.revive(Bar, *copies.traits(self, ""))

    def __deepcopy__(self, memo: dict[int, Any]) -> Bar:
        return self.__copy__()

    def report_for(self, original: str) -> None:
        """Open as a copy that counts for a bar of another process, if this process reports to one and shows bars.

        Args:
            original: The name of that bar among the bars of all processes.
        """
        if hub.relay.seek() is not None and sys.stderr is not None and selection.shown(used=preferred()):
            self.open((selection.Choice("plain", load("plain"), {"of": original}),), sys.stderr)

    def __repr__(self) -> str:
        total = "" if self._total is None else f"/{self._total}"
        return f"<headway.Bar {self._desc or self.name!r} {self.n}{total} {self._state}>"
