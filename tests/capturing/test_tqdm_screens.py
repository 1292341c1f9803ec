"""The screen of a program with captured tqdm bars: one row each, and whole lines above them."""

import pytest

import headway
from headway.testing import run_in_terminal

pytest.importorskip("tqdm")

from tqdm import tqdm

CAPTURED = "import headway\nheadway.capture('tqdm')\n"


def test_a_captured_bar_takes_one_row() -> None:
    """Fourteen bars have room in a terminal of sixteen lines, one below the other."""
    screen = run_in_terminal(
        CAPTURED + "import time\n"
        "from tqdm import tqdm\n"
        "bars = [tqdm(total=9, desc=f'file {i:2}') for i in range(14)]\n"
        "for bar in bars: bar.update(3)\n"
        "time.sleep(60)\n",
        lines=16,
        env={"HEADWAY_BACKEND": "tqdm"},
        until=lambda rows: sum("3/9" in row for row in rows) == 14,
        timeout=20,
    )

    assert [row[:7] for row in screen.rows] == [f"file {i:2}" for i in range(14)], str(screen)


def test_captured_bars_are_put_in_order_when_they_are_given_back() -> None:
    """They stand below a bar that tqdm drew all the while, each in a place of its own."""
    drawn = tqdm(total=1, desc="drawn")
    with headway.capture("tqdm"):
        captured = [tqdm(total=1) for _ in range(3)]
        assert [abs(bar.pos) for bar in captured] == [0, 1, 2]
        captured[1].close()

    assert [abs(bar.pos) for bar in (drawn, captured[0], captured[2])] == [0, 1, 2]
    for bar in (drawn, *captured):
        bar.close()


def test_the_end_of_a_captured_bar_moves_no_row() -> None:
    """A bar that tqdm draws further down stays where it is; it does not take the place of one that has none."""
    drawn = tqdm(total=1, nrows=20)
    drawn.pos = 30
    with headway.capture("tqdm"):
        tqdm(total=1).close()

    assert drawn.pos == 30
    drawn.close()


@pytest.mark.parametrize("backend", ["tqdm", "alive"])
def test_text_stands_above_whatever_names_the_terminal(backend: str) -> None:
    """A reference to stdout from before the first bar, `sys.__stdout__` and subprocesses tear no row."""
    screen = run_in_terminal(
        CAPTURED + "import subprocess, sys, time\n"
        "from tqdm import tqdm\n"
        "out, err = sys.stdout, sys.stderr\n"
        "for i in tqdm(range(6), desc='work'):\n"
        "    time.sleep(0.05)\n"
        "    if i == 0: tqdm.write('reference', file=out)\n"
        "    if i == 1: tqdm.write('error', file=err)\n"
        "    if i == 2: tqdm.write('original', file=sys.__stdout__)\n"
        "    if i == 3:\n"
        "        with tqdm.external_write_mode(): subprocess.run(['echo', 'subprocess'])\n"
        "    if i == 4:\n"
        "        with tqdm.external_write_mode(file=out): out.write('straight\\n'); out.flush()\n",
        env={"HEADWAY_BACKEND": backend},
    )

    assert screen.rows[:-1] == ["reference", "error", "original", "subprocess", "straight"], str(screen)
    assert screen.rows[-1].startswith("work"), str(screen)
