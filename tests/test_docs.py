"""The code in the README and the docs runs, and what they list is what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headway.choosing.discovery import load

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


@pytest.mark.parametrize(
    "page", [ROOT / "CONTRIBUTING.md", *PAGES, *FRAMEWORKS], ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link and picture is a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "backend",
    ["tqdm", "alive", "progressbar2", "rich", "rows", "notebook", "plain", "spoken", "logging", "events", "web"],
)
def test_all_options_are_documented(backend: str) -> None:
    """The table of options names each option that a backend has."""
    row = re.search(
        rf"^\| `{backend}` \|(.*)$", (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert row is not None
    assert {*load(backend).options, *load(backend).look} == set(re.findall(r"`([a-z_]+)`", row[1].split("|")[0]))


def test_all_variables_are_documented() -> None:
    """The table of variables names each one that the source reads or sets."""
    page = (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py")]

    assert {name for text in sources for name in re.findall(r"HEADWAY_[A-Z_]*[A-Z]", text)} <= set(
        re.findall(r"`(HEADWAY_[A-Z_]+)`", page)
    )


@pytest.mark.parametrize("page", [p for p in FRAMEWORKS if p.name != "README.md"], ids=lambda page: page.stem)
def test_pages_of_frameworks_are_alike(page: Path) -> None:
    """Each has a program, and says what is shown, what the framework's own bar shows, and what cannot be shown."""
    text = page.read_text(encoding="utf-8")
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)

    assert "```python" in text.partition("## ")[0]
    assert [sections[0], sections[2]] == ["What is shown", "What it cannot give"]
    assert sections[1].startswith("Beside ")
    assert "| headway |" in text


def test_all_pages_are_listed() -> None:
    """The index leads to every page."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= set(re.findall(r"\((.*?)\)", index))


def test_contributors_find_every_module() -> None:
    """What CONTRIBUTING.md says about where things are leaves no module out."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = ROOT / "src" / "headway"
    modules = {file.name for file in package.glob("*.py")} | {f"{file.parent.name}/" for file in package.glob("*/*.py")}

    assert {name for name in modules if not name.startswith("_")} <= set(re.findall(r"`([a-z_]+(?:\.py|/))`", page))
