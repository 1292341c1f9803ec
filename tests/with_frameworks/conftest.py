"""What the tests with frameworks share."""

from collections.abc import Iterator
from typing import Any

import pytest

from headway.host import faults
from headway.snapshot import Snapshot
from headway.testing import Recorder


@pytest.fixture(autouse=True)
def nothing_contained(clean_process: None) -> Iterator[None]:
    """Fail a test in which a hook raised: such faults are kept from the framework, and told once."""
    yield
    assert [said for said in faults._said if said.startswith("headway.integrations")] == []


@pytest.fixture
def rows(recorded: Recorder) -> Any:
    """The last snapshots as `(desc, n, total, state)`, in the order of their ends."""

    def rows() -> list[tuple[Any, ...]]:
        return [(s.desc, s.n, s.total, s.state) for s in recorded.closed]

    return rows


@pytest.fixture
def values() -> Any:
    """The metrics of a snapshot as plain numbers."""

    def values(snapshot: Snapshot) -> dict[str, Any]:
        return {name: reading.value for name, reading in snapshot.metrics.items()}

    return values
