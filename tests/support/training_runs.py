"""Training runs that several files of tests share."""

from collections.abc import Iterator
from typing import Any

import headway
from headway.snapshot import Snapshot

Clock = Any


class Loader(list):  # type: ignore[type-arg]
    """Batches, with their size, as a loader has them."""

    batch_size = 32


class Stream:
    """Batches whose number is not known before."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        """Give the batches."""
        return (i for i in range(self.n))


def epoch_row(loop: headway.Loop[Any, Any]) -> Snapshot:
    """What the row of the present epoch says."""
    assert loop._rows.epoch is not None
    return loop._rows.epoch.snapshot()


def steps_of(
    loop: headway.Loop[Any, Any], clock: Clock, train: float = 1.0, validate: float = 0.5, save: float = 2.0
) -> Any:
    """Run a loop whose batches take so many seconds, and yield after each batch of the training."""
    for _epoch in loop:
        for _batch in loop.train():
            clock.tick(train)
            yield loop
        if validate and loop.validation_due:
            for _batch in loop.validate():
                clock.tick(validate)
        with loop.phase("checkpoint"):
            clock.tick(save)
