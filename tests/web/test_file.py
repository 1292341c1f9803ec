"""`headway watch --html`: one file that is written anew while a run goes on, whole or not at all."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headway.web import file as files
from headway.web.file import write_until_over
from headway.web.page import self_contained
from headway.web.run import Run

Until = Callable[[Callable[[], object]], None]
PROGRAM = """
import headway, sys
with headway.get_bar(10, desc="train </script><b>") as bar:
    bar.update(4)
    print("ready", flush=True)
    if sys.stdin.readline() == "fail\\n":
        raise ValueError("no space")
    bar.update(6)
"""


def program(events: Path) -> "subprocess.Popen[str]":
    """Start a program that waits for a line."""
    env = {**os.environ, "HEADWAY_BACKEND": f"events?path={events}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    started = subprocess.Popen([sys.executable, "-c", PROGRAM], text=True, env=env, **pipes)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def document(page: Path) -> dict[str, Any]:
    """Return the document in a page, which is whole."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    assert not text or text.endswith("</html>\n")
    found = re.search(r'<script type="application/json" id="document">(.*?)</script>', text)
    return json.loads(found[1]) if found else {"runs": {}}


def bars(page: Path) -> list[dict[str, Any]]:
    """Return the bars in a page."""
    return [bar for run in document(page)["runs"].values() for bar in run["bars"].values()]


@pytest.mark.parametrize(("line", "state", "status"), [("go on", "finished", 0), ("fail", "failed", 1)])
def test_it_follows_a_run_to_its_end(tmp_path: Path, until: Until, line: str, state: str, status: int) -> None:
    events, page = tmp_path / "run.jsonl", tmp_path / "status.html"
    running = program(events)
    command = [sys.executable, "-m", "headway", "watch", str(events), "--html", str(page)]
    watching = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until(lambda: [bar["counts"] for bar in bars(page)] == ["4/10"])
    assert 'http-equiv="refresh"' in page.read_text()
    running.communicate(f"{line}\n")
    _, said = watching.communicate(timeout=30)
    (bar,) = bars(page)

    assert (bar["state"], bar.get("reason", "")) == (state, "ValueError: no space" if state == "failed" else "")
    assert bar["title"] == "train </script><b>"
    assert 'http-equiv="refresh"' not in page.read_text()
    assert [watching.returncode, said] == [status, ""]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "status.html"]


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    text = self_contained({"runs": {}}, over=True)

    assert not re.search(r"(src|href)=\"(?!data:)", text)
    assert "default-src 'none'" in text
    assert "unsafe" not in text


def test_a_page_that_cannot_be_written_once_is_written_the_next_time(
    tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """You are told once, and the watch goes on."""
    monkeypatch.setattr(files, "WRITE_EVERY", 0.0)
    events, page = tmp_path / "run.jsonl", tmp_path / "status.html"
    running = program(events)
    run = Run(str(events), patience=300.0)
    rounds: list[int] = []

    def look() -> bool:
        rounds.append(1)
        if len(rounds) == 4:
            page.unlink()
            page.mkdir()
        elif len(rounds) == 8:
            page.rmdir()
            running.communicate("go on\n")
        return Run.look(run)

    monkeypatch.setattr(run, "look", look)
    with pytest.warns(UserWarning, match="The page .*status.html is not up to date: Is a directory.") as told:
        write_until_over([run], str(page))
    run.close()

    assert len(told) == 1
    assert [bar["state"] for bar in bars(page)] == ["finished"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "status.html"]


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    events = tmp_path / "run.jsonl"
    program(events).communicate("go on\n")
    page = tmp_path / "missing" / "status.html"
    command = [sys.executable, "-m", "headway", "watch", str(events), "--html", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (
        2,
        f"headway: the page cannot be put at {page}: No such file or directory.\n",
    )


def test_it_takes_no_library(tmp_path: Path) -> None:
    code = "import sys, headway.web.file; print([m for m in ('starlette', 'uvicorn', 'anyio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["run.jsonl", "train.py"])
def test_a_file_that_is_no_page_is_not_touched(tmp_path: Path, name: str) -> None:
    """A page in the place of the record would be the end of it."""
    events, page = tmp_path / "run.jsonl", tmp_path / name
    program(events).communicate("go on\n")
    (tmp_path / "train.py").write_text("import headway\n")
    before = page.read_bytes()
    command = [sys.executable, "-m", "headway", "watch", str(events), "--html", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert page.read_bytes() == before
    assert (done.returncode, done.stderr) == (
        2,
        f"headway: the page cannot be put at {page}: it holds something else than a page, and is not touched.\n",
    )
