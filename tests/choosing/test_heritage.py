"""A choice that code makes with `headway.use` reaches the processes that it starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import headway
from headway.choosing.heritage import VARIABLE
from headway.choosing.wishes import parse, text_of, wishes_of

METHODS = ["fork", "spawn", "forkserver"] if sys.platform != "win32" else ["spawn"]
PROGRAM = """
import multiprocessing, sys, headway
def work():
    with headway.get_bar(1, desc="child") as bar:
        bar.update()
def started(method):
    process = multiprocessing.get_context(method).Process(target=work)
    process.start()
    process.join()
if __name__ == "__main__":
    method, choice, early = sys.argv[1:]
    if early == "early":
        started(method)
    headway.use(choice)
    started(method)
    headway.use(None)
    if early == "later":
        started(method)
"""


def ran(arguments: list[str], **env: str) -> str:
    """Run a program without a terminal, and return what its bars have written."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env={**clean, **env}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("method", METHODS)
def test_children_follow_the_choice(method: str, tmp_path: Path) -> None:
    """A process that is started after `use("off")` shows no bar, and one after another choice follows that."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    assert ran([str(program), method, "off", ""]) == ""
    assert "child" in ran([str(program), method, "plain", ""])
    assert '"event"' in ran([str(program), method, "events", ""])


@pytest.mark.parametrize("method", METHODS)
def test_children_of_a_server_that_is_older_follow_it(method: str, tmp_path: Path) -> None:
    """The server of forkserver was started before the choice; what it starts afterwards follows it all the same."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    assert ran([str(program), method, "off", ""]).count("child n=1") == 0
    assert ran([str(program), method, "off", "early"]).count("child n=1") == 1
    assert ran([str(program), method, "off", "later"]).count("child n=1") == 1


def test_programs_that_are_started_follow_it() -> None:
    """A program that is started by subprocess does, and so do those that it starts."""
    child = "import headway; headway.get_bar(1, desc='child').close()"
    middle = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    code = f"import headway, subprocess, sys\nheadway.use('off')\nsubprocess.run([sys.executable, '-c', {middle!r}])"

    assert ran(["-c", code]) == ""
    assert "child" in ran(["-c", code.replace("'off'", "'plain'")])


def test_the_child_has_the_last_word_but_for_the_person() -> None:
    """A choice of the child's own comes before the one it was given, and `HEADWAY_BACKEND` before both."""
    bar = "headway.get_bar(1, desc='child').close()"
    given = {VARIABLE: "off"}

    assert ran(["-c", f"import headway; {bar}"], **given) == ""
    assert "child" in ran(["-c", f"import headway; headway.use('plain'); {bar}"], **given)
    assert "child" in ran(["-c", f"import headway; headway.use(None); {bar}"], **given)
    assert "child" in ran(["-c", f"import headway; {bar}"], **given, HEADWAY_BACKEND="plain")
    assert ran(["-c", f"import headway; headway.get_bar(1, backend='plain').close(); {bar}"], **given) == ""


def test_a_choice_that_cannot_be_followed_does_not_raise_in_the_child() -> None:
    """The child may lack the renderer that its parent has; it warns, and detection decides."""
    told = ran(["-c", "import headway; headway.get_bar(1, desc='child').close()"], **{VARIABLE: "nothing"})

    assert "headway.use() in the process that started this one" in told
    assert "child" in told


def test_a_block_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a `with` block, and by `use(None)`, the environment is as it was."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with headway.use("off"):
        assert os.environ[VARIABLE] == "off"
        with headway.use("events", path="run, 1.jsonl"):
            assert parse(os.environ[VARIABLE]) == parse("events?path=run%2C 1.jsonl")
        assert os.environ[VARIABLE] == "off"
    assert VARIABLE not in os.environ
    headway.use("off")
    headway.use(None)

    assert VARIABLE not in os.environ


def test_objects_are_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sink cannot be told as text, so that nothing is; a file of code is told by its full path."""
    monkeypatch.chdir(tmp_path)

    assert text_of((parse("off")[0]._replace(renderer=object()),)) == ""  # type: ignore[arg-type]
    assert text_of(wishes_of("./blink.py")) == str(tmp_path / "blink.py")
    assert text_of(wishes_of("tqdm?colour=green,events?path=a%2Cb")) == "tqdm?colour=green,events?path=a%2Cb"
