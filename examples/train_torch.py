"""Train a small network with torch; headway is six lines of it.

Needs torch and scikit-learn. Any renderer shows it: HEADWAY_BACKEND=alive python examples/train_torch.py
"""

import argparse
from collections.abc import Iterator

import torch
from sklearn.datasets import load_digits
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset, random_split

import headway


def loaders() -> tuple["DataLoader[list[torch.Tensor]]", "DataLoader[list[torch.Tensor]]"]:
    digits = load_digits()
    inputs, labels = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
    train, validation = random_split(TensorDataset(inputs, labels), [0.8, 0.2])
    return DataLoader(train, batch_size=16, shuffle=True), DataLoader(validation, batch_size=64)


@torch.no_grad()
def evaluate(model: torch.nn.Module, batches: Iterator[list[torch.Tensor]]) -> torch.Tensor:
    right = [(model(inputs).argmax(1) == labels).float() for inputs, labels in batches]
    return torch.cat(right).mean()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--epochs", type=int, default=10)
    epochs = arguments.parse_args().epochs
    torch.manual_seed(0)
    train, validation = loaders()
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)

    loop = headway.loop(train, epochs=epochs, validation=validation)
    for _epoch in loop:
        for inputs, labels in loop.train():
            loss = functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loop.metrics(loss=loss, lr=optimizer.param_groups[0]["lr"])
        loop.metrics(accuracy=evaluate(model, loop.validate()))
        schedule.step()


if __name__ == "__main__":
    main()
