"""`headway replay` and `headway watch`: a recorded run, and one that goes on elsewhere, in any renderer."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.choosing.discovery import names
from headway.choosing.selection import PREFERENCE
from headway.events.schema import to_event
from headway.replay.playback import Pace
from headway.snapshot import Snapshot
from headway.testing import run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals")
Until = Callable[[Callable[[], object]], None]

RUN = """
import headway, time
loop = headway.loop(range(20), epochs=2, validation=range(4), metrics=[headway.Metric("loss", best="min")])
for epoch in loop:
    for batch in loop.train():
        loop.metrics(loss=1 / loop.step)
    for batch in loop.validate():
        pass
    loop.write(f"epoch {epoch} is done")
bar = headway.get_bar(1000, desc="copy", unit="B", unit_scale="iec", initial=200)
bar.update(300)
bar.stop("enough")
try:
    with headway.get_bar(5, desc="breaks") as bar:
        bar.update()
        raise ValueError("no")
except ValueError:
    pass
"""


def command(*arguments: str) -> list[str]:
    """Return a command of headway's."""
    return [sys.executable, "-m", "headway", *arguments]


def headway_in_a_pipe(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end with its output in pipes."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, env={**os.environ, **env}, timeout=60)


def events(*pictures: tuple[str, Snapshot], writer: str = "w", **more: Any) -> str:
    """Write events as a file has them, a second apart."""
    return "".join(
        json.dumps({"event": kind, "time": 1e9 + i, "writer": writer, **more, **to_event(picture)}) + "\n"
        for i, (kind, picture) in enumerate(pictures)
    )


A = Snapshot(1, desc="a", total=10)
LIFE = (
    ("open", A),
    ("update", A._replace(n=5, elapsed=1.0)),
    ("close", A._replace(n=10, elapsed=2.0, state="finished")),
)


def needs(backend: str) -> pytest.MarkDecorator:
    """Skip a test where a renderer is not installed."""
    return pytest.mark.skipif(backend not in names(), reason=f"headway-{backend} is not installed")


GONE: dict[str, Any] = {"pid": 2**22 + 1, "host": os.uname().nodename}
"""A process that cannot be."""


# ── replay ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", [*(pytest.param(name, marks=needs(name)) for name in PREFERENCE), "plain"])
def test_a_replay_ends_as_the_run_did(tmp_path: Path, backend: str) -> None:
    """The rows that a replay leaves in a terminal are those that the run left, in every renderer."""
    path = tmp_path / "run.jsonl"
    original = run_in_terminal(RUN, env={"HEADWAY_BACKEND": f"{backend},events?path={path}"}, columns=150)
    again = run_in_terminal(
        "", arguments=["-m", "headway", "replay", str(path), "--speed", "max", "--backend", backend], columns=150
    )

    assert (original.status, again.status) == (0, 0)
    assert original.rows == again.rows
    assert len(original.rows) >= 7


def test_a_replay_takes_as_long_as_the_run(tmp_path: Path) -> None:
    """At speed 1 a second is a second, at speed 10 a tenth of one; the days between two runs are skipped."""
    waits = []
    for speed in (20.0, 100.0, float("inf")):
        pace, start = Pace(speed), time.monotonic()
        for moment in (5.0, 15.0, 5.0, 15.0):  # a clock that was put back
            pace.wait(moment, idle=False)
        pace.wait(1e9, idle=True)
        waits.append(time.monotonic() - start)

    assert waits[0] == pytest.approx(1.05, abs=0.3)
    assert waits[1] == pytest.approx(0.21, abs=0.15)
    assert waits[2] < 0.1


def test_a_bar_without_an_end_is_lost(tmp_path: Path) -> None:
    """A run that was killed is shown as such, when its last event has been, and not at the end of the next run's."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE[:2], writer="first") + events(*LIFE, writer="second"))
    rows = headway_in_a_pipe("replay", str(path), "--speed", "max", "--backend", "plain").stderr.splitlines()

    assert [row.split("state=")[1] for row in rows] == [
        "running",
        'failed reason="lost: the recording ends here"',
        "running",
        "finished",
    ]


def test_a_run_that_goes_on_is_no_lost_one(tmp_path: Path) -> None:
    """The replay of a run that is still going on ends with where it is."""
    path = tmp_path / "run.jsonl"
    with headway.get_bar(3, desc="a", backend=f"events?path={path}"):
        done = headway_in_a_pipe("replay", str(path), "--speed", "max", "--backend", "plain")

    assert done.stderr.splitlines()[-1].endswith('state=stopped reason="the recording, so far"')


def test_rotated_files_are_replayed_from_the_oldest(tmp_path: Path) -> None:
    """A recording in several files is one."""
    (tmp_path / "run.jsonl.2").write_text(events(*LIFE[:1]))
    (tmp_path / "run.jsonl.1").write_text(events(*LIFE[:2]))
    (tmp_path / "run.jsonl").write_text(events(*LIFE[1:]))
    done = headway_in_a_pipe("replay", str(tmp_path / "run.jsonl"), "--speed", "max", "--backend", "plain")

    assert [row.split("state=")[1] for row in done.stderr.splitlines()] == ["running", "finished"]


def test_what_cannot_be_read_is_skipped_and_told(tmp_path: Path) -> None:
    """Torn lines, foreign ones and those of a newer headway are counted; the rest is shown."""
    path = tmp_path / "run.jsonl"
    newer = json.dumps({"v": 2, "event": "open", "id": 1}) + "\n"
    path.write_text(f"nonsense\n{events(*LIFE[:2])}{newer}{events(LIFE[2])}{events(LIFE[0])[:50]}")
    done = headway_in_a_pipe("replay", str(path), "--speed", "max", "--backend", "plain")

    assert done.returncode == 0
    assert "state=finished" in done.stderr
    assert "2 lines of" in done.stderr
    assert "events of a newer version" in done.stderr


@pytest.mark.parametrize(("text", "says"), [(None, "cannot read"), ("", "no events in"), ("hello\n", "no events in")])
def test_no_recording_is_an_error(tmp_path: Path, text: str | None, says: str) -> None:
    """A file that is not there, or has no events, ends with status 2 and a sentence."""
    path = tmp_path / "run.jsonl"
    if text is not None:
        path.write_text(text)
    done = headway_in_a_pipe("replay", str(path))

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_option_wins_over_the_environment(tmp_path: Path) -> None:
    """`--backend` is closer to the run than HEADWAY_BACKEND; a wrong one is explained."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE))
    shown = headway_in_a_pipe("replay", str(path), "--speed", "max", "--backend", "plain", HEADWAY_BACKEND="off")
    wrong = headway_in_a_pipe("replay", str(path), "--backend", "nothing")
    none = headway_in_a_pipe("replay", str(path), "--backend", "")

    assert "state=finished" in shown.stderr
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "no progress backend named 'nothing'" in wrong.stderr
    assert (none.returncode, "names no backend" in none.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["replay", "watch"])
def test_a_file_is_never_shown_into_itself(tmp_path: Path, verb: str) -> None:
    """With HEADWAY_BACKEND as it was for the run, the recording is shown, and not written on."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE, **GONE))
    before = path.read_text()
    done = headway_in_a_pipe(verb, str(path), HEADWAY_BACKEND=f"events?path={path}")

    assert before == path.read_text()
    assert "headway a n=10 total=10" in done.stderr


@needs("tqdm")
def test_ctrl_c_ends_a_replay(tmp_path: Path) -> None:
    """Ctrl-C leaves a whole terminal, a row that says so, and status 130."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE[:2], ("close", A._replace(state="finished"))) + events(*LIFE, writer="x"))
    screen = run_in_terminal("", arguments=["-m", "headway", "replay", str(path), "--speed", "0.1", "--backend", "tqdm"], interrupt_at="0/10", columns=120)  # fmt: skip

    assert screen.status == 130
    assert not screen.cursor_hidden
    assert "interrupted" in screen.rows_with("0/10")[-1], str(screen)
    assert "Traceback" not in screen.raw


@needs("tqdm")
def test_texts_of_a_file_cannot_drive_the_terminal(tmp_path: Path) -> None:
    """What a recording says is shown without its escape sequences."""
    path = tmp_path / "run.jsonl"
    text = json.dumps({"v": 1, "event": "write", "time": 1, "writer": "w", "text": "one\x1b]0;title\x07\n\x1b[2Jtwo"})
    path.write_text(events(("open", A._replace(desc="\x1b[31mred"))) + text + "\n")
    screen = run_in_terminal(
        "", arguments=["-m", "headway", "replay", str(path), "--speed", "max", "--backend", "tqdm"]
    )

    assert screen.rows[:2] == ["one", "two"]
    assert "title" not in screen.raw
    assert "red" in screen.rows[2]


# ── watch ────────────────────────────────────────────────────────────────────────────────────────────────────────────

WRITER = """
import sys, headway
path, max_bytes, outcome = sys.argv[1:]
bar = headway.get_bar(100, desc="training", backend=f"events?path={path}&max_bytes={max_bytes}&keep=9")
for word in sys.stdin:
    bar.update()
    bar.write(word.strip() + " " + "x" * 500)
if outcome == "failed": bar.fail("no more")
elif outcome == "interrupted": bar.end("interrupted")
elif outcome == "killed": import os, signal; os.kill(os.getpid(), signal.SIGKILL)
else: bar.close()
"""


class Writer:
    """A run in another process that goes a step when it is told to."""

    def __init__(self, path: Path, outcome: str = "stopped", max_bytes: int = 10**9) -> None:
        arguments = [sys.executable, "-c", WRITER, str(path), str(max_bytes), outcome]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, text=True)

    def step(self, word: str) -> None:
        """Go a step, and say a word."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """Come to the end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


class Watcher:
    """`headway watch` in a process of its own."""

    def __init__(self, path: Path, *options: str) -> None:
        self._out = path.parent / f"watched-{time.monotonic_ns()}"
        arguments = command("watch", str(path), "--backend", "plain?interval=0&percent=0", *options)
        with self._out.open("w") as out:
            self.process = subprocess.Popen(arguments, stderr=out)

    @property
    def text(self) -> str:
        """What it has shown so far."""
        return self._out.read_text()

    def status(self) -> int:
        """Wait for its end."""
        return self.process.wait(20)


@pytest.fixture
def started() -> Iterator[list[Any]]:
    """What is to be ended with the test."""
    started: list[Any] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.wait()
        if each.process.stdin is not None:
            each.process.stdin.close()


@pytest.mark.parametrize(("outcome", "status"), [("stopped", 0), ("failed", 1), ("interrupted", 130)])
def test_a_run_is_watched_to_its_end(
    tmp_path: Path, until: Until, started: list[Any], outcome: str, status: int
) -> None:
    """A watch that was started before the run shows it from its beginning, and ends with it, and as it did."""
    path = tmp_path / "run.jsonl"
    watcher = Watcher(path)
    started.append(watcher)
    until(lambda: "waiting for" in watcher.text)
    writer = Writer(path, outcome)
    started.append(writer)
    writer.step("first")
    until(lambda: "first" in watcher.text)
    writer.step("second")
    until(lambda: "second" in watcher.text)
    assert watcher.process.poll() is None
    writer.end()

    assert watcher.status() == status
    rows = [row for row in watcher.text.splitlines() if row.startswith("headway training")]
    assert "n=0 total=100 0%" in rows[0]
    assert "n=2 total=100 2% unit=it" in rows[-1]
    assert f"state={outcome}" in rows[-1]


def test_a_killed_run_is_shown_as_lost(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """When the watched process dies without a word the watch says so, and ends with status 1, though it is a zombie."""
    path = tmp_path / "run.jsonl"
    writer, watcher = Writer(path, "killed"), Watcher(path)
    started += [writer, watcher]
    until(lambda: "headway training" in watcher.text)
    assert writer.process.stdin is not None
    writer.process.stdin.close()  # nobody waits for it

    assert watcher.status() == 1
    assert 'state=failed reason="lost: its process is gone"' in watcher.text.splitlines()[-1]


def test_a_watch_survives_rotation(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """Nothing that is written while the file is rotated is missed, or shown twice."""
    path = tmp_path / "run.jsonl"
    writer, watcher = Writer(path, max_bytes=4096), Watcher(path)
    started += [watcher, writer]
    until(lambda: "headway training" in watcher.text)
    for i in range(40):
        writer.step(f"word-{i}-")
        if i % 8 == 0:
            until(lambda i=i: f"word-{i}-" in watcher.text)  # type: ignore[misc]
    writer.end()

    assert watcher.status() == 0
    words = [row.split()[0] for row in watcher.text.splitlines() if row.startswith("word-")]
    assert words == [f"word-{i}-" for i in range(40)]
    assert (tmp_path / "run.jsonl.5").exists()
    assert watcher.text.count(" n=0 ") == 1


def test_a_watch_goes_on_when_the_file_is_emptied(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """After a truncation it reads from the beginning again."""
    path = tmp_path / "run.jsonl"
    watcher, writer = Watcher(path), Writer(path)
    started += [watcher, writer]
    until(lambda: "headway training" in watcher.text)
    writer.step("before")
    until(lambda: "before" in watcher.text)
    os.truncate(path, 0)
    writer.step("after")
    until(lambda: "after" in watcher.text)
    writer.end()

    assert watcher.status() == 0


def test_a_watch_that_comes_late_shows_how_it_stands(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """What was before, earlier runs and texts, is not shown again; the bars that are open are."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE, **GONE))
    writer = Writer(path)
    started.append(writer)
    writer.step("early")
    until(lambda: "early" in path.read_text())
    watcher = Watcher(path)
    started.append(watcher)
    until(lambda: "headway training" in watcher.text)
    writer.step("late")
    until(lambda: "late" in watcher.text)
    writer.end()

    assert watcher.status() == 0
    assert "early" not in watcher.text
    assert "headway a " not in watcher.text


def test_a_run_that_is_over_is_shown_as_it_ended(tmp_path: Path) -> None:
    """The watch of a finished run shows how it ended, and ends at once."""
    path = tmp_path / "run.jsonl"
    done = subprocess.run([sys.executable, "-c", RUN], env={**os.environ, "HEADWAY_BACKEND": f"events?path={path}"})
    assert done.returncode == 0
    done = headway_in_a_pipe("watch", str(path), "--backend", "plain")

    assert done.returncode == 1
    assert "headway training n=2 total=2" in done.stderr
    assert 'state=stopped reason="enough"' in done.stderr
    assert "headway breaks n=1" in done.stderr.splitlines()[-1]


def test_a_new_run_can_be_waited_for(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """With `--wait` a run in the file that is over is passed over."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE, **GONE))
    watcher = Watcher(path, "--wait")
    started.append(watcher)
    time.sleep(1)
    assert watcher.process.poll() is None
    writer = Writer(path)
    started.append(writer)
    writer.step("new")
    until(lambda: "new" in watcher.text)
    writer.end()

    assert watcher.status() == 0
    assert "headway a " not in watcher.text


def test_a_pause_between_two_bars_is_no_end(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """As long as the process lives there may be another bar."""
    path = tmp_path / "run.jsonl"
    watcher = Watcher(path)
    started.append(watcher)
    until(lambda: "waiting for" in watcher.text)
    headway.get_bar(1, desc="one", backend=f"events?path={path}").close()
    until(lambda: "state=stopped" in watcher.text)
    time.sleep(0.7)
    headway.get_bar(1, desc="two", backend=f"events?path={path}").close()
    until(lambda: watcher.text.count("state=stopped") == 2)

    assert watcher.process.poll() is None
    watcher.process.send_signal(signal.SIGINT)
    assert watcher.status() == 130
    assert "the run goes on" in watcher.text


@pytest.mark.parametrize("closed", [True, False])
def test_a_run_on_another_machine_is_given_up(tmp_path: Path, closed: bool) -> None:
    """Where the process cannot be looked at, silence for the patience that one has is the end."""
    path = tmp_path / "run.jsonl"
    path.write_text(events(*LIFE[: 3 if closed else 2], pid=1, host="elsewhere"))
    done = headway_in_a_pipe("watch", str(path), "--patience", "0.5", "--backend", "plain")

    assert done.returncode == (0 if closed else 1)
    assert closed or "lost: nothing was heard any more" in done.stderr


@needs("tqdm")
def test_ctrl_c_leaves_a_run_alone(tmp_path: Path) -> None:
    """Ctrl-C ends the watch, not the run: no row is left that says it were interrupted."""
    path = tmp_path / "run.jsonl"
    with headway.get_bar(3, desc="goes on", backend=f"events?path={path}") as bar:
        screen = run_in_terminal("", arguments=["-m", "headway", "watch", str(path), "--backend", "tqdm"], interrupt_at="0/3", columns=200)  # fmt: skip
        assert bar.state == "running"

    assert screen.status == 130
    assert not screen.cursor_hidden
    assert [row for row in screen.rows if row.strip("^C ")] == [f"headway: {path} is no longer watched; the run goes on"], str(screen)  # fmt: skip


def test_a_newer_format_is_told_at_once(tmp_path: Path, until: Until, started: list[Any]) -> None:
    """A watch that cannot read what the run writes does not wait in silence."""
    path = tmp_path / "run.jsonl"
    path.write_text(json.dumps({"v": 2, "event": "open"}) + "\n")
    watcher = Watcher(path)
    started.append(watcher)
    until(lambda: "newer version" in watcher.text)
    assert watcher.process.poll() is None


def test_a_directory_is_no_event_file(tmp_path: Path) -> None:
    """What cannot be read ends with status 2 and a sentence."""
    done = headway_in_a_pipe("watch", str(tmp_path))

    assert done.returncode == 2
    assert "cannot read" in done.stderr
    assert "Traceback" not in done.stderr
