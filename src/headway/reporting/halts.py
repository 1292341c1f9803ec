"""Blocks in which a bar does not go on: its clock stands, or something holds the work up."""

from __future__ import annotations

from headway.notation import Generic, Protocol, TypeVar

__all__ = ["Blocked", "Pause"]


class Halting(Protocol):
    """**Protocol:** a bar that can be halted."""

    def resume(self) -> None:
        """Let the clock go on."""

    def hold(self, reason: str) -> None:
        """Show what holds the work up."""

    def let_go(self, reason: str) -> None:
        """Show it no more."""


B = TypeVar("B", bound=Halting)


class Pause(Generic[B]):
    """What `Bar.pause` returns: leaving it as a `with` block resumes the bar."""

    def __init__(self, bar: B) -> None:
        self._bar = bar

    def __enter__(self) -> B:
        return self._bar

    def __exit__(self, *error: object) -> None:
        self._bar.resume()


class Blocked(Generic[B]):
    """What `Bar.blocked` returns: within it as a `with` block the bar says what holds it up.

    Blocks of several threads may overlap; the bar says what the last one that began does.
    """

    def __init__(self, bar: B, reason: str) -> None:
        self._bar = bar
        self._reason = reason

    def __enter__(self) -> B:
        self._bar.hold(self._reason)
        return self._bar

    def __exit__(self, *error: object) -> None:
        self._bar.let_go(self._reason)
