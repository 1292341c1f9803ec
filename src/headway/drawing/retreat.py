"""How rows make way: for a while, at a prompt, or because the descriptor of their stream has been redirected."""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Iterable, Iterator
from time import monotonic

from headway.drawing.made import Contained
from headway.drawing.picture import Picture
from headway.drawing.row import Row
from headway.drawing.states import MOVES, State
from headway.host.environment import show_cursor
from headway.host.stream import Reason, SafeStream
from headway.notation import TYPE_CHECKING
from headway.sink import ProgressSink
from headway.snapshot import Snapshot

if TYPE_CHECKING:
    import os

    from headway.drawing.fold import Fold
    from headway.drawing.window import Window

__all__ = ["Retreat"]

PROMPTED_WITHIN = 0.05
"""Seconds in which a prompt that was announced is there."""


class Retreat:
    """The part of a view that takes its rows away, and shows them again.

    If the program redirects the descriptor of the stream, the rows stand where they are: what is written goes
    elsewhere, so that they can neither be drawn nor erased. When it is back they are erased and drawn anew. They also
    stand while somebody types at a prompt below them; then they are left behind, and drawn anew below.
    """

    stream: SafeStream
    state: State
    terminal: int | None
    draws_rows: bool
    _sink: ProgressSink
    _rows: dict[int, Row]
    _picture: Picture
    _bars: Picture | Window | Fold

    def _be_there(self) -> None:
        """Begin with the rows in their place."""
        self._standing: Reason = ""
        """Why the rows stand where they are, if they do."""
        self._prompt_by = 0.0
        """When a prompt that was announced is there."""
        self._suspended = False
        """Whether somebody wants them to be away."""
        self._hidden = False
        """Whether the sink has taken them away."""

    def _enter(self, state: State) -> None:
        if state in MOVES[self.state]:
            self.state = state

    def suspend(self) -> None:
        """Take all rows away, and draw nothing until `resume`. What draws no rows goes on."""
        self.follow_stream()
        self._suspended = True
        if self.state == "live" and self.draws_rows:
            self._enter("away")
            self._hide()

    def resume(self, snapshots: Iterable[Snapshot]) -> None:
        """Show the rows again as they are now, and what the bars that ended meanwhile have left.

        Args:
            snapshots: Snapshots of all bars.
        """
        self._suspended = False
        self.follow_stream()
        if self.state == "away" and not self._standing:
            self._show(snapshots)

    @property
    def redirected(self) -> bool:
        """Whether the stream's descriptor leads elsewhere for now."""
        return self._standing == "redirected"

    def follow_stream(self) -> None:
        """Leave the rows where they are as long as they can be neither drawn nor erased, and go on afterwards."""
        if self.terminal is None or self.state not in ("live", "away") or monotonic() < self._prompt_by:
            return
        stream = self.stream
        before, stream.standing, stream.seen_in = self._standing, stream.reason_to_stand, get_ident()
        if stream.standing == before:
            return
        self._standing = stream.standing
        self._enter("away")
        if self._standing == "asked" and not self._hidden:
            self._hide()  # nothing is written; the library may have a thread that would go on
            show_cursor()
        if not (self._standing or self._suspended):
            if not self._hidden:
                self._hide()
            if self.state == "away":
                self._show(())

    def make_way(self) -> None:
        """Take the rows away for a prompt that comes now; they are shown again when nobody types any more."""
        if self.state == "live" and self.terminal is not None:
            self._enter("away")
            self._hide()
            self._standing, self._prompt_by = "asked", monotonic() + PROMPTED_WITHIN

    def _show(self, snapshots: Iterable[Snapshot]) -> None:
        """Show the rows again."""
        self._enter("live")
        self._hidden = False
        before = {*self._picture.seen()}
        self._clear()
        now = {snapshot.id: snapshot for snapshot in snapshots}
        for row in self._shown:
            self._bars.open(row.take(now.get(row.snapshot.id, row.snapshot)))
        ended = tuple(row.snapshot for row in self._rows.values() if row.ended)
        self._bars.settle()
        frame = self._picture.take(self._size)
        came = tuple(snapshot for snapshot in frame.opened if snapshot.id not in before)
        frame = frame._replace(opened=came, ended=ended)
        with Contained(self._sink, self._contain, last_chance=True):
            self._sink.show(frame)
        self._rows = {bar_id: row for bar_id, row in self._rows.items() if not row.ended}

    def _hide(self) -> None:
        self._hidden = True
        with Contained(self._sink, self._contain, last_chance=True):
            self._sink.hide()

    def come_back(self) -> None:
        """Go on with a sink that has come back, but has missed what was meanwhile: `resume` shows it."""
        if self.state == "held":
            self._enter("away")
            if not self._hidden:
                self._hide()

    @property
    def _shown(self) -> Iterator[Row]:
        """Return the rows of the bars that have begun and have not ended."""
        return (row for row in self._rows.values() if row.opens is None and not row.ended)

    @property
    def _size(self) -> os.terminal_size | None:
        return self.stream.size if self.draws_rows else None

    def _clear(self) -> None:
        raise NotImplementedError

    def _contain(self, error: BaseException, sink: ProgressSink, last_chance: bool) -> None:
        raise NotImplementedError
