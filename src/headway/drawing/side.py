"""A sink that draws nothing: driven in a thread of its own, so that the display does not wait for it.

The thread that draws hands it changes; the sink's thread makes frames of them. If the sink is slower than the bars,
updates of a bar take the place of older ones. Openings, ends and texts are kept, up to `KEPT`. Those beyond are
counted, and the sink is told their number in `Frame.lost`.
"""

from __future__ import annotations

import _thread
import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from headway.choosing.inspection import complaint
from headway.drawing.idle import Idle
from headway.drawing.made import Made
from headway.drawing.pacing import differs
from headway.drawing.picture import Picture, merged
from headway.errors import BackendLoadError
from headway.host import clock
from headway.host.daemon import Daemon, is_here
from headway.host.faults import tell
from headway.notation import TYPE_CHECKING, Any
from headway.sink import Frame, GoneError
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    from headway.host.stream import SafeStream
    from headway.text.layout import Layout

__all__ = ["SideView"]

KEPT = 10_000
"""Openings, ends and texts that wait for a slow sink, at most."""
FAULTS = 3
"""So many errors one after the other end a sink, unless they are such as may pass: an `OSError`."""
FIRST_RETRY, LAST_RETRY = 0.5, 60.0
"""Seconds from a failed frame to the next try, at first and at most; they double from one to the next."""
FAST = 0.02
"""Seconds of a call up to which a sink is fast: then callers wait until it has been told the newest."""
CATCH_UP_WITHIN = 1.0
"""Seconds that it waits at most for a fast sink, which only a loaded machine can hold up so long, or for one that has
not answered yet; once, until it has answered."""
LINGER = 0.5
"""Seconds that the thread outlives the last change."""
PARKED_WITHIN = 1.0
"""Seconds that a fork waits at most for the thread to end."""


class SideView:
    """Drives one sink that draws nothing.

    Args:
        made: The sink.
        stream: The stream that the bars are for.
        inline: Do without a thread.
    """

    aside = True
    terminal: int | None = None
    draws_rows = False
    redirected = False
    is_screen = False
    next_first_frame = None
    fleeting = False

    def __init__(self, made: Made, stream: SafeStream, *, inline: bool) -> None:
        self.stream = stream
        self.title = made.title
        self.scope = made.scope
        self.renderer = made.renderer
        self.has_end = made.has_end
        self.due = 0.0
        self._made = made
        self._inline = inline
        self._lock = threading.RLock()  # the collector may run a finaliser inside, which opens a bar
        self._picture = Picture(points=made.renderer.points or made.renderer.every is not None)
        self._queue: deque[Frame | str] = deque()
        self._waiting = 0
        """Openings, ends and texts that wait."""
        self._lost = 0
        self._bars: dict[int, tuple[float, Snapshot]] = {}
        """When each bar is to be shown, and its newest snapshot."""
        self._shown: set[int] = set()
        self._failed: Frame | None = None
        self._faults = 0
        self._retry_at = 0.0
        self._took: float | None = None
        """Seconds of the last call, if there was one."""
        self._late = False
        """Whether a caller has waited in vain, and the sink has not answered since."""
        self._over = False
        """Whether the sink is called no more."""
        self._stops_by: float | None = None
        self._parked = False
        self._thread: Daemon | None = None
        self.calling: int | None = None
        """The thread in which the sink is being called. Reports that it makes itself are not for it."""
        self._wake = _thread.allocate_lock()
        self._idle = Idle()

    # ── in the thread that draws ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def busy(self) -> bool:
        """Whether any bar is open here."""
        return bool(self._bars)

    @property
    def has_sink(self) -> bool:
        """Whether there is a sink to show with."""
        return not self._over

    def open(self, snapshot: Snapshot, delay: float = 0.0) -> None:
        """Tell of a bar.

        Args:
            snapshot: Its first snapshot.
            delay: Seconds before it is told; a bar that ends within them never is.
        """
        if not self._bars:
            self.due = monotonic() + self.renderer.interval
        self._bars[snapshot.id] = clock.monotonic() + delay, snapshot
        if delay <= 0:
            self._begin(snapshot)
            self._go_on()

    def update(self, snapshots: Iterable[Snapshot], _sampling: float) -> None:
        """Tell of the bars that look different."""
        now = clock.monotonic()
        for snapshot in snapshots:
            opens, old = self._bars.get(snapshot.id, (0.0, None))
            if old is None or opens > now or (snapshot.id in self._shown and not differs(snapshot, old)):
                continue
            dressed = snapshot.dressed(old.options, old.layout)
            self._bars[snapshot.id] = opens, dressed
            if snapshot.id in self._shown:
                with self._lock:
                    self._picture.update(dressed)
            else:
                self._begin(dressed)
        self.due = monotonic() + self.renderer.interval
        self._go_on()

    def restyle(self, bar_id: int, options: Mapping[str, Any], layout: Layout | None) -> None:
        """Give a bar another look."""
        if bar_id in self._bars:
            opens, snapshot = self._bars[bar_id]
            self._bars[bar_id] = opens, snapshot.dressed(options, layout)

    def seen(self) -> Collection[int]:
        """Return the bars whose changes are to be told: all of them."""
        return self._bars.keys()

    def coming(self, _bar_id: int) -> Collection[int]:
        """Return the bars that will be told of as soon as a bar has ended: none but those that are."""
        return ()

    def close(self, snapshot: Snapshot, _coming: Iterable[Snapshot] = ()) -> None:
        """Tell of the end of a bar."""
        _, old = self._bars.pop(snapshot.id, (0.0, None))
        if old is None or snapshot.id not in self._shown:
            return
        self._shown.discard(snapshot.id)
        with self._lock:
            self._waiting += 1
            self._picture.close(snapshot.dressed(old.options, old.layout))
        self._go_on()

    def flash(self, snapshot: Snapshot, _around: Iterable[Snapshot]) -> None:
        """Tell of a bar that has ended."""
        self.open(snapshot)
        self.close(snapshot)

    def put(self, text: str) -> bool:
        """Tell a text as it is."""
        with self._lock:
            if self._has_room():
                self._waiting += 1
                if self._picture.changed:
                    self._queue.append(self._take())
                self._queue.append(text)
        self._go_on()
        return self.has_sink

    def is_on(self, _stream: object) -> bool:
        """Draw on no stream."""
        return False

    def suspend(self) -> None:
        """Go on: nothing is drawn that has to make way."""

    def resume(self, snapshots: Iterable[Snapshot]) -> None:
        """Go on."""

    def make_way(self) -> None:
        """Go on, as above."""

    def _begin(self, snapshot: Snapshot) -> None:
        with self._lock:
            if self._has_room():
                self._waiting += 1
                self._shown.add(snapshot.id)
                self._picture.open(snapshot)

    def _has_room(self) -> bool:
        self._lost += self._waiting >= KEPT
        return self._waiting < KEPT

    def _take(self) -> Frame:
        frame = self._picture.take(None)
        if self._lost:
            frame, self._lost = frame._replace(lost=frame.lost + self._lost), 0
        return frame

    # ── from any thread ──────────────────────────────────────────────────────────────────────────────────────────────

    def catch_up(self) -> None:
        """Wait a moment until the sink has been told all, if it is fast, and has answered since the last wait."""
        took = self._took
        if not self._late and (took is None or took < FAST) and not is_here(self._thread):
            self._late = not self._idle.wait(CATCH_UP_WITHIN)

    def tell_all(self, by: float) -> None:
        """Wait until the sink has been told all that waits, or has failed at it.

        Args:
            by: The monotonic time until which it is waited for.
        """
        if not is_here(self._thread):
            self._idle.wait(max(0.0, by - monotonic()))

    def stop(self, by: float) -> None:
        """Have the sink told the end when all is told; `join` waits for it.

        Args:
            by: The monotonic time by which it has to be over.
        """
        self._stops_by = by
        self._go_on(even_if_idle=True)

    def join(self) -> bool:
        """Wait until the sink has been told the end, and tell whether it has."""
        thread = self._thread
        if thread is not None and not is_here(thread):
            thread.join(max(0.0, (self._stops_by or 0.0) - monotonic()))
        return self._over

    def park(self) -> None:
        """End the thread for a fork. A sink that hangs is waited for `PARKED_WITHIN` seconds."""
        self._parked = True
        thread = self._thread
        if thread is not None and not is_here(thread):
            self._nudge()
            thread.join(PARKED_WITHIN if (self._took or 0.0) < PARKED_WITHIN else 0.0)

    def unpark(self) -> None:
        """Go on after a fork."""
        self._parked = False
        self._go_on()

    # ── the sink's thread ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _has_work(self) -> bool:
        return bool(self._queue or self._picture.changed or self._failed or self._lost)

    def _go_on(self, *, even_if_idle: bool = False) -> None:
        if self._over or self._parked or not (self._has_work or even_if_idle):
            return
        self._idle.clear()
        if self._inline:
            self._work()
            return
        if self._has_thread():
            self._nudge()
        elif self._stops_by is not None:  # from Python 3.12 on no thread can be started when the interpreter ends
            self._work()

    def _has_thread(self) -> bool:
        """Start the thread unless it runs; if none can be had now, the next change tries again."""
        with self._lock:
            if self._thread is not None:
                return True
            self._wake = _thread.allocate_lock()  # of the kind that the thread is of: see `Throttle`
            thread = self._thread = Daemon(self._run, f"headway {self._made.title}")
        try:
            thread.start()
        except RuntimeError:
            self._thread = None
            return False
        return True

    def _nudge(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:
            return  # it is awake already

    def _run(self) -> None:
        while True:
            self._work()
            self._late = False
            self._idle.set()
            wait = max(self._retry_at - monotonic(), 0.0) if self._failed else LINGER
            woken = self._wake.acquire(timeout=0.0 if self._over else wait)
            with self._lock:
                rests = not woken and not self._has_work and self._stops_by is None
                if self._over or self._parked or rests:
                    self._thread = None
                    return

    def _work(self) -> None:
        """Tell the sink all that waits, and the end if it is near."""
        while not self._over and not self._parked and (piece := self._next()) is not None:
            if isinstance(piece, str):
                self._tell(piece)
            else:
                self._show(piece)
        if self._stops_by is not None and not self._over:
            self._end()
        if self._inline:
            self._idle.set()

    def _next(self) -> Frame | str | None:
        with self._lock:
            if self._failed is not None:
                if monotonic() < self._retry_at and self._stops_by is None:
                    return None
                frame, self._failed = self._failed, None
                if not self._queue:
                    return merged(frame, self._take())
                following = self._queue[0]
                if isinstance(following, str):
                    return frame
                self._queue.popleft()
                return merged(frame, following)
            if self._queue:
                return self._queue.popleft()
            return self._take() if self._picture.changed or self._lost else None

    def _show(self, frame: Frame) -> None:
        began = monotonic()
        try:
            with self._called():
                self._made.sink.frame(frame)
        except GoneError:
            self._over = True
        except (Exception, SystemExit) as error:  # a sink may raise anything
            self._fault(error)
            self._failed = frame
            if self._stops_by is not None:
                self._over = True
        else:
            self._faults = 0
            with self._lock:
                self._waiting -= len(frame.opened) + len(frame.ended)
        self._took = monotonic() - began

    def _tell(self, text: str) -> None:
        with self._lock:
            self._waiting -= 1
        try:
            with self._called():
                self._made.sink.write(text)
        except GoneError:
            self._over = True
        except (Exception, SystemExit) as error:  # as above
            self._fault(error)

    @contextmanager
    def _called(self) -> Iterator[None]:
        self.calling = _thread.get_ident()
        try:
            yield
        finally:
            self.calling = None

    def _fault(self, error: BaseException) -> None:
        self._faults += 1
        passes = isinstance(error, OSError)
        unfit = isinstance(error, BackendLoadError)
        self._over = unfit or (self._faults >= FAULTS and not passes)
        self._retry_at = monotonic() + min(LAST_RETRY, FIRST_RETRY * 2 ** (self._faults - 1))
        then = "it is called no more" if unfit else f"after {FAULTS} such errors it is called no more"
        tell(
            f"{self.title} {id(self._made.renderer.make)} {type(error)}",
            f"The progress renderer {self.title} {complaint(error)}. "
            f"The program and the display go on; {'it is tried again' if passes else then}.",
        )

    def _end(self) -> None:
        try:
            self._made.sink.stop(max(0.0, (self._stops_by or 0.0) - monotonic()))
        except (Exception, SystemExit) as error:  # as above
            self._fault(error)
        self._over = True
