"""Tracebacks of what went wrong while drawing, kept for the doctor."""

import os
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from headway import errors
from headway.errors import HeadwayWarning
from headway.host import faults

FAULTY = """
import headway, io
with headway.get_bar(10, widgets=[lambda s: 1 / 0, "bar"], desc="alpha", file=io.StringIO()) as bar: bar.update(10)
with headway.get_bar(10, metrics=["loss"], file=io.StringIO()) as bar: bar.metrics(loss=lambda: {}["x"])
"""


def test_the_doctor_shows_the_tracebacks_of_earlier_programs(run: Any) -> None:
    """What went wrong in a program that is over is there to be looked at, with the place in the user's own code."""
    assert run(FAULTY, HEADWAY_BACKEND="plain").returncode == 0
    told = run("from headway.cli.main import main; main(['doctor'])").stdout

    assert "ZeroDivisionError: division by zero" in told
    assert "KeyError: 'x'" in told
    assert '  File "<string>", line 3, in <lambda>' in told


def test_the_doctor_shows_faults_of_this_project_after_its_answer(run: Any, tmp_path: Path) -> None:
    """From any folder of a project its own faults are shown, and in another project none of them."""
    for name in ("mine", "other"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "mine" / "src").mkdir()
    faulty = f"import os; os.chdir('mine'){FAULTY}"
    doctor = "import os; os.chdir({!r}); from headway.cli.main import main; main(['doctor'])"
    assert run(faulty, HEADWAY_BACKEND="plain").returncode == 0
    mine, other = (run(doctor.format(name)).stdout for name in ("mine/src", "other"))

    assert "ZeroDivisionError" in mine
    assert mine.index("A bar made here and now") < mine.index("What went wrong while drawing")
    assert mine.index("shown by plain") < mine.index("ZeroDivisionError")
    assert "ZeroDivisionError" not in other
    assert "What went wrong" not in other


def test_texts_that_are_kept_are_safe(run: Any) -> None:
    """The words of an error, in the file, in the doctor's report and with HEADWAY_DEBUG=1, do not drive the terminal."""
    evil = r"\x1b]0;owned\x07\x1b[2Ja\u202eb"
    faulty = f"""
    import headway, io
    def column(s): raise ValueError("{evil}")
    with headway.get_bar(10, widgets=[column, "bar"], desc="alpha", file=io.StringIO()) as bar: bar.update(10)
    """
    debugged = run(faulty, HEADWAY_BACKEND="plain", HEADWAY_DEBUG="1")
    kept = Path(faults.path()).read_text()
    Path(faults.path()).write_text(kept.replace("ValueError: ", "ValueError: \x1b]0;older\x07\x1b[2J"))
    told = run(
        "from headway.cli.main import main; main(['doctor'])",
        HEADWAY_SILENCE="\x1b]0;owned\x07quiet\nlines",
        HEADWAY_BACKEND="plain?\x1b[2Jx=1",
    )

    assert "ValueError: ab" in debugged.stderr.replace("a b", "ab"), debugged.stderr
    assert "ValueError: " in told.stdout
    assert "HEADWAY_SILENCE=quiet lines" in told.stdout, told.stdout
    for text in (debugged.stderr, kept, told.stdout, told.stderr):
        assert [char for char in text if not char.isprintable() and char != "\n"] == []


def test_without_a_home_nothing_is_kept(run: Any, tmp_path: Path) -> None:
    """A user without a home directory gets no folder of that name into the working directory."""
    code = f"import os; os.path.expanduser = lambda path: path{FAULTY}"
    done = run(code, HEADWAY_BACKEND="plain", XDG_STATE_HOME="", XDG_CONFIG_HOME="")

    assert (done.returncode, done.stderr.count("HeadwayWarning")) == (0, 2)
    assert os.listdir(tmp_path) == []


def test_debug_mode_shows_tracebacks_at_once(run: Any) -> None:
    """With HEADWAY_DEBUG=1 I see where it went wrong, in stderr."""
    assert "Traceback (most recent call last)" not in run(FAULTY, HEADWAY_BACKEND="plain").stderr
    assert "Traceback (most recent call last)" in run(FAULTY, HEADWAY_BACKEND="plain", HEADWAY_DEBUG="1").stderr


def test_where_nothing_can_be_kept_nothing_is_raised(run: Any, tmp_path: Path) -> None:
    """A home that cannot be written to costs the tracebacks, not the program."""
    (tmp_path / "file").write_text("")
    done = run(FAULTY, HEADWAY_BACKEND="plain", XDG_STATE_HOME=str(tmp_path / "file"))

    assert (done.returncode, done.stdout) == (0, "")


def test_trouble_is_told_if_nothing_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the module that makes tracebacks cannot be loaded, the warning comes, and the place is kept."""
    monkeypatch.setitem(sys.modules, "traceback", None)
    with pytest.warns(HeadwayWarning, match="no ink"):
        try:
            raise ValueError("no ink")
        except ValueError:
            faults.tell("ink", "There is no ink.")
    if sys.platform != "emscripten":
        (kept,) = faults.kept(1)
        assert "in test_trouble_is_told_if_nothing_can_be_imported\n" in kept
        assert kept.endswith("ValueError: no ink")


def test_the_file_begins_anew_when_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much goes wrong, the file stays small, and has the latest."""
    monkeypatch.setattr(faults, "LARGEST", 2000)
    for i in range(100):
        faults.keep(f"fault {i}", "x" * 100)

    assert Path(faults.path()).stat().st_size < 2000 + 400
    assert "fault 99" in faults.kept(3)[-1]
    assert [entry for entry in faults.kept(3) if "\n\n" in entry] == []


def test_faults_are_told_apart_whatever_is_in_their_tracebacks() -> None:
    """A traceback with blank lines is one entry."""
    try:
        try:
            raise KeyError("one")
        except KeyError as error:
            raise ValueError("two") from error
    except ValueError:
        with pytest.warns(errors.HeadwayWarning):
            faults.tell("a", "message a")
    faults.keep("message b", "nothing")

    first, second = faults.kept(5)
    assert "message a" in first
    assert "KeyError: 'one'" in first
    assert "ValueError: two" in first
    assert "message b" in second


PLACES = """
import headway, io, sys, warnings
from contextlib import ExitStack
from headway.tqdm import tqdm
def told(message, category, filename, line, *_):
    print(filename, line, category.__name__, str(message)[:20], sep="|")
warnings.showwarning = told

def opened(**about):
    return headway.get_bar(3, file=io.StringIO(), **about)

bar = opened()
bar.close()
bar.update()
bar.desc = "later"
headway.use("plain")
list(headway.track([0], widgets="{nobody}", file=io.StringIO()))
with ExitStack() as stack:
    stack.enter_context(headway.get_bar(2, file=io.StringIO())).metrics(loss=lambda: {}["x"])
run = headway.loop([], epochs=1, file=io.StringIO())
for _ in run:
    list(run.train())
run.metrics(loss=1)
list(tqdm([0], colour="colourless", file=io.StringIO()))
"""


def test_a_warning_names_the_line_of_the_program(run: Any, tmp_path: Path) -> None:
    """However deep in headway it comes up, a warning shows the line that called headway."""
    program = tmp_path / "program.py"
    program.write_text(PLACES)
    done = run("import runpy; runpy.run_path('program.py')", HEADWAY_BACKEND="nobody", HEADWAY_THREADS="0")
    told = [line.split("|") for line in done.stdout.splitlines()]

    assert done.stderr == ""
    lines = PLACES.splitlines()
    assert [(file, lines[int(line) - 1].strip(), kind, words) for file, line, kind, words in told] == [
        ("program.py", line, kind, words)
        for line, kind, words in (
            ("return headway.get_bar(3, file=io.StringIO(), **about)", "HeadwayWarning", "There is no progress"),
            ("bar.update()", "HeadwayWarning", "update() on a bar th"),
            ('bar.desc = "later"', "HeadwayWarning", "desc() on a bar that"),
            (
                'list(headway.track([0], widgets="{nobody}", file=io.StringIO()))',
                "HeadwayWarning",
                "There is no widget n",
            ),
            ("with ExitStack() as stack:", "HeadwayWarning", "The metric 'loss' co"),
            ("for _ in run:", "HeadwayWarning", "In the loop 'trainin"),
            ("run.metrics(loss=1)", "HeadwayWarning", "metrics() on a loop "),
            ('list(tqdm([0], colour="colourless", file=io.StringIO()))', "TqdmWarning", "Unknown colour 'colo"),
        )
    ]


def test_a_warning_of_the_thread_that_draws_names_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread without a line of the program, a warning shows who has found the trouble."""
    caught: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, category, filename, *_: caught.append(filename))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        thread = threading.Thread(target=faults.tell, args=("ink", "There is no ink."))
        thread.start()
        thread.join()

    assert caught == [faults.__file__]
