"""The code on the pages of the frameworks runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ASKED = os.environ.get("HEADWAY_TEST_FRAMEWORKS") == "1"  # read here: in a test there is no variable of headway's
PAGES = sorted((Path(__file__).parents[2] / "docs" / "frameworks").glob("*.md"))
PAGES = [page for page in PAGES if page.name != "huggingface.md"]  # it downloads: tests/with_libraries has a hub
BLOCKS = [
    pytest.param(page.stem, block, id=f"{page.name}-{i}")
    for page in PAGES
    for i, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize(("name", "block"), BLOCKS)
def test_code_runs(name: str, block: str, tmp_path: Path) -> None:
    """Each block of Python runs by itself, and shows what is done to its end."""
    packages = re.findall(r"^(?:import|from) (?!headway)(\w+)", block, re.MULTILINE)
    if not ASKED and not sys.stdlib_module_names.issuperset(packages):
        pytest.skip(f"{name} takes long to import: HEADWAY_TEST_FRAMEWORKS=1 runs it")
    program = tmp_path / "program.py"
    program.write_text(block, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-W", "error::UserWarning:headway", str(program)], capture_output=True,
        text=True, cwd=tmp_path, timeout=100, env={**os.environ, "HEADWAY_BACKEND": "plain"},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "state=finished" in done.stderr
    assert "HeadwayWarning" not in done.stderr
    assert not re.search("state=(stopped|failed|interrupted)", done.stderr), done.stderr
