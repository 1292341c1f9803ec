"""The header of each writer in an event file, the numbers of events, and what is read of a file without them."""

import json
import os
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

import headway
from headway.events.appender import Appender, NotWrittenError
from headway.events.follower import events_of
from headway.events.journal import Journal
from headway.events.reader import Event, Reader
from headway.events.writers import host
from headway.host import run as this_run
from headway.snapshot import Reading, Snapshot

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")


def read(path: Path) -> list[Event]:
    """Read a recording, its rotated files included."""
    return list(events_of(str(path), Reader()))


def journal_of(path: Path, **limits: int) -> Journal:
    """Return a journal that writes each update."""
    return Journal(str(path), Appender(str(path), **limits), 0.0, monotonic())


def test_a_file_begins_with_the_run(tmp_path: Path) -> None:
    """The first event says which run, program, machine and process writes, and that nobody can ask it for anything."""
    path = tmp_path / "run.jsonl"
    headway.get_bar(1, backend=f"events?path={path}").close()
    header, opened, closed = read(path)

    assert (header.kind, header.pid, header.host) == ("run", os.getpid(), host())
    assert (header.run, header.program, header.digest) == (this_run.identity(), this_run.program(), this_run.digest())
    assert not header.requests
    assert {header.writer} == {opened.writer, closed.writer}


def test_arguments_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in the command is nowhere in the file."""
    path = tmp_path / "run.jsonl"
    monkeypatch.setattr(sys, "argv", ["/home/me/train.py", "--token", "hf_secret"])
    headway.get_bar(1, backend=f"events?path={path}").close()

    assert read(path)[0].program == "train.py"
    assert "secret" not in path.read_text()
    assert "/home/me" not in path.read_text()


def test_events_are_numbered_throughout_the_process(tmp_path: Path) -> None:
    """From one bar to the next the numbers go on, under one header; another file has numbers of its own."""
    path, other = tmp_path / "run.jsonl", tmp_path / "other.jsonl"
    for _ in range(3):
        headway.get_bar(1, backend=f"events?path={path}").close()
        headway.get_bar(1, backend=f"events?path={other}").close()

    assert ["run", *["open", "close"] * 3] == [event.kind for event in read(path)]
    assert list(range(1, 8)) == [event.seq for event in read(path)] == [event.seq for event in read(other)]


def test_numbers_go_on_across_rotated_files(tmp_path: Path) -> None:
    """Each file begins with the run, so that the newest one says it all, and no number is missing."""
    path = tmp_path / "run.jsonl"
    journal = journal_of(path, max_bytes=4096, keep=100)
    journal.open(Snapshot(1))
    for i in range(100):
        journal.write(f"{i}" * 100)
    events, newest = read(path), [json.loads(line) for line in path.read_bytes().splitlines()]
    journal.release()

    assert len(os.listdir(tmp_path)) > 3
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]
    assert [(event["event"], event.get("again")) for event in newest[:2]] == [("run", True), ("open", True)]


def test_a_file_that_takes_the_place_of_another_has_a_header(tmp_path: Path) -> None:
    """Also where the process has written into the one before, and had no bar in between."""
    path = tmp_path / "run.jsonl"
    headway.get_bar(1, backend=f"events?path={path}").close()
    path.rename(tmp_path / "kept")
    headway.get_bar(1, backend=f"events?path={path}").close()

    assert [(event.kind, event.seq) for event in read(path)] == [("run", 4), ("open", 5), ("close", 6)]


class Full:
    """A place that is full at times."""

    floor, place = 0, "here"

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.full = False

    @property
    def size(self) -> int:
        """Bytes that stand there, in a way."""
        return len(self.lines)

    def ready(self, _size: int) -> bool:
        """Be new at first."""
        return not self.lines

    def append(self, line: bytes) -> None:
        """Keep a line."""
        if self.full:
            raise NotWrittenError("full")
        self.lines.append(json.loads(line))

    def close(self) -> None:
        """Let go of nothing."""


@pytest.mark.filterwarnings("ignore::headway.HeadwayWarning")
def test_events_without_space_leave_a_gap() -> None:
    """A number is missing for each event that was dropped, where it was dropped; the endings have numbers of their own."""
    out = Full()
    journal = Journal("", out, 0.0, 0.0)
    journal.open(Snapshot(1))
    journal.open(Snapshot(2))
    out.full = True
    for _ in range(3):
        journal.write("dropped")
    journal.close(Snapshot(2, state="finished"))
    out.full = False
    journal.close(Snapshot(1, state="finished"))

    said = [(line["seq"], line["event"], line.get("id")) for line in out.lines]
    assert said[:3] == [(1, "run", None), (2, "open", 1), (3, "open", 2)]
    assert said[3:] == [(8, "lost", None), (9, "open", 1), (10, "close", 2), (11, "close", 1)]


def test_each_process_has_its_header_and_numbers(tmp_path: Path, run: Any) -> None:
    """Processes of one run have one id in one file, each under its writer and with its own numbers."""
    path = tmp_path / "run.jsonl"
    code = """
        import headway, os, subprocess, sys
        with headway.get_bar(1): pass
        child = os.fork()
        with headway.get_bar(1): pass
        if child:
            os.waitpid(child, 0)
            subprocess.run([sys.executable, "-c", "import headway; headway.get_bar(1).close()"], check=True)
    """
    done = run(code, HEADWAY_BACKEND=f"events?path={path}", HEADWAY_RELAY="off")
    events = read(path)
    headers = [event for event in events if event.kind == "run"]

    assert done.returncode == 0, done.stderr
    assert tuple(len({getattr(each, name) for each in headers}) for name in ("writer", "pid", "run")) == (3, 3, 1)
    for header in headers:
        numbers = [event.seq for event in events if event.writer == header.writer]
        assert list(range(1, len(numbers) + 1)) == numbers


def test_the_course_of_a_metric_is_in_the_first_and_the_last_event(tmp_path: Path) -> None:
    """Between them the updates are the course."""
    path = tmp_path / "run.jsonl"
    bar = Snapshot(1, metrics={"loss": Reading(0.5, "0.5000", history=(1.0, 0.5))})
    journal = journal_of(path)
    journal.open(bar)
    journal.update(bar)
    journal.close(bar._replace(state="finished"))
    journal.release()

    assert [e.snapshot.metrics["loss"].history for e in read(path) if e.snapshot] == [(1.0, 0.5), (), (1.0, 0.5)]


def test_a_file_of_an_older_version_is_read() -> None:
    """Lines without a number, of a file without a header, are events all the same."""
    line = {"v": 1, "event": "open", "time": 1e9, "writer": "abcd0123", "pid": 5, "host": "node", "id": 1, "desc": "a"}
    (event,) = Reader().feed(json.dumps(line).encode() + b"\n")

    assert (event.kind, event.writer, event.pid, event.host) == ("open", "abcd0123", 5, "node")
    assert (event.seq, event.run, event.program, event.digest, event.requests) == (0, "", "", "", False)
    assert event.snapshot == Snapshot(1, desc="a")


def test_a_file_of_a_newer_version_is_read() -> None:
    """Fields and events that this version does not know are passed over."""
    header = {"v": 1, "event": "run", "time": 1e9, "writer": "abcd0123", "seq": 1, "run": "0" * 16, "gpus": ["H100"]}
    lines = [header, {**header, "event": "ask", "seq": 2}, {**header, "event": "lost", "seq": 3, "lines": 4}]
    reader = Reader()
    events = reader.feed("".join(json.dumps(line) + "\n" for line in lines).encode())

    assert [(event.kind, event.seq, event.run) for event in events] == [("run", 1, "0" * 16), ("lost", 3, "0" * 16)]
    assert reader.skipped == reader.newer == 0
