"""Loaders that other libraries make: how long they claim to be, and whether they go on by themselves."""

import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.reporting.totals import Length, length_of
from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        for package in ("accelerate", "datasets", "lightning", "torchdata"):
            pytest.importorskip(package)
    import datasets
    import numpy as np
    import torch
    from accelerate import Accelerator, skip_first_batches
    from lightning.fabric import Fabric
    from torch.utils.data import DataLoader, IterableDataset
    from torchdata.stateful_dataloader import StatefulDataLoader
    from transformers.pipelines.pt_utils import PipelineIterator

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")


class Claims(IterableDataset[int]):
    """Says that it has ten items, and has twelve."""

    def __len__(self) -> int:
        return 10

    def __iter__(self) -> Any:
        return iter(range(12))


class Prefetching:
    """Wraps a loader, as users do."""

    def __init__(self, loader: Any) -> None:
        self.inner = loader

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Any:
        return iter(self.inner)


WRAPPED: dict[str, Callable[[Any], Any]] = {
    "torch": lambda loader: loader,
    "accelerate": lambda loader: Accelerator(cpu=True).prepare(loader),
    "fabric": lambda loader: Fabric(accelerator="cpu").setup_dataloaders(loader),
    "a user's": Prefetching,
    "a user's around accelerate's": lambda loader: Prefetching(Accelerator(cpu=True).prepare(loader)),
}


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_a_claimed_length_is_an_estimate_however_it_is_wrapped(wrapped: str, recorded: Recorder) -> None:
    """Steps are due by `accumulate` alone, and the row ends with the batches that there were."""
    loader = WRAPPED[wrapped](DataLoader(Claims(), batch_size=1))
    loop = headway.loop(loader, epochs=1, accumulate=4)
    due = [at for _ in loop for at, _ in enumerate(loop.train()) if loop.step_due]

    assert length_of(loader) == Length(10, estimated=True)
    assert due == [3, 7, 11]
    assert (recorded.last("epoch 1").n, recorded.last("epoch 1").total) == (12, 12)


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_a_length_of_data_with_an_index_is_exact(wrapped: str) -> None:
    """A wrapper makes no estimate of what is known."""
    assert length_of(WRAPPED[wrapped](DataLoader(range(10), batch_size=2))) == Length(5, estimated=False)


def test_results_of_a_pipeline_are_more_than_its_batches(recorded: Recorder) -> None:
    """The iterator of a pipeline gives results one by one and claims as many as its loader has batches."""
    loader = DataLoader([torch.tensor([float(i)]) for i in range(5)], batch_size=2)
    results = PipelineIterator(loader, lambda batch: {"logits": batch}, {}, loader_batch_size=2)
    for _ in headway.track(results, desc="a"):
        pass

    assert length_of(results) == Length(3, estimated=True)
    assert (recorded.last("a").n, recorded.last("a").total, recorded.last("a").state) == (5, 5, "finished")


def test_an_iterator_of_numpy_has_the_length_of_its_items(recorded: Recorder) -> None:
    """`len()` of it tells the number of operands."""
    for _ in headway.track(np.nditer(np.arange(6)), desc="a"):
        pass

    assert (recorded.last("a").n, recorded.last("a").total) == (6, 6)


def test_asking_for_a_length_has_torch_warn_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """Torch warns of each batch beyond a length that it has told; the length that headway asks for is not told."""
    loader = Accelerator(cpu=True).prepare(DataLoader(Claims(), batch_size=1))
    for _ in headway.track(loader, backend="off"):
        pass

    assert not [w for w in recwarn if "Length of IterableDataset" in str(w.message)]


TRAINED = [(epoch, batch) for epoch in range(2) for batch in range(10)]


def resumed(train: Callable[..., Any], crash_at: int) -> list[tuple[int, int]]:
    """Train, crash, resume; return all that was trained."""
    trained: list[tuple[int, int]] = []
    state = train(trained, None, crash_at)
    assert train(trained, state, None) is None
    return trained


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("crash_at", [3, 10, 12])
def test_a_stateful_loader_goes_on_by_itself(workers: int, crash_at: int, recorded: Recorder) -> None:
    """Each batch is trained once: what the loader has passed over is not passed over again."""

    def train(trained: Any, state: Any, crash_at: int | None) -> Any:
        loader = StatefulDataLoader(range(10), batch_size=1, num_workers=workers)
        loop = headway.loop(loader, epochs=2)
        if state:
            loader.load_state_dict(state["loader"])
            loop.load_state_dict(state["loop"])
        for epoch in loop:
            for batch in loop.train():
                trained.append((epoch, int(batch)))
                if loop.step == crash_at:
                    return {"loader": loader.state_dict(), "loop": loop.state_dict()}
        return None

    assert resumed(train, crash_at) == TRAINED
    assert (recorded.last("epoch 2").n, recorded.last("epoch 2").total) == (10, 10)


def test_a_stateful_loader_that_was_not_resumed_is_skipped() -> None:
    """If only the loop has a checkpoint, the loop passes over what was trained."""

    def train(trained: Any, state: Any, crash_at: int | None) -> Any:
        loop = headway.loop(StatefulDataLoader(range(10), batch_size=1), epochs=2, backend="off")
        if state:
            loop.load_state_dict(state)
        for epoch in loop:
            for batch in loop.train():
                trained.append((epoch, int(batch)))
                if loop.step == crash_at:
                    return loop.state_dict()
        return None

    assert resumed(train, 13) == TRAINED


@pytest.mark.parametrize("data", [range(10), Claims()], ids=["index", "stream"])
def test_accelerates_skipped_batches_are_not_skipped_again(data: Any, recorded: Recorder) -> None:
    """The loader that skips counts from where it begins, to the length of the whole epoch."""
    wanted = [(epoch, batch) for epoch in range(2) for batch in range(10 if data == range(10) else 12)]

    def train(trained: Any, state: Any, crash_at: int | None) -> Any:
        loader = Accelerator(cpu=True).prepare(DataLoader(data, batch_size=1))
        loop = headway.loop(loader, epochs=2)
        if state:
            loop.load_state_dict(state)
        for epoch in loop:
            batches = skip_first_batches(loader, 3) if state and epoch == 0 else loader
            for batch in loop.train(batches):
                trained.append((epoch, int(batch)))
                if loop.step == crash_at:
                    return loop.state_dict()
        return None

    assert resumed(train, 3) == wanted
    row = recorded.last("epoch 1")
    assert (row.n, row.total, row.state) == (len(wanted) // 2, len(wanted) // 2, "finished")


def test_a_stream_of_datasets_goes_on_by_itself() -> None:
    """So does an `IterableDataset` of datasets, alone or in a loader."""

    def train(trained: Any, state: Any, crash_at: int | None) -> Any:
        stream = datasets.Dataset.from_dict({"x": list(range(10))}).to_iterable_dataset()
        loop = headway.loop(DataLoader(stream, batch_size=None), epochs=1, backend="off")
        if state:
            stream.load_state_dict(state["stream"])
            loop.load_state_dict(state["loop"])
        for epoch in loop:
            for batch in loop.train():
                trained.append((epoch, int(batch["x"])))
                if loop.step == crash_at:
                    return {"stream": stream.state_dict(), "loop": loop.state_dict()}
        return None

    assert resumed(train, 4) == TRAINED[:10]
