"""`headway.Loop` and `headway.Metric`, as a user's type checker sees them; never run."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Literal

from typing_extensions import assert_type

import headway
from headway import Loop, Metric
from headway.snapshot import State


def describing() -> None:
    """All arguments of `loop`; the items of both parts keep their types."""
    described = headway.loop(
        [1, 2, 3],
        epochs=2,
        validation=["a"],
        validate_every=1,
        validate_every_batches=None,
        accumulate=2,
        max_steps=10,
        max_time=3.5,
        desc="training",
        units={"sample": 64},
        weights=[1, 2, 3],
        metrics=["loss", Metric("acc", best="max")],
        widgets=["desc", "bar"],
        options={"tqdm": {"colour": "green"}},
        backend="off",
        name="a.b",
        leave=True,
        file=None,
    )
    assert_type(described, Loop[int, str])
    for epoch in described:
        assert_type(epoch, int)
        for batch in described.train():
            assert_type(batch, int)
        for word in described.validate():
            assert_type(word, str)
    headway.loop([1], epochs="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headway.loop([1], 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def given_later() -> None:
    """Batches that are given to `train` and `validate`."""
    unvalidated = headway.loop([1.5], max_steps=10)
    for _ in unvalidated:
        halves = [x / 2 for x in unvalidated.train()]
        assert_type(halves, list[float])
        list(unvalidated.validate(["x"]))
    later = headway.loop(epochs=1)
    for _ in later:
        for given in later.train(["a"]):
            print(given)


def running(loop: Loop[int, str]) -> None:
    """Verbs and facts."""
    assert_type(iter(loop), Iterator[int])
    assert_type(loop.train(), Iterator[int])
    assert_type(loop.train([3]), Iterator[int])
    assert_type(loop.validate(), Iterator[str])
    assert_type(loop.phase("checkpoint"), AbstractContextManager[None])
    assert_type(loop.metrics(loss=0.5), None)
    assert_type(loop.metrics({"val/loss": 0.5}, lr=1), None)
    loop.metrics(0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(loop.message("text"), None)
    assert_type(loop.write("text"), None)
    with loop.blocked("waiting") as held:
        assert_type(held, headway.Bar)
    assert_type(loop.stop("early"), None)
    assert_type(loop.fail("broken"), None)
    assert_type(loop.close(), None)
    assert_type(loop.epoch, int)
    assert_type(loop.step, int)
    assert_type(loop.step_due, bool)
    assert_type(loop.validation_due, bool)
    assert_type(loop.state, State)
    assert_type(loop.elapsed, float)
    assert_type(loop.eta, float | None)
    with loop as entered:
        assert_type(entered, Loop[int, str])
    loop.train(["a"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    loop.step = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    loop.phase()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def resuming(loop: Loop[int, str]) -> None:
    """A checkpoint."""
    state = loop.state_dict()
    assert_type(state, dict[str, Any])
    assert_type(loop.load_state_dict(state), None)
    assert_type(loop.load_state_dict(state, skip=False), None)
    loop.load_state_dict(state, False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def describing_a_metric(metric: Metric) -> None:
    """The parts of a metric."""
    assert_type(metric.name, str)
    assert_type(metric.format, str)
    assert_type(metric.smooth, float)
    assert_type(metric.best, Literal["", "min", "max"])
    assert_type(metric.summary, bool | None)
    assert_type(metric.priority, int)
    assert_type(metric.local, bool)
    assert_type(metric.every, bool)
    assert_type(metric.compares, bool)
    Metric("loss", format=".3f", smooth=0.9, best="min", summary=True, priority=3, local=True, every=True)
    Metric("loss", best="lowest")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    metric.name = "a"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
