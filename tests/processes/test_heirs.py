"""Ranks that end one after the other: the next one draws, and the row goes on."""

import re
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from headway.events import Reader
from headway.testing import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
RENDERERS = [
    "plain",
    "rows",
    *[name for name in ("tqdm", "alive", "progressbar2", "rich") if find_spec(f"headway_{name}")],
]
LAUNCH = """
    import headway, os, subprocess, sys, time
    shards = [20, 45, 70]
    if "RANK" not in os.environ:
        job = {**os.environ, "WORLD_SIZE": "3", "MASTER_ADDR": "localhost", "MASTER_PORT": str(os.getpid())}
        each = [{**job, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in map(int, sys.argv[1])]
        ranks = [subprocess.Popen([sys.executable, __file__, *sys.argv[1:]], env=env, start_new_session=True) for env in each]
        print("ENDED", sorted(rank.wait() for rank in ranks))
        sys.exit()
    rank = int(os.environ["RANK"])
"""


def launch(folder: Path, backend: str, work: str, *, order: str = "012") -> Screen:
    """Run three ranks, as torchrun does, each in a session of its own.

    Args:
        folder: Where the program is.
        backend: The renderer.
        work: The program of each rank.
        order: In which order they start.
    """
    (folder / "program.py").write_text(textwrap.dedent(LAUNCH) + textwrap.dedent(work))
    return run_in_terminal(
        "",
        arguments=["program.py", order],
        env={"HEADWAY_BACKEND": backend, "HEADWAY_RELAY": ""},
        columns=100,
        cwd=folder,
    )


SHARDS = """
    for file in headway.track(range(shards[rank]), desc="shard", unit="file"):
        time.sleep(0.05)
"""


@pytest.mark.parametrize("backend", RENDERERS)
def test_the_row_goes_on_if_the_rank_that_draws_ends_first(backend: str, tmp_path: Path) -> None:
    """Ranks have shards of different sizes and never wait for one another: the row ends with the last, and has it all."""
    screen = launch(tmp_path, backend, SHARDS)

    assert "ENDED [0, 0, 0]" in screen.rows, str(screen)
    assert "stopped" not in screen.raw, str(screen)
    rows = [row for row in screen.rows if "shard" in row]
    assert re.search(r"135(/| of )135|n=135 total=135 100%.* state=finished workers=3 ranks=3", rows[-1]), str(screen)
    assert len(rows) == 1 or backend == "plain", str(screen)


def test_an_event_file_tells_of_all_that_drew(tmp_path: Path) -> None:
    """Each of them ends its part without an end of the row but the last."""
    launch(tmp_path, "events?path=run.jsonl", SHARDS)
    events = Reader().feed((tmp_path / "run.jsonl").read_bytes())
    ends = [event.snapshot for event in events if event.kind == "close" and event.snapshot is not None]

    assert len({event.writer for event in events}) == len(ends) >= 2  # any of the others may be the next one
    assert len({event.run for event in events if event.kind == "run"}) == 1
    assert [end.state for end in ends] == [*["running"] * (len(ends) - 1), "finished"]
    assert ends[-1].n == 135


def test_a_rank_that_fails_ends_the_row(tmp_path: Path) -> None:
    """Others may be about to be killed. If they are not, they show their own row."""
    screen = launch(
        tmp_path,
        "rows",
        """
        for file in headway.track(range(shards[rank]), desc="shard", unit="file"):
            time.sleep(0.05)
            if rank == 0 and file == 10: raise SystemExit("out of files")
        """,
    )

    assert "ENDED [0, 0, 1]" in screen.rows, str(screen)
    failed, *_, last = [row for row in screen.rows if row.startswith("shard")]
    assert "FAILED" in failed
    assert "out of files" in failed
    assert re.search("shard: 100% .* (70/70|115/115) ", last), str(screen)


def test_another_rank_goes_on_if_the_one_that_draws_is_killed(tmp_path: Path) -> None:
    """It does not do so at once, for a launcher may end the others."""
    screen = launch(
        tmp_path,
        "rows",
        """
        for file in headway.track(range((20, 90, 110)[rank]), desc="shard", unit="file"):
            time.sleep(0.05)
            if rank == 0 and file == 10: os.kill(os.getpid(), 9)
        """,
    )

    assert "ENDED [-9, 0, 0]" in screen.rows, str(screen)
    assert re.search("shard: .* 200/200 .* 2 of 3 ranks", screen.rows[-2]), str(screen)


def test_rows_inside_of_a_row_go_on(tmp_path: Path) -> None:
    """Each rank is in an epoch of its own; the last row is there once."""
    screen = launch(
        tmp_path,
        "rows",
        """
        for epoch in headway.track(range(2), desc="epochs", unit="epoch"):
            for file in headway.track(range(shards[rank] // 2), desc="train", unit="file"):
                time.sleep(0.05)
        """,
    )

    assert "ENDED [0, 0, 0]" in screen.rows, str(screen)
    (row,) = [row for row in screen.rows if row.startswith("epochs")]
    assert "2/2" in row
    assert "stopped" not in screen.raw


def test_a_rank_that_ends_with_the_others_leaves_nothing(tmp_path: Path) -> None:
    """Nobody draws a frame after the row has ended, and no file is left of the job."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    screen = launch(
        tmp_path,
        "rows",
        f"""
        os.environ["XDG_RUNTIME_DIR"] = {str(tmp_path / "runtime")!r}
        for file in headway.track(range(20), desc="shard", unit="file"):
            time.sleep(0.02)
        """,
    )

    (row,) = [row for row in screen.rows if "shard" in row]
    assert "60/60" in row, str(screen)
    assert list((tmp_path / "runtime").rglob("*-*")) == []


def test_an_earlier_job_of_the_same_name_has_left_nothing(tmp_path: Path, run: Any) -> None:
    """Its ranks may all have been killed before one of them drew; the next job has the port of the master again."""
    done = run(
        """
        import headway, os
        from headway.drawing.hub import hub
        from headway.processes import claim
        claim.take(claim.of_job()).release(b"left")
        with headway.get_bar(1): hub.relay.listen()
        print(claim.take(claim.of_job()).left)
        """,
        HEADWAY_BACKEND="plain",
        HEADWAY_RELAY="",
        XDG_RUNTIME_DIR=str(tmp_path),
        RANK="0",
        WORLD_SIZE="2",
        MASTER_PORT="1",
    )

    assert (done.returncode, done.stdout) == (0, "b''\n"), done.stderr
