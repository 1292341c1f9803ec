"""The clock that runs go by."""

from typing import Any

import pytest

Clock = Any


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Clock:
    """The clock that a run goes by."""
    monkeypatch.setattr("headway.training.bars.monotonic", clock)
    return clock
