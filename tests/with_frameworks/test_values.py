"""Values of real libraries: objects that compute metrics, arrays that are given away, arrays of one thread."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.testing import Recorder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        for package in ("jax", "keras", "mlx", "torchmetrics"):
            pytest.importorskip(package)
    import keras
    import mlx.core as mx
    import torch
    from torchmetrics import MeanMetric, MetricCollection
    from torchmetrics.classification import BinaryAccuracy

    from headway.tqdm import tqdm

RIGHT = torch.tensor([1] * 9 + [0])


def accuracy() -> Any:
    metric = BinaryAccuracy()
    metric.update(torch.ones(10), RIGHT)
    return metric


def mean() -> Any:
    metric = MeanMetric()
    metric.update(torch.tensor([0.5, 1.0]))
    return metric


def collection() -> Any:
    metrics = MetricCollection([BinaryAccuracy()])
    metrics.update(torch.ones(10), RIGHT)
    return metrics


def keras_mean() -> Any:
    metric = keras.metrics.Mean()
    metric.update_state([0.5, 1.0])
    return metric


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", [accuracy, mean, collection, keras_mean])
def test_an_object_that_computes_a_metric_keeps_its_state(make: Any, recorded: Recorder) -> None:
    """It is read neither by a bar nor by a loop nor by the door of tqdm; its method is."""
    metric, untouched = make(), make()
    compute = "result" if make is keras_mean else "compute"
    with headway.get_bar(1, desc="bar") as bar:
        bar.metrics(given=metric, computed=lambda: float(torch.tensor(0.5)))
        bar.update()
    loop = headway.loop(range(3), epochs=1)
    for _ in loop:
        for _batch in loop.train():
            loop.metrics(given=metric)
    for _ in (progress := tqdm(range(2), desc="door")):
        progress.set_postfix(given=metric)

    assert str(getattr(metric, compute)()) == str(getattr(untouched, compute)())
    assert recorded.last("bar").metrics["given"].text == "?"
    assert recorded.last("epoch 1").metrics["given"].text == "?"


def test_a_method_of_a_metric_is_called(recorded: Recorder) -> None:
    """`accuracy=metric.compute` is the value of each frame."""
    with headway.get_bar(1, desc="bar") as bar:
        bar.metrics(accuracy=accuracy().compute)
        bar.update()

    assert recorded.last("bar").metrics["accuracy"].text == "0.9000"


def test_learning_rates_of_a_scheduler(recorded: Recorder) -> None:
    """`get_last_lr()` is a list; of several groups all are shown."""
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": 0.5}], lr=0.25)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)
    with headway.get_bar(1, desc="bar") as bar:
        bar.metrics(lr=scheduler.get_last_lr()[:1], both=scheduler.get_last_lr())
        bar.update()

    assert recorded.last("bar").metrics["lr"].value == 0.25
    assert recorded.last("bar").metrics["both"].text == "[0.2500, 0.5000]"


@pytest.mark.parametrize("threads", ["", "0"])
@pytest.mark.parametrize("transform", ["grad", "jit"])
def test_arrays_that_jax_traces(transform: str, threads: str, run: Any) -> None:
    """They have no memory of their own: what cannot be read shows as `?`, and nothing is added to the program's code."""
    done = run(
        f"""
        import headway, jax
        with headway.get_bar(3, desc="bar") as bar:
            def step(weights):
                loss = (weights ** 2).sum()
                bar.metrics(loss=loss)
                return loss
            for _ in range(3):
                jax.{transform}(step)(jax.numpy.ones(3))
                bar.update()
            print("copy" in str(jax.make_jaxpr(step)(jax.numpy.ones(3))), bar.state)
        """,
        HEADWAY_BACKEND="plain?interval=0&percent=0",
        HEADWAY_THREADS=threads,
    )

    assert (done.returncode, done.stdout) == (0, "False running\n"), done.stderr
    assert "bar n=3 total=3 100%" in done.stderr
    assert "state=finished loss=" in done.stderr
    assert "please report this" not in done.stderr


def test_donated_arrays_of_jax(run: Any) -> None:
    """The program gives each loss away right after it is reported; the rows have a number all the same.

    JAX warns of every later fork, so it has a program of its own.
    """
    done = run(
        """
        import jax
        import headway
        from headway.testing import record
        from headway.tqdm import tqdm

        halved = jax.jit(lambda loss: loss / 2, donate_argnums=0)
        with record() as shown:
            for report in ("bar", "door"):
                loss = jax.numpy.float32(1.0) * 1
                with headway.get_bar(8, desc="bar") as bar, tqdm(range(8), desc="door") as door:
                    for _ in range(8):
                        bar.metrics(loss=loss) if report == "bar" else door.set_postfix(loss=loss)
                        loss = halved(loss)
                        bar.update()
                print(shown.last(report).metrics["loss"].value)
        """,
        options=("-W", "ignore"),
    )

    assert done.stderr == ""
    through_bar, through_door = map(float, done.stdout.split())
    assert {through_bar, through_door} <= {2.0**-n for n in range(8)}


@pytest.mark.parametrize("through", ["bar", "loop", "door"])
def test_lazy_arrays_of_mlx(through: str, recorded: Recorder) -> None:
    """The last row has the last loss, which no other thread than the program's can read."""
    losses = [mx.array([1.0, float(i)]).mean() for i in range(9)]
    if through == "bar":
        with headway.get_bar(9, desc="a") as bar:
            for loss in losses:
                bar.metrics(loss=loss)
                bar.update()
    elif through == "loop":
        loop = headway.loop(losses, epochs=1)
        for _ in loop:
            for loss in loop.train():
                loop.metrics(loss=loss)
    else:
        for loss in (door := tqdm(losses, desc="a")):
            door.set_postfix(loss=loss)

    assert recorded.last("epoch 1" if through == "loop" else "a").metrics["loss"].value == 4.5


def test_the_frames_of_a_run_with_mlx_have_a_number(run: Any, tmp_path: Path) -> None:
    """While a run goes on its events have the loss."""
    done = run(
        """
        import mlx.core as mx, time
        import headway

        x = mx.array(1.0)
        with headway.get_bar(60, desc="a", backend="events?path=run.jsonl") as bar:
            for i in range(60):
                x = x * 1.5
                mx.eval(x)
                bar.metrics(loss=x - 1)
                bar.update()
                time.sleep(0.04)
        """
    )

    events = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    updates = [event for event in events if event["event"] == "update"]
    assert updates
    assert all(0 < event["metrics"]["loss"]["value"] < 1.5 ** event["n"] for event in updates)
    assert done.stderr == ""
