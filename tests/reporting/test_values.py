"""Values as programs report them: which are read, which are called, which are left alone."""

import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest

import headway
from headway.reporting.metrics import Metrics
from headway.reporting.values import converted
from headway.testing import Recorder


class Metric:
    """Computes a metric, as objects of torchmetrics, Keras and ignite do: a call of it empties it."""

    def __init__(self) -> None:
        self.seen = [1.0, 0.5]
        self.asked: list[str] = []

    def __call__(self) -> float:
        self.seen.clear()
        return 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.asked.append(name)
        return lambda *_: self.seen.clear() or True

    def compute(self) -> float:
        return sum(self.seen) / len(self.seen)


def test_an_object_that_computes_a_metric_is_left_alone(recorded: Recorder) -> None:
    """It is neither called nor asked for attributes that it makes up; a warning says how to report it."""
    metric = Metric()
    warned = pytest.warns(headway.HeadwayWarning, match=r"accuracy=metric\.compute\(\)")
    with warned, headway.get_bar(2, desc="a") as bar:
        bar.metrics(accuracy=metric)
        bar.update(2)

    assert recorded.last("a").metrics["accuracy"].text == "?"
    assert (metric.seen, metric.asked) == ([1.0, 0.5], [])


def mean() -> float:
    return 0.75


class Sevens:
    def seven(self) -> int:
        return 7

    @classmethod
    def of_class(cls) -> int:
        return 7

    @staticmethod
    def alone() -> int:
        return 7


@pytest.mark.parametrize(
    ("function", "number"),
    [
        (mean, 0.75),
        (lambda: 3, 3),
        (functools.partial(round, 2.5), 2),
        (functools.lru_cache(mean), 0.75),
        (Sevens().seven, 7),
        (Sevens.of_class, 7),
        (Sevens.alone, 7),
        ([1, 2, 3].__len__, 3),
        ([1, 2].pop, 2),
        (Metric().compute, 0.75),
    ],
)
def test_functions_and_methods_are_called(function: Any, number: float) -> None:
    """A function gives the number that it returns, whatever it was made by."""
    assert converted("a", function, local=False) == number


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.001], 0.001),
        ((2,), 2),
        ([0.001, 0.1], "[0.001000, 0.1000]"),
        ((1, 2, 3, 4, 5), "[1, 2, 3, 4, ...]"),
        (["a"], "a"),
        ([], "[]"),
    ],
)
def test_a_list_of_numbers_reads_as_numbers(values: Any, text: Any) -> None:
    """One number of a list is a number, as the learning rate of a scheduler is; several are a short text."""
    assert converted("lr", values, local=False) == text


class Donated:
    """An array whose memory the program may give away, as one of JAX."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.copies = 0
        self.deleted = False

    def is_deleted(self) -> bool:
        return self.deleted

    def copy(self) -> "Donated":
        self.copies += 1
        return Donated(self.value)

    def item(self) -> float:
        if self.deleted:
            raise RuntimeError("Array has been deleted.")
        return self.value


def test_memory_that_was_given_away_reads_as_the_copy_before() -> None:
    """Of the reports between two snapshots the first one is copied; the copy is read if the last one is gone."""
    metrics = Metrics()
    losses = [Donated(value) for value in (0.5, 0.4, 0.3)]
    for at, loss in enumerate(losses):
        metrics.report({"loss": loss}, at)
    assert [loss.copies for loss in losses] == [1, 0, 0]
    assert metrics.read()["loss"].value == 0.3

    for at, loss in enumerate(losses, start=3):
        metrics.report({"loss": loss}, at)
        loss.deleted = True
    assert [loss.copies for loss in losses] == [2, 0, 0]
    assert metrics.read()["loss"].value == 0.5


def array_of_a_thread() -> type:
    """Return a class of arrays that only the thread which made one can read, as MLX has it."""
    kind = type("array", (), {"__module__": "mlx.core"})

    def init(self: Any, value: float) -> None:
        self.value, self.thread, self.reads = value, threading.get_ident(), 0

    def item(self: Any) -> float:
        if threading.get_ident() != self.thread:
            raise RuntimeError("There is no Stream(cpu, 0) in current thread.")
        self.reads += 1
        return float(self.value)

    kind.__init__ = init  # type: ignore[misc]
    kind.item = item  # type: ignore[attr-defined]
    return kind


def in_another_thread(call: Callable[[], Any]) -> Any:
    """Call a function in a thread of its own."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    thread.join()
    return results[0]


def test_a_value_of_one_thread_is_read_by_its_next_report() -> None:
    """Another thread takes the snapshots. Of the values between two of them, one is read, and the last one at the end."""
    made = array_of_a_thread()
    metrics = Metrics()
    values = [made(1 / (1 + i)) for i in range(6)]
    for at in (0, 1, 2):
        metrics.report({"loss": values[at]}, at)
    assert in_another_thread(metrics.read)["loss"].value == 1.0
    for at in (3, 4, 5):
        metrics.report({"loss": values[at]}, at)
    assert in_another_thread(metrics.read)["loss"].value == pytest.approx(1 / 3)
    assert [value.reads for value in values] == [1, 0, 1, 0, 0, 0]

    metrics.settle()
    assert in_another_thread(metrics.read)["loss"].value == pytest.approx(1 / 6)


def test_the_last_value_of_one_thread_is_in_the_last_row(recorded: Recorder) -> None:
    """A bar and an epoch end with the value that was reported last."""
    made = array_of_a_thread()
    with headway.get_bar(3, desc="bar") as bar:
        for i in range(3):
            bar.metrics(loss=made(i))
            bar.update()
    loop = headway.loop(range(3), epochs=1)
    for _ in loop:
        for batch in loop.train():
            loop.metrics(loss=made(batch))

    assert recorded.last("bar").metrics["loss"].value == 2.0
    assert recorded.last("epoch 1").metrics["loss"].value == 2.0


def test_every_value_of_one_thread_is_compared_if_it_is_asked_for() -> None:
    """A metric that reads each value finds the best one among them."""
    made = array_of_a_thread()
    metrics = Metrics([headway.Metric("loss", best="min", every=True)])
    for at, value in enumerate((3.0, 1.0, 2.0)):
        metrics.report({"loss": made(value)}, at)
    metrics.settle()

    assert metrics.read()["loss"].best == 1.0
