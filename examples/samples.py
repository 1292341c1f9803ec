"""One tick for each of 100 000 samples: what alive-progress users do with `bar()`.

Counting costs tens of nanoseconds a tick, so there is no need to count in batches.
Run it with alive's look: HEADWAY_BACKEND="alive?theme=classic" python examples/samples.py
"""

import headway

SAMPLES = 100_000


def digest(sample: int) -> int:
    return (sample * 2654435761) % 2**32


def main() -> None:
    checksum = 0
    with headway.get_bar(SAMPLES, desc="samples", unit="sample", options={"alive": {"theme": "classic"}}) as bar:
        for sample in range(SAMPLES):
            checksum ^= digest(sample)
            bar()
    print(f"checksum {checksum:08x}")


if __name__ == "__main__":
    main()
