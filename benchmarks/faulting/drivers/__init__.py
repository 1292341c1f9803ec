"""How each library is driven where something goes wrong: natively, as its documentation does, with its defaults.

The libraries are imported inside the methods, so that a process holds only the one that it is about. They differ in how
well they are typed, and each method hands its own bar to itself: hence `Any`.
"""

from __future__ import annotations

from faulting.drivers.alive import Alive
from faulting.drivers.driver import Driver
from faulting.drivers.headway import Headway
from faulting.drivers.progressbar2 import ProgressBar2
from faulting.drivers.rich import Rich
from faulting.drivers.tqdm import Tqdm

__all__ = ["DRIVERS", "Driver"]


def _all() -> dict[str, Driver]:
    backends = ("rows", "tqdm", "alive", "progressbar2", "rich", "plain", "events")
    drivers = [*map(Headway, backends), Tqdm(), Alive(), ProgressBar2(), Rich()]
    return {driver.name: driver for driver in drivers}


DRIVERS = _all()
"""All of them by name."""
