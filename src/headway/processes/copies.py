"""Copies of bars that count in other processes: to the relay they are an object that it hands snapshots to."""

from __future__ import annotations

from headway.notation import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from headway.processes.rows import Worker
    from headway.processes.wire import Report

__all__ = ["Copies", "Uncounted"]


class Copies(Protocol):
    """**Protocol:** what counts for a bar of this process the work that its copies report; see `Relay.copies`."""

    def count_in(self, peer: Worker, report: Report) -> None:
        """Count what a copy has done since its last snapshot; `report.of` is the name of the bar that it counts for."""

    def forget(self, peer: Worker) -> None:
        """Let go of what is known of the copies in a process that is gone."""


class Uncounted:
    """Counts nothing: as long as nobody registers copies, no bar has any."""

    def count_in(self, peer: Worker, report: Report) -> None:
        """Do nothing."""

    def forget(self, peer: Worker) -> None:
        """Do nothing."""
