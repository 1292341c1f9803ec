"""The lanes of CI: which of them run, what runs beside what, and what is printed of them."""

import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from tools.lanes import ledger, plan, results, slots
from tools.lanes.__main__ import execute
from tools.lanes.ledger import Entry
from tools.lanes.results import Result
from tools.lanes.table import Lane, Table, load

FULL = Lane("full", "any", 60, inputs=("src",))
OTHER = Lane("other", "any", 60, inputs=("docs",))
ALWAYS = Lane("always", "any", 60)
LANES = {lane.name: lane for lane in (ALWAYS, FULL, OTHER)}


def test_the_table_of_this_repository() -> None:
    """The table can be read, and each path in it is there."""
    table = load()

    assert {lane.slot for lane in table.lanes.values()} == {"quiet", "any"}
    assert [lane.name for lane in table.lanes.values() if lane.skippable and not ledger.fingerprint(table, lane)] == []


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('slot = "loud"', "has the slot 'loud'"),
        ('slot = "any"\nenvironments = ["nowhere"]', r"environments that there are not: \['nowhere'\]"),
        ('slot = "any"\nafter = ["nothing"]', r"after lanes that there are not: \['nothing'\]"),
        ('slot = "any"\ninputs = ["@seam"]', "has the inputs @seam"),
    ],
)
def test_a_wrong_row_is_explained(row: str, complaint: str) -> None:
    """A row that names something that there is not is told with the name of its lane."""
    with pytest.raises(ValueError, match=f"The lane a .*{complaint}"):
        load(f"[lanes.a]\nseconds = 1\n{row}\n")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the inputs of a lane."""
    for name in ("src/a.py", "docs/a.md", "noxfile.py", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    monkeypatch.setattr(ledger, "LEDGER", tmp_path / "ledger.json")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "matters"),
    [("src/a.py", True), ("src/new.py", True), ("noxfile.py", True), ("docs/a.md", False), ("new.py", False)],
)
def test_the_hash_is_that_of_the_inputs(repository: Path, path: str, matters: bool) -> None:
    """A change to an input, a new file there and a change to the session count; other changes do not."""
    before = ledger.fingerprint(Table({}, {}), FULL)
    (repository / path).write_text("changed")

    assert (ledger.fingerprint(Table({}, {}), FULL) != before) == matters


def test_an_input_that_is_gone_is_told(repository: Path) -> None:
    """A lane never counts as unchanged because its inputs were renamed."""
    (repository / "src").rename(repository / "moved")

    with pytest.raises(ValueError, match=r"The lane full has inputs that there are not: \['src'\]"):
        ledger.fingerprint(Table({}, {}), FULL)


def test_the_ledger_is_kept(repository: Path) -> None:
    """What is written is read again; without a ledger nothing has been green."""
    assert ledger.read() == {}
    entries = {"full": Entry("abc", "0123", 7, "2026-11-28T10:00:00+00:00")}
    ledger.write(entries)

    assert ledger.read() == entries


def entry(inputs: str, day: int) -> Entry:
    """Return an entry of a day."""
    return Entry(inputs, "0123", 7, f"2026-11-{day:02}T10:00:00+00:00")


@pytest.mark.parametrize(
    ("entries", "unchanged", "turn"),
    [
        ({}, (), None),
        ({"full": entry("old", 1), "other": entry("old", 2)}, (), None),
        ({"full": entry("now", 1)}, (), "full"),
        ({"full": entry("now", 1), "other": entry("now", 2)}, ("other",), "full"),
        ({"full": entry("now", 3), "other": entry("now", 2)}, ("full",), "other"),
        ({"full": entry("now", 3), "other": entry("old", 2)}, (), "full"),
    ],
)
def test_unchanged_lanes_are_left_out_but_one(
    entries: dict[str, Entry], unchanged: tuple[str, ...], turn: str | None
) -> None:
    """A lane is left out only if its hash is that of its last green run, and the one that waited longest runs."""
    made = plan.make(LANES, entries, {"full": "now", "other": "now"})

    assert (made.unchanged, made.turn) == (unchanged, turn)
    assert {*made.running} == {*LANES} - {*unchanged}


def jobs(*rows: tuple[str, bool, tuple[str, ...]]) -> dict[str, slots.Job]:
    """Return jobs by name."""
    return {name: slots.Job(name, quiet, after) for name, quiet, after in rows}


def test_nothing_but_another_quiet_job_runs_beside_a_quiet_one() -> None:
    """Two jobs run side by side, if they are of one kind."""
    lock, now = threading.Lock(), set[str]()
    pairs = {name: threading.Barrier(2) for name in ("ab", "qr")}
    beside: dict[str, set[str]] = {}

    def work(job: slots.Job) -> bool:
        with lock:
            now.add(job.name)
            for name in now:
                beside.setdefault(name, set()).update(now)
        for pair, both in pairs.items():
            if job.name in pair:
                both.wait(60)
        with lock:
            now.remove(job.name)
        return True

    rows = jobs(("q", True, ()), ("r", True, ()), ("a", False, ()), ("b", False, ()), ("c", False, ()))
    slots.run(rows, work, pytest.fail)

    assert beside["q"] == beside["r"] == {"q", "r"}
    assert beside["a"] >= {"a", "b"}
    assert {*beside} == {"q", "r", "a", "b", "c"}


def test_a_job_comes_after_those_it_needs() -> None:
    """A job waits for those that it comes after, one that is not to run left out, and is given up if one fails."""
    done: list[str] = []
    given_up: list[tuple[str, str]] = []

    def work(job: slots.Job) -> bool:
        done.append(job.name)
        return job.name != "red"

    rows = jobs(("late", False, ("red",)), ("later", False, ("late",)), ("red", False, ()), ("fine", True, ("gone",)))
    slots.run(rows, work, lambda job, failed: given_up.append((job.name, failed)))

    assert done == ["red", "fine"]
    assert given_up == [("late", "red"), ("later", "late")]


def test_jobs_that_wait_for_one_another_are_told() -> None:
    """A circle raises instead of waiting for ever."""
    with pytest.raises(ValueError, match=r"wait for one another: \['a', 'b'\]"):
        slots.run(jobs(("a", False, ("b",)), ("b", False, ("a",))), lambda job: True, pytest.fail)


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        ("2087 passed, 31 skipped in 412.05s (0:06:52)", 2087),
        ("======= 1 failed, 2 passed in 0.10s =======", 2),
        ("3 skipped in 1.20s", 0),
    ],
)
def test_closing_lines_of_pytest(line: str, tests: int) -> None:
    """The closing line is found among the others, and says how many tests passed."""
    output = f"...\n5 passed is no such line\n{line}\nnox > done\n"

    assert results.summaries(output) == [line.strip("= ")]
    assert results.tests_in(output) == tests


def test_the_table_that_is_printed() -> None:
    """Each lane has its seconds and its budget; one that overran or did not run says so."""
    text = "unchanged since 0123 (7 tests)"
    rows = results.rows([Result("a", "green", 10, 10, 5), Result("b", "red", 20, 10), Result("c", text, 0, 10)])

    assert [row.split(maxsplit=3) for row in rows[1:2]] == [["a", "10", "10", "5  green"]]
    assert rows[2].endswith("red, 2.0 x its budget")
    assert rows[3].split(maxsplit=2) == ["c", "10", text]


def test_a_lane_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """It is killed with its children, and its output is kept."""
    monkeypatch.setattr("tools.lanes.__main__.LOGS", tmp_path)
    status, output = execute(["bash", "-c", "sleep 120 & echo $!; wait"], "hangs", 2)
    child, _, rest = output.partition("\n")

    assert status != 0
    assert rest == "\nIt was ended after 2 seconds.\n"
    state = ["ps", "-o", "stat=", "-p", child]
    until(lambda: subprocess.run(state, capture_output=True, text=True).stdout.strip() in ("", "Z"))


def test_the_kept_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is kept with its commit and date for the ledger."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    rows: list[Any] = [Result("a", "green", 1.5, 10, 5, "abc")]
    results.keep(rows, "0123", "2026-11-28")

    assert results.kept() == (rows, "0123", "2026-11-28")
