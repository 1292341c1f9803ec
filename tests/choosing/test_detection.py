"""Detection in a notebook: a renderer whose entry point says that it is made for one is chosen there, and only there."""

from pathlib import Path

import pytest

from distributions import distribution, run
from headway.testing import run_in_terminal

CELL = """
from headway.hookspecs import hookimpl
from headway.sink import PerBar, Renderer
class Cell(PerBar):
    def __init__(self, context): self._stream = context.stream
    def close(self, snapshot): self._stream.write(f"cell {snapshot.n}\\n")
@hookimpl
def headway_renderer(): return Renderer(Cell, protocol=2, draws="cell")
"""
KERNEL = """
import sys, types
ipython = sys.modules["IPython"] = types.ModuleType("IPython")
shell = type("ZMQInteractiveShell", (), {})()
ipython.get_ipython = lambda: shell
"""
PROGRAM = "import headway\nfor i in headway.track(range(3), desc='alpha'): pass"


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two renderers for notebooks, and one that is for none."""
    folder = tmp_path_factory.mktemp("notebooks")
    distribution(folder, "any-place", ("headway", "anywhere"), "raise SystemExit('not for a notebook')")
    distribution(folder, "first-torn", ("headway.notebook", "a-torn"), "raise RuntimeError('torn')")
    distribution(folder, "the-cells", ("headway.notebook", "cells"), CELL)
    (folder / "the_cells-1.0.dist-info" / "entry_points.txt").write_text(
        "[headway]\ncells = the_cells\n[headway.notebook]\ncells = the_cells\n"  # in both groups
    )
    distribution(folder, "further", ("headway.notebook", "further"), "raise SystemExit('one is enough')")
    return folder


def test_a_renderer_for_notebooks_is_chosen_in_a_notebook(notebooks: Path) -> None:
    """The first one of the alphabet is taken; one that is broken is told, and the next one is taken."""
    done = run(notebooks, "-c", KERNEL + PROGRAM)

    assert "cell 3\n" in done.stderr
    assert done.stderr.count("HeadwayWarning") == 1
    assert "'a-torn' of the distribution 'first-torn' raised RuntimeError: torn" in done.stderr
    assert "headway alpha" not in done.stderr


def test_doctor_says_that_a_notebook_has_decided(notebooks: Path) -> None:
    """The reason names the place and the renderer."""
    decision = "from headway.choosing.selection import detect\nprint(detect(sys.stderr).reason)"

    assert run(notebooks, "-W", "ignore", "-c", KERNEL + decision).stdout == "a notebook, and cells is installed\n"


@pytest.mark.parametrize("place", ["no kernel", "a file"])
def test_it_is_not_chosen_elsewhere(notebooks: Path, place: str) -> None:
    """Outside of a kernel, and for a bar on a stream of its own, lines are written, and no renderer is imported."""
    file = "file=sys.__stdout__, " if place == "a file" else ""
    program = PROGRAM.replace("desc=", f"{file}desc=") + "\nprint([m for m in sys.modules if m == 'the_cells'])"
    kernel = f"{KERNEL}import io; sys.stdout = sys.stdout if {not file} else open(1, 'w', closefd=False)\n"
    done = run(notebooks, "-c", f"import sys\n{kernel if file else ''}{program}")

    assert "headway alpha n=3" in done.stdout + done.stderr
    assert "[]" in done.stdout
    assert "Warning" not in done.stderr


def test_it_may_be_asked_for_by_name(notebooks: Path) -> None:
    """A renderer for notebooks has a name like any other one."""
    assert run(notebooks, "-c", PROGRAM, HEADWAY_BACKEND="cells").stderr == "cell 3\n"


def shown_in_terminal(**env: str) -> str:
    """Run a program in a terminal, and return all that it has written."""
    code = """
    import headway, time
    for i in headway.track(range(5), desc="alpha"): time.sleep(0.05)
    """
    return run_in_terminal(code, env=env).raw


@pytest.mark.parametrize("name", ["AI_AGENT", "CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI"])
def test_an_agent_gets_lines(name: str) -> None:
    """A frame that is drawn over is read as text, so that a terminal that an agent reads gets none."""
    raw = shown_in_terminal(**{name: "1"})

    assert "\x1b" not in raw
    assert raw.count("headway alpha") == 2, raw


@pytest.mark.parametrize(
    "env",
    [
        {"AGENT": ""},
        {"AGENT": "0"},
        {"CLAUDECODE": "1", "HEADWAY_INTERACTIVE": "1"},
        {"CLAUDECODE": "1", "HEADWAY_BACKEND": "rows"},
    ],
)
def test_a_person_gets_rows(env: dict[str, str]) -> None:
    """A variable that is off, and whatever a person says, leaves the rows."""
    assert "\r" in shown_in_terminal(**env).replace("\r\n", "\n")
