"""Configuration files: which are read, what they may choose, and what becomes of odd ones."""

import io
import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import headway
from absent import IN_PYODIDE
from distributions import distribution, run
from headway.choosing import configuration, selection, toml
from headway.errors import HeadwayWarning
from headway.host import project

pytestmark = pytest.mark.skipif(toml._parser() is None, reason="needs tomllib or tomli")

CHOICE = '[tool.headway]\nbackend = "events"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project under version control."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration file, which is yet to be written."""
    file = tmp_path / "own" / "headway" / "config.toml"
    file.parent.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    return file


def chosen() -> list[str]:
    """Return the backends that show a bar here, by a look at the files as they are now."""
    configuration._configured.cache_clear()
    return [choice.name for choice in selection.decide(io.StringIO()).choices]


# ── the places ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_above_the_project_is_not_read(here: Path, tmp_path: Path) -> None:
    """The search ends at the root of the project; a file there counts in all folders below."""
    (tmp_path / "pyproject.toml").write_text(CHOICE)
    assert chosen() == ["plain"]
    (here / "pyproject.toml").write_text(CHOICE)
    (here / "a" / "b").mkdir(parents=True)
    os.chdir(here / "a" / "b")

    assert chosen() == ["events"]


@pytest.mark.parametrize("kind", ["home", "shared"])
def test_a_folder_that_is_no_project_s_is_not_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without version control the search ends below the home directory, and below a folder that is everybody's."""
    (tmp_path / "pyproject.toml").write_text(CHOICE)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert chosen() == ["events"]
    if kind == "home":
        monkeypatch.setenv("HOME", str(tmp_path))
    else:
        tmp_path.chmod(0o1777)

    assert chosen() == ["plain"]


def test_the_home_directory_may_be_a_project_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started there, a program reads the file there, and none above; in a folder that is everybody's it reads none."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    (tmp_path / "pyproject.toml").write_text(CHOICE)
    assert chosen() == ["plain"]
    (home / "pyproject.toml").write_text(CHOICE)
    assert chosen() == ["events"]
    home.chmod(0o1777)

    assert (chosen(), project.folders(str(home)), project.root(str(home))) == (["plain"], [], str(home))


def test_the_root_is_the_topmost_folder_with_a_project_file(tmp_path: Path) -> None:
    """Without version control a project reaches as far up as there are such files; else it is the folder alone."""
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    assert [str(below)] == project.folders(str(below))
    (tmp_path / "a" / "pyproject.toml").write_text("")
    (below / "pyproject.toml").write_text("")

    assert [str(tmp_path / "a"), str(tmp_path / "a" / "b"), str(below)] == project.folders(str(below))
    (tmp_path / "a" / "b" / ".git").write_text("gitdir: elsewhere")
    assert str(tmp_path / "a" / "b") == project.root(str(below))


@pytest.mark.parametrize("config", ["relative", ""])
def test_a_place_that_is_not_the_user_s_is_no_own_file(
    config: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path, or a home that is not known, does not make a file of the project the user's own."""
    for folder in (here / "relative" / "headway", here / "~" / ".config" / "headway"):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text('backend = "events"')
    monkeypatch.setenv("XDG_CONFIG_HOME", config)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)

    assert chosen() == ["plain"]


# ── the user's own ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(IN_PYODIDE or not hasattr(os, "getuid"), reason="files have no owners here")
@pytest.mark.parametrize("strange", ["owner", "mode"])
def test_the_own_file_has_to_be_the_user_s(
    strange: str, own: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that another user has put there, or may write to, is told and passed over; the project's may be anybody's."""
    own.write_text('backend = "events"')
    assert chosen() == ["events"]
    if strange == "owner":
        monkeypatch.setattr(os, "getuid", lambda: own.stat().st_uid + 1)
    else:
        own.chmod(0o666)

    with pytest.warns(HeadwayWarning, match=r"config\.toml is ignored: (it belongs to another|everybody may write)"):
        assert chosen() == ["plain"]
    (here / "pyproject.toml").write_text(CHOICE)
    assert chosen() == ["events"]


# ── looks, and no places ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("option", ["path=notes.txt", "path=notes.txt&max_bytes=4096&keep=1", "keep=1"])
def test_a_project_does_not_say_where_files_are_written(option: str, here: Path) -> None:
    """An option that is no look is told, detection decides, and nothing is written."""
    (here / "pyproject.toml").write_text(f'[tool.headway]\nbackend = "plain,events?{option}"\n')
    with pytest.warns(HeadwayWarning, match=rf"cannot give the option '{option[:4]}.*pyproject\.toml; using plain"):
        assert chosen() == ["plain"]
        headway.get_bar(1, file=io.StringIO()).close()

    assert sorted(os.listdir(here)) == [".git", "pyproject.toml"]


@pytest.mark.parametrize(
    "backend",
    [
        "events?interval=5",
        "rows?width=30&colour=off&ascii=on&taskbar=off&status=off",
        "plain?interval=5&percent=1",
        "spoken?interval=5&percent=1",
        "logging?logger=train&level=INFO&interval=5",
    ],
)
def test_a_project_chooses_looks(backend: str, here: Path) -> None:
    """Each option of the core's own that is a look, or an interval, is taken from the project."""
    (here / "pyproject.toml").write_text(f'[tool.headway]\nbackend = "{backend}"\n')
    (choice,) = selection.decide(io.StringIO()).choices

    assert (backend.partition("?")[0], len(backend.split("="))) == (choice.name, len(choice.options) + 1)


def test_the_user_says_where_files_are_written(own: Path, here: Path) -> None:
    """The user's own file may name a path, and code may for a backend that the project has chosen."""
    own.write_text(f'backend = "events?path={here / "a.jsonl"}"')
    headway.get_bar(1).close()
    (here / "pyproject.toml").write_text(CHOICE)
    configuration._configured.cache_clear()
    headway.get_bar(1, options={"events": {"path": str(here / "b.jsonl")}}).close()

    for name in ("a.jsonl", "b.jsonl"):
        kinds = [json.loads(line)["event"] for line in (here / name).read_text().splitlines()]
        assert kinds == ["run", "open", "close"]


PLUGIN = """
from headway.hookspecs import hookimpl
from headway.sink import PerBar, Renderer
class Sink(PerBar):
    def __init__(self, context): self.options, self.stream = context.options, context.stream
    def close(self, snapshot): self.stream.write(f"{sorted({**self.options, **snapshot.options})}\\n")
    def write(self, text): pass
def place(text): open("read", "w").close(); return text
@hookimpl
def headway_renderer():
    return Renderer(Sink, protocol=2, draws="lines", options={"folder": place, "mark": str}, look={"ink": str}, cosmetic=["mark"])
"""


def test_a_plugin_says_which_of_its_options_are_looks(tmp_path: Path) -> None:
    """An option of another's sink that is not declared as a look is not even read, wherever the sink draws."""
    distribution(tmp_path, "its-ink", ("headway", "ink"), PLUGIN, requires="")
    program = f"import os, headway; os.chdir({str(tmp_path / 'here')!r}); headway.get_bar(1).close()"
    (tmp_path / "here" / ".git").mkdir(parents=True)
    file = tmp_path / "here" / "pyproject.toml"
    file.write_text('[tool.headway]\nbackend = "ink?mark=x&ink=y&interval=1"')
    looks = run(tmp_path, "-c", program)
    file.write_text('[tool.headway]\nbackend = "ink?folder=x"')
    place = run(tmp_path, "-c", program)

    assert "['ink', 'mark']" in looks.stderr, looks.stderr
    assert "cannot give the option 'folder' of the progress backend 'ink'" in place.stderr, place.stderr
    assert not (tmp_path / "here" / "read").exists()


# ── odd files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def odd(path: Path, kind: str) -> None:
    """Put an odd file in the place of a project's."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "directory":
        path.mkdir()
    else:
        path.write_text(f"[tool.headway]\n{kind}\n")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("kind", "says"),
    [
        pytest.param("pipe", "no regular file", marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")),
        pytest.param(
            "device", "no regular file", marks=pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="POSIX")
        ),
        ("directory", "no regular file"),
        ("a = 1\n" * 200_000, "more than 1048576 bytes"),
        (f"backend = {'[' * 5000}", "more than 64 deep"),
        (f"backend = {'[' * 70}{']' * 70}", "more than 64 deep"),
        (f"a = ']]]]'\nbackend = {'{a=' * 70}1{'}' * 70}", "more than 64 deep"),
        (f"backend.{'a.' * 200_000}a = 1", "more than 64 deep"),
        (f"backend.{'a . ' * 60}a = 1", "backend must be a text"),
        ('a = """' + '\\"""' * 200_000, "is ignored"),
    ],
    ids=lambda value: value[:12],
)
def test_an_odd_file_is_told_and_passed_over(kind: str, says: str, here: Path) -> None:
    """Whatever stands under the name of a configuration file, it neither holds up a bar nor fills the memory."""
    odd(here / "pyproject.toml", kind)
    with pytest.warns(HeadwayWarning, match=says) as caught:
        assert chosen() == ["plain"]

    assert len(caught) == 1


def test_brackets_in_texts_are_not_deep(here: Path) -> None:
    """Strings and comments may have as many brackets as they like, and a file may have many shallow tables."""
    texts = f'a = "{"[" * 100}"\nb = """\n{"{" * 100}"""\nc = \'{"[" * 100}\' # {"[" * 100}\n'
    tables = "".join(f"[[many]]\nn = [1.5, 2.5, {i}]\n" for i in range(200))
    (here / "pyproject.toml").write_text(f"{texts}{tables}{CHOICE}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert chosen() == ["events"]


def test_a_setting_of_any_shape_is_told_in_short(here: Path, recwarn: Any) -> None:
    """A value that cannot be is not written out at full length."""
    (here / "pyproject.toml").write_text(f"[tool.headway]\nbackend = [{'1, ' * 10_000}]\nsilence = 5\n")
    chosen()

    assert [len(str(warning.message)) < 400 for warning in recwarn] == [True, True]
