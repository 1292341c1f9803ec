"""The callback for the real Keras, on torch, beside its own bar."""

import gc
import os
import pickle
import re
import warnings
from contextlib import suppress
from typing import Any

import pytest

import headway
from headway.testing import Recorder, record

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1":
        pytest.importorskip("keras")
    import keras
    import numpy as np

    from headway.integrations.keras import Progress

pytestmark = pytest.mark.filterwarnings("ignore", "error::headway.HeadwayWarning")

X, Y = np.arange(400.0).reshape(100, 4) / 400, np.ones(100)


def make() -> Any:
    """Return a model of one layer, always with the same weights."""
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def endless() -> Any:
    """Give batches without end."""
    while True:
        yield X[:10], Y[:10]


SCENES: dict[str, dict[str, Any]] = {
    "epochs": {},
    "validation": {"validation_data": (X, Y)},
    "a part of the epochs": {"initial_epoch": 1},
    "a generator": {"x": endless, "steps_per_epoch": 7},
}


@pytest.mark.parametrize("scene", SCENES)
def test_counts_and_metrics_are_those_of_the_own_bar(scene: str, capfd: Any, values: Any) -> None:
    """Each epoch ends with the count that Keras' own bar shows, and with the metrics of its history."""
    given = {"x": X, "y": Y, "batch_size": 10, **SCENES[scene]}
    if scene == "a generator":
        given = {**SCENES[scene], "x": endless()}
    own = make().fit(**given, epochs=3, verbose=2, shuffle=False)
    counts = [tuple(map(int, c)) for c in re.findall(r"^(\d+)/(\d+) - ", capfd.readouterr().out, re.MULTILINE)]
    if scene == "a generator":
        given = {**SCENES[scene], "x": endless()}
    with record() as recorded:
        make().fit(**given, epochs=3, verbose=0, shuffle=False, callbacks=[Progress()])

    epochs = [s for s in recorded.closed if s.desc.startswith("epoch")]
    assert counts == [(s.n, s.total) for s in epochs]
    for i, epoch in enumerate(epochs):
        assert {name: pytest.approx(course[i], rel=1e-4) for name, course in own.history.items()} == values(epoch)
    assert (recorded.last("training").n, recorded.last("training").state) == (3, "finished")


def test_a_stream_has_no_total_in_its_first_epoch(recorded: Recorder, rows: Any) -> None:
    """A generator that ends by itself says nothing of its length; the count is right all the same."""

    def batches() -> Any:
        for _ in range(6):
            yield X[:10], Y[:10]

    make().fit(batches(), epochs=1, verbose=0, callbacks=[Progress()])

    assert recorded.opened[1].total is None
    assert rows() == [("epoch 1", 6, 6, "finished"), ("training", 1, 1, "finished")]


def test_evaluate_and_predict(rows: Any, recorded: Recorder, values: Any) -> None:
    """Each has a row of its own; that of an evaluation has its metrics."""
    model, shows = make(), [Progress()]
    loss, error = model.evaluate(X, Y, batch_size=10, verbose=0, callbacks=shows)
    model.predict(X, batch_size=20, verbose=0, callbacks=shows)

    assert rows() == [("evaluate", 10, 10, "finished"), ("predict", 5, 5, "finished")]
    assert {"loss": pytest.approx(loss), "mae": pytest.approx(error)} == values(recorded.closed[0])


def test_an_early_stop(rows: Any) -> None:
    """A run that stops early is a success that was not all done."""
    stopping = keras.callbacks.EarlyStopping("loss", mode="max", patience=1)
    make().fit(X, Y, batch_size=10, epochs=50, verbose=0, callbacks=[Progress(), stopping])

    assert rows()[-1] == ("training", 2, 50, "stopped")


def test_an_interrupt_is_closed_by_what_comes_next(rows: Any) -> None:
    """Keras tells nobody that it was interrupted: the rows end when the callback is used again."""

    class Raises(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 3:
                raise KeyboardInterrupt

    model, shows = make(), Progress()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, epochs=2, verbose=0, callbacks=[shows, Raises()])
    model.evaluate(X, Y, batch_size=10, verbose=0, callbacks=[shows])

    assert rows() == [
        ("epoch 1", 4, 10, "failed"),
        ("training", 0, 2, "failed"),
        ("evaluate", 10, 10, "finished"),
    ]


def test_a_run_that_is_let_go_of_has_not_come_to_its_end(rows: Any, recorded: Recorder) -> None:
    """A fit that raised, and was caught, is no early stop: Keras tells of the end of all others."""

    class Raises(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 3:
                raise ValueError("boom")

    with suppress(ValueError):
        make().fit(X, Y, batch_size=10, epochs=2, verbose=0, callbacks=[Progress(), Raises()])
    gc.collect()

    assert rows() == [("epoch 1", 4, 10, "failed"), ("training", 0, 2, "failed")]
    assert recorded.last("training").reason == "it did not come to its end"


def test_two_bars_at_once_are_warned_of(recorded: Recorder) -> None:
    """Keras' own bar cannot be switched off by a callback, so the user is told how to."""
    with pytest.warns(headway.HeadwayWarning, match="verbose=0"):
        make().fit(X, Y, epochs=1, callbacks=[Progress()])


def test_it_may_be_pickled() -> None:
    """What is open does not travel."""
    assert type(pickle.loads(pickle.dumps(Progress(desc="mine")))) is Progress


def test_groups_of_steps_end_at_the_total(run: Any) -> None:
    """Under `steps_per_execution`, which torch refuses, Keras on JAX tells 12 batches of 10; its own bar ends at 10."""
    done = run(
        """
        import keras
        import numpy as np
        from headway.integrations.keras import Progress
        from headway.testing import record

        x, y = np.zeros((40, 4), "float32"), np.zeros((40, 1), "float32")
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse", steps_per_execution=4)
        with record() as shown:
            model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[Progress()])
            model.evaluate(x, y, batch_size=4, verbose=0, callbacks=[Progress()])
            model.predict(x, batch_size=4, verbose=0, callbacks=[Progress()])
        print([(s.desc, s.n, s.total, s.state) for s in shown.closed])
        """,
        KERAS_BACKEND="jax",
        options=("-W", "ignore"),
    )

    assert done.stdout.splitlines()[-1] == str(
        [(f"epoch {i}", 10, 10, "finished") for i in (1, 2)]
        + [("training", 2, 2, "finished"), ("evaluate", 10, 10, "finished"), ("predict", 10, 10, "finished")]
    )
