"""The table of faults in the docs lists what `benchmarks/faults.py` runs, and its judges can tell right from wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
LIST = "from faulting.cases import CASES; import json; print(json.dumps(list(CASES)))"


@pytest.fixture
def in_benchmarks(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the benchmarks run in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "benchmarks"), prepend=":")
    return ROOT / "benchmarks"


def test_the_docs_list_every_case(in_benchmarks: Path) -> None:
    """Each fault that is run stands in the table, and each one in the table is run, in the same order."""
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout) == re.findall(r"^\| \*\*(\w+)\*\*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
@pytest.mark.parametrize(
    ("case", "driver", "expected"),
    [
        ("overshoot", "headway [progressbar2]", "ok"),
        ("overshoot", "progressbar2", "raised: ValueError@update"),
        ("undershoot", "progressbar2", "wrong: shows 100%"),
        ("desc_newline", "tqdm", "wrong: "),
    ],
)
def test_a_run_is_judged(in_benchmarks: Path, case: str, driver: str, expected: str) -> None:
    """A single case can be asked for, and says what is right or wrong with a library."""
    done = subprocess.run(
        [sys.executable, str(in_benchmarks / "faults.py"), "--only", case, "--library", driver],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert f"1/1 {case}: {driver}: {expected}" in done.stderr
