"""Event files and the schema of events: fields that are checked, a writer, and readers.

Knows snapshots and the host; nothing of bars, nor of how events are shown.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from headway.events.follower import Follower
    from headway.events.reader import Event, Reader
    from headway.events.schema import from_event, to_event

__all__ = ["Event", "Follower", "Reader", "from_event", "to_event"]

_HOMES = {"Event": "reader", "Follower": "follower", "Reader": "reader", "from_event": "schema", "to_event": "schema"}


def __getattr__(name: str) -> object:
    """Import a name at its first use: a program that reports bars reads no event files."""
    if name not in _HOMES:
        raise AttributeError(f"module 'headway.events' has no attribute {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module  # at the first use of a name

    value = globals()[name] = getattr(import_module(f"headway.events.{_HOMES[name]}"), name)
    return value
