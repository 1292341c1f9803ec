"""The examples do what they say, in a terminal and in a pipe."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headway.sinks.plain import LINE
from headway.testing import Screen, run_in_terminal

EXAMPLES = Path(__file__).parent.parent / "examples"


def show(name: str, backend: str = "") -> Screen:
    """Run an example on a terminal."""
    env = {"HEADWAY_BACKEND": backend} if backend else {}
    screen = run_in_terminal("", arguments=[str(EXAMPLES / name)], columns=100, env=env)

    assert screen.status == 0, str(screen)
    assert "Warning" not in screen.raw, str(screen)
    return screen


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "rich"])
def test_messages_stand_above_the_bar(backend: str) -> None:
    """The message of every 100th batch is a whole row, in order, above the one bar that is left."""
    rows = show("epochs_with_messages.py", backend).rows

    expected = [f"epoch {e}, batch {b}: loss " for e in (1, 2, 3) for b in (100, 200, 300)]
    assert [row[: len(want)] for row, want in zip(rows, expected, strict=False)] == expected
    assert len(rows) == len(expected) + 1
    assert re.search("3(/| of )3", rows[-1])


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2"])
def test_one_tick_per_sample_counts_all(backend: str) -> None:
    """All 100 000 ticks are counted, and the result is the same whoever draws."""
    rows = show("samples.py", backend).rows

    assert re.search("100000(/| of )100000", rows[0])
    assert rows[1] == "checksum 99778b00"


def test_custom_widgets_are_progressbar2s_own() -> None:
    """The native list is drawn by progressbar2, AdaptiveETA included."""
    screen = show("custom_widgets.py")

    assert "100% [=====" in screen.rows[-1]
    assert screen.raw.count("ETA:") > 2


def test_every_backend_in_one_process() -> None:
    """One process can switch between all backends, and computes the same under each."""
    rows = show("every_backend.py").rows

    for name in ("alive", "events", "plain", "progressbar2", "rich", "tqdm", "off"):
        assert f"── {name}" in rows
    assert rows[-1] == "results: {9900.0}"


@pytest.mark.parametrize("name", ["epochs_with_messages.py", "samples.py", "custom_widgets.py"])
def test_examples_in_a_pipe(name: str) -> None:
    """Piped into a file an example leaves plain lines only."""
    done = subprocess.run([sys.executable, EXAMPLES / name], capture_output=True, text=True, check=True, timeout=60)

    assert not set(done.stderr) & set("\r\x1b\b")
    lines = [line for line in done.stderr.splitlines() if line.startswith("headway ")]
    assert len(lines) >= 2
    assert all(LINE.fullmatch(line) for line in lines)
