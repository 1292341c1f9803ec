"""What a frame of 200 bars takes on a terminal of 24 lines, counted: only bars that can be seen are sampled."""

from __future__ import annotations

import json
import re

import pytest

from headway.testing import run_in_terminal

PROGRAM = """
import json, threading, time
import headway
from headway.drawing.hub import hub
from headway.reporting.bar import Bar
from headway.text.layout import Layout

bars, counts = [], {"snapshot": 0, "fit": 0}
for i in range(200):
    thread = threading.Thread(target=lambda: bars.append(headway.get_bar(1000, desc=f"bar {i}")))
    thread.start(); thread.join()

def counted(owner, name):
    real = getattr(owner, name)
    def call(*args):
        counts[name] += 1
        return real(*args)
    setattr(owner, name, call)

def frame():
    for view in hub.outlets: view.due = 0.0
    hub.display.draw_bars(time.monotonic())

def drawn():  # in the drawing thread alone: what is counted is one frame
    counts.update(snapshot=0, fit=0)
    hub.throttle.call(frame)
    return [counts["snapshot"], counts["fit"]]

while len(hub.display.bars) < len(bars): time.sleep(0.001)  # those of a storm come with the next frame
hub.throttle.call(lambda: setattr(hub.throttle, "_draw", lambda now: 60.0))  # no other frames
counted(Bar, "snapshot"); counted(Layout, "fit")
for bar in bars: bar.update(5)
drawn()
for bar in bars: bar.update(5)
all_move = drawn()
def drawn_again():
    bars[3].update(5)
    return drawn()

one_moves = min((drawn_again() for _ in range(10)), key=lambda each: each[1])  # in others a second may have passed
bars[22].update(500)
bars[0].close()
"""
SEEN = {"rows": 22, "tqdm": 22, "progressbar2": 22, "rich": 22, "alive": 1}
"""The bars that each renderer shows; one row tells how many others there are."""


@pytest.mark.parametrize("backend", SEEN)
def test_only_bars_that_can_be_seen_are_sampled(backend: str) -> None:
    """Of 200 bars, as many are sampled for a frame as have a row, and rows are laid out that have changed."""
    pytest.importorskip(f"headway_{backend}" if backend != "rows" else "headway")
    screen = run_in_terminal(
        PROGRAM
        + "print('COUNTS', json.dumps([all_move, one_moves]), flush=True); time.sleep(0.1); import os; os._exit(0)",
        env={"HEADWAY_BACKEND": backend, "HEADWAY_CAPTURE": "0"},
        columns=120,
    )
    all_move, one_moves = json.loads(screen.rows_with("COUNTS")[-1].removeprefix("COUNTS "))

    assert all_move[0] == one_moves[0] == SEEN[backend], str(screen)
    assert all_move[1] in (0, SEEN[backend]), str(screen)  # rich lays out columns of its own
    assert one_moves[1] <= 1, str(screen)


@pytest.mark.parametrize("backend", [name for name, seen in SEEN.items() if seen > 1])
def test_a_bar_that_comes_into_view_is_up_to_date(backend: str) -> None:
    """When a bar ends, the row that is free shows another one with its newest count at once, and the rest is counted."""
    pytest.importorskip(f"headway_{backend}" if backend != "rows" else "headway")
    screen = run_in_terminal(PROGRAM + "import os; os._exit(0)", env={"HEADWAY_BACKEND": backend}, columns=120)

    assert screen.rows_with("bar 22")
    assert re.search("510(/| of )1000", screen.rows_with("bar 22")[-1]), str(screen)
    assert not screen.rows_with("bar 23"), str(screen)
    assert screen.rows_with("177 more"), str(screen)
