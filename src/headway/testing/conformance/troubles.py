"""Troubles that a sink may have, made to order: each is a function to be called before its frames and texts."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable

from headway.drawing import outlets, side, throttle

__all__ = ["hanging", "only_aside", "raising", "refusing", "slow"]

PATIENCE = 0.5
"""Seconds after which a sink that hangs is given up; the tests do not wait for as long as programs do."""


def raising() -> Callable[[], None]:
    """Raise from the second call on."""
    calls = itertools.count()

    def before() -> None:
        if next(calls):
            raise RuntimeError("out of ink")

    return before


def hanging() -> Callable[[], None]:
    """Hang in the second call, for good."""
    throttle.HANGS_AFTER = throttle.ANSWER_WITHIN = outlets.STOP_WITHIN = side.CATCH_UP_WITHIN = PATIENCE
    calls = itertools.count()

    def before() -> None:
        if next(calls):
            time.sleep(86_400)

    return before


def refusing() -> Callable[[], None]:
    """Fail in the first call, as a server does that is not there yet."""
    fails = iter([True])

    def before() -> None:
        if next(fails, False):
            raise ConnectionRefusedError("no server")

    return before


def slow() -> Callable[[], None]:
    """Take a while for each call."""
    return lambda: time.sleep(0.1)


def only_aside(trouble: Callable[[], None]) -> Callable[[], None]:
    """Leave the sink alone that draws: those that draw nothing have threads of their own."""

    def before() -> None:
        if threading.current_thread().name.startswith("headway "):
            trouble()

    return before
