"""The loops of gevent and eventlet, if they have replaced threads: code that one of them calls may not wait."""

from __future__ import annotations

import _thread
import sys

from headway.notation import Any

__all__ = ["in_loop"]


def in_loop() -> bool:
    """Tell whether such a loop calls this, as it does a signal handler if the signal comes while all threads wait."""
    greenlet: Any = sys.modules.get("greenlet")
    if greenlet is None or _thread.start_new_thread.__module__ == "_thread":
        return False
    gevent: Any = sys.modules.get("gevent.hub")
    eventlet: Any = sys.modules.get("eventlet.hubs")
    current = greenlet.getcurrent()
    if gevent is not None and isinstance(current, gevent.Hub):
        return True
    return eventlet is not None and eventlet.get_hub().greenlet is current
