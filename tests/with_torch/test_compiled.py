"""Reports from within code that torch compiles: the compiler calls them as they are, and compiles once."""

import io
import os
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.tqdm import tqdm

if os.environ.get("HEADWAY_TEST_TORCH") != "1":
    pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # TorchDynamo asks for it
STEPS = 20
"""Calls of the compiled code; it is given up after eight compilations."""


def compilations(report: Callable[[Any], object], *, training: bool = False) -> int:
    """Count how often a step of a model is compiled that reports; in training its loss has a graph."""
    import torch
    from torch._dynamo.testing import CompileCounter

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            x = self.layer(x)
            report(x.sum())
            return x

    torch._dynamo.reset()
    counter = CompileCounter()
    model = torch.compile(Model(), backend=counter)
    with torch.set_grad_enabled(training):
        for _ in range(STEPS):
            model(torch.ones(2, 3))
    return int(counter.frame_count)


@pytest.mark.parametrize("training", [False, True])
def test_bars_are_called_as_they_are(recorded: object, training: bool) -> None:
    """No count of a bar is taken for a constant, and all of them are there."""
    del recorded
    with headway.get_bar(100) as bar, tqdm(total=100, file=io.StringIO()) as door:
        copy = pickle.loads(pickle.dumps(bar))
        reports: dict[str, Callable[[Any], object]] = {
            "update": lambda _: bar.update(1),
            "call": lambda _: bar(),
            "set": lambda _: bar.set(50),
            "metrics": lambda loss: bar.metrics(loss=loss),
            "door": lambda _: door.update(1),
            "postfix": lambda loss: door.set_postfix(loss=loss),
            "copy": lambda _: copy.update(1),
        }
        times = {name: compilations(report, training=training) for name, report in reports.items()}

        assert times == dict.fromkeys(reports, 1)
        assert (bar.n, door.n) == (50, STEPS)
        assert bar.snapshot().metrics["loss"].value != 0


@pytest.mark.parametrize("training", [False, True])
def test_a_loop_is_called_as_it_is(recorded: object, training: bool) -> None:
    """The metrics of a training run are reported within compiled code."""
    del recorded
    loop = headway.loop(range(3), epochs=1)
    for _ in loop:
        for i in loop.train():
            if i == 0:
                assert compilations(lambda loss: loop.metrics(loss=loss), training=training) == 1


def test_an_open_bar_that_compiled_code_keeps_says_nothing_at_the_end(run: Any) -> None:
    """It outlives headway's modules, whose names are gone when it is finalised."""
    done = run(
        """
        import io, torch
        from headway.tqdm import tqdm
        bar = tqdm(total=20, file=io.StringIO())
        @torch.compile(backend="eager")
        def step(x):
            bar.set_postfix(lr=0.1)
            return x * 2
        step(torch.ones(3))
        """
    )

    assert (done.returncode, done.stderr) == (0, "")
