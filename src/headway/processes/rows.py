"""Rows of workers, as the relay and the merger know them: the display that shows them, and the bars that share them."""

from __future__ import annotations

from headway.notation import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from headway.processes.group import Group
    from headway.snapshot import Snapshot, State

__all__ = ["Rows", "Unmerged", "Worker"]


class Worker(Protocol):
    """**Protocol:** a process that reports, see `receiver.Peer`."""

    @property
    def number(self) -> int:
        """A number that no other worker has."""

    @property
    def rank(self) -> int | None:
        """Its rank, if it is one of several."""

    @property
    def label(self) -> str:
        """Its name on the screen."""


class Rows(Protocol):
    """**Protocol:** the display that shows the rows."""

    def show(self, group: Group) -> None:
        """Open a row."""

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row with its last snapshot."""

    def say(self, text: str, terminal: int | None) -> None:
        """Put a text above the rows: what a worker has printed on a terminal, or given to `write`."""

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

    def opened(self, snapshot: Snapshot) -> None:
        """Do nothing."""

    merges = False
    """Whether bars of this process, or their ends, have to do with those of others."""

    def joined(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot as it is."""
        return snapshot

    def closed(self, snapshot: Snapshot) -> Snapshot | Group:
        """Return the snapshot as it is."""
        return snapshot

    def tend(self) -> None:
        """Do nothing."""

    def settle(self) -> None:
        """Do nothing."""

    def end_all(self, state: State) -> None:
        """Do nothing."""
