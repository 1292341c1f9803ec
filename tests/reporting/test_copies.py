"""Bars, tracks and loops can be pickled and copied: the copy counts, is not shown, and nothing raises."""

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import headway

COPIES: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))]


@pytest.mark.parametrize("made", COPIES, ids=["copy", "deepcopy", "pickle"])
def test_a_copy_of_a_bar_counts_for_itself_without_a_relay(made: Callable[[Any], Any]) -> None:
    """A copy in the same process begins where the bar is, and neither shows nor changes anything of it."""
    file = io.StringIO()
    with headway.get_bar(10, desc="a", unit="b", backend="plain", file=file) as bar:
        bar.update(3)
        shown = file.getvalue()
        twin = made(bar)
        twin.update(2)
        twin.metrics(loss=1.0)
        twin.message("m")

        assert (twin.n, twin.total, twin.desc, twin.unit, bar.n) == (5, 10, "a", "b", 3)
        twin.close()
        assert (twin.state, bar.state, file.getvalue()) == ("stopped", "running", shown)


@pytest.mark.parametrize("made", COPIES, ids=["copy", "deepcopy", "pickle"])
def test_a_copy_of_a_track_gives_the_items(made: Callable[[Any], Any]) -> None:
    """A copied track is its iterable, not shown."""
    file = io.StringIO()
    track = headway.track([1, 2, 3], desc="a", backend="plain", file=file)

    assert list(made(track)) == [1, 2, 3]
    assert file.getvalue() == ""


@pytest.mark.parametrize("made", COPIES, ids=["copy", "deepcopy", "pickle"])
def test_a_copy_of_a_loop_goes_on_from_there(made: Callable[[Any], Any]) -> None:
    """A run that is copied in its second epoch goes on with it, and is not shown."""
    file = io.StringIO()
    loop = headway.loop([1, 2, 3], epochs=3, accumulate=2, metrics=["loss"], backend="plain", file=file)
    for epoch in loop:
        for _ in loop.train():
            pass
        if epoch == 0:
            twin = made(loop)
            shown = file.getvalue()
    steps = [(epoch, batch) for epoch in twin for batch in twin.train()]

    assert steps == [(epoch, batch) for epoch in (1, 2) for batch in (1, 2, 3)]
    assert (twin.state, loop.state) == ("finished", "finished")
    assert "headway training" in shown
