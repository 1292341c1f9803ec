"""A whole widget plugin: the load of this machine. Install it, and any layout may have `loadavg` in it."""

import os

from headway.hookspecs import hookimpl
from headway.snapshot import Snapshot


class Load:
    """The load over the last minute, as `load 1.25`."""

    protocol = 2
    name = "loadavg"
    width = 10
    priority = 2

    def __call__(self, _snapshot: Snapshot) -> str:
        return f"load {os.getloadavg()[0]:.2f}"


@hookimpl
def headway_widget(name: str) -> Load | None:
    return Load() if name == "loadavg" else None
