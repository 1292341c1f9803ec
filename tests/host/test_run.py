"""The id of a run, and what is told of its program."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headway.host import ranks, run

CODE = "from headway.host import run; print(run.identity(), run.program(), run.digest())"
TORCHRUN = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


@pytest.fixture(autouse=True)
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with no run and no rank."""
    for name in {
        run.VARIABLE,
        "TORCHELASTIC_RUN_ID",
        "LOCAL_WORLD_SIZE",
        *(n for v, s, local in ranks._LAUNCHERS for n in (v, *s, local) if n),
    }:
        monkeypatch.setenv(name, "")  # so that what a test leaves there is taken away after it
        monkeypatch.delenv(name)


def said(*arguments: str, **env: str) -> list[str]:
    """Return what a program says of its run."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True, text=True).stdout.split()


def test_a_run_has_one_id_from_its_first_process_on() -> None:
    """The processes that a run starts have its id, and another run has another one."""
    own = run.identity()

    assert (16, own) == (len(own), run.identity())
    assert own == said("-c", CODE)[0]
    assert own != said("-c", CODE, HEADWAY_RUN="")[0]


@pytest.mark.parametrize("value", ["", "x" * 16, "0" * 15, "A" * 16, "0" * 17, "\x1b" * 16])
def test_what_is_no_id_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """An environment that says something else does not get into event files."""
    monkeypatch.setenv(run.VARIABLE, value)

    assert value != run.identity() == os.environ[run.VARIABLE]


@pytest.mark.parametrize(
    ("job", "other"),
    [
        ({"RANK": "{}", **TORCHRUN, "TORCHELASTIC_RUN_ID": "mine"}, {"TORCHELASTIC_RUN_ID": "yours"}),
        (
            {"SLURM_PROCID": "{}", "SLURM_NTASKS": "2", "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0"},
            {"SLURM_STEP_ID": "1"},
        ),
    ],
)
def test_ranks_have_one_id_wherever_they_are(job: dict[str, str], other: dict[str, str]) -> None:
    """Ranks that nothing but a launcher has in common come to one id, those of another job to another."""
    first, second = (said("-c", CODE, **{name: value.format(rank) for name, value in job.items()}) for rank in (0, 1))
    third = said("-c", CODE, **{name: value.format(0) for name, value in {**job, **other}.items()})

    assert first[0] == second[0] != third[0]


def test_two_jobs_of_torchrun_on_one_machine_are_two_runs() -> None:
    """A launcher that calls all jobs `none` does not make one run of them."""
    env = {"RANK": "0", **TORCHRUN, "TORCHELASTIC_RUN_ID": "none", "LOCAL_WORLD_SIZE": "2"}
    launcher = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CODE!r}], check=True)"

    assert said("-c", launcher, **env)[0] != said("-c", launcher, **env)[0]
    assert said("-c", CODE, **env)[0] == said("-c", CODE, **{**env, "RANK": "1"})[0]


def test_a_program_is_told_by_its_name_and_a_digest(tmp_path: Path) -> None:
    """The digest is that of the program and all of its arguments, and holds none of them."""
    script = tmp_path / "train.py"
    script.write_text(CODE)
    first, again, other = (said(str(script), "--key", key)[1:] for key in ("secret", "secret", "changed"))

    assert first == again != other
    assert (first[0], len(first[1])) == ("train.py", 16)


def test_a_module_is_called_by_its_name(tmp_path: Path) -> None:
    """`python -m package` is that package, not `__main__.py`."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__main__.py").write_text(CODE)
    (tmp_path / "package" / "__init__.py").touch()

    assert said("-m", "package", PYTHONPATH=f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")[1] == "package"


@pytest.mark.parametrize("argv", [[], [b"bytes", 1], ["\udcff", "x"]])
def test_odd_arguments_harm_nobody(monkeypatch: pytest.MonkeyPatch, argv: list[Any]) -> None:
    """What a program has made of `sys.argv` is hashed as it is."""
    monkeypatch.setattr(sys, "argv", argv)

    assert len(run.digest()) == 16
    assert isinstance(json.dumps(run.program()), str)
