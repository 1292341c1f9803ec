"""The code on the pages of the frameworks runs."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

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
    if os.environ.get("HEADWAY_TEST_FRAMEWORKS") != "1" and not all(find_spec(package) for package in packages):
        pytest.skip(f"{name} is not installed")
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
