"""Cut a training with torch off, and go on with it from its checkpoint: run this twice.

The first run ends in the middle of an epoch, as with a full queue or a crash; the second one passes over the batches
that were trained, which shows as `skip`, and goes on. Needs torch and scikit-learn.
"""

import argparse
import os
import time

import torch
from sklearn.datasets import load_digits
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

import headway


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--checkpoint", default="resume_torch.pt")
    arguments.add_argument("--epochs", type=int, default=5)
    arguments.add_argument("--crash-at", type=int, default=250, metavar="STEP", help="in a run without a checkpoint")
    arguments.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="wait after each batch")
    options = arguments.parse_args()

    torch.manual_seed(0)
    digits = load_digits()
    inputs, labels = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
    order = torch.Generator()
    batches = DataLoader(TensorDataset(inputs, labels), batch_size=16, shuffle=True, generator=order)
    model = torch.nn.Linear(64, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loop = headway.loop(batches, epochs=options.epochs, metrics=[headway.Metric("loss", best="min", smooth=20)])

    resumed = os.path.exists(options.checkpoint)
    if resumed:
        saved = torch.load(options.checkpoint)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        loop.load_state_dict(saved["loop"])

    for epoch in loop:
        order.manual_seed(epoch)  # the same batches in the same order, so that those of before can be passed over
        for x, y in loop.train():
            loss = functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loop.metrics(loss=loss)
            time.sleep(options.delay)
            if loop.step % 50 == 0:
                with loop.phase("checkpoint"):
                    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
                    torch.save({**state, "loop": loop.state_dict()}, options.checkpoint)
            if loop.step == options.crash_at and not resumed:
                raise RuntimeError("cut off: run me again")
    with torch.no_grad():
        right = (model(inputs).argmax(1) == labels).float().mean()
    print(f"{loop.step} steps, accuracy {right:.4f}, weights {model.weight.abs().sum():.6f}")


if __name__ == "__main__":
    main()
