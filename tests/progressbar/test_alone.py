"""The door to progressbar2 without progressbar2: only what is its own needs it."""

import subprocess
import sys
import textwrap
from pathlib import Path


def test_the_library_is_not_needed(tmp_path: Path) -> None:
    """Counting, drawing and lists of widgets work without progressbar2; texts of the program's are shown."""
    (tmp_path / "progressbar.py").write_text("raise ModuleNotFoundError('not here')")
    program = """
        from headway import progressbar as door
        from headway.progressbar import widgets
        class Stage(widgets.WidgetBase):
            def __call__(self, progress, data):
                return f"stage {progress.value} of {data['max_value']}"
        text = door.FormatCustomText("%(file)s", {"file": "none"})
        row = ["work: ", door.Percentage(), " ", door.Bar(), " ", text, " ", door.Counter(), door.Variable("loss"), " ",
               widgets.FormatLabel("line %(value)d"), door.Postfix(), door.ETA(), Stage()]
        with door.ProgressBar(max_value=3, widgets=row, postfix={"a": 1}) as bar:
            text.update_mapping(file="this")
            bar.update(3, loss=0.25)
        assert dict(bar.variables) == {"loss": 0.25, "postfix": {"a": 1}}, bar.variables
        for name in ("SmoothingAlgorithm", "nonsense"):
            try:
                getattr(door, name)
            except (ImportError, AttributeError) as error:
                print(type(error).__name__, error)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env={"HEADWAY_BACKEND": "plain"}
    )

    assert done.returncode == 0, done.stderr
    assert "work n=3 total=3 100%" in done.stderr
    assert "ImportError SmoothingAlgorithm" in done.stdout
    assert "pip install progressbar2" in done.stdout
    assert "AttributeError module 'headway.progressbar' has no attribute 'nonsense'" in done.stdout
