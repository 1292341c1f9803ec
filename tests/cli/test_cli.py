"""The command line: the demo under every backend, in every place, and the two commands that explain."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headway.sinks.plain import LINE
from headway.testing import run_in_terminal

BACKENDS = ["tqdm", "alive", "progressbar2", "rich", "notebook", "plain", "spoken", "logging", "events", "off"]


def headway(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with its output in pipes."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}
    command = [sys.executable, "-m", "headway", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**clean, **env}, timeout=60, check=False)


def demos(*runs: Sequence[str]) -> list[str]:
    """Run the demo with each of these options, two at a time, and return the outputs."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda options: headway("demo", *options).stdout, runs))


def test_the_result_does_not_depend_on_the_backend() -> None:
    """Training gives the same accuracy whoever shows it."""
    results = {*demos(*(["--epochs", "2", "--backend", backend] for backend in BACKENDS))}

    assert len(results) == 1
    assert results.pop().startswith("validation accuracy: 0.9")


def test_the_seed_decides_the_result() -> None:
    """Another seed is another run, the same seed the same one."""
    first, again, other = demos(*(["--epochs", "1", "--seed", seed] for seed in ("1", "1", "2")))

    assert first == again
    assert first != other


@pytest.mark.parametrize("command", ["backends", "doctor", "doctor rows"])
def test_a_reader_that_has_enough_gets_no_traceback(command: str) -> None:
    """`headway doctor | head -1` says nothing of the pipe, and ends as SIGPIPE ends a program."""
    program = [sys.executable, "-m", "headway", *command.split()]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (141, "")


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2"])
@pytest.mark.parametrize("columns", [40, 100])
def test_the_demo_in_a_terminal(backend: str, columns: int) -> None:
    """In a wide and in a narrow terminal a row for each epoch, one for the run, and the accuracy are left."""
    demo = ["-m", "headway", "demo", "--epochs", "2", "--backend", backend]
    screen = run_in_terminal("", arguments=demo, columns=columns)

    assert screen.status == 0
    labels = [re.split(r":| \|", row)[0] for row in screen.rows]
    assert labels == ["epoch 1", "epoch 2", "training", "validation accuracy"]
    assert all(re.search("45(/| of )45", row) for row in screen.rows[:2])
    assert re.search("2(/| of )2", screen.rows[2])
    assert screen.rows[3].startswith("validation accuracy: 0.9")


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "plain"])
def test_ctrl_c_stops_the_demo(backend: str) -> None:
    """Ctrl-C leaves a bar that says interrupted, a whole terminal and status 130."""
    demo = ["-m", "headway", "demo", "--delay", "0.01", "--backend", backend]
    screen = run_in_terminal("", arguments=demo, interrupt_at="loss=", columns=120)

    assert screen.status == 130, str(screen)
    assert not screen.cursor_hidden
    assert "interrupted" in screen.rows_with("training")[-1], str(screen)
    assert "Traceback" not in screen.raw, str(screen)


def test_the_demo_in_a_pipe_writes_parseable_lines() -> None:
    """Piped into a file the demo writes lines that the documented expression parses, and no control byte."""
    done = headway("demo", "--epochs", "2")

    lines = done.stderr.splitlines()
    assert lines[0].startswith("headway training n=0 total=2 0%")
    assert "val_acc=0.9" in lines[-1]
    assert all(LINE.fullmatch(line) for line in lines)
    assert not [c for c in done.stderr if ord(c) < 32 and c != "\n"]


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--delay", "-1"], ["--backend", "nothing"]])
def test_wrong_options_are_explained(wrong: list[str]) -> None:
    """A wrong option ends with status 2 and a sentence, not with a traceback."""
    done = headway("demo", *wrong)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert wrong[1] in done.stderr


def test_backends_lists_what_is_installed() -> None:
    """`headway backends` has a line for each backend with what brings it and what draws."""
    done = headway("backends")

    assert done.returncode == 0
    for name, library in (
        ("tqdm", "tqdm"),
        ("alive", "alive-progress"),
        ("progressbar2", "progressbar2"),
        ("rich", "rich"),
    ):
        assert f"headway-{name} 0.1.0, drawn by {library} " in done.stdout
    assert "\nplain          headway 0.1.0\n" in done.stdout


def test_doctor_tells_what_would_be_chosen_and_why(tmp_path: Path) -> None:
    """`headway doctor` names the choice and who made it: detection, the environment, a file."""
    assert "shown by plain: the output goes to no terminal" in headway("doctor").stdout
    assert "not be shown in a test of pytest, which keeps what is written" in headway("doctor").stdout
    assert "in a test of pytest" not in headway("doctor", HEADWAY_BACKEND="plain").stdout
    assert "shown by events: the environment variable HEADWAY" in headway("doctor", HEADWAY_BACKEND="events").stdout
    assert "not be shown: the environment variable" in headway("doctor", HEADWAY_BACKEND="off").stdout
    assert "shown by alive, as plain lines" in headway("doctor", HEADWAY_BACKEND="alive").stdout
    (tmp_path / "pyproject.toml").write_text('[tool.headway]\nbackend = "progressbar2"\n')
    screen = run_in_terminal(
        f"import os, headway.cli.main; os.chdir({str(tmp_path)!r}); headway.cli.main.main(['doctor'])", columns=200
    )
    if sys.version_info >= (3, 11):
        assert screen.rows_with("shown by progressbar2: "), str(screen)
        assert screen.rows_with("pyproject.toml asks for it"), str(screen)


def test_doctor_in_a_terminal_finds_the_first_live_renderer() -> None:
    """In a terminal detection takes headway's own renderers in their order."""
    screen = run_in_terminal("", arguments=["-m", "headway", "doctor"], columns=120)

    assert screen.rows_with("stderr: a terminal of 120 columns and 24 lines")
    assert screen.rows_with("would be shown by tqdm: a terminal, and tqdm is installed")
