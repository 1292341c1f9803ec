"""A program that reports in every way, with each backend that is named: for places without an installed Python."""

import os
import sys

import headway

THREADS = sys.platform != "emscripten"


def main(backends: list[str]) -> None:
    """Report with each backend, and compute the same."""
    able = {backend.name for backend in headway.backends() if not backend.problem}
    if not {*backends} <= able:
        raise SystemExit(f"Only these backends can be chosen: {sorted(able)}; wanted: {backends}.")
    for backend in backends:
        with headway.use(backend):
            print(f"{backend}: {counted()} counted, {trained()} trained", flush=True)


def counted() -> int:
    """Count by a loop, by hand and in threads."""
    total = sum(1 for _ in headway.track(range(1000), desc="loop"))
    with headway.get_bar(10, desc="by hand") as bar:
        for _ in range(10):
            bar.update()
            bar.metrics(loss=0.5)
        headway.write("a line above")
        total += int(bar.n)
    if THREADS:
        from concurrent.futures import ThreadPoolExecutor

        with headway.get_bar(100, desc="threads") as bar, ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: bar.update(), range(100)))
        total += int(bar.n) - 100
    return total


def trained() -> int:
    """Go through a training run."""
    loop = headway.loop([1, 2, 3], epochs=2, validation=[4])
    total = 0
    for _ in loop:
        for batch in loop.train():
            loop.metrics(loss=1 / batch)
            total += batch
        total += sum(loop.validate())
    return total


if __name__ == "__main__":
    main(os.environ.get("SCENE_BACKENDS", "plain").split(","))
