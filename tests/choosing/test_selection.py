"""Which backend shows a bar: who decides, and what happens to mistakes."""

import importlib.metadata
import io
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.choosing import discovery, selection
from headway.choosing.selection import Decision
from headway.choosing.wishes import parse, preferred
from headway.drawing.hub import hub
from headway.errors import BackendOptionError, HeadwayWarning, UnknownBackendError
from headway.testing import Recorder

needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")
LEVELS = ["environment", "use", "argument", "pyproject", "user", "detection"]


def names(decision: Decision) -> list[str]:
    """Return who was chosen."""
    return [choice.name for choice in decision.choices]


def shown(**how: Any) -> str:
    """Open and close a bar and return what it wrote."""
    file = io.StringIO()
    headway.get_bar(1, desc="a", file=file, **how).close()
    return file.getvalue()


def who(text: str) -> str:
    """Tell from what a bar wrote who showed it."""
    return "off" if not text else "plain" if text.startswith("headway a n=0") else "events"


# ── precedence ───────────────────────────────────────────────────────────────────────────────────────────────────────


@needs_toml
@pytest.mark.parametrize("level", LEVELS)
def test_the_closest_to_the_run_wins(level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment, `use`, the argument, pyproject.toml, the user's file and detection the first one counts."""
    rank = LEVELS.index(level)

    def value(i: int) -> str:
        return "events" if i == rank else "off"

    (tmp_path / "headway").mkdir()
    (tmp_path / "headway" / "config.toml").write_text(f'backend = "{value(4)}"' if rank <= 4 else "")
    (tmp_path / "pyproject.toml").write_text(f'[tool.headway]\nbackend = "{value(3)}"' if rank <= 3 else "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HEADWAY_BACKEND", value(0) if rank == 0 else "")
    headway.use(value(1) if rank <= 1 else None)

    assert "plain" if level == "detection" else who(shown(backend=value(2) if rank <= 2 else None)) == "events"


def test_the_choice_is_read_when_a_bar_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment counts as it is when a bar is made, not as it was at import."""
    seen = []
    for value in ("events", "off", "plain", "events"):
        monkeypatch.setenv("HEADWAY_BACKEND", value)
        seen.append(who(shown()))

    assert seen == ["events", "off", "plain", "events"]


def test_a_second_loop_reads_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each loop over a track makes a bar, and chooses for it."""
    file = io.StringIO()
    track = headway.track([1], desc="a", file=file)
    list(track)
    monkeypatch.setenv("HEADWAY_BACKEND", "events")
    list(track)

    rows = file.getvalue().splitlines()
    assert [row.split()[0] for row in rows] == ["headway", "headway", '{"seq":', '{"seq":', '{"seq":']


@needs_toml
def test_the_nearest_pyproject_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the working directory upwards, files without a table for headway are passed over."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.headway]\nbackend = "events"\n')
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "a"\n')
    monkeypatch.chdir(below)

    decision = selection.decide(io.StringIO())
    assert (["events"], str(tmp_path / "pyproject.toml")) == (names(decision), decision.source)


@needs_toml
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[tool.headway\n", "is ignored"),
        ("[tool.headway]\nbackend = 5\n", 'backend must be a text such as "tqdm", not 5'),
        ('[tool.headway]\nbackend = "plian"\n', "no progress backend named 'plian'"),
        ('[tool.headway]\nbackend = ""\n', "names no backend"),
        ('tool.headway = "plain"\n', "headway"),
        ('tool = "tool.headway"\n', None),
        ("# tool.headway\n", None),
        ("[tool.headway]\n", None),
        (b"\xff tool.headway", "is ignored"),
    ],
)
def test_a_wrong_file_warns_and_detection_decides(
    content: str | bytes, says: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is in a configuration file, it stops no program: one warning names the file."""
    (tmp_path / "pyproject.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.chdir(tmp_path)
    if says is None:
        assert who(shown()) == "plain"
        return

    with pytest.warns(HeadwayWarning, match=says) as caught:
        assert [who(shown()), who(shown())] == ["plain", "plain"]
    assert ["pyproject.toml" in str(w.message) for w in caught] == [True]


def test_a_working_directory_that_is_gone_harms_nobody(run: Any, tmp_path: Path) -> None:
    """A program whose directory was removed has its bars all the same."""
    done = run("import os, headway; os.mkdir('x'); os.chdir('x'); os.rmdir('../x'); headway.get_bar(1).close()")

    assert (done.returncode, done.stderr.count("headway __main__ n=0")) == (0, 2), done.stderr


# ── what can be asked for ────────────────────────────────────────────────────────────────────────────────────────────


def test_off_shows_nothing(run: Any) -> None:
    """With `off` nothing is written and no thread is there."""
    done = run(
        "import headway, threading; [0 for i in headway.track([1])]; headway.get_bar(1).close(); "
        "print(threading.active_count())",
        HEADWAY_BACKEND="off",
    )

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_several_backends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`plain,events?path=...` shows lines and writes a file."""
    path = tmp_path / "a,b.jsonl"
    monkeypatch.setenv("HEADWAY_BACKEND", f" plain , events?path={str(path).replace(',', '%2C')} ")

    assert who(shown()) == "plain"
    assert [json.loads(row)["event"] for row in path.read_text().splitlines()] == ["run", "open", "close"]


def test_options_are_read_and_the_query_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options follow a name as a query, or come from code; what the person at the run says wins."""
    headway.use("plain", interval=5, percent="7")
    (used,) = selection.decide(io.StringIO(), used=parse("plain?interval=2")).choices
    monkeypatch.setenv("HEADWAY_BACKEND", "plain?interval=2.5&percent=0")
    (choice,) = selection.decide(io.StringIO()).choices

    assert (used.options, choice.options) == ({"interval": 2.0}, {"interval": 2.5, "percent": 0.0})


def test_options_in_code_are_for_their_backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`options=` holds looks for several backends; only that of the chosen one is looked at, and the query wins."""
    looks = {
        "plain": {"interval": 0, "percent": 0},
        "events": {"path": str(tmp_path / "code")},
        "tqdm": {"x": object()},
    }
    headway.get_bar(1, backend="events", options=looks).close()
    assert (tmp_path / "code").exists()
    monkeypatch.setenv("HEADWAY_BACKEND", f"events?path={tmp_path / 'run'}")
    headway.get_bar(1, options=looks).close()

    assert 3 == len((tmp_path / "run").read_text().splitlines()) == len((tmp_path / "code").read_text().splitlines())


def test_use_in_a_block_is_taken_back(recorded: Recorder) -> None:
    """`with headway.use(...)` holds for the block, also when it raises, and blocks may be nested."""

    def now() -> list[str]:

        return names(selection.decide(io.StringIO(), used=preferred()))

    with pytest.raises(ValueError, match="no"), headway.use("events"):
        with headway.use("off"):
            assert now() == []
        assert now() == ["events"]
        raise ValueError("no")
    assert now() == ["plain"]
    headway.use("events")
    headway.use(None)

    assert now() == ["plain"]


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_typing_error_in_the_environment_warns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name warns once, with the close matches, what there is and where it was said, and detection decides."""
    monkeypatch.setenv("HEADWAY_BACKEND", "plian")
    with pytest.warns(HeadwayWarning, match="no progress backend named 'plian'. Did you mean 'plain'") as caught:
        assert [who(shown()), who(shown())] == ["plain", "plain"]

    (warning,) = caught
    for part in (
        "Available here: ",
        "events",
        "off",
        "the environment variable HEADWAY_BACKEND",
        "using plain instead",
    ):
        assert part in str(warning.message)


def test_a_typing_error_costs_one_look_for_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further bars look again only if something has been installed since."""
    looks: list[None] = []
    find = importlib.metadata.entry_points
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda: (looks.append(None), find())[1])
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("HEADWAY_BACKEND", "plian")
    os.utime(tmp_path, (1, 1))
    with pytest.warns(HeadwayWarning):
        shown()
        monkeypatch.setattr(discovery, "TICK", -math.inf)
        before = len(looks)
        shown()
        shown()
        assert len(looks) == before
        os.utime(tmp_path, (2, 2))
        shown()
    assert len(looks) == before + 1


@pytest.mark.parametrize("value", ["plain?colour=green", "plain?interval=x", ",", "events,plian"])
def test_other_mistakes_in_the_environment_warn_too(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong option, a wrong value or no name at all stops no program either."""
    monkeypatch.setenv("HEADWAY_BACKEND", value)
    with pytest.warns(HeadwayWarning, match="using plain instead"):
        assert who(shown()) == "plain"


def test_a_typing_error_in_the_argument_raises() -> None:
    """In code the same mistake raises, with the same help; as a `ValueError` it is caught where those are."""
    for make in (lambda: headway.get_bar(1, backend="plian"), lambda: headway.track([1], backend="plian")):
        with pytest.raises(UnknownBackendError, match="Did you mean 'plain'.* Available here: .*pip install"):
            make()
    assert issubclass(UnknownBackendError, ValueError)


def test_a_typing_error_in_use_raises_and_changes_nothing() -> None:
    """`use` raises at once, not at the first bar, and leaves the choice as it was."""
    headway.use("events")
    with pytest.raises(UnknownBackendError, match="'plian'"):
        headway.use("plian")

    assert who(shown()) == "events"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("plain?colour=green", "'plain' has no option 'colour'. It has: interval, percent"),
        ("plain?interval=x", "'interval' of the progress backend 'plain' cannot be 'x'"),
        ("events?file=x", "'events' has no option 'file'. It has: interval, keep, max_bytes, path"),
    ],
)
def test_a_wrong_option_raises_and_names_what_there_is(wrong: str, says: str) -> None:
    """An option that does not exist, or a value that cannot be read, is told with what would do."""
    with pytest.raises(BackendOptionError, match=says):
        headway.use(wrong)
    with pytest.raises(BackendOptionError, match=says):
        headway.get_bar(1, backend=wrong)
    name, _, query = wrong.partition("?")
    option, _, value = query.partition("=")
    with pytest.raises(BackendOptionError, match=says):
        headway.use(name, **{option: value})
    with pytest.raises(BackendOptionError, match=says):
        headway.get_bar(1, backend=name, options={name: {option: value}})
    assert not hub.display.bars


def test_options_need_one_backend() -> None:
    """`use` with keywords for several backends, or for none, raises."""
    for several in ("plain,events", None):
        with pytest.raises(ValueError, match="options for one backend"):
            headway.use(several, interval=1)


def test_widgets_are_left_out_where_they_are_strange() -> None:
    """A renderer's own widgets under plain lines are left out with one warning."""
    with pytest.warns(
        headway.HeadwayWarning, match="another renderer's widgets; they are left out under 'plain': object"
    ):
        assert who(shown(widgets=[object()])) == "plain"
    assert who(shown(widgets=[object()])) == "plain"


# ── detection ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("term", "expected"), [("xterm", "rows"), ("dumb", "plain")])
def test_a_terminal_without_another_renderer_gets_the_cores_own_rows(
    monkeypatch: pytest.MonkeyPatch, term: str, expected: str
) -> None:
    """Headway alone shows live rows, unless the terminal cannot move its cursor."""
    monkeypatch.setenv("HEADWAY_INTERACTIVE", "1")
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(selection, "PREFERENCE", ())

    assert names(selection.decide(io.StringIO())) == [expected]


def test_a_stream_that_is_no_terminal_gets_plain_lines() -> None:
    """Without a terminal detection takes plain lines and says why."""
    decision = selection.decide(io.StringIO())

    assert (
        names(decision), decision.source, decision.reason,
    ) == (["plain"], "detection", "the output goes to no terminal")  # fmt: skip


def test_backends_lists_what_is_built_in() -> None:
    """`headway.backends()` names what there is, where it comes from, and that it can be used."""
    found = {backend.name: backend for backend in headway.backends()}

    assert {"events", "off", "plain"} <= found.keys()
    assert all(
        found[name].available and found[name].distribution.startswith("headway ") for name in ("events", "plain")
    )
