"""What a release takes for granted: one version everywhere, and fragments that end up in the changelog."""

import re
from pathlib import Path

import headway

ROOT = Path(__file__).parents[2]


def test_all_distributions_have_one_version() -> None:
    """All distributions and the package name the same version."""
    files = [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))]
    found = {
        str(file.relative_to(ROOT)): re.findall(r'^version = "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
        for file in files
    }

    assert len(found) == 6
    assert {file: versions for file, versions in found.items() if versions != [headway.__version__]} == {}


def test_fragments_are_named_so_that_they_are_found() -> None:
    """A fragment of another name would be in no changelog."""
    names = {path.name for path in ROOT.glob("changelog.d/*")} - {"README.md"}

    assert {name for name in names if not re.fullmatch(r"\+[\w-]+\.(added|changed|fixed|removed)\.md", name)} == set()
