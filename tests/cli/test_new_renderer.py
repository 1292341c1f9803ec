"""`headway new-renderer`: a distribution to start from. That it works is tested in tests/choosing/test_strangers.py."""

from pathlib import Path

import pytest

from headway.cli import main


@pytest.mark.parametrize(
    ("kind", "base", "draws"),
    [
        ([], "PerBar", "rows"),
        (["--kind", "rows"], "PerBar", "rows"),
        (["--kind", "lines"], "PerBar", "lines"),
        (["--kind", "cell"], "ProgressSink", "cell"),
        (["--kind", "nothing"], "PerBar", "nothing"),
    ],
)
def test_a_distribution_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: list[str], base: str, draws: str
) -> None:
    """It has a project, a module, a test of the kit for its kind, and words on the next steps."""
    assert main.main(["new-renderer", "two-words", *kind, "--into", str(tmp_path)]) == 0

    place = tmp_path / "headway-two-words"
    assert {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()} == {
        "README.md",
        "pyproject.toml",
        "src/headway_two_words/__init__.py",
        "tests/test_headway_two_words.py",
    }
    module = (place / "src/headway_two_words/__init__.py").read_text()
    assert f"class TwoWordsSink({base})" in module
    assert f'protocol=2, draws="{draws}"' in module
    assert (
        f"class TestTwoWords({draws.capitalize()}Conformance)"
        in (place / "tests/test_headway_two_words.py").read_text()
    )
    compile(module, "module", "exec")
    assert f"pip install -e '{place}[test]'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Two", "cannot be a backend's name: expected small letters"),
        ("a/b", "cannot be a backend's name"),
        ("plain", "There is a backend named 'plain' already"),
        ("there", "is there already. Choose another name"),
        ("below", "cannot be written: "),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    """One sentence says why; nothing is written."""
    (tmp_path / "headway-there").mkdir()
    folder = tmp_path
    if name == "below":
        folder = tmp_path / "file"
        folder.write_text("")

    assert main.main(["new-renderer", name, "--into", str(folder)]) == 2
    assert says in capsys.readouterr().err
