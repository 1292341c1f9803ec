"""A run that is cut, saved, loaded and resumed, and batches that are passed over."""

import contextlib
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import headway
from headway.testing import Recorder
from training_runs import Loader, epoch_row, steps_of

Clock = Any


def settings(**about: Any) -> headway.Loop[Any, Any]:
    """Describe the run that is cut and resumed."""
    return headway.loop(
        Loader(range(10)), epochs=4, validation=range(5), accumulate=3,
        metrics=[headway.Metric("loss", best="min")], **about,
    )  # fmt: skip


@pytest.mark.parametrize("carry", [lambda d: json.loads(json.dumps(d)), lambda d: pickle.loads(pickle.dumps(d))])
@pytest.mark.parametrize("cut", [1, 5, 10, 14, 20, 29])
def test_a_run_goes_on_where_it_was(recorded: Recorder, clock: Clock, carry: Callable[[Any], Any], cut: int) -> None:
    """Cut anywhere and resumed, the run trains each batch once, and all numbers go on."""
    trained: list[tuple[int, int]] = []
    state: Any = None
    loop = settings()
    for epoch in loop:
        for batch in loop.train():
            clock.tick(1.0)
            trained.append((epoch, batch))
            loop.metrics(loss=1.0 / len(trained))
            if len(trained) == cut:
                state = carry(loop.state_dict())
                break
        if state:
            break
    again = settings()
    again.load_state_dict(state)
    for epoch in again:
        for batch in again.train():
            clock.tick(1.0)
            trained.append((epoch, batch))
            again.metrics(loss=1.0 / len(trained))

    assert trained == [(epoch, batch) for epoch in range(4) for batch in range(10)]
    last = recorded.last("training")
    assert (again.step, last.n, last.total, last.state) == (16, 4, 4, "finished")
    assert last.elapsed == pytest.approx(40.0)
    assert last.metrics["loss"].best_at == 16


def test_a_checkpoint_after_an_epoch_goes_on_with_the_next(clock: Clock) -> None:
    """A checkpoint that was taken behind the training of an epoch begins with the next one, whole."""
    loop = settings(backend="off")
    for epoch in loop:
        list(loop.train())
        if epoch == 1:
            state = loop.state_dict()
            break
    again = settings(backend="off")
    again.load_state_dict(state)

    assert [(epoch, list(again.train())) for epoch in again] == [(2, list(range(10))), (3, list(range(10)))]


def test_skipped_batches_show_as_skipping(recorded: Recorder) -> None:
    """While batches of before are passed over, the row says `skip` with its own count."""
    seen = []

    class Slow(Loader):
        def __iter__(self) -> Iterator[int]:
            for i in range(10):
                if again is not None and i < 6:
                    seen.append(epoch_row(again))
                yield i

    again: Any = None
    first = headway.loop(Slow(range(10)), epochs=1)
    for _epoch in first:
        for batch in first.train():
            if batch == 5:
                state = first.state_dict()
                break
    again = headway.loop(Slow(range(10)), epochs=1)
    again.load_state_dict(state)
    for _epoch in again:
        rest = list(again.train())

    assert rest == [6, 7, 8, 9]
    assert [(s.phase, s.n, s.total) for s in seen] == [("skip", max(0, i - 1), 6) for i in range(6)]


def test_after_a_resume_the_rate_is_this_sessions_and_the_remaining_time_right_at_once(
    recorded: Recorder, clock: Clock
) -> None:
    """At 90 % the new machine is half as fast: the rate says so, and what remains is right from the first steps."""
    first = headway.loop(range(100), epochs=10, validation=range(10))
    steps = steps_of(first, clock, train=1.0, validate=0.5, save=5.0)
    for _ in range(900):
        next(steps)
    state = first.state_dict()
    steps.close()

    again = headway.loop(range(100), epochs=10, validation=range(10))
    again.load_state_dict(state)
    steps = steps_of(again, clock, train=2.0, validate=1.0, save=5.0)
    next(steps)
    at_once = again.bar.snapshot()
    for _ in range(5):
        next(steps)
        epoch_row(again)
    soon, row = again.bar.snapshot(), epoch_row(again)

    assert at_once.fraction == pytest.approx(0.9, abs=0.02)
    assert at_once.eta == pytest.approx(100 + 5 + 5, rel=0.1)
    assert soon.eta == pytest.approx(95 * 2.0 + 5 + 5, rel=0.1)
    assert row.rate == pytest.approx(0.5, rel=0.1)
    assert soon.elapsed == pytest.approx(1000, rel=0.1)
    list(steps)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"version": 2}, ValueError, "no state of a headway loop, version 1"),
        ({"epoch": -1}, ValueError, "epoch must not be negative"),
        ({"batches": 1.5}, TypeError, "batches must be a whole number"),
        ({"elapsed": float("nan")}, ValueError, "elapsed must be a finite number"),
        ({"metrics": {"a": 1}}, ValueError, "metrics must be the metrics"),
        ({"phases": {"train": {"pace": "fast", "usual": 1}}}, ValueError, "phases must be the phases"),
        ({"phases": {"train": 5}}, ValueError, "phases must be the phases"),
    ],
)
def test_a_strange_state_is_refused_whole(change: Any, error: type[Exception], match: str) -> None:
    """A damaged state raises, says what is wrong, and nothing of it is taken over."""
    loop = settings(backend="off")
    state = {**settings(backend="off").state_dict(), "epoch": 3, **change}

    with pytest.raises(error, match=match):
        loop.load_state_dict(state)
    assert next(iter(loop)) == 0


def test_a_state_is_loaded_before_the_run() -> None:
    """In the middle of a run it is too late."""
    loop = settings(backend="off")
    for _epoch in loop:
        with pytest.raises(RuntimeError, match="belongs before"):
            loop.load_state_dict(loop.state_dict())


@pytest.mark.parametrize("how", ["interrupt", "break"])
def test_a_state_that_is_taken_after_the_run_was_left_goes_on_with_the_rest(how: str) -> None:
    """Saved on the way out, a run that was cut in an epoch is resumed in that epoch."""
    trained: list[tuple[int, int]] = []

    def train(loop: headway.Loop[Any, Any], cut: int) -> None:
        for epoch in loop:
            for batch in loop.train():
                if len(trained) == cut and how == "interrupt":
                    raise KeyboardInterrupt
                trained.append((epoch, batch))
                if len(trained) == cut and how == "break":
                    break
            if len(trained) == cut:
                break

    first, second = (headway.loop(range(100), epochs=3, backend="off") for _ in range(2))
    with contextlib.suppress(KeyboardInterrupt):
        train(first, 150)
    state = first.state_dict()
    second.load_state_dict(state)
    train(second, -1)

    assert trained == [(epoch, batch) for epoch in range(3) for batch in range(100)]
    assert (state["epoch"], state["batches"], second.step) == (1, 50, 300)


def test_a_loaded_state_survives_being_saved_again() -> None:
    """Until the batches were passed over, a state that is saved is the one that was loaded."""
    state = {**headway.loop(range(100), epochs=3, backend="off").state_dict(), "epoch": 1, "batches": 50, "steps": 100}
    loop = headway.loop(range(100), epochs=3, backend="off")
    loop.load_state_dict(state)
    before = loop.state_dict()
    for _epoch in loop:
        inside = loop.state_dict()
        next(loop.train())
        after = loop.state_dict()
        break

    assert [(s["epoch"], s["batches"], s["steps"]) for s in (before, inside, after)] == [
        (1, 50, 100), (1, 50, 100), (1, 51, 100),
    ]  # fmt: skip


def test_a_loader_that_fails_while_batches_are_passed_over_may_be_tried_again() -> None:
    """When passing over breaks off, the next try passes over all of them again."""
    fails = iter([True, False])

    class Flaky(Loader):
        def __iter__(self) -> Iterator[int]:
            broken = next(fails)
            for i in range(10):
                if broken and i == 3:
                    raise OSError
                yield i

    loop = headway.loop(Flaky(range(10)), epochs=1, backend="off")
    loop.load_state_dict({**headway.loop([], epochs=1, backend="off").state_dict(), "batches": 6})
    for _epoch in loop:
        with pytest.raises(OSError):
            loop.train()
        assert list(loop.train()) == [6, 7, 8, 9]


def test_a_resume_between_validations_keeps_what_was_done(recorded: Recorder, clock: Clock) -> None:
    """Validations of before the resume count, and those to come are still expected."""
    about: dict[str, Any] = {"epochs": 4, "validation": range(50), "validate_every_batches": 40}

    def run(loop: headway.Loop[Any, Any], cut: int) -> Any:
        for epoch in loop:
            for batch in loop.train():
                clock.tick(1.0)
                loop.bar.snapshot()
                if loop.validation_due:
                    for _ in loop.validate():
                        clock.tick(1.0)
                if epoch * 100 + batch == cut:
                    return loop.bar.snapshot(), loop.state_dict()
        return None

    before, state = run(headway.loop(range(100), **about), 190)
    again = headway.loop(range(100), **about)
    again.load_state_dict(state)
    after, _ = run(again, 198)

    assert after.fraction == pytest.approx(before.fraction, abs=0.03)
    assert after.eta == pytest.approx(before.eta - 8, rel=0.15)


def test_the_rate_of_a_resumed_run_leaves_the_skipping_out(recorded: Recorder, clock: Clock) -> None:
    """Passing over batches is no work: neither its time nor its count is in the run's rate."""

    class Slow(Loader):
        def __iter__(self) -> Iterator[int]:
            for i in range(100):
                if i < 50:
                    clock.tick(1.0)
                yield i

    loop = headway.loop(Slow(range(100)), max_steps=300)
    loop.load_state_dict({**headway.loop([], epochs=1, backend="off").state_dict(), "batches": 50})
    for _epoch in loop:
        for batch in loop.train():
            clock.tick(2.0)
            s = loop.bar.snapshot()
            if batch == 60:
                break
        break

    assert s.rate == pytest.approx(0.5, rel=0.2)
