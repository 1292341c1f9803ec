"""Files that hold something else than events: no event file takes their place, whatever its path names."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from absent import TOO_DEEP
from headway.events.appender import Appender, ForeignFileError, NotWrittenError
from headway.events.recognition import begins_with_event

EVENT = b'{"seq": 1, "v": 1, "event": "run", "writer": "ab"}\n'
FOREIGN = {
    "notes": b"call the dentist\n",
    "one line": b"precious",
    "settings": b'{\n  "v": 1,\n  "event": "no"\n}\n',
    "rows": b'{"seq": 1, "name": "a"}\n{"seq": 2, "name": "b"}\n',
    "list": b"[1, 2]\n",
    "late": b"a,b\n" + EVENT,
    "deep": b"[" * 60_000 + b"\n",
    "binary": bytes(range(256)) * 10,
}


@pytest.fixture(params=[pytest.param(name, marks=[TOO_DEEP] * (name == "deep")) for name in FOREIGN])
def foreign(request: Any, tmp_path: Path) -> Path:
    """A file of the user's own."""
    path = tmp_path / "notes.txt"
    path.write_bytes(FOREIGN[request.param])
    return path


def kinds(path: Path) -> list[str]:
    """Return the events of a file."""
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("options", ["", "&max_bytes=4096&keep=2"])
def test_a_file_of_something_else_is_not_touched(foreign: Path, options: str) -> None:
    """It is told once that nothing is recorded there; the loop and the display go on."""
    before = foreign.read_bytes(), foreign.stat().st_mtime_ns
    with pytest.warns(
        headway.HeadwayWarning, match=r"notes\.txt holds something else than events.*another path"
    ) as told:
        for _ in range(12):
            with headway.get_bar(3, desc="a" * 900, backend=f"events?path={foreign}{options}") as bar:
                bar.update(3)

    assert (before, bar.state) == ((foreign.read_bytes(), foreign.stat().st_mtime_ns), "finished")
    assert os.listdir(foreign.parent) == ["notes.txt"]
    assert len(told) == 1


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"\n\n",
        EVENT,
        b"\n" + EVENT,
        b'{"event": "open", "v": 1, "id": 3}\n' + b"x" * 70_000,
        b'{"seq": 1, "v": 1, "ev\n' + EVENT,
        b"{\n" + EVENT,
        b'{"se',
        b'{"seq": 12, "v": 1, "event": "open", "desc": "' + b"x" * 70_000,
    ],
    ids=lambda beginning: repr(beginning[:24]),
)
def test_a_file_of_events_is_continued(beginning: bytes, tmp_path: Path) -> None:
    """Nothing, an event, a line that was torn: each is the beginning of an event file."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(beginning)
    headway.get_bar(1, backend=f"events?path={path}").close()

    assert path.read_bytes().startswith(beginning)
    last = [json.loads(line)["event"] for line in path.read_bytes().split(b"\n")[-4:-1]]
    assert last == ["run", "open", "close"]


def test_what_was_looked_at_decides() -> None:
    """Of a long file the beginning is enough."""
    assert begins_with_event(EVENT + b"\xff" * 10)
    assert not begins_with_event(b"x" * 2**16)


@pytest.fixture
def rotated(tmp_path: Path) -> Iterator[Appender]:
    """An event file with a line in it, to be rotated at the next."""
    appender = Appender(str(tmp_path / "run.jsonl"), 60, 2)
    appender.ready(10)
    appender.append(EVENT)
    yield appender
    appender.close()


@pytest.mark.parametrize("at", [1, 2])
def test_a_file_of_something_else_is_not_rotated_over(rotated: Appender, at: int, tmp_path: Path) -> None:
    """Under the name of an old event file a file of the user's is neither moved nor replaced; the newest grows."""
    for number in range(1, 3):
        (tmp_path / f"run.jsonl.{number}").write_bytes(b"precious\n" if number == at else EVENT)
    with pytest.warns(headway.HeadwayWarning, match=rf"cannot be rotated.*run\.jsonl\.{at} holds something else"):
        assert rotated.ready(100) is False
    rotated.append(EVENT)

    assert (tmp_path / f"run.jsonl.{at}").read_bytes() == b"precious\n"
    assert kinds(tmp_path / "run.jsonl") == ["run", "run"]


def test_old_event_files_are_rotated(rotated: Appender, tmp_path: Path) -> None:
    """The oldest one makes room."""
    for number in range(1, 3):
        (tmp_path / f"run.jsonl.{number}").write_bytes(EVENT.replace(b"ab", b"%d" % number))

    assert rotated.ready(100)
    assert [json.loads((tmp_path / f"run.jsonl.{n}").read_text())["writer"] for n in (1, 2)] == ["ab", "1"]


@pytest.mark.parametrize("how", ["replaced", "filled"])
def test_a_file_that_takes_its_place_later_is_not_touched(rotated: Appender, how: str, tmp_path: Path) -> None:
    """While events are written, somebody puts something else there: they are dropped and counted from then on."""
    path = tmp_path / "run.jsonl"
    if how == "replaced":
        path.unlink()
    path.write_bytes(b"precious\n")
    with pytest.raises(NotWrittenError, match="something else than events"):
        rotated.ready(1)
        rotated.append(EVENT)

    assert path.read_bytes() == b"precious\n"


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_not_written_to(tmp_path: Path) -> None:
    """It may hold anything."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"precious")
    path.chmod(0o200)
    with pytest.raises(ForeignFileError):
        Appender(str(path)).ready(1)


def test_the_program_s_file_is_not_closed(rotated: Appender, tmp_path: Path) -> None:
    """If the program has closed the descriptor and has another file under its number, that one stays open."""
    assert rotated._fd is not None
    os.close(rotated._fd)
    with open(tmp_path / "mine", "w") as mine:
        assert mine.fileno() == rotated._fd
        rotated.ready(1)
        mine.write("text")

    assert (tmp_path / "mine").read_text() == "text"
    assert kinds(tmp_path / "run.jsonl") == ["run"]
