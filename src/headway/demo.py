"""The main job: train a small neural network on handwritten digits, and report it through headway's public names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import headway

if TYPE_CHECKING:
    import numpy as np
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
        import numpy as np

        self.weights: list[Floats] = [
            rng.normal(0.0, np.sqrt(2 / inputs), (inputs, hidden)),
            np.zeros(hidden),
            rng.normal(0.0, np.sqrt(2 / hidden), (hidden, classes)),
            np.zeros(classes),
        ]
        self.velocity = [np.zeros_like(w) for w in self.weights]

    def forward(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the hidden activations and the class probabilities."""
        import numpy as np

        w1, b1, w2, b2 = self.weights
        hidden = np.maximum(x @ w1 + b1, 0.0)
        logits = hidden @ w2 + b2
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return hidden, exponents / exponents.sum(axis=1, keepdims=True)

    def step(self, x: Floats, y: Labels, rate: float) -> Any:
        """Take one step downhill on a mini-batch, and return its loss."""
        import numpy as np

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
    from math import cos, pi

    warm_up = max(1, steps // 20)
    if step < warm_up:
        return PEAK_RATE * (step + 1) / warm_up
    return PEAK_RATE * (1 + cos(pi * (step - warm_up) / max(1, steps - warm_up))) / 2


def batches(x: Floats, y: Labels, size: int) -> Iterator[tuple[Floats, Labels]]:
    """Yield mini-batches in order; the last one may be smaller."""
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def train(settings: Settings) -> float:
    """Train, and return the accuracy on the validation set after the last epoch."""
    import numpy as np
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(settings.seed)
    x, y = load_digits(return_X_y=True)
    order = rng.permutation(len(x))
    x, y = x[order] / 16.0, y[order]
    held_out = int(len(x) * VALIDATION_SHARE)
    x_val, y_val, x, y = x[:held_out], y[:held_out], x[held_out:], y[held_out:]
    model = Perceptron(x.shape[1], HIDDEN, 10, rng)
    per_epoch = -(-len(x) // settings.batch_size)
    accuracy = 0.0
    with headway.get_bar(settings.epochs, desc="training", unit="epoch") as run:
        for epoch in range(settings.epochs):
            order = rng.permutation(len(x))
            loop = headway.track(
                batches(x[order], y[order], settings.batch_size),
                total=per_epoch,
                desc=f"epoch {epoch + 1}",
                unit="batch",
            )
            for i, (inputs, labels) in enumerate(loop):
                rate = cosine(epoch * per_epoch + i, settings.epochs * per_epoch)
                loop.bar.metrics(loss=model.step(inputs, labels, rate), lr=rate)
                time.sleep(settings.delay)
            accuracy = validate(model, x_val, y_val, settings)
            run.metrics(val_acc=accuracy)
            run.update()
    return accuracy


def validate(model: Perceptron, x: Floats, y: Labels, settings: Settings) -> float:
    """Return the share of right answers on the validation set."""
    correct = 0
    total = -(-len(x) // settings.batch_size)
    for inputs, labels in headway.track(
        batches(x, y, settings.batch_size), total=total, desc="validation", unit="batch"
    ):
        correct += model.correct(inputs, labels)
        time.sleep(settings.delay)
    return correct / len(x)
