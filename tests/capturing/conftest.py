"""The fixture that tests of captured bars share."""

from collections.abc import Iterator

import pytest

import headway


@pytest.fixture
def captured() -> Iterator[None]:
    """Capture tqdm for the test."""
    with headway.capture("tqdm"):
        yield
