"""The hook for commit messages lets good ones pass, and says what is wrong with others."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "tools" / "commit_message.py"


def check(folder: Path, message: str) -> tuple[int, str]:
    """Run the hook as git does; return its exit code and what it printed."""
    file = folder / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    done = subprocess.run([sys.executable, str(CHECK), str(file)], capture_output=True, text=True, timeout=60)
    assert not done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "message",
    [
        "Guard the cost of a bar\n\nTimings wobble on a shared machine.\n",
        f"{'x' * 72}\n\nBecause.\n",
        "\n# a comment\nGuard\n# another\n\nBecause.\n# ------------------------ >8 ------------------------\ndiff\n",
        "Merge branch 'guards'\n",
        "fixup! Guard the cost of a bar\n",
    ],
)
def test_good_messages_pass(tmp_path: Path, message: str) -> None:
    """A subject of 72 characters at most, an empty line and a body; comments and git's own messages aside."""
    assert check(tmp_path, message) == (0, "")


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("Guard the cost\n", "There is no body"),
        ("Guard the cost\n\n# only a comment\n", "There is no body"),
        (f"{'x' * 73}\n\nBecause.\n", "The subject has 73 characters, 72 are the most"),
        ("Guard the cost\nBecause.\n\nMore.\n", "The second line is not empty"),
        ("Guard the cost.\n\nBecause.\n", "The subject ends with a full stop"),
        ("# nothing\n", "The message is empty"),
    ],
)
def test_faults_are_said(tmp_path: Path, message: str, fault: str) -> None:
    """Whoever commits learns what to mend."""
    code, words = check(tmp_path, message)

    assert code == 1
    assert words.startswith(fault)
