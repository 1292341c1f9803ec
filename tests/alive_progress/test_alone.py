"""The door to alive-progress without alive-progress: only what is its own needs it."""

import subprocess
import sys
import textwrap
from pathlib import Path


def test_the_library_is_not_needed(tmp_path: Path) -> None:
    """Counting and drawing work without alive-progress; what is its own says what to install."""
    (tmp_path / "alive_progress.py").write_text("raise ModuleNotFoundError('not here')")
    program = """
        from headway.alive_progress import alive_bar, alive_it
        from headway.alive_progress import styles
        with alive_bar(3, theme="classic", title="here") as bar:
            bar(3)
        assert list(alive_it("ab")) == ["a", "b"]
        try:
            styles.showtime
        except ImportError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env={"HEADWAY_BACKEND": "plain"}
    )

    assert done.returncode == 0, done.stderr
    assert "here n=3 total=3 100%" in done.stderr
    assert "pip install alive-progress" in done.stdout
