"""A program's random numbers are the same whichever renderer is chosen."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

RENDERERS = [
    "off",
    "rows",
    *[name for name in ("tqdm", "progressbar2", "alive", "rich") if find_spec(f"headway_{name}")],
]


@pytest.mark.parametrize("backend", RENDERERS)
def test_a_bar_takes_no_random_number_of_the_programs(backend: str, run: Any) -> None:
    """Libraries may take some as they are imported, as rich does."""
    done = run(
        """
        import random
        random.seed(0)
        import headway
        for _ in headway.track(range(3)): pass
        print(random.random())
        """,
        HEADWAY_BACKEND=backend,
        HEADWAY_INTERACTIVE="1",
    )

    assert done.stdout == "0.8444218515250481\n", done.stderr


def test_a_sink_of_the_programs_own_may_take_some(run: Any) -> None:
    """Also where a renderer is made, not imported."""
    done = run(
        """
        import random, headway
        from headway.sink import PerBar, Renderer
        class Dice(PerBar):
            def __init__(self): self.first = random.random()
        random.seed(0)
        with headway.get_bar(1, backend=Dice()): pass
        random.seed(0)
        with headway.get_bar(1, backend=Renderer(Dice, protocol=2, draws="nothing")): pass
        print(random.random())
        """
    )

    assert done.stdout == "0.8444218515250481\n", done.stderr
