"""A custom widget list with percentage, bar, ETA and adaptive ETA, as progressbar2 users write it.

The list belongs to progressbar2, so the program prefers that renderer; under another one (HEADWAY_BACKEND=tqdm) the
list is left out and everything else works.
"""

import time

import progressbar

import headway

WIDGETS = [
    progressbar.Percentage(),
    " ",
    progressbar.Bar(marker="=", left="[", right="]"),
    " ",
    progressbar.ETA(),
    " | ",
    progressbar.AdaptiveETA(),
]


def main() -> None:
    for _ in headway.track(range(200), desc="train", widgets=WIDGETS, backend="progressbar2"):
        time.sleep(0.005)


if __name__ == "__main__":
    main()
