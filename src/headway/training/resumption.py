"""Loaders that go on by themselves after a resume: the loop skips nothing of their batches a second time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["skipped_by"]

MOST_PARTS = 20
"""Objects inside of a loader that are looked into."""
PARTS = ("batch_sampler", "dataset")


def skipped_by(loader: Any) -> int | None:
    """Return how many batches the length of a loader lacks that goes on by itself; `None` if it begins anew.

    Known are torchdata's `StatefulDataLoader`, litdata's `StreamingDataLoader` and the `IterableDataset` of datasets
    after their `load_state_dict()`, and the loaders of `accelerate.skip_first_batches()`. None of them is imported.
    """
    for part in _parts(loader):
        kept = part.__dict__
        if skipped := kept.get("skip_batches"):  # accelerate
            return int(skipped) if type(part).__name__ in ("SkipBatchSampler", "SkipDataLoader") else 0
        if kept.get("next_iter_state") is not None:  # torchdata
            return 0
        if kept.get("_starting_state_dict") is not None:  # datasets
            return 0
        if kept.get("restore") is True:  # litdata
            return 0
    return None


def _parts(loader: Any) -> Iterator[Any]:
    """Yield a loader and the loaders, samplers and data sets that it is made of."""
    parts = [loader]
    for part in parts:
        kept = getattr(part, "__dict__", None)
        if not isinstance(kept, dict):
            continue
        yield part
        if len(parts) < MOST_PARTS:
            parts += [each for name, each in kept.items() if name in PARTS or "loader" in name]
