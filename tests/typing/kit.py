"""`headway.testing` and the events, as a user's type checker sees them; never run."""

from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from headway import events, testing
from headway.events import Event, Follower, Reader
from headway.points import Point
from headway.sink import Frame, Renderer
from headway.snapshot import Snapshot
from headway.testing import (
    CellConformance,
    LinesConformance,
    NothingConformance,
    Oracle,
    Recorder,
    RowsConformance,
    Screen,
)
from headway.testing.conformance.checks import Checks


class TestBell(RowsConformance):
    """The kit's tests of a renderer."""

    backend = "bell"
    columns = 90


class TestSentences(LinesConformance):
    """The kit's tests of a sink that adds lines."""

    backend = "sentences"


class TestCell(CellConformance):
    """The kit's tests of a sink that draws on a cell."""

    backend = "cell"


class TestTracker(NothingConformance):
    """The kit's tests of a sink that draws nothing."""

    backend = "tracker?url=http://localhost"
    prelude = "import tracker"

    def delivered(self, screen: Screen) -> str:
        """What the server has got."""
        assert_type(self.folder, Path)
        return (self.folder / "sent").read_text() + super().delivered(screen)


def recording(recorder: Recorder, oracle: Oracle) -> None:
    """A recorder, and an oracle for each sink."""
    with testing.record() as recorded:
        assert_type(recorded, Recorder)
    with testing.watch() as oracles:
        assert_type(oracles, list[Oracle])
    assert_type(recorder.opened, list[Snapshot])
    assert_type(recorder.closed, list[Snapshot])
    assert_type(recorder.written, list[str])
    assert_type(recorder.reported, list[Point])
    assert_type(recorder.points(()), None)
    assert_type(recorder.last("train"), Snapshot)
    assert_type(recorder.frame(Frame(())), None)
    assert_type(recorder.hide(), None)
    assert_type(recorder.show(Frame(())), None)
    assert_type(recorder.stop(1.0), None)
    assert_type(recorder.open(Snapshot(1)), None)
    assert_type(recorder.update(Snapshot(1)), None)
    assert_type(recorder.close(Snapshot(1)), None)
    assert_type(recorder.write("text"), None)
    assert_type(Oracle(recorder), Oracle)
    assert_type(oracle.broken, list[str])
    assert_type(oracle.open_ids, set[int])
    assert_type(oracle.closed, dict[int, Snapshot])
    assert_type(oracle.renderer, Renderer | None)
    assert_type(oracle.stopped, bool)
    assert_type(oracle.hide(), None)
    assert_type(oracle.show(Frame(())), None)
    assert_type(oracle.stop(1.0), None)
    assert_type(oracle.frame(Frame(())), None)
    assert_type(oracle.write("text"), None)
    assert_type(oracle.check(), None)
    recorder.last()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def on_a_terminal(screen: Screen, conformance: Checks) -> None:
    """Programs on a terminal of their own."""
    run = testing.run_in_terminal(
        "print()",
        columns=80,
        lines=24,
        env={"A": "b"},
        resize=(40, 24),
        types={"?": "y"},
        arguments=["a"],
        cwd="/",
        timeout=3,
    )
    assert_type(run, Screen)
    assert_type(screen.rows, list[str])
    assert_type(screen.rows_with("a"), list[str])
    assert_type(screen.status, int)
    assert_type(screen.cursor_hidden, bool)
    assert_type(screen.raw, str)
    assert_type(testing.wander(3, steps=10, rest=0.1), dict[str, float])
    assert_type(conformance.backend, str)
    assert_type(conformance.columns, int)
    assert_type(conformance.show("print()", columns=80), Screen)
    assert_type(conformance.run("print()", columns=80), Screen)
    assert_type(conformance.check(truth=True, promise="a", screen=screen), None)
    assert_type(conformance.check_rows(screen, "label", 2), None)
    assert_type(conformance.check_safe(screen.raw, "escapes", screen), None)
    assert_type(conformance.prelude, str)
    assert_type(conformance.folder, Path)
    assert_type(conformance.setup_method(), None)
    assert_type(conformance.teardown_method(), None)
    assert_type(conformance.delivered(screen), str)
    assert_type(conformance.aside("file"), Path)
    assert_type(conformance.attended("print()", "raising()"), str)
    assert_type(conformance.check_delivered(screen, ["a"]), None)
    assert_type(conformance.check_lives(screen, 1), None)
    assert_type(conformance.check_lines(screen, ["a"], "a"), None)
    testing.run_in_terminal("print()", 80)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def of_events(event: Event, reader: Reader, followed: Follower) -> None:
    """Reading and following files."""
    assert_type(event.kind, str)
    assert_type(event.time, float)
    assert_type(event.writer, str)
    assert_type(event.snapshot, Snapshot | None)
    assert_type(event.text, str)
    assert_type(event.lines, int)
    assert_type(event.pid, int | None)
    assert_type(event.host, str)
    assert_type(event.seq, int)
    assert_type(event.run, str)
    assert_type(event.program, str)
    assert_type(event.digest, str)
    assert_type(event.requests, bool)
    assert_type(Reader(), Reader)
    assert_type(reader.feed(b"{}"), list[Event])
    assert_type(reader.end(), list[Event])
    assert_type(reader.forget(), None)
    assert_type(reader.skipped, int)
    assert_type(reader.newer, int)
    assert_type(Follower("run.jsonl", reader), Follower)
    assert_type(followed.poll(), list[Event] | None)
    assert_type(followed.close(), None)
    assert_type(events.to_event(Snapshot(1)), dict[str, Any])
    assert_type(events.from_event({"v": 1, "id": 1}), Snapshot)
    events.from_event("{}")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    reader.feed("{}")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
