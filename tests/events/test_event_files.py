"""Event files survive: kills, full disks, rotation, other writers, and long runs."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.events.appender import Appender, NotWrittenError
from headway.events.follower import events_of, parts
from headway.events.journal import Journal
from headway.events.reader import Reader
from headway.snapshot import Reading, Snapshot

FULL_COUNT = os.environ.get("HEADWAY_FULL") == "1"
KILLS = 500 if FULL_COUNT else 15
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")

WRITER = """
import sys, itertools, os
from time import monotonic
from headway.events.appender import Appender
from headway.events.journal import Journal
from headway.snapshot import Snapshot
path, desc, keep = sys.argv[1], sys.argv[2] * int(sys.argv[3]), dict(zip(("max_bytes", "keep"), map(int, sys.argv[4:])))
journal = Journal(path, Appender(path, **keep), 0.0, monotonic())
journal.open(Snapshot(1, desc="outer"))
for n in itertools.count(2):
    journal.open(Snapshot(n, 1, desc=desc, n=n))
    journal.write(f"text {n}")
    journal.close(Snapshot(n, 1, desc=desc, n=n, state="finished"))
"""
"""Writes as fast as it can. What it writes tells whether something is missing."""


def write_until_killed(path: Path, seconds: float, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a writer, and kill it some time after its first line."""
    size = path.stat().st_size if path.exists() else 0
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), *arguments])
    deadline = time.monotonic() + 20
    while not path.exists() or path.stat().st_size <= size:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return process


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a recording, the last one perhaps torn; empty lines mean nothing."""
    data = b"".join(Path(part).read_bytes() for part in parts(str(path)))
    *lines, rest = data.split(b"\n")
    return [line for line in (*lines, rest) if line]


def is_whole(line: bytes) -> bool:
    """Tell whether a line is an event."""
    try:
        return json.loads(line)["v"] == 1
    except ValueError:
        return False


@pytest.mark.timeout(1200)
def test_a_kill_at_any_moment_tears_the_last_line_at_most(tmp_path: Path) -> None:
    """However a process is killed, all lines but the last are whole, none is missing, and the next run goes on."""
    chance, torn = random.Random(1), 0
    for kill in range(KILLS):
        path = tmp_path / f"{kill}.jsonl"
        write_until_killed(path, chance.uniform(0, 0.03), "é", "3000")
        *whole, last = lines_of(path)
        torn += not is_whole(last)

        assert all(map(is_whole, whole))
        said = [json.loads(line) for line in whole]
        expected = ["run", "open", *(["open", "write", "close"] * len(said))]
        assert expected[: len(said)] == [event["event"] for event in said]
        with headway.get_bar(1, backend=f"events?path={path}"):
            pass
        assert [is_whole(last), True, True, True] == list(map(is_whole, lines_of(path)[len(whole) :]))
        path.unlink()
    print(f"{KILLS} kills, {torn} last lines torn")


@pytest.mark.timeout(1200)
def test_the_line_of_a_killed_process_does_not_spoil_those_of_others(tmp_path: Path) -> None:
    """While one process writes, others are killed in the middle of lines; all of its lines are whole."""
    path = tmp_path / "run.jsonl"
    steady = subprocess.Popen([sys.executable, "-c", WRITER, str(path), "a", "10"])
    try:
        for i in range(KILLS // 3):
            write_until_killed(path, random.Random(i).uniform(0, 0.03), "é", "20000")
    finally:
        steady.kill()
        steady.wait()
    lines = lines_of(path)
    events = [json.loads(line) for line in lines if is_whole(line)]
    writer = events[0]["writer"] if events[0]["event"] == "run" else ""
    longest = Counter(event["writer"] for event in events).most_common(1)[0][0]
    assert writer
    counts = [event["n"] for event in events if event["writer"] == longest and event["event"] == "close"]

    assert list(range(2, len(counts) + 2)) == counts
    assert len(lines) - len(events) <= KILLS // 3 + 1


@pytest.mark.parametrize("torn", [b'{"v": 1, "event": "upd', b"x", b'{"v": 1}'])
def test_a_torn_line_of_a_run_before_is_closed_first(tmp_path: Path, torn: bytes) -> None:
    """A file that ends in the middle of a line is gone on with on a line of its own."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(torn)
    headway.get_bar(1, backend=f"events?path={path}").close()

    lines = path.read_bytes().split(b"\n")
    assert torn == lines[0]
    assert [json.loads(line)["event"] for line in lines[1:4]] == ["run", "open", "close"]


# ── full disks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_is_told_once_and_costs_nothing(run: Any) -> None:
    """On a full disk the loop runs to its end, with one warning and the exit status of success."""
    code = """
        import headway
        for round in range(3):
            with headway.get_bar(5, desc="a") as bar:
                for i in range(5): bar.update(); bar.write("x")
        print(bar.n, bar.state)
    """
    done = run(code, HEADWAY_BACKEND="events?path=/dev/full", options=("-W", "always"))

    assert (done.returncode, done.stdout) == (0, "5 finished\n")
    assert done.stderr.count("HeadwayWarning") == 1, done.stderr
    assert "The event file /dev/full cannot be written: OSError: [Errno 28]" in done.stderr
    assert "falls back" not in done.stderr


LIMITED = """
import json, os, resource, signal, sys
from headway.events.appender import Appender
from headway.events.journal import Journal
from headway.snapshot import Snapshot
import warnings; warnings.simplefilter("ignore")

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = sys.argv[1]
journal = Journal(path, Appender(path), 0.0, 0.0)
journal.open(Snapshot(1, desc="kept"))
journal.open(Snapshot(2, desc="ends meanwhile"))
size = os.path.getsize(path)
journal.write("text 0 " + "x" * 300)
room(os.path.getsize(path) + (os.path.getsize(path) - size) * 5 // 2)  # two lines, and then one is cut short
for n in range(1, 20): journal.write(f"text {n} " + "x" * 300)
journal.open(Snapshot(3, desc="opens meanwhile"))
journal.close(Snapshot(2, desc="ends meanwhile", n=5, state="finished"))
journal.open(Snapshot(4, desc="comes and goes"))
journal.close(Snapshot(4, desc="comes and goes", state="failed"))
room(resource.RLIM_INFINITY)
journal.write("there is space again")
journal.close(Snapshot(1, desc="kept", state="finished"))
journal.close(Snapshot(3, desc="opens meanwhile", state="stopped"))
"""


def test_it_goes_on_when_there_is_space_again(tmp_path: Path) -> None:
    """After a write that was cut short, the next line stands by itself, says what was lost, and no ending is missing."""
    path = tmp_path / "run.jsonl"
    subprocess.run([sys.executable, "-c", LIMITED, str(path)], check=True, timeout=60)
    lines = lines_of(path)
    broken = [line for line in lines if not is_whole(line)]
    events = [json.loads(line) for line in lines if is_whole(line)]
    texts = [event for event in events if event["event"] == "write"]
    lost = [event["lines"] for event in events if event["event"] == "lost"]

    assert len(broken) == 1
    assert [21 - len(texts)] == lost
    after = events[[event["event"] for event in events].index("lost") + 1 :]
    assert [(event["event"], event.get("desc"), event.get("again")) for event in after] == [
        ("open", "kept", True),
        ("open", "opens meanwhile", True),
        ("close", "ends meanwhile", None),
        ("close", "comes and goes", None),
        ("write", None, None),
        ("close", "kept", None),
        ("close", "opens meanwhile", None),
    ]


def test_a_disk_that_is_full_between_two_bars_is_remembered(tmp_path: Path) -> None:
    """What an ended bar could not say is said with the next bar of the same file."""
    path = tmp_path / "run.jsonl"
    code = f"""
import resource, signal, warnings; warnings.simplefilter("ignore")
import headway
from headway.drawing.hub import hub
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
bar = headway.get_bar(1, desc="first", backend={f"events?path={path}"!r})
[aside._idle.wait(10) for aside in hub.outlets]
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
bar.write("x" * 1000)
bar.close()
[aside._idle.wait(10) for aside in hub.outlets]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
headway.get_bar(1, desc="second", backend={f"events?path={path}"!r}).close()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    events = [json.loads(line) for line in lines_of(path) if is_whole(line)]

    assert [(event["event"], event.get("desc")) for event in events] == [
        ("run", None),
        ("open", "first"),
        ("lost", None),
        ("close", "first"),
        ("open", "second"),
        ("close", "second"),
    ]


def test_a_pipe_that_nobody_reads_blocks_nobody(tmp_path: Path) -> None:
    """A slow reader of a named pipe costs events, not time."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    out = Appender(str(path))
    with pytest.raises(NotWrittenError):
        for _ in range(100):
            out.ready(5000)
            out.append(b"x" * 4999 + b"\n")
    out.close()


def test_a_directory_that_vanishes_harms_nobody(tmp_path: Path) -> None:
    """When the file's directory is removed and comes back, so do the events."""
    directory = tmp_path / "runs"
    directory.mkdir()
    path = directory / "run.jsonl"
    bar = headway.get_bar(2, desc="a", backend=f"events?path={path}")
    path.unlink()
    directory.rmdir()
    with pytest.warns(headway.HeadwayWarning, match="FileNotFoundError"):
        bar.write("lost")
    directory.mkdir()
    bar.close()

    assert [json.loads(line)["event"] for line in lines_of(path)] == ["run", "lost", "open", "close"]


# ── rotation ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_rotated_by_size(tmp_path: Path) -> None:
    """No file exceeds the size, so many are kept, and no event between the oldest and the newest is missing."""
    path = tmp_path / "run.jsonl"
    with headway.get_bar(1, desc="a", backend=f"events?path={path}&max_bytes=5000&keep=3") as bar:
        for i in range(200):
            bar.write(f"{i}")
    files = sorted(os.listdir(tmp_path))

    assert files == ["run.jsonl", "run.jsonl.1", "run.jsonl.2", "run.jsonl.3"]
    assert all(os.path.getsize(tmp_path / file) <= 5000 for file in files)
    texts = [int(event.text) for event in events_of(str(path), Reader()) if event.kind == "write"]
    assert list(range(texts[0], 200)) == texts


def test_the_newest_file_says_it_all(tmp_path: Path) -> None:
    """Each new file begins with the bars that are open."""
    path = tmp_path / "run.jsonl"
    outer = headway.get_bar(7, desc="outer", backend=f"events?path={path}&max_bytes=4096")
    inner = headway.get_bar(9, desc="inner", backend=f"events?path={path}")
    for i in range(30):
        outer.write("x" * 200)
    events = [json.loads(line) for line in path.read_bytes().splitlines()]
    inner.close()
    outer.close()

    assert [(event["event"], event.get("desc"), event["again"]) for event in events[:3]] == [
        ("run", None, True),
        ("open", "outer", True),
        ("open", "inner", True),
    ]
    assert [os.getpid()] * 3 == [event["pid"] for event in events[:3]]


def test_a_file_that_others_rotate_is_followed(tmp_path: Path) -> None:
    """After logrotate has moved the file away, or someone has deleted it, events go to a new one under the name."""
    path = tmp_path / "run.jsonl"
    bar = headway.get_bar(1, desc="a", backend=f"events?path={path}")
    path.rename(tmp_path / "moved")
    bar.write("after the move")
    path.unlink()
    bar.write("after the end")
    bar.close()

    assert [json.loads(line)["event"] for line in (tmp_path / "moved").read_text().splitlines()] == ["run", "open"]
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["run", "open", "write", "close"]


def test_a_file_that_is_emptied_is_begun_anew(tmp_path: Path) -> None:
    """Truncating the file, as logrotate's copytruncate does, leaves no hole."""
    path = tmp_path / "run.jsonl"
    bar = headway.get_bar(1, desc="a", backend=f"events?path={path}")
    os.truncate(path, 0)
    bar.close()

    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["close"]


def test_many_open_bars_leave_room_for_what_happens(tmp_path: Path) -> None:
    """Where the open bars alone exceed the size, the file is not rotated at every line."""
    path = tmp_path / "run.jsonl"
    journal = Journal(str(path), Appender(str(path), 4096, 1000), 0.0, 0.0)
    for n in range(100):
        journal.open(Snapshot(n))
    for n in range(300):
        journal.write(f"{n}")

    assert len(os.listdir(tmp_path)) < 20
    assert list(range(300)) == [int(event.text) for event in events_of(str(path), Reader()) if event.kind == "write"]
    journal.release()


SHARED = """
import sys
from headway.events.appender import Appender
from headway.events.journal import Journal
from headway.snapshot import Snapshot
journal = Journal(sys.argv[1], Appender(sys.argv[1], 8_000, 900), 0.0, 0.0)
journal.open(Snapshot(1, desc=sys.argv[2]))
for n in range(3000): journal.write(f"{sys.argv[2]} {n}")
journal.close(Snapshot(1, desc=sys.argv[2], state="finished"))
"""


def test_processes_that_rotate_one_file_lose_nothing(tmp_path: Path) -> None:
    """Three processes write into one file and rotate it again and again; every line of each is there, in order."""
    path = tmp_path / "run.jsonl"
    names = ["a", "b", "c"]
    processes = [subprocess.Popen([sys.executable, "-W", "error", "-c", SHARED, str(path), name]) for name in names]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    reader = Reader()
    texts = [event.text.split() for event in events_of(str(path), reader) if event.kind == "write"]

    assert len(os.listdir(tmp_path)) > 20
    assert reader.skipped == 0
    assert {name: list(range(3000)) for name in names} == {
        name: [int(n) for who, n in texts if who == name] for name in names
    }


@pytest.mark.skipif(sys.platform != "linux", reason="flock across file descriptors")
def test_a_process_that_holds_the_lock_holds_up_nobody(tmp_path: Path) -> None:
    """While another process is at the rotation, for however long, events go on into the old file."""
    import fcntl

    path = tmp_path / "run.jsonl"
    out = Appender(str(path), 4096)
    out.ready(10)
    with open(path) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for _ in range(100):
            assert not out.ready(100)
            out.append(b"x" * 99 + b"\n")
    assert out.ready(100)
    out.close()

    assert os.path.getsize(f"{path}.1") == 10_000


# ── how much ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_week_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    """A week of training, with a bar for the run and one for each of 168 epochs, is some 40 MB."""
    monkeypatch.setattr("headway.events.journal.monotonic", clock)
    path = tmp_path / "run.jsonl"
    journal = Journal(str(path), Appender(str(path)), 1.0, clock())
    course = tuple(0.123456789 / n for n in range(1, 17))
    metrics = {name: Reading(0.123456789, "0.1235", columns=6, history=course) for name in ("loss", "accuracy", "lr")}
    about = {
        "began": 1.7e9 + 0.123,
        "step": 36000,
        "rate": 12.3456789012,
        "eta": 12345.6789012,
        "eta_low": 11111.1,
        "eta_high": 22222.2,
        "metrics": metrics,
    }
    begun: Any = {"name": "train", "n": 36000, "total": 36000, "elapsed": 3600.12345678, "unit": "batch", **about}
    run, epoch = Snapshot(1, desc="training", **begun), Snapshot(2, 1, desc="epoch 100", phase="train", **begun)
    journal.open(run)
    for _ in range(7 * 24):
        journal.open(epoch)
        for _ in range(3600):
            clock.tick(1.0)
            journal.update(run)
            journal.update(epoch)
        journal.close(epoch)
    journal.close(run)
    journal.release()
    size, lines = path.stat().st_size, len(path.read_bytes().splitlines())
    print(f"a week: {size / 1e6:.1f} MB, {lines} lines")

    assert 36e6 < size < 42e6


def test_updates_come_further_apart_in_a_long_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    """A thousandth of the time since the run began, a second at least, half a minute at most; or what was asked for."""
    monkeypatch.setattr("headway.events.journal.monotonic", clock)
    apart = {}
    for interval, hour in ((1.0, 0), (1.0, 1), (1.0, 3), (1.0, 10), (1.0, 100), (60.0, 0), (60.0, 100)):
        path = tmp_path / f"{interval}-{hour}"
        journal = Journal(str(path), Appender(str(path)), interval, clock() - 3600 * hour)
        journal.open(Snapshot(1))
        for _ in range(120):
            clock.tick(1.0)
            journal.update(Snapshot(1))
        journal.release()
        apart[interval, hour] = round(120 / (len(path.read_bytes().splitlines()) - 2))

    assert apart == {
        (1.0, 0): 1,
        (1.0, 1): 4,
        (1.0, 3): 12,
        (1.0, 10): 30,
        (1.0, 100): 30,
        (60.0, 0): 60,
        (60.0, 100): 60,
    }


def test_a_picture_too_large_for_a_line_goes_without_its_metrics(tmp_path: Path) -> None:
    """100 000 metrics do not make a file that no reader has room for; a text of 10 MB stands in many events."""
    path = tmp_path / "run.jsonl"
    journal = Journal(str(path), Appender(str(path)), 0.0, 0.0)
    journal.open(Snapshot(1, metrics={f"metric {i}": Reading(0.5, "0.5000") for i in range(100_000)}))
    journal.write("é" * 10**7)
    journal.release()
    reader = Reader()
    _, opened, *texts = events_of(str(path), reader)

    assert reader.skipped == 0
    assert opened.snapshot is not None
    assert opened.snapshot.metrics == {}
    assert "".join(event.text for event in texts) == "é" * 10**7


@pytest.mark.parametrize(
    ("option", "says"),
    [("interval=0", "1 at least"), ("interval=nan", "1 at least"), ("max_bytes=100", "4096 at least"), ("max_bytes=1e9", "invalid literal"), ("keep=0", "from 1 to 1000")],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(option: str, says: str) -> None:
    """A wrong option says what is expected."""
    with pytest.raises(headway.BackendOptionError, match=says):
        headway.get_bar(1, backend=f"events?path=x&{option}")


def test_a_disk_without_space_for_the_file_itself_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file cannot even be created for want of space, it is created later."""
    path, real = tmp_path / "run.jsonl", os.open

    def full(name: Any, *rest: Any) -> int:
        if name == str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(name, *rest)

    with monkeypatch.context() as no_space:
        no_space.setattr("os.open", full)
        with pytest.warns(headway.HeadwayWarning, match="No space left"):
            bar = headway.get_bar(1, desc="a", backend=f"events?path={path}")
    bar.close()

    assert [json.loads(line)["event"] for line in lines_of(path)] == ["run", "open", "close"]


def test_a_descriptor_that_the_program_has_closed_is_not_taken_for_ours(run: Any, tmp_path: Path) -> None:
    """A program that closes all descriptors, as a service does, keeps its own files whole, and events go on."""
    done = run(
        """
        import headway, os, time
        headway.use("events", path="run.jsonl")
        bar = headway.get_bar(100, desc="a")
        bar.update(1)
        time.sleep(0.2)
        os.closerange(3, 64)
        files = [open(f"mine{i}", "w+") for i in range(8)]
        for i in range(20):
            for file in files:
                file.write(f"line {i}\\n")
                file.flush()
            bar.update(1)
            time.sleep(0.06)
        bar.close()
        for file in files:
            file.seek(0)
            assert file.read() == "".join(f"line {i}\\n" for i in range(20))
            file.close()
        """
    )

    assert done.returncode == 0, done.stderr
    events = (tmp_path / "run.jsonl").read_text().splitlines()
    assert '"event": "close"' in events[-1]
    assert '"n": 21' in events[-1]
