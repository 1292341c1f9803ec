"""A job on several machines: the first rank of each writes an event file, and whoever reads one reads them all."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from headway.events import Event, Follower, Reader
from headway.events.follower import events_of
from headway.events.machines import beside, machines
from headway.events.writers import host
from headway.snapshot import SCHEMA
from headway.testing import run_in_terminal

WORK = """
    import headway, os, sys, time
    rank = int(os.environ["RANK"])
    def meet(name):  # as ranks do at each step
        open(f"{name}-{rank}", "w").close()
        while not all(os.path.exists(f"{name}-{each}") for each in range(4)): time.sleep(0.001)
    if rank in map(int, sys.argv[1:]): time.sleep(0.7)
    for epoch in headway.track(range(2), desc="epochs", unit="epoch"):
        for step in headway.track(range(20), desc="train", unit="step"):
            time.sleep(0.02)
            meet(f"step-{epoch}-{step}")
    if rank >= 2: headway.write(f"from rank {rank}")
    meet("end")
"""


SHARDS = """
    import headway, os, time
    for file in headway.track(range((60, 50, 10, 40)[int(os.environ["RANK"])]), desc="shard"):
        time.sleep(0.05)
"""


def run_ranks(folder: Path, places: Sequence[str], *, late: Sequence[int] = (), work: str = WORK) -> list[str]:
    """Run four ranks, and return their standard errors.

    Args:
        folder: Where the program runs.
        places: The machine of each rank: one that stands for another machine has a private directory of its own.
        late: Ranks that begin late.
        work: The program.
    """
    program = folder / "program.py"
    program.write_text(textwrap.dedent(work))
    ranks = []
    for number, place in enumerate(places):
        (folder / place).mkdir(mode=0o700, exist_ok=True)
        said = {
            "RANK": str(number),
            "WORLD_SIZE": str(len(places)),
            "LOCAL_RANK": str(number % 2),
            "MASTER_ADDR": "node1",
            "MASTER_PORT": "29500",
            "XDG_RUNTIME_DIR": str(folder / place),
            "HEADWAY_RELAY": "",
            "HEADWAY_BACKEND": f"plain,events?path={folder / 'run.jsonl'}",
        }
        command = [sys.executable, str(program), *map(str, late)]
        environ = {**os.environ, **said}
        ranks.append(subprocess.Popen(command, env=environ, cwd=folder, stderr=subprocess.PIPE, text=True))
    told = [rank.communicate(timeout=60)[1] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0] * len(places), told
    return told


def ends(path: Path) -> list[tuple[str, float, int]]:
    """Return name, count and ranks of the bars that have ended in a file."""
    events = Reader().feed(path.read_bytes())
    return [
        (event.snapshot.desc, event.snapshot.n, event.snapshot.workers.count if event.snapshot.workers else 0)
        for event in events
        if event.kind == "close" and event.snapshot is not None
    ]


def test_the_first_rank_of_each_machine_writes_a_file(tmp_path: Path) -> None:
    """It says what the ranks of that machine do; they show nothing there, and their texts come through."""
    told = run_ranks(tmp_path, ["one", "one", "two", "two"])
    first, other = tmp_path / "run.jsonl", Path(beside(str(tmp_path / "run.jsonl"), host()))

    for path in first, other:
        assert sorted((name, n) for name, n, _ in ends(path)) == [("epochs", 2), ("train", 20), ("train", 20)]
        assert ("epochs", 2, 2) in ends(path)
    assert told[1] == "", told
    assert sorted("".join(told[2:]).splitlines()) == ["from rank 2", "from rank 3"], told
    assert len({event.run for event in events_of(str(first), Reader()) if event.kind == "run"}) == 1


def test_the_next_rank_of_a_machine_goes_on_with_its_file(tmp_path: Path) -> None:
    """The first one of the second machine ends long before the others, and nothing is drawn there afterwards, either."""
    told = run_ranks(tmp_path, ["one", "one", "two", "two"], work=SHARDS)

    assert ends(tmp_path / "run.jsonl")[-1] == ("shard", 110, 2)
    assert ends(Path(beside(str(tmp_path / "run.jsonl"), host())))[-1] == ("shard", 50, 2)
    assert told[1:] == ["", "", ""], told


def test_two_groups_of_ranks_on_one_machine_have_one_display(tmp_path: Path) -> None:
    """Also if the first rank of the second group begins before rank 0, which it cannot know of by then."""
    told = run_ranks(tmp_path, ["one"] * 4, late=[0, 1])

    (last,) = [line for line in told[0].splitlines() if "state=finished" in line and " epochs " in line]
    assert "workers=4 ranks=4" in last, told
    assert ("epochs", 2, 4) in ends(tmp_path / "run.jsonl")


@pytest.mark.parametrize("relay", ["", "off"])
def test_a_rank_that_writes_a_file_draws_nothing(tmp_path: Path, relay: str) -> None:
    """Neither rows nor lines, with the relay and without."""
    said = {"RANK": "2", "WORLD_SIZE": "4", "LOCAL_RANK": "0", "MASTER_PORT": "29501", "HEADWAY_RELAY": relay}
    screen = run_in_terminal(
        "import headway\nfor i in headway.track(range(3), desc='a'): pass",
        env={**said, "XDG_RUNTIME_DIR": str(tmp_path), "HEADWAY_BACKEND": f"rows,events?path={tmp_path}/run.jsonl"},
    )

    assert (screen.rows, screen.cursor_hidden) == ([], False)
    assert [(name, n) for name, n, _ in ends(Path(beside(f"{tmp_path}/run.jsonl", host())))] == [("a", 3)]
    assert not (tmp_path / "run.jsonl").exists()


@pytest.mark.parametrize("env", [{"LOCAL_RANK": "1"}, {}, {"HEADWAY_BACKEND": "events"}])
def test_other_ranks_write_none(tmp_path: Path, run: Any, env: dict[str, str]) -> None:
    """Neither the second rank of a machine, nor one whose place is not known; nor is one written without a path."""
    said = {"RANK": "3", "WORLD_SIZE": "4", "MASTER_PORT": "29502", "XDG_RUNTIME_DIR": str(tmp_path)}
    backend = {"HEADWAY_BACKEND": f"events?path={tmp_path}/run.jsonl"}
    if "HEADWAY_BACKEND" in env:
        said["LOCAL_RANK"] = "0"
    done = run("import headway\nfor i in headway.track(range(3)): pass", **{**said, **backend, **env})

    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.glob("*.jsonl"))


@pytest.mark.parametrize(
    ("path", "name", "file"),
    [
        ("run.jsonl", "node2", "run@node2.jsonl"),
        ("out/run.jsonl", "node2.cluster.example", "out/run@node2.jsonl"),
        ("run", "gpu-7", "run@gpu-7"),
        ("run.jsonl", "", "run@machine.jsonl"),
        ("run.jsonl", "../a b", "run@machine.jsonl"),
        ("run.jsonl", "a/b", "run@a_b.jsonl"),
    ],
)
def test_a_file_is_named_after_its_machine(path: str, name: str, file: str) -> None:
    """Whatever the name of that is."""
    assert beside(path, name) == file


def test_files_of_other_machines_are_found_by_their_names(tmp_path: Path) -> None:
    """Neither rotated ones, which belong to their own, nor files with like names."""
    for name in ("r[1].jsonl", "r[1]@b.jsonl", "r[1]@a.jsonl", "r[1]@a.jsonl.1", "r1@c.jsonl", "r[1]@x.y.jsonl"):
        (tmp_path / name).touch()

    assert machines(str(tmp_path / "r[1].jsonl")) == [str(tmp_path / f"r[1]@{host}.jsonl") for host in "ab"]
    assert machines(str(tmp_path / "none" / "run.jsonl")) == []


def line(event: str, time: float, **fields: object) -> str:
    """Return a line of an event file."""
    return json.dumps({"v": SCHEMA, "event": event, "time": time, **fields}) + "\n"


def texts(events: Sequence[Event]) -> list[str]:
    """Return the texts among events."""
    return [event.text for event in events if event.kind == "write"]


def test_a_recording_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    """Events of several machines stand among one another; those of one keep their order if its clock jumps."""
    one, two = tmp_path / "run.jsonl", tmp_path / "run@node2.jsonl"
    one.write_text("".join(line("write", at, writer="a" * 8, text=f"a{at}") for at in (1, 4, 2, 7)))
    two.write_text("torn\n" + "".join(line("write", at, writer="b" * 8, text=f"b{at}") for at in (3, 5)))
    reader = Reader()

    assert texts(list(events_of(str(one), reader))) == ["a1", "b3", "a4", "a2", "b5", "a7"]
    assert reader.skipped == 1


def test_a_follower_finds_a_machine_that_begins_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file may come long after the first one; lines that are no events are counted, too."""
    monkeypatch.setattr("headway.events.follower.LOOK_EVERY", 0.0)
    one, two = tmp_path / "run.jsonl", tmp_path / "run@node2.jsonl"
    reader = Reader()
    follower = Follower(str(one), reader)
    assert follower.poll() is None
    one.write_text(line("write", 1, text="first"))
    assert texts(follower.poll() or []) == ["first"]
    two.write_text("torn\n" + line("write", 2, text="second"))
    assert texts(follower.poll() or []) == ["second"]
    with one.open("a") as file:
        file.write(line("write", 3, text="third"))
    assert texts(follower.poll() or []) == ["third"]
    assert follower.poll() is None
    assert reader.skipped == 1
    follower.close()


def test_a_replay_names_the_machines(tmp_path: Path, run: Any) -> None:
    """The outermost bars of each have its name in front, without its domain."""
    run_ranks(tmp_path, ["one", "one", "two", "two"])
    other = Path(beside(str(tmp_path / "run.jsonl"), host()))
    said = other.read_text().replace(f'"host": "{host()}"', '"host": "node2.cluster"')
    other.unlink()
    (tmp_path / "run@node2.jsonl").write_text(said)
    replay = "from headway.cli.main import main; main(['replay', 'run.jsonl', '--speed', 'max', '--backend', 'plain'])"
    done = run(replay)

    finished = [told for told in done.stderr.splitlines() if "state=finished" in told]
    for name in ("node2", host().partition(".")[0]):
        assert sum(f' "{name} epochs" n=2 ' in told for told in finished) == 1, done.stderr
