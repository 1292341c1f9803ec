"""Where a bar counts: in Python, or in a compiled class that is installed and fits."""

import sys
from pathlib import Path

import pytest

from distributions import run

SHOW = "import headway; bar = headway.get_bar(backend='off'); bar.update(2); bar(); print(bar.n, type(bar).__mro__[3])"
STAND_IN = """
PROTOCOL = {protocol}
class Tally:
    __slots__ = "_count", "_plain"
    def update(self, n=1): self._count += n
    __call__ = update
"""


def counted(folder: Path, speedups: str, **env: str) -> tuple[str, str]:
    """Return the count of a bar with its class, and what `headway doctor` says of it, with a module installed."""
    (folder / "headway_speedups.py").write_text(speedups)
    shown, doctor = (run(folder, *words, **env) for words in (("-c", SHOW), ("-m", "headway", "doctor")))
    assert shown.stderr == doctor.stderr == ""
    (line,) = (line.strip() for line in doctor.stdout.splitlines() if "bars count" in line)
    return shown.stdout.strip(), line


IN_PYTHON = "3 <class 'headway.reporting.tally.Tally'>"
REASONS = {
    "import headway_speedups.none": "headway-speedups cannot be loaded: ModuleNotFoundError: No module named "
    "'headway_speedups.none'; 'headway_speedups' is not a package",
    "raise SystemError('torn')": "headway-speedups cannot be loaded: SystemError: torn",
    "PROTOCOL = 1": "headway-speedups cannot be loaded: AttributeError: module 'headway_speedups' has no attribute "
    "'Tally'",
    STAND_IN.format(protocol=0): "headway-speedups is of another version: protocol 0, not 1",
}


@pytest.mark.parametrize("speedups", REASONS)
def test_what_does_not_fit_is_not_used(speedups: str, tmp_path: Path) -> None:
    """A compiled counter that is broken or of another version harms nobody, and the doctor knows of it."""
    assert counted(tmp_path, speedups) == (IN_PYTHON, f"bars count in Python, for {REASONS[speedups]}")


def test_a_compiled_counter_that_fits_is_used(tmp_path: Path) -> None:
    """If it says the right number, bars count with it."""
    found = counted(tmp_path, STAND_IN.format(protocol=1))

    assert found == ("3 <class 'headway_speedups.Tally'>", "bars count in C, by headway-speedups")


def test_whoever_runs_the_program_may_do_without(tmp_path: Path) -> None:
    """`HEADWAY_SPEEDUPS=0` has bars count in Python, whatever is installed."""
    found = counted(tmp_path, STAND_IN.format(protocol=1), HEADWAY_SPEEDUPS="0")

    assert found == (IN_PYTHON, "bars count in Python, by HEADWAY_SPEEDUPS=0")


def test_where_there_is_no_gil_bars_count_in_python(tmp_path: Path) -> None:
    """Without a GIL a count needs the lock that only Python takes."""
    (tmp_path / "headway_speedups.py").write_text(STAND_IN.format(protocol=1))
    code = f"import sys; sys._is_gil_enabled = lambda: False; {SHOW}; print(headway.reporting.tally.COUNTING)"
    shown = run(tmp_path, "-c", code)

    assert shown.stdout.splitlines() == [IN_PYTHON, "in Python, for there is no GIL"], shown.stderr


def test_nothing_has_to_be_installed() -> None:
    """Without it bars count in Python, and the doctor says what could be installed."""
    if "headway_speedups" in sys.modules:
        pytest.skip("headway-speedups is installed")
    from headway.reporting.tally import COUNTING

    assert COUNTING == "in Python, for headway-speedups is not installed"
