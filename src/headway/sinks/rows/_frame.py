"""The second version of the contract, as far as rows need it. To be replaced by `headway.sink.Frame` and its like."""

from __future__ import annotations

from collections.abc import Mapping

from headway.notation import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import os

    from headway.sink import Stream
    from headway.snapshot import Snapshot

__all__ = ["Context", "Frame"]


class Frame(NamedTuple):
    """One drawing of all bars."""

    bars: tuple[Snapshot, ...]
    """All bars that are open after it, in the order of the tree: a bar's inner ones follow it, siblings as opened."""
    opened: tuple[Snapshot, ...]
    """Those that are shown here for the first time."""
    changed: tuple[Snapshot, ...]
    """Those of the others that look different from the frame before."""
    ended: tuple[Snapshot, ...]
    """The last snapshots of bars that are not open any more; `leave` says whether they stay visible."""
    size: os.terminal_size | None
    """Columns and lines of the terminal; `None` if the stream is none."""
    resized: bool
    """Whether the size differs from that of the frame before."""


class Context(Protocol):
    """**Protocol:** the place that a sink is made for."""

    @property
    def stream(self) -> Stream:
        """The stream that it draws on."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The options, checked."""
