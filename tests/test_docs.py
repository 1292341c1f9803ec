"""The code in the README and the docs runs, and what they list is what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headway.discovery import load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("plugins/*/README.md"))]
FRAMEWORKS = sorted((ROOT / "docs" / "frameworks").glob("*.md"))
"""Their code runs where the frameworks are installed: tests/with_frameworks."""
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}-{i}")
    for page in PAGES
    for i, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_code_runs(block: str, tmp_path: Path) -> None:
    """Each block of Python runs by itself, without a warning."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, *FRAMEWORKS], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link and picture is a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "plain", "events"])
def test_all_options_are_documented(backend: str) -> None:
    """The table of options names each option that a backend has."""
    row = re.search(
        rf"^\| `{backend}` \|(.*)$", (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert row is not None
    assert set(load(backend).options) == set(re.findall(r"`([a-z_]+)`", row[1].split("|")[0]))
