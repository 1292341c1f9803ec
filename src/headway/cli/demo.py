"""The main job: train a small neural network on handwritten digits, and report it through headway's public names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, cos, pi
from typing import TYPE_CHECKING, Any

import headway

if TYPE_CHECKING:
    import numpy as np  # an extra: `headway[demo]`
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

__all__ = ["Settings", "train"]

HIDDEN = 64
MOMENTUM = 0.9
PEAK_RATE = 0.1
VALIDATION_SHARE = 0.2


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a run."""

    epochs: int = 10
    batch_size: int = 32
    delay: float = 0.0
    """Seconds to wait after each batch, so that a person can watch."""
    seed: int = 0


class Perceptron:
    """A multi-layer perceptron with one hidden layer: ReLU, softmax, cross-entropy, and SGD with momentum."""

    def __init__(self, inputs: int, hidden: int, classes: int, rng: np.random.Generator) -> None:
        import numpy as np  # an extra: `headway[demo]`

        self.weights: list[Floats] = [
            rng.normal(0.0, np.sqrt(2 / inputs), (inputs, hidden)),
            np.zeros(hidden),
            rng.normal(0.0, np.sqrt(2 / hidden), (hidden, classes)),
            np.zeros(classes),
        ]
        self.velocity = [np.zeros_like(w) for w in self.weights]

    def forward(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the hidden activations and the class probabilities."""
        import numpy as np  # an extra: `headway[demo]`

        w1, b1, w2, b2 = self.weights
        hidden = np.maximum(x @ w1 + b1, 0.0)
        logits = hidden @ w2 + b2
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return hidden, exponents / exponents.sum(axis=1, keepdims=True)

    def step(self, x: Floats, y: Labels, rate: float) -> Any:
        """Take one step downhill on a mini-batch, and return its loss."""
        import numpy as np  # an extra: `headway[demo]`

        hidden, probabilities = self.forward(x)
        rows = np.arange(len(y))
        loss = -np.log(probabilities[rows, y] + 1e-12).mean()
        error = probabilities
        error[rows, y] -= 1.0
        error /= len(y)
        back = (error @ self.weights[2].T) * (hidden > 0)
        gradients = [x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
        for weight, velocity, gradient in zip(self.weights, self.velocity, gradients, strict=True):
            np.subtract(MOMENTUM * velocity, rate * gradient, out=velocity)
            np.add(weight, velocity, out=weight)
        return loss

    def correct(self, x: Floats, y: Labels) -> int:
        """Count the right answers."""
        return int((self.forward(x)[1].argmax(axis=1) == y).sum())


def cosine(step: int, steps: int) -> float:
    """The learning rate at a step: a short warm-up, then half a cosine down to zero (Loshchilov and Hutter, 2017)."""
    warm_up = max(1, steps // 20)
    if step < warm_up:
        return PEAK_RATE * (step + 1) / warm_up
    return PEAK_RATE * (1 + cos(pi * (step - warm_up) / max(1, steps - warm_up))) / 2


class Batches:
    """Mini-batches of a data set, in a new order each time if there is a source of chance; the last may be smaller."""

    def __init__(self, x: Floats, y: Labels, size: int, rng: np.random.Generator | None = None) -> None:
        self._x = x
        self._y = y
        self.batch_size = size
        self._rng = rng

    def __len__(self) -> int:
        return ceil(len(self._x) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Floats, Labels]]:
        import numpy as np  # an extra: `headway[demo]`

        order = np.arange(len(self._x)) if self._rng is None else self._rng.permutation(len(self._x))
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield self._x[chosen], self._y[chosen]


def train(settings: Settings) -> float:
    """Train, and return the accuracy on the validation set after the last epoch."""
    import numpy as np  # an extra: `headway[demo]`
    from sklearn.datasets import load_digits  # an extra: `headway[demo]`

    rng = np.random.default_rng(settings.seed)
    x, y = load_digits(return_X_y=True)
    order = rng.permutation(len(x))
    x, y = x[order] / 16.0, y[order]
    held_out = int(len(x) * VALIDATION_SHARE)
    x_val, y_val, x, y = x[:held_out], y[:held_out], x[held_out:], y[held_out:]
    model = Perceptron(x.shape[1], HIDDEN, 10, rng)
    accuracy = 0.0
    loop = headway.loop(
        Batches(x, y, settings.batch_size, rng),
        epochs=settings.epochs,
        validation=Batches(x_val, y_val, settings.batch_size),
        metrics=["loss", "lr", headway.Metric("val_acc", best="max")],
    )
    steps = settings.epochs * ceil(len(x) / settings.batch_size)
    for _epoch in loop:
        for inputs, labels in loop.train():
            rate = cosine(loop.step - 1, steps)
            loop.metrics(loss=model.step(inputs, labels, rate), lr=rate)
            time.sleep(settings.delay)
        correct = 0
        for inputs, labels in loop.validate():
            correct += model.correct(inputs, labels)
            time.sleep(settings.delay)
        accuracy = correct / len(x_val)
        loop.metrics(val_acc=accuracy)
    return accuracy
