"""The run of an event file as the page has it: its bars, its processes, and its bounds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from headway.events.presence import QUIET
from headway.events.schema import to_event
from headway.events.writers import host
from headway.snapshot import Reading, Snapshot
from headway.web import shown
from headway.web.run import Run


class File:
    """An event file that a test writes, and the run that is read from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = Run(str(path), patience=300.0)
        self.start = float(int(time()))
        self._time = self.start

    def add(self, kind: str, snapshot: Snapshot | None = None, *, writer: str = "aaaaaaaa", **fields: Any) -> None:
        """Write an event, a second after the last one."""
        self._time += 1
        event = {"v": 1, "event": kind, "time": self._time, "writer": writer, **fields}
        with self.path.open("a") as file:
            file.write(json.dumps(event if snapshot is None else {**to_event(snapshot), **event}) + "\n")

    def begin(self, run: str, pid: int, writer: str = "aaaaaaaa") -> None:
        """Write that a run begins."""
        self.add("run", writer=writer, run=run, program="train.py", digest="0" * 16, pid=pid, host=host())

    def page(self) -> dict[str, Any]:
        """Read all, and return the run in the page's document."""
        quiet = 0
        while quiet < QUIET:
            quiet = 0 if self.run.look() else quiet + 1
        return self.run.page()

    def titles(self) -> list[str]:
        """Return the titles of the bars."""
        return [bar["title"] for bar in self.page()["bars"].values()]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    made = File(tmp_path / "run.jsonl")
    yield made
    made.run.close()


@pytest.fixture
def gone() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def bar(id_: int, **fields: Any) -> Snapshot:
    return Snapshot(id_, **{"desc": f"bar {id_}", "total": 10, **fields})


def test_a_run_without_a_file_waits(file: File) -> None:
    assert file.page() == {"file": "run.jsonl", "bars": {}, "courses": {}, "texts": {}}
    assert not file.run.over


def test_a_bar_in_words(file: File) -> None:
    file.begin("1" * 16, os.getpid())
    file.add("update", bar(1, n=4, elapsed=2.0, rate=2.0, eta=3.0, eta_low=2.5, eta_high=4.0))
    page = file.page()

    assert page["program"] == "train.py"
    assert page["bars"] == {
        "aaaaaaaa-1": {
            "place": "0",
            "title": "bar 1",
            "state": "running",
            "share": 0.4,
            "percentage": "40%",
            "counts": "4/10",
            "rate": "2.00it/s",
            "since": file.start,
            "ends": file.start + 5,
            "soonest": file.start + 4.5,
            "latest": file.start + 6,
        }
    }


def test_nothing_changes_while_nothing_happens(file: File) -> None:
    """A visitor of a run that stands gets nothing: times are moments, which stand still."""
    for i in range(3):
        file.add("update", bar(1, n=4, elapsed=2.0 + i, rate=2.0, stalled=1.0 + i))
        if not i:
            before = file.page()["bars"]
    file.add("update", bar(1, n=4, elapsed=5.2, rate=2.0, stalled=4.3))

    assert file.page()["bars"] == before
    assert before["aaaaaaaa-1"]["held"] == "stalled"
    assert before["aaaaaaaa-1"]["still"] == file.start


def test_a_paused_bar_has_the_time_that_it_has_worked(file: File) -> None:
    file.add("update", bar(1, elapsed=7.0, paused=True))
    (found,) = file.page()["bars"].values()

    assert (found["held"], found["elapsed"]) == ("paused", 7.0)
    assert "since" not in found


@pytest.mark.parametrize("state", ["finished", "stopped", "failed", "interrupted"])
def test_an_ended_bar_says_how_and_why(file: File, state: Any) -> None:
    file.add("close", bar(1, n=4, state=state, reason="No space", elapsed=9.0, eta=3.0))
    (found,) = file.page()["bars"].values()

    assert (found["state"], found["reason"], found["elapsed"]) == (state, "No space", 9.0)
    assert "ends" not in found


def test_a_bar_whose_process_is_gone_is_lost_and_has_not_finished(file: File, gone: int) -> None:
    file.begin("1" * 16, gone)
    file.add("open", bar(1), pid=gone, host=host())
    file.add("open", bar(2, parent=1), pid=gone, host=host())
    page = file.page()

    assert [(each["state"], each["reason"]) for each in page["bars"].values()] == [("lost", "its process is gone")] * 2
    assert page["over"] is True
    assert file.run.states == {"failed"}


def test_the_last_lines_of_a_process_are_read_before_its_bars_are_lost(file: File, gone: int) -> None:
    file.begin("1" * 16, gone)
    file.add("open", bar(1), pid=gone, host=host())
    for _ in range(3):
        file.run.look()
    assert [each["state"] for each in file.run.page()["bars"].values()] == ["running"]
    file.add("close", bar(1, n=10, state="finished"))

    assert [each["state"] for each in file.page()["bars"].values()] == ["finished"]


def test_a_lost_bar_that_is_heard_again_runs(file: File, gone: int) -> None:
    file.begin("1" * 16, gone)
    file.add("open", bar(1), pid=gone, host=host())
    assert file.page()["over"]
    file.add("update", bar(1, n=2), pid=os.getpid(), host=host())

    assert [each["state"] for each in file.page()["bars"].values()] == ["running"]


def test_the_next_run_in_the_same_file_is_shown_alone(file: File, gone: int) -> None:
    file.begin("1" * 16, gone)
    file.add("close", bar(1, state="failed"))
    file.add("write", text="of yesterday")
    file.begin("2" * 16, os.getpid(), writer="bbbbbbbb")
    file.add("open", bar(7), writer="bbbbbbbb")

    assert file.titles() == ["bar 7"]
    assert file.page()["texts"] == {}
    assert file.page()["run"] == "2" * 16


def test_two_runs_at_one_time_are_shown_both(file: File) -> None:
    file.begin("1" * 16, os.getpid())
    file.add("open", bar(1))
    file.begin("2" * 16, os.getppid(), writer="bbbbbbbb")
    file.add("open", bar(1), writer="bbbbbbbb")

    assert file.titles() == ["bar 1", "bar 1"]


def test_the_loss_of_all_epochs_is_one_course(file: File) -> None:
    file.add("open", bar(1))
    for epoch in range(3):
        inner = bar(2 + epoch, parent=1, leave=False, metrics={"loss": Reading(1.0 / (1 + epoch), "x")})
        file.add("open", inner._replace(metrics={}))
        file.add("close", inner._replace(state="finished"))
    page = file.page()

    assert [point[1] for point in page["courses"]["0.0 loss"]["points"].values()] == [1, 0.5, 0.33333]
    assert [*page["bars"]] == ["aaaaaaaa-1"]


def test_an_inner_bar_that_broke_off_stays(file: File) -> None:
    file.add("open", bar(1))
    file.add("close", bar(2, parent=1, leave=False, state="failed", reason="No space"))

    assert file.titles() == ["bar 1", "bar 2"]


def test_texts_are_bounded_and_without_colours(file: File) -> None:
    file.add("write", text="\x1b[31mred\x1b[0m" + "x" * 2000)
    for i in range(shown.TEXTS):
        file.add("write", text=f"line {i}\n")
    texts = file.page()["texts"]

    assert len(texts) == shown.TEXTS
    assert [*texts.values()][-1] == "line 199"
    assert "red" not in "".join(texts.values())


def test_memory_is_bounded_however_many_bars_come(file: File) -> None:
    """A week of short bars: the last ones of each kind are kept, and those that broke off are not pushed out."""
    file.add("close", bar(1, state="failed", metrics={"loss": Reading(1.0, "1")}))
    for i in range(2, 1002):
        file.add("open", bar(i, metrics={"loss": Reading(float(i), str(i))}))
        file.add("close", bar(i, state="finished"))
    page = file.page()

    assert len(page["bars"]) == shown.ENDED + 1
    assert "aaaaaaaa-1" in page["bars"]
    assert len(page["courses"]) == shown.COURSES


def test_bars_beyond_the_bound_are_left_out(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "OPEN", 3)
    for i in range(5):
        file.add("open", bar(i))
    file.add("close", bar(0, state="finished"))
    file.add("update", bar(4))

    assert file.titles() == ["bar 0", "bar 1", "bar 2", "bar 4"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    run = Run(str(tmp_path), patience=300.0)
    run.look()

    assert run.page()["flaw"] == "Is a directory"


def test_the_command_line_is_shown_on_request_alone(file: File) -> None:
    file.begin("1" * 16, os.getpid())
    asked = Run(str(file.path), patience=300.0, with_command=True)
    asked.look()

    assert "command" not in file.page()
    assert "pytest" in asked.page()["command"]
    asked.close()


def test_a_program_gets_the_schema_of_events(file: File) -> None:
    file.begin("1" * 16, os.getpid())
    file.add("open", bar(1, n=3, metrics={"loss": Reading(float("nan"), "nan")}))
    file.page()
    plain = json.loads(json.dumps(file.run.plain(), allow_nan=False))

    assert plain["bars"][0]["total"] == 10
    assert plain["bars"][0]["fraction"] == 0.3
    assert plain["bars"][0]["metrics"]["loss"]["value"] == "nan"
    assert plain["writers"] == [{"writer": "aaaaaaaa", "pid": os.getpid(), "host": host(), "alive": True}]


def test_a_run_is_read_from_its_oldest_file(file: File) -> None:
    """It was rotated before anybody looked."""
    for i in range(3):
        file.add("update", bar(1, n=i, metrics={"loss": Reading(float(i), str(i))}))
        if i < 2:
            file.path.rename(file.path.with_name(f"run.jsonl.{2 - i}"))
    (course,) = file.page()["courses"].values()

    assert [point[1] for point in course["points"].values()] == [0, 1, 2]


def test_a_run_of_yesterday_on_another_machine_gives_way_to_the_next_one(file: File) -> None:
    """Its process cannot be looked at, and its last event is a day old."""
    file._time -= 86400
    file.add("run", run="1" * 16, program="old.py", digest="0" * 16, pid=1, host="node1")
    file.add("open", bar(1), pid=1, host="node1")
    file._time += 86400
    file.add("run", writer="bbbbbbbb", run="2" * 16, program="new.py", digest="0" * 16, pid=1, host="node2")
    file.add("open", bar(2), writer="bbbbbbbb", pid=1, host="node2")

    assert file.titles() == ["bar 2"]
    assert file.page()["program"] == "new.py"


@pytest.mark.parametrize("value", ["-inf", "inf", "nan", 1e308, -5.0])
def test_times_that_cannot_be_are_left_out(file: File, value: object) -> None:
    line = {**to_event(bar(1, n=1)), "eta": value, "eta_low": value, "eta_high": value, "stalled": value}
    with file.path.open("a") as out:
        out.write(json.dumps({**line, "v": 1, "event": "update", "time": time(), "writer": "aaaaaaaa"}) + "\n")

    json.dumps(file.page(), allow_nan=False)
