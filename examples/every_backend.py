"""The same work shown by every backend that is installed, one after the other, in one process."""

import time

import headway


def work() -> float:
    total = 0.0
    with headway.get_bar(2, desc="epochs", unit="epoch") as epochs:
        for epoch in range(2):
            for i in headway.track(range(100), desc=f"epoch {epoch + 1}", unit="batch"):
                total += i
                time.sleep(0.002)
            epochs.metrics(total=total)
            epochs.update()
    return total


def main() -> None:
    results = set()
    for backend in headway.backends():
        if backend.available and "url" not in backend.options:  # to send messages takes an address
            print(f"── {backend.name}", flush=True)
            with headway.use(backend.name):
                results.add(work())
    print(f"results: {results}")


if __name__ == "__main__":
    main()
