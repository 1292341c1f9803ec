"""`headway run` captures the bars of a program that knows nothing of headway."""

import subprocess
import sys
from pathlib import Path

import pytest

from headway.testing import run_in_terminal

pytest.importorskip("tqdm")


SCRIPT = """
import sys
from tqdm import tqdm
import neighbour
if __name__ == "__main__":
    for _ in tqdm(range(3), desc="script"):
        pass
    print(sys.argv[1:], neighbour.HERE)
    sys.exit(7)
"""


@pytest.mark.parametrize("what", ["script", "module"])
def test_headway_run_is_as_python_is(what: str, tmp_path: Path) -> None:
    """The program has its arguments, its folder, its exit status, and knows nothing of headway."""
    (tmp_path / "program.py").write_text(SCRIPT)
    (tmp_path / "neighbour.py").write_text("HERE = 'here'\n")
    program = [str(tmp_path / "program.py")] if what == "script" else ["-m", "program"]
    command = [sys.executable, "-m", "headway", "run", "--backend", "plain", *program, "--backend", "-m", "x"]
    cwd = tmp_path if what == "module" else "/"
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd)

    assert (done.returncode, done.stdout) == (7, "['--backend', '-m', 'x'] here\n"), done.stderr
    assert "headway script n=3 total=3 100%" in done.stderr
    assert "%|" not in done.stderr


def test_headway_run_explains_what_is_missing(tmp_path: Path) -> None:
    """A script that is not there, and bars that cannot be captured, are told in a sentence."""
    for arguments, words in (
        (["nothing.py"], "there is no script 'nothing.py'"),
        (["--capture", "alive", __file__], "those of tqdm, rich, alive_progress and progressbar2 can"),
    ):
        command = [sys.executable, "-m", "headway", "run", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)

        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_errors_in_headway_run_are_the_programs(tmp_path: Path) -> None:
    """What the program raises, headway's own errors included, is a traceback and a status as under python."""
    script = tmp_path / "program.py"
    script.write_text("import headway\nheadway.use('nothing')\n")
    command = [sys.executable, "-m", "headway", "run", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert f'File "{script}", line 2' in done.stderr
    assert "UnknownBackendError" in done.stderr


def test_ctrl_c_in_headway_run_is_the_programs(tmp_path: Path) -> None:
    """Ctrl-C ends the program as it would end it under python, with the bar saying so."""
    script = tmp_path / "program.py"
    script.write_text(
        "import time\nfrom tqdm import tqdm\nfor _ in tqdm(range(100), desc='slow'):\n    time.sleep(0.2)\n"
    )
    arguments = ["-m", "headway", "run", "--backend", "tqdm", str(script)]
    screen = run_in_terminal("", arguments=arguments, interrupt_at="1/100", columns=100)

    assert screen.status == -2, str(screen)
    assert screen.rows_with("KeyboardInterrupt"), str(screen)
    assert screen.rows_with("interrupted"), str(screen)
