"""The core's own rows on real terminals: a pseudo-terminal, and tmux, which wraps old rows and keeps a history."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.testing import run_in_terminal

pytest.importorskip("pyte")

SUPPORT = str(Path(__file__).parents[1] / "support")
PROGRAM = """
import sys, time
from frames import Bars
from headway.host.stream import SafeStream
stream = SafeStream(sys.stderr)
bars = Bars(stream)
"""
BARS = """
for number in (1, 2, 3): bars.open(number, number - 1 or None, leave=False, message="a message of some length " * 5)
def draw():
    for number in (1, 2, 3): bars.set(number, n=(bars.bars[number].n + 1) % 100)
    bars.draw(); time.sleep(0.01)
"""


def environment() -> dict[str, str]:
    """Where programs find the frames of the tests."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (SUPPORT, os.environ.get("PYTHONPATH"))))}


def test_rows_on_a_pseudo_terminal() -> None:
    """Rows, text above them, a narrower window, and an end that leaves the cursor below them."""
    screen = run_in_terminal(
        f"{PROGRAM}{BARS}"
        """
for i in range(20): draw()
bars.sink.write('RESIZE'); time.sleep(0.3)
while stream.size.columns > 40: time.sleep(0.01)
for i in range(20): draw()
for number in (3, 2): bars.end(number)
bars.end(1, leave=True); bars.draw(); bars.sink.stop(1.0)
print('DONE')
""",
        env=environment(),
        resize=(40, 24),
    )

    assert [row.partition(":")[0] for row in screen.rows] == ["RESIZE", "bar 1", "DONE"]
    assert (screen.status, screen.cursor_hidden) == (0, False)


def test_the_echo_of_ctrl_c_goes_with_the_next_frame() -> None:
    """Ctrl-C shows as `^C` in the first row; the next frame paints over it."""
    screen = run_in_terminal(
        f"{PROGRAM}{BARS}"
        """
try:
    bars.sink.write('NOW')
    while True: bars.set(3, n=(bars.bars[3].n + 1) % 100); bars.draw(); time.sleep(0.01)
except KeyboardInterrupt:
    for number in (3, 2, 1): bars.end(number, 'interrupted', leave=number == 1)
    bars.draw(); bars.sink.stop(1.0)
print('DONE')
""",
        env=environment(),
        interrupt_at="NOW",
    )

    assert [row.partition(":")[0] for row in screen.rows] == ["NOW", "bar 1 interrupted", "DONE"]
    assert "^C" in screen.raw


class Tmux:
    """A window of tmux that runs one program, and stands when it has ended."""

    def __init__(self, name: str, code: str, columns: int, lines: int) -> None:
        self._name = name
        program = f"{sys.executable} -c '{textwrap.dedent(code)}'; exec sleep 600"
        self("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), program)

    def __call__(self, *command: str) -> str:
        env = {**os.environ, **environment(), "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            ["tmux", "-u", "-L", self._name, *command], env=env, check=True, text=True, capture_output=True, timeout=60
        ).stdout

    def rows(self) -> list[str]:
        """The rows from the top of the history."""
        return self("capture-pane", "-p", "-S", "-").rstrip().split("\n")

    def wait_for(self, text: str) -> None:
        """Wait until a row begins so."""
        deadline = time.monotonic() + 30
        while not any(row.startswith(text) for row in self.rows()):
            assert time.monotonic() < deadline, "\n".join(self.rows())
            time.sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[object]:
    """Starts a program in tmux."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    name = f"headway-{os.getpid()}-{tmp_path.name}"  # a server that ends still has its socket for a moment
    yield lambda code, columns, lines: Tmux(name, code, columns, lines)
    subprocess.run(["tmux", "-L", name, "kill-server"], capture_output=True)


def test_tmux_keeps_nothing_of_the_rows_in_its_history(tmux) -> None:
    """Rows in the top left corner of a window come, go and make way, and the history stays empty."""
    window = tmux(
        PROGRAM
        + BARS
        + """
for i in range(10): draw()
bars.sink.write("text")
for i in range(10): draw()
bars.sink.hide(); bars.show()
for number in (3, 2, 1):
    bars.end(number)
    bars.draw()
bars.sink.stop(1.0)
print("DONE")
""".replace("'", '"'),
        80,
        12,
    )
    window.wait_for("DONE")

    assert window.rows() == ["text", "DONE"]
    assert window("display", "-p", "#{history_size}").strip() == "0"


def test_a_window_of_tmux_is_dragged(tmux) -> None:
    """While a window that is full of text becomes narrower, step by step, no piece of an old row is left anywhere."""
    window = tmux(
        PROGRAM
        + BARS
        + """
for i in range(40): print("line", i)
while stream.size.columns > 50: draw()
for i in range(30): draw()
for number in (3, 2, 1): bars.end(number)
bars.draw(); bars.sink.stop(1.0)
print("DONE")
""",
        100,
        24,
    )
    window.wait_for("bar 1")
    for columns in range(95, 45, -5):
        window("resize-window", "-x", str(columns), "-y", "24")
    window.wait_for("DONE")

    assert window.rows() == [*(f"line {i}" for i in range(40)), "DONE"]


STILL = """
import headway, time
for epoch in headway.track(range(2), desc="epochs", unit="epoch"):
    with headway.get_bar(120, desc="steps", unit="step", metrics=[headway.Metric("loss", best="min")]) as bar:
        bar.metrics(loss=1.0)
        bar.refresh()
        for i in range(120):
            bar.metrics(loss=1 / (1 + i % 7))
            bar.update()
            time.sleep(0.0005 if i < 60 else 0.01)
"""


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_bars_stand_still_from_frame_to_frame(columns: int) -> None:
    """Whatever its numbers come to, with one digit or several, a bar keeps its place in all frames of a run."""
    places: list[tuple[int, int]] = []

    def look(rows: list[str]) -> bool:
        places.extend((row.index("|"), row.rindex("|")) for row in rows if "steps:" in row and "loss=" in row)
        return any(row.startswith("epochs: 100%") for row in rows)

    run_in_terminal(STILL, env={"HEADWAY_BACKEND": "rows"}, columns=columns, until=look, timeout=30.0)

    assert len(places) > 10
    assert len(set(places)) == 1, set(places)
