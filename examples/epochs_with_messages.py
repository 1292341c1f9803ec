"""Epochs with a message every 100 batches above the bar: what tqdm users do with `tqdm.write`.

Run it as it is, or with another renderer: HEADWAY_BACKEND=alive python examples/epochs_with_messages.py
"""

import random
import time

import headway

EPOCHS, BATCHES = 3, 300


def main() -> None:
    noise = random.Random(0)
    for epoch in headway.track(range(EPOCHS), desc="epochs", unit="epoch"):
        batches = headway.track(range(BATCHES), desc=f"epoch {epoch + 1}", unit="batch")
        for batch in batches:
            step = epoch * BATCHES + batch + 1
            loss = 2.0 / (1 + step / 100) + noise.uniform(0, 0.05)
            batches.bar.metrics(loss=loss)
            if (batch + 1) % 100 == 0:
                headway.write(f"epoch {epoch + 1}, batch {batch + 1}: loss {loss:.3f}")
            time.sleep(0.002)


if __name__ == "__main__":
    main()
