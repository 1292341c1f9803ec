"""Event files: one JSON object a line, read back without loss."""

import io
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.drawing.hub import hub
from headway.events.schema import from_event
from headway.host.stream import SafeStream
from headway.sink import Context
from headway.sinks.events import EventSink
from headway.snapshot import Reading, Snapshot


@pytest.fixture
def wound(monkeypatch: pytest.MonkeyPatch, clock: Any) -> Any:
    """A clock that is wound by hand, for updates."""
    monkeypatch.setattr("headway.events.journal.monotonic", clock)
    monkeypatch.setattr("headway.sinks.events._SINCE", clock())
    return clock


BAR = Snapshot(1, desc="train\u2028é", total=10, metrics={"loss": Reading(float("nan"), "NAN")})


def events(text: str) -> list[dict[str, Any]]:
    """Read what was written after the header, one object a line; empty lines mean nothing."""
    assert text.endswith("\n")
    header, *events = [json.loads(line, parse_constant=pytest.fail) for line in text.split("\n") if line]
    assert header["event"] == "run"
    return events


def kinds(text: str) -> list[str]:
    """Return what the events are."""
    return [event["event"] for event in events(text)]


def test_a_file_holds_what_was_shown(tmp_path: Path, wound: Any) -> None:
    """Each picture is one line that reads back as the picture."""
    sink = EventSink(Context(SafeStream(io.StringIO()), {"path": str(tmp_path / "run.jsonl")}))
    pictures = [Snapshot(1, desc=f"a b é {n}", n=n, total=10, message='"') for n in range(5)]
    sink.open(pictures[0])
    for picture in pictures[1:-1]:
        wound.tick(1.0)
        sink.update(picture)
    sink.close(pictures[-1])
    text = (tmp_path / "run.jsonl").read_text()

    assert kinds(text) == ["open", "update", "update", "update", "close"]
    assert pictures == [from_event(event) for event in events(text)]


def test_events_go_to_the_stream_by_default() -> None:
    """Without a path events go where the bar goes."""
    file = io.StringIO()
    with headway.get_bar(2, desc="a", backend="events", file=file) as bar:
        bar.update(2)
        bar.write("one\ntwo")

    first, text, last = events(file.getvalue())
    assert (first["event"], first["n"], first["state"]) == ("open", 0, "running")
    assert (text["event"], text["text"], text["v"]) == ("write", "one\ntwo", 1)
    assert (last["event"], last["n"], last["state"]) == ("close", 2, "finished")


def test_events_are_stamped(tmp_path: Path) -> None:
    """Every event has the time of day, for people and for merging."""
    before = time.time()
    file = io.StringIO()
    headway.get_bar(1, backend="events", file=file).close()

    assert all(before - 1 < event["time"] < time.time() + 1 for event in events(file.getvalue()))


def test_several_bars_share_a_file(tmp_path: Path) -> None:
    """Bars with one path write into one file, each under its id, with the tree to be seen."""
    path = tmp_path / "run.jsonl"
    with headway.get_bar(1, backend=f"events?path={path}"), headway.get_bar(1, backend=f"events?path={path}"):
        pass

    a, b, b2, a2 = events(path.read_text())
    assert [e["event"] for e in (a, b, b2, a2)] == ["open", "open", "close", "close"]
    assert (None, a["id"], b["id"], a["id"]) == (a["parent"], b["parent"], b2["id"], a2["id"])


def test_bars_may_have_files_of_their_own(tmp_path: Path) -> None:
    """Two paths are two files, and text goes into both."""
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    with headway.get_bar(1, backend=f"events?path={one}"), headway.get_bar(1, backend=f"events?path={two}"):
        headway.write("both")

    assert ["open", "write", "close"] == kinds(one.read_text()) == kinds(two.read_text())


def test_a_second_run_is_appended(tmp_path: Path) -> None:
    """A file that is there is continued, not overwritten."""
    path = tmp_path / "run.jsonl"
    for _ in range(2):
        headway.get_bar(1, backend=f"events?path={path}").close()

    assert kinds(path.read_text()) == ["open", "close"] * 2


def test_a_relative_path_is_that_of_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its directory goes on writing into the same file."""
    monkeypatch.chdir(tmp_path)
    with headway.get_bar(1, backend="events?path=run.jsonl"):
        (tmp_path / "sub").mkdir()
        monkeypatch.chdir(tmp_path / "sub")

    assert kinds((tmp_path / "run.jsonl").read_text()) == ["open", "close"]


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="descriptors are listed nowhere")
def test_the_file_is_closed_with_the_last_bar(tmp_path: Path) -> None:
    """No file descriptor is left open."""
    before = os.listdir("/dev/fd")
    for i in range(5):
        headway.get_bar(1, backend=f"events?path={tmp_path}/{i}.jsonl").close()

    assert len(before) == len(os.listdir("/dev/fd"))


def test_numbers_that_json_lacks_are_words() -> None:
    """NaN is written so that every reader of JSON reads it."""
    file = io.StringIO()
    EventSink(Context(SafeStream(file))).open(BAR)

    (event,) = events(file.getvalue())
    assert (event["metrics"]["loss"]["value"], event["metrics"]["loss"]["text"]) == ("nan", "NAN")


def test_each_event_is_one_line_for_every_reader() -> None:
    """No text breaks a line, by any of the separators that readers know."""
    file = io.StringIO()
    EventSink(Context(SafeStream(file))).open(BAR)

    assert len(file.getvalue().splitlines()) == 2


def test_a_path_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    """A wrong path is told once, the program goes on, and nothing is shown in the place of the file."""
    file = io.StringIO()
    with pytest.warns(headway.HeadwayWarning, match="'events' raised FileNotFoundError") as caught:
        with headway.get_bar(3, desc="a", backend=f"events?path={tmp_path}/no/run.jsonl", file=file) as bar:
            for _ in range(3):
                bar.update()
                bar.write("x")

    assert bar.n == 3
    assert file.getvalue() == ""
    assert len(caught) == 1


def test_a_folder_that_appears_later_gets_the_file(tmp_path: Path, until: Any) -> None:
    """The events that found no folder are written when there is one, each once."""
    path = tmp_path / "later" / "run.jsonl"
    with pytest.warns(headway.HeadwayWarning, match="it is tried again"):
        with headway.get_bar(3, desc="a", backend=f"events?path={path}") as outer:
            with headway.get_bar(2, desc="b", backend=f"events?path={path}") as inner:
                inner.update(2)
            until(lambda: [*hub.outlets][-1]._faults)
            path.parent.mkdir()
            outer.update(3)
            until(path.exists)
    until(lambda: kinds(path.read_text())[-1:] == ["close"] and kinds(path.read_text()).count("close") == 2)

    assert kinds(path.read_text()).count("open") == 2


def test_several_processes_share_a_file(tmp_path: Path, run: Any) -> None:
    """Lines of processes that append to one file at a time stay whole."""
    path = tmp_path / "run.jsonl"
    code = """
        import headway, subprocess, sys
        child = "import headway\\nfor i in range(200): headway.get_bar(1, desc='é' * 500).close()"
        children = [subprocess.Popen([sys.executable, "-c", child]) for _ in range(3)]
        sys.exit(max(child.wait() for child in children))
    """
    done = run(code, HEADWAY_BACKEND=f"events?path={path}")

    assert done.returncode == 0, done.stderr
    assert kinds(path.read_text()).count("run") == 2
    assert len(events(path.read_text())) == 3 * 200 * 2 + 2
