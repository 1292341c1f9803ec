"""Rows of workers, as the relay and the merger know them: the display that shows them, and the bars that share them."""

from __future__ import annotations

from headway.notation import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from headway.processes.group import Group
    from headway.processes.own_bar import OwnBar
    from headway.processes.reporter import RelaySink
    from headway.processes.wire import Look
    from headway.snapshot import Snapshot, State

__all__ = ["Rows", "Unmerged", "Worker"]


class Worker(Protocol):
    """**Protocol:** a process that reports, see `receiver.Peer`."""

    @property
    def number(self) -> int:
        """A number that no other worker has."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def rank(self) -> int | None:
        """Its rank, if it is one of several."""

    @property
    def own(self) -> bool:
        """Whether each of its bars has a row of its own, as in the process itself."""

    @property
    def label(self) -> str:
        """Its name on the screen."""

    def tell(self, message: bytes) -> None:
        """Send it a message."""


class Rows(Protocol):
    """**Protocol:** the display that shows the rows."""

    def show(self, bar: Group | OwnBar, look: Look | None = None) -> None:
        """Open a row, in the look that its process asks for, if it does."""

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last snapshot."""

    def say(self, text: str, terminal: int | None) -> None:
        """Put a text above the rows: what a worker has printed on a terminal, or given to `write`."""

    def take_back(self, refused: RelaySink, *, silent: bool) -> None:
        """Show the bars and texts here that another process was to show, and has not taken.

        Args:
            refused: The sink that they were given to.
            silent: Whether bars are not to be shown here whatever comes.
        """

    def displace(self) -> None:
        """Take all rows away without their ends, for another process shows the bars from now on."""

    def suspend(self, token: object) -> None:
        """Take all rows away for a while."""

    def resume(self, token: object) -> None:
        """Show them again."""

    def move(self) -> None:
        """Open the bars of this process anew, where they are shown from now on."""

    @property
    def reporting(self) -> bool:
        """Whether a bar of this process is open."""

    @property
    def drawing(self) -> bool:
        """Whether a bar is open in this process."""

    def new_id(self) -> int:
        """Return a number that no bar of this process has."""


class Unmerged:
    """Takes the place of the merger as long as no other process can report: each bar of this one has its own row."""

    open = False
    """Whether there is any row of others."""
    waits_for_ranks = False
    """Whether a bar of another rank is still open in a row of this one."""

    def opened(self, snapshot: Snapshot) -> bool:
        """Tell that the bar has a row of its own."""
        del snapshot
        return False

    def guests(self, ids: Collection[int]) -> list[int]:
        """Return none."""
        del ids
        return []

    merges = False
    """Whether bars of this process, or their ends, have to do with those of others."""

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot as it is."""
        return snapshot

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Return the snapshot as it is."""
        return snapshot

    failed = False
    """Whether a bar has failed in a row of others."""
    idle = False
    """Whether there are rows of others, but no bar is open in any of them."""

    def busy(self, workers: Collection[int]) -> bool:
        """Tell that nobody has a bar open."""
        del workers
        return False

    def pasts(self, there: Collection[int]) -> list[list[Snapshot]]:
        """Return nothing."""
        del there
        return []

    def settle_all(self) -> None:
        """Do nothing."""

    def tend(self) -> None:
        """Do nothing."""

    def forgive(self) -> None:
        """Do nothing."""

    def settle_without(self, there: Collection[int]) -> None:
        """Do nothing."""

    def settle(self) -> None:
        """Do nothing."""

    def end_all(self, state: State) -> None:
        """Do nothing."""
