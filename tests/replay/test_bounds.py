"""A file of events may be of any kind: showing it takes a bounded time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from headway.choosing.discovery import names
from headway.events.follower import events_of
from headway.events.reader import Event, Reader
from headway.events.schema import to_event
from headway.replay.playback import LONGEST_PAUSE, LONGEST_WAIT, Course
from headway.replay.stage import MOST
from headway.snapshot import Reading, Snapshot
from headway.testing import run_in_terminal

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals"),
    pytest.mark.timeout(60),
]
GONE: dict[str, Any] = {"pid": 2**22 + 1, "host": os.uname().nodename}
"""A process that cannot be."""
A = Snapshot(1, desc="a", total=10)


def line(kind: str, moment: float, snapshot: Snapshot | None = None, writer: str = "w", **more: Any) -> str:
    """Write an event as a file has it."""
    about = {"v": 1} if snapshot is None else to_event(snapshot)
    return json.dumps({"event": kind, "time": moment, "writer": writer, **more, **about}) + "\n"


def shown(verb: str, path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Show a file in plain lines."""
    command = [sys.executable, "-m", "headway", verb, str(path), "--backend", "plain", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


# ── many bars ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("verb", "nested", "writers"),
    [("replay", False, 1), ("replay", True, 20_000), ("watch", False, 20_000), ("watch", True, 1)],
)
def test_twenty_thousand_open_bars(verb: str, nested: bool, writers: int, tmp_path: Path) -> None:
    """As many are shown as anybody could look at, and it is told that there are more; how all ended is known."""
    path = tmp_path / "run.jsonl"
    with path.open("w") as file:
        for i in range(1, 20_001):
            bar = Snapshot(i, (i - 1 or None) if nested else None, desc=f"bar {i}", total=10, depth=i if nested else 0)
            file.write(line("open", 1e9 + i, bar, f"{i % writers}", **GONE))
        for i in range(20_000, 0, -1):
            file.write(line("close", 2e9, Snapshot(i, n=10, total=10, state="finished"), f"{i % writers}"))
    done = shown(verb, path, *(["--speed", "max"] if verb == "replay" else []))

    assert done.returncode == 0, done.stderr[-1000:]
    if verb == "replay":
        assert done.stderr.count("state=finished") == MOST
        assert done.stderr.count(f"more than {MOST} bars are open at once") == 1


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "rich", "rows"])
def test_many_bars_on_a_terminal(backend: str, tmp_path: Path) -> None:
    """Under each renderer, bars in bars in bars, that never end."""
    if backend not in names():
        pytest.skip("the renderer is not installed")
    path = tmp_path / "run.jsonl"
    bars = [Snapshot(i, i - 1 or None, desc=f"bar {i}", total=10, depth=i) for i in range(1, 20_001)]
    path.write_text("".join(line("open", 1e9, bar, **GONE) for bar in bars))
    replay = ["-m", "headway", "replay", str(path), "--speed", "max", "--backend", backend]
    screen = run_in_terminal("", arguments=replay, columns=100)

    assert screen.status == 0, str(screen)
    assert "lost" in str(screen)


# ── many metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", ["tqdm", "alive", "progressbar2", "rich", "rows"])
def test_a_hundred_thousand_metrics(backend: str, tmp_path: Path) -> None:
    """The row is there, with the first of them."""
    if backend not in names():
        pytest.skip("the renderer is not installed")
    path = tmp_path / "run.jsonl"
    bar = A._replace(metrics={f"m{i}": Reading(1.0, "1") for i in range(100_000)})
    middle, last = bar._replace(n=5, elapsed=1.0), bar._replace(n=10, elapsed=2.0, state="finished")
    path.write_text(line("open", 1e9, bar) + line("update", 1e9 + 1, middle) + line("close", 1e9 + 2, last))
    replay = ["-m", "headway", "replay", str(path), "--speed", "max", "--backend", backend]
    screen = run_in_terminal("", arguments=replay, columns=100)

    assert screen.status == 0, str(screen)
    assert ("10 of 10" if backend == "progressbar2" else "10/10") in screen.rows[-1], str(screen)
    assert "m0=1" in screen.rows[-1], str(screen)


# ── clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("jump", [1e8, 9.9e10 - 1e9])
def test_a_clock_that_jumps_holds_nothing_up(jump: float, tmp_path: Path) -> None:
    """The wall clock was set forward by years while a bar was open, and back again."""
    path = tmp_path / "run.jsonl"
    path.write_text(
        line("open", 1e9, A)
        + line("update", 1e9 + jump, A._replace(n=3, elapsed=0.1))
        + line("write", 1e9 + jump + 0.1, text="a text")
        + line("update", 1e9 + 0.3, A._replace(n=6, elapsed=0.3))
        + line("open", 1e9 + jump, Snapshot(2, desc="b"))
        + line("close", 1e9 + jump, Snapshot(2, desc="b", state="finished"))
        + line("close", 1e9 + jump / 2, A._replace(n=10, elapsed=0.4, state="finished"))
    )
    done = shown("replay", path)

    assert (done.returncode, done.stderr.count("state=finished"), done.stderr.count("a text")) == (0, 2, 1), done.stderr


@pytest.mark.skipif(not os.path.exists("/proc/stat"), reason="elsewhere the number of a process has to do")
def test_a_clock_that_was_set_makes_no_process_another(tmp_path: Path) -> None:
    """A process that seems to have begun after its first event, but before its last one, is the one that wrote both."""
    path = tmp_path / "run.jsonl"
    here: dict[str, Any] = {"pid": os.getpid(), "host": os.uname().nodename}
    path.write_text(line("open", 1e9, A, **here) + line("update", time.time(), A._replace(n=3)))
    assert 'state=stopped reason="the recording, so far"' in shown("replay", path).stderr
    path.write_text(line("open", 1e9, A, **here) + line("update", 1e9 + 1, A._replace(n=3)))

    assert 'state=failed reason="lost: the recording ends here"' in shown("replay", path).stderr
    assert shown("watch", path).returncode == 1


def event(moment: float, elapsed: float | None = None, bar: int = 1, *, kind: str = "update", **about: Any) -> Event:
    """Return an event of a bar, or of none."""
    snapshot = None if elapsed is None else Snapshot(bar, elapsed=elapsed, paused=about.pop("paused", False))
    return Event(kind, moment, about.get("writer", "w"), snapshot)


def test_the_pace_is_that_of_the_bars_own_clocks() -> None:
    """Work counts whatever the wall clock does; without a bar to go by, the wall clock does unless it jumps."""
    course = Course()
    came = [
        course.of(each)
        for each in (
            event(100.0, 0.0, kind="open"),
            event(5000.0, 2.0),  # set forward
            event(5001.0),
            event(50.0, 5.0),  # set back
            event(50.5, 0.0, 2, kind="open"),
            event(9000.0, 0.0, 3, kind="open"),
            event(9001.0, 1e300),
            event(9001.0, 1e300, paused=True),
            event(9021.0, 1e300),
            event(9030.0, 0.0),  # it was begun anew
        )
    ]

    assert came[:6] == [0.0, 2.0, 3.0, 5.0, 5.5, 5.5 + LONGEST_PAUSE]
    assert came[6:] == [65.0, 65.0, 85.0, 94.0]
    assert LONGEST_WAIT == 60.0


def test_each_process_has_a_wall_clock_of_its_own() -> None:
    """Two machines whose clocks are an hour apart write into one file in turns."""
    course = Course()
    times = (0.0, 3600.0, 1.0, 3601.0, 2.0, 3602.0)
    came = [course.of(event(time, writer=str(i % 2))) for i, time in enumerate(times)]

    assert came == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]


# ── many files ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_recording_of_more_files_than_may_be_open(tmp_path: Path) -> None:
    """Rotated files are opened one after the other."""
    path = tmp_path / "run.jsonl"
    for i in range(300):
        Path(f"{path}.{i}" if i else path).write_text(line("write", 1e9, text=f"text {i}"))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); "
        "from headway.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "replay", str(path), "--speed", "max", "--backend", "plain"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert [f"text {i}" for i in range(299, -1, -1)] == done.stderr.splitlines()


def test_files_that_are_rotated_meanwhile_are_found_again(tmp_path: Path) -> None:
    """A file that moves while those before it are read is read under its new name; one that is gone is left out."""
    path = tmp_path / "run.jsonl"
    for i in range(3):
        Path(f"{path}.{i}" if i else path).write_text(line("write", 1e9, text=f"text {i}"))
    found = []
    for each in events_of(str(path), Reader()):
        found.append(each.text)
        if len(found) == 1:
            for i in (1, 0):
                os.replace(f"{path}.{i}" if i else path, f"{path}.{i + 1}")

    assert found == ["text 2", "text 1", "text 0"]


@pytest.mark.parametrize("speed", ["0.0001", "1e-308", "-1", "nan"])
def test_a_speed_that_takes_for_ever_is_refused(speed: str, tmp_path: Path) -> None:
    """It is told what would do."""
    (tmp_path / "run.jsonl").write_text(line("open", 1e9, A))
    done = shown("replay", tmp_path / "run.jsonl", f"--speed={speed}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
